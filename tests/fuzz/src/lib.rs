//! Fuzz targets: one function of octets for everything that reads what a line, the daemon or a
//! process before wrote, and for the machines behind it.
//!
//! ```text
//!  octets ─► target ─┬─ decoders: parse, write, parse: the same
//!                    └─ machines: a script of inputs and times; beside the machine runs one that
//!                       was restored from its snapshot: both say the same
//! ```
//!
//! A target panics when a property does not hold. The octets of a machine's script are read by a
//! [`script::Script`]: any octets are a script, so that every mutation is one too.
//! What a run met (a state and an input, a kind of message) is noted in [`seen`], by which the
//! driver tells interesting octets from others.
#![expect(clippy::expect_used, reason = "a panic is the verdict of a target")]

mod beside;
mod call_script;
mod caller_octets;
mod facility;
mod flow_script;
mod hdlc_bits;
mod journal_memory;
mod link_messages;
mod loop_script;
mod mutate;
mod pri_script;
mod q921_link;
mod q931_call;
mod q931_values;
mod r2_script;
pub mod script;
pub mod seeds;
pub mod seen;
mod sound_script;
mod wire;

pub use call_script::call;
pub use caller_octets::{caller_digits, caller_message};
pub use facility::facility;
pub use flow_script::flow;
pub use hdlc_bits::hdlc;
pub use journal_memory::journal;
pub use link_messages::link;
pub use loop_script::{fxo, fxs, trunk};
pub use mutate::Mutator;
pub use pri_script::{pri, pri_backup};
pub use q921_link::q921_link;
pub use q931_call::{q931_call, q931_interface};
pub use r2_script::{q421_circuit, q441_incoming, q441_outgoing, r2};
pub use sound_script::{canceller, detectors, jitter, mix};
pub use wire::{q921_frame, q931_message};

/// One target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder of octets.
    pub name: &'static str,
    /// Runs it once; panics when a property does not hold.
    pub run: fn(&[u8]),
    /// Octets to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// The longest octets that are worth trying.
    pub longest: usize,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "journal", run: journal, seeds: seeds::journal, longest: 400 },
    Target { name: "link", run: link, seeds: seeds::link, longest: 400 },
    Target { name: "hdlc", run: hdlc, seeds: seeds::hdlc, longest: 300 },
    Target { name: "caller_message", run: caller_message, seeds: seeds::caller, longest: 100 },
    Target { name: "caller_digits", run: caller_digits, seeds: seeds::scripts, longest: 80 },
    Target { name: "q921_frame", run: q921_frame, seeds: seeds::q921_frame, longest: 280 },
    Target { name: "q931_message", run: q931_message, seeds: seeds::q931_message, longest: 280 },
    Target { name: "facility", run: facility, seeds: seeds::facility, longest: 120 },
    Target { name: "q921_link", run: q921_link, seeds: seeds::scripts, longest: 100 },
    Target { name: "q931_call", run: q931_call, seeds: seeds::q931_call, longest: 120 },
    Target { name: "q931_interface", run: q931_interface, seeds: seeds::q931_call, longest: 120 },
    Target { name: "pri", run: pri, seeds: seeds::pri, longest: 72 },
    Target { name: "pri_backup", run: pri_backup, seeds: seeds::pri, longest: 72 },
    Target { name: "q421_circuit", run: q421_circuit, seeds: seeds::scripts, longest: 120 },
    Target { name: "q441_outgoing", run: q441_outgoing, seeds: seeds::scripts, longest: 120 },
    Target { name: "q441_incoming", run: q441_incoming, seeds: seeds::scripts, longest: 120 },
    Target { name: "r2", run: r2, seeds: seeds::scripts, longest: 160 },
    Target { name: "fxs", run: fxs, seeds: seeds::scripts, longest: 120 },
    Target { name: "fxo", run: fxo, seeds: seeds::scripts, longest: 120 },
    Target { name: "trunk", run: trunk, seeds: seeds::scripts, longest: 160 },
    Target { name: "call", run: call, seeds: seeds::scripts, longest: 120 },
    Target { name: "canceller", run: canceller, seeds: seeds::scripts, longest: 60 },
    Target { name: "detectors", run: detectors, seeds: seeds::scripts, longest: 80 },
    Target { name: "jitter", run: jitter, seeds: seeds::scripts, longest: 160 },
    Target { name: "mix", run: mix, seeds: seeds::scripts, longest: 160 },
    Target { name: "flow", run: flow, seeds: seeds::flow, longest: 300 },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
