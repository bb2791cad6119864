//! Names for states and inputs, kept beside their variants.

/// Gives an enum `NAMES` and `name()`, one name for each variant whatever it carries.
///
/// ```
/// enum Door { Open, Shut { by: u8 } }
/// machine::names!(Door { Open => "open", Shut { .. } => "shut" });
/// assert_eq!(Door::NAMES, ["open", "shut"]);
/// assert_eq!(Door::Shut { by: 1 }.name(), "shut");
/// ```
#[macro_export]
macro_rules! names {
    ($type:ident {
        $($variant:ident $(($($tuple:tt)*))? $({$($field:tt)*})? => $name:literal),* $(,)?
    }) => {
        impl $type {
            /// The names of all variants, in order.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name of this variant.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant $(($($tuple)*))? $({$($field)*})? => $name,)*
                }
            }
        }
    };
}
