//! What is going on now, as far as the events told.

use std::collections::BTreeMap;

use link::{CallPhase, CallStatus, Detail, Event};
use units::{CallId, Utc};

/// A call in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// The caller's number.
    pub caller: String,
    /// The number called.
    pub called: String,
    /// How far it is.
    pub phase: CallPhase,
    /// When it was offered.
    pub offered: Utc,
    /// What it is doing, if there is more to say: the number rung or reached.
    pub other: String,
}

/// All calls in progress.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live(BTreeMap<CallId, LiveCall>);

impl Live {
    /// The calls, oldest first.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, &LiveCall)> {
        self.0.iter().map(|(id, call)| (*id, call))
    }

    /// A snapshot begins: what was known is forgotten.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// A call as the core has it now.
    pub fn status(&mut self, status: &CallStatus) {
        // Its end has been told, perhaps long ago: no event will take it out again.
        if status.phase == CallPhase::Clearing {
            return;
        }
        let call = LiveCall {
            caller: status.caller.to_string(),
            called: status.called.to_string(),
            phase: status.phase,
            offered: status.offered,
            other: String::new(),
        };
        self.0.insert(status.call, call);
    }

    /// Something happened.
    pub fn event(&mut self, event: &Event) {
        let mut phase = |call: &CallId, phase: CallPhase, other: String| {
            if let Some(call) = self.0.get_mut(call) {
                call.phase = phase;
                call.other = other;
            }
        };
        match &event.detail {
            Detail::CallOffered { call, caller, called, .. } => {
                let live = LiveCall {
                    caller: caller.to_string(),
                    called: called.to_string(),
                    phase: CallPhase::Dialling,
                    offered: event.at,
                    other: String::new(),
                };
                self.0.insert(*call, live);
            }
            Detail::CallInFlow { call, .. } => phase(call, CallPhase::InFlow, String::new()),
            Detail::CallRinging { call, number } => {
                phase(call, CallPhase::Ringing, number.to_string());
            }
            Detail::CallConnected { call, number } => {
                phase(call, CallPhase::Talking, number.to_string());
            }
            Detail::CallEnded(record) => {
                self.0.remove(&record.call);
            }
            // A core that started anew has no calls.
            Detail::CoreStarted { .. } => self.0.clear(),
            Detail::CallAnswered { .. }
            | Detail::PromptStarted { .. }
            | Detail::CallDigits { .. }
            | Detail::Span { .. }
            | Detail::DataLink { .. }
            // What it has is told as a snapshot.
            | Detail::CoreWentOn { .. }
            | Detail::Alarm(_)
            | Detail::Gap { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use units::{Digits, LineId};

    use super::*;

    fn event(detail: Detail) -> Event {
        Event { number: 1, at: Utc(7), detail }
    }

    #[test]
    fn a_call_whose_end_was_told_does_not_come_back_with_a_snapshot() {
        let mut live = Live::default();
        let status = |phase| CallStatus {
            call: CallId(5),
            line: LineId(1),
            port: None,
            other: None,
            caller: Digits::new(),
            called: Digits::new(),
            phase,
            offered: Utc(1),
            answered: None,
        };
        live.status(&status(CallPhase::Clearing));
        assert_eq!(live.calls().count(), 0);
        live.status(&status(CallPhase::Talking));
        assert_eq!(live.calls().count(), 1);
    }

    #[test]
    fn a_call_is_there_from_its_offer_on_and_gone_with_a_new_core() {
        let mut live = Live::default();
        let call = CallId(5);
        let (caller, called) = (Digits::new(), Digits::parse("95588").expect("digits"));
        live.event(&event(Detail::CallOffered { call, line: LineId(1), caller, called }));
        let number = Digits::parse("801").expect("digits");
        live.event(&event(Detail::CallConnected { call, number }));
        let (id, seen) = live.calls().next().expect("one call");
        assert_eq!((id, seen.phase, seen.other.as_str()), (call, CallPhase::Talking, "801"));
        live.event(&event(Detail::CoreStarted { boot: 2 }));
        assert_eq!(live.calls().count(), 0);
    }
}
