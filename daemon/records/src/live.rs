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
pub struct Live {
    now: BTreeMap<CallId, LiveCall>,
    /// As it was before the snapshot that is being told.
    before: BTreeMap<CallId, LiveCall>,
    /// Events below this number happened before the snapshot.
    since: u64,
}

impl Live {
    /// The calls, oldest first.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, &LiveCall)> {
        self.now.iter().map(|(id, call)| (*id, call))
    }

    /// A snapshot begins: what it does not tell again is forgotten.
    pub fn clear(&mut self) {
        // Told twice when the core hung up first: what is known outlives that.
        self.before.append(&mut self.now);
    }

    /// A snapshot begins, taken before the event of this number.
    pub fn snapshot(&mut self, next_event: u64) {
        self.clear();
        self.since = next_event;
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
            // A snapshot does not say it; what events have said of a call is true still.
            other: self
                .before
                .remove(&status.call)
                .filter(|before| before.phase == status.phase)
                .map_or_else(String::new, |before| before.other),
        };
        self.now.insert(status.call, call);
    }

    /// Something happened.
    pub fn event(&mut self, event: &Event) {
        // What is older than the snapshot says no more than the number that a call has reached.
        let old = event.number < self.since;
        let mut phase = |call: &CallId, phase: CallPhase, other: String| {
            // Told before the snapshot that tells the call anew, it counts as well.
            if let Some(call) = self.now.get_mut(call).or(self.before.get_mut(call))
                && (!old || call.phase == phase)
            {
                call.phase = phase;
                call.other = other;
            }
        };
        match &event.detail {
            Detail::CallOffered { .. } | Detail::CoreStarted { .. } if old => {}
            Detail::CallOffered { call, caller, called, .. } => {
                let live = LiveCall {
                    caller: caller.to_string(),
                    called: called.to_string(),
                    phase: CallPhase::Dialling,
                    offered: event.at,
                    other: String::new(),
                };
                self.now.insert(*call, live);
            }
            Detail::CallInFlow { call, .. } => phase(call, CallPhase::InFlow, String::new()),
            Detail::CallRinging { call, number } => {
                phase(call, CallPhase::Ringing, number.to_string());
            }
            Detail::CallConnected { call, number } => {
                phase(call, CallPhase::Talking, number.to_string());
            }
            Detail::CallInConference { call, number } => {
                phase(call, CallPhase::Conference, number.to_string());
            }
            Detail::CallEnded(record) => {
                self.now.remove(&record.call);
                self.before.remove(&record.call);
            }
            // A core that started anew has no calls.
            Detail::CoreStarted { .. } => *self = Self::default(),
            Detail::CallAnswered { .. }
            | Detail::PromptStarted { .. }
            | Detail::CallDigits { .. }
            | Detail::CallServed { .. }
            | Detail::PinRefused { .. }
            | Detail::CallRecorded(_)
            | Detail::CallNotRecorded { .. }
            | Detail::Span { .. }
            | Detail::DataLink { .. }
            | Detail::DChannel { .. }
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

    fn status(phase: CallPhase) -> CallStatus {
        CallStatus {
            call: CallId(5),
            line: LineId(1),
            port: None,
            other: None,
            caller: Digits::new(),
            called: Digits::new(),
            phase,
            offered: Utc(1),
            answered: None,
        }
    }

    #[test]
    fn what_a_call_does_is_known_still_when_the_core_tells_its_calls_anew() {
        let mut live = Live::default();
        let call = CallId(5);
        live.status(&status(CallPhase::Ringing));
        live.event(&event(Detail::CallConnected {
            call,
            number: Digits::parse("801").expect("digits"),
        }));
        live.clear();
        live.clear();
        live.status(&status(CallPhase::Talking));
        assert_eq!(live.calls().next().map(|(_, call)| call.other.as_str()), Some("801"));
        live.clear();
        live.status(&status(CallPhase::InFlow));
        assert_eq!(live.calls().next().map(|(_, call)| call.other.as_str()), Some(""));
    }

    #[test]
    fn a_call_whose_end_was_told_does_not_come_back_with_a_snapshot() {
        let mut live = Live::default();
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

    #[test]
    fn an_event_from_before_the_snapshot_takes_no_call_back_to_where_it_was() {
        let mut live = Live::default();
        live.snapshot(10);
        live.status(&status(CallPhase::Talking));
        let (call, number) = (CallId(5), Digits::parse("801").expect("digits"));
        let old = |number, detail| Event { number, at: Utc(7), detail };
        let caller = Digits::new();
        let offered = Detail::CallOffered { call, line: LineId(1), caller, called: number.clone() };
        live.event(&old(6, Detail::CoreStarted { boot: 1 }));
        live.event(&old(7, offered));
        live.event(&old(8, Detail::CallRinging { call, number: number.clone() }));
        let (_, seen) = live.calls().next().expect("one call");
        assert_eq!((seen.phase, seen.other.as_str()), (CallPhase::Talking, ""));
        live.event(&old(9, Detail::CallConnected { call, number }));
        let (_, seen) = live.calls().next().expect("one call");
        assert_eq!((seen.phase, seen.other.as_str()), (CallPhase::Talking, "801"));
        live.event(&old(10, Detail::CoreStarted { boot: 2 }));
        assert_eq!(live.calls().count(), 0, "what comes after it counts");
    }
}
