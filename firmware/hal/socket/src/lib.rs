//! Unix sockets of whole datagrams and the rule of one instance, as every program of a box uses
//! them.
//!
//! A program that listens first takes the lock of its name ([`Instance::claim`]): a second one is
//! told the process that has it. With the lock held, a socket file found there is a dead one's and
//! is removed.

mod datagram;
mod handing;
mod instance;
#[cfg(test)]
mod tests;

pub use datagram::{
    Giving, Reading, accept, dial, give, offer, peer, read, set_send_room, wait, write,
};
pub use handing::{Handing, Word};
pub use instance::{ClaimFault, Instance};
