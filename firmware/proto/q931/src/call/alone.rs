//! A call with outputs of its own: the machine of one call reference, for whoever has but one.

use core::ops::{Deref, DerefMut};

use machine::{Machine, Restore, SnapshotFault, Survey};
use units::Instant;

use super::{Call, Outputs, State};
use crate::event::{Input, Output};
use crate::wire::Octets;

/// One call that shares nothing.
#[derive(Clone, Debug)]
pub struct Alone {
    call: Call,
    outputs: Outputs,
}

impl From<Call> for Alone {
    fn from(call: Call) -> Self {
        Self { call, outputs: Outputs::new() }
    }
}

impl Deref for Alone {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.call
    }
}

impl DerefMut for Alone {
    fn deref_mut(&mut self) -> &mut Call {
        &mut self.call
    }
}

impl Machine for Alone {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        self.call.turn(&mut self.outputs).take(now, &input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.call.turn(&mut self.outputs).handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        let message = |octets: &[u8]| Octets::from_slice(octets).unwrap_or_default();
        self.outputs.poll().map(|output| output.map(message))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.call.poll_timeout()
    }
}

impl Restore for Alone {
    const VERSION: u16 = 1;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, &(self.call.config, &self.call), room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        let (config, mut call): (_, Call) = machine::restore(Self::OLDEST, Self::VERSION, octets)?;
        call.configure(config);
        Ok(call.into())
    }
}

impl Survey for Alone {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = &[
        "SETUP",
        "SETUP ACKNOWLEDGE",
        "CALL PROCEEDING",
        "ALERTING",
        "PROGRESS",
        "CONNECT",
        "CONNECT ACKNOWLEDGE",
        "INFORMATION",
        "NOTIFY",
        "DISCONNECT",
        "RELEASE",
        "RELEASE COMPLETE",
        "FACILITY",
        "STATUS",
        "STATUS ENQUIRY",
        "RESTART",
        "RESTART ACKNOWLEDGE",
        "unknown",
        "Setup",
        "SetupAck",
        "Proceed",
        "Alert",
        "Progress",
        "Answer",
        "Notify",
        "MoreDigits",
        "Disconnect",
        "Enquire",
        "RestartChannel",
        "LinkReset",
        "LinkDown",
        "LinkUp",
        "timeout",
    ];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] =
        &[("Null", "timeout", "no timer runs without a call")];

    fn state(&self) -> &'static str {
        self.call.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Message(received) => received.message.kind.name(),
            Input::Setup(_) => "Setup",
            Input::SetupAck { .. } => "SetupAck",
            Input::Proceed { .. } => "Proceed",
            Input::Alert { .. } => "Alert",
            Input::Progress { .. } => "Progress",
            Input::Answer { .. } => "Answer",
            Input::Notify { .. } => "Notify",
            Input::MoreDigits { .. } => "MoreDigits",
            Input::Disconnect { .. } => "Disconnect",
            Input::Enquire => "Enquire",
            Input::RestartChannel => "RestartChannel",
            Input::LinkReset => "LinkReset",
            Input::LinkDown => "LinkDown",
            Input::LinkUp => "LinkUp",
        }
    }
}
