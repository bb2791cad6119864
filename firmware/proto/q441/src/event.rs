//! What happens to registers and what they tell.

use serde::{Deserialize, Serialize};
use units::{Cause, Digits, MfSignal};

/// What happens to an outgoing register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutgoingInput {
    /// The seizure was acknowledged: send.
    Begin,
    /// A backward signal began, or ended.
    Heard(Option<MfSignal>),
}

/// What an outgoing register wants, or tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutgoingOutput {
    /// Send this forward signal, or be silent.
    Send(Option<MfSignal>),
    /// The called party is free; the register's work is done.
    Through {
        /// The call is charged.
        charged: bool,
    },
    /// The call cannot be; the register's work is done.
    Failed(Cause),
}

/// What happens to an incoming register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncomingInput {
    /// A forward signal began, or ended.
    Heard(Option<MfSignal>),
    /// The called party is free: let the call through.
    Accept {
        /// The call is charged.
        charged: bool,
    },
    /// The call cannot be.
    Reject(Cause),
    /// Our tone was away for a while, and what the far end said then was not heard.
    Interrupted,
}

/// A call as an incoming register has heard of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presented {
    /// Whom.
    pub called: Digits,
    /// Who calls.
    pub calling: Digits,
    /// The caller does not want to be shown.
    pub restricted: bool,
    /// The caller's category, if it was asked for.
    pub category: Option<MfSignal>,
    /// The group II signal behind "complete".
    pub service: Option<MfSignal>,
}

/// What an incoming register wants, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncomingOutput {
    /// Send this backward signal, or be silent.
    Send(Option<MfSignal>),
    /// The number is complete: decide, the far end waits with its signal on.
    Complete(Presented),
    /// The last signal was exchanged; the register's work is done. `true`: the call goes through.
    Done(bool),
    /// The far end was silent too long, or spoke nonsense; the register's work is done.
    Failed(Cause),
}
