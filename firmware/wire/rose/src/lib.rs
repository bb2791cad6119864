//! Supplementary services, as the facility element of Q.931 carries them (Q.932 8.2): remote
//! operations of X.219 in the basic encoding rules.
//!
//! ```text
//!  ETSI   91 │ A1 length │ 02 invoke id │ 02 operation │ argument │ …
//!  QSIG   9F │ AA entity │ 92 profile │ 8B what if unknown │ A1 length │ …
//!            │ A2 result: invoke id, 30 operation and result
//!            │ A3 error: invoke id, error       A4 reject: invoke id, problem
//! ```
//!
//! What is not known is not guessed: an operation of another name is [`Service::Unknown`], and
//! whoever asked for it is told so ([`write_reject`]). A component that is not whole ends the
//! element.
#![no_std]

mod ber;
mod charge;
mod component;
mod service;
mod tariff;
#[cfg(test)]
mod tests;

pub use ber::OCTETS;
pub use charge::Advice;
pub use component::{
    Component, Components, Problem, components, write_error, write_invoke, write_reject,
    write_result,
};
pub use service::{Name, Service, Shown};
pub use tariff::{Charged, Item, Price, Tariff, Volume};

/// A facility element's content.
pub type Octets = heapless::Vec<u8, OCTETS>;

/// Whose operations they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Those of public networks (ETSI): protocol profile 17 of Q.932.
    #[default]
    Public,
    /// Those of private networks (QSIG, ECMA-165): network extensions, 31.
    Private,
}
