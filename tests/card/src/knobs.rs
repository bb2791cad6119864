//! The knobs of the test card (tests/kernel/README.md).

/// Turns one.
///
/// # Errors
/// A sentence: the module is not loaded, or refuses.
pub fn set(name: &str, text: &str) -> Result<(), String> {
    let path = format!("/sys/module/ringmain_card/parameters/{name}");
    std::fs::write(&path, text).map_err(|fault| format!("{path}: {fault}"))
}
