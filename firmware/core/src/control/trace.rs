//! The newest messages of all D channels, so that the story of one call can be told afterwards.
//!
//! A message names its call by a reference that another call has a moment later; which call had it
//! when is noted beside. All of it is bounded and allocated once: what is older is gone.

use std::collections::VecDeque;

use link::{Outcome, Traced, Up};
use q931::wire::Head;
use span::Line;
use units::{CallId, Instant, LineId, SpanId};

use super::Control;

/// Messages kept: of some three hundred calls.
const MESSAGES: usize = 2048;
/// Calls kept.
const CALLS: usize = 1024;
/// Octets before the message in an I frame (Q.921 2.1).
const FRAME_HEAD: usize = 4;

/// A call reference of a span, as both sides understand it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reference {
    span: SpanId,
    /// The box chose the value.
    ours: bool,
    value: u16,
}

#[derive(Clone, Debug)]
struct Message {
    at: Instant,
    /// The D channel; with a backup not always that of the reference.
    span: SpanId,
    sent: bool,
    reference: Reference,
    octets: heapless::Vec<u8, { limits::N201 }>,
}

/// Which call had a reference from when on.
#[derive(Clone, Copy, Debug)]
struct Had {
    call: CallId,
    reference: Reference,
    from: Instant,
}

/// What was said on D channels.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    messages: VecDeque<Message>,
    calls: VecDeque<Had>,
}

fn push<T>(queue: &mut VecDeque<T>, most: usize, new: T) {
    if queue.len() == most {
        queue.pop_front();
    }
    queue.push_back(new);
}

impl Trace {
    pub(super) fn new() -> Self {
        Self { messages: VecDeque::with_capacity(MESSAGES), calls: VecDeque::with_capacity(CALLS) }
    }

    /// A frame went over a D channel, of a group that is led by a span.
    pub(super) fn frame(
        &mut self,
        at: Instant,
        (lead, span): (SpanId, SpanId),
        sent: bool,
        frame: &[u8],
    ) {
        let Some((head, octets)) = frame.split_at_checked(FRAME_HEAD) else { return };
        let numbered = head.get(2).is_some_and(|control| control & 1 == 0);
        let Ok(head) = Head::parse(octets) else { return };
        if !numbered || head.reference.is_global() {
            return;
        }
        let Ok(octets) = heapless::Vec::from_slice(octets) else { return };
        // The flag is set by the side that did not choose the value (Q.931 4.3).
        let ours = sent != head.reference.is_the_receivers();
        let reference = Reference { span: lead, ours, value: head.reference.value };
        push(&mut self.messages, MESSAGES, Message { at, span, sent, reference, octets });
    }

    fn has(&mut self, call: CallId, reference: Reference, from: Instant) {
        push(&mut self.calls, CALLS, Had { call, reference, from });
    }

    /// The messages of a call, oldest first; `None` if nothing is known of the call.
    fn of(&self, call: CallId) -> Option<Vec<&Message>> {
        self.calls.iter().find(|had| had.call == call)?;
        let said = |message: &&Message| {
            let mut had = self.calls.iter().rev();
            had.find(|had| had.reference == message.reference && had.from <= message.at)
                .is_some_and(|had| had.call == call)
        };
        Some(self.messages.iter().filter(said).collect())
    }
}

impl Control {
    /// A call has a leg at a line now.
    pub(super) fn trace_leg(
        &mut self,
        now: Instant,
        call: CallId,
        leg: units::LegId,
        line: LineId,
    ) {
        let Some(Line::Pri(group)) = self.lines.get(&line) else { return };
        if let (Some((ours, value)), Some(span)) = (group.reference(leg), line.span()) {
            self.trace.has(call, Reference { span, ours, value }, now);
        }
    }

    pub(super) fn asked_trace(&mut self, token: u32, call: CallId) {
        let Some(said) = self.trace.of(call) else {
            return self.up(Up::Done { token, outcome: Outcome::NotFound });
        };
        let told: Vec<_> = said
            .into_iter()
            .map(|message| Traced {
                call,
                at: self.utc.utc(message.at),
                span: message.span,
                sent: message.sent,
                message: message.octets.clone(),
            })
            .collect();
        for traced in told {
            self.up(Up::Traced { token, traced });
        }
        self.up(Up::Done { token, outcome: Outcome::Done });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A SETUP in an I frame; `flag` set: the receiver chose the reference.
    fn frame(flag: u8, value: u8) -> [u8; 8] {
        [0x02, 0x01, 0x00, 0x00, 0x08, 0x01, flag | value, 0x05]
    }

    #[test]
    fn a_reference_that_two_calls_have_one_after_the_other_tells_them_apart() {
        let mut trace = Trace::new();
        let span = SpanId(1);
        let at = Instant::from_millis;
        let reference = |ours| Reference { span, ours, value: 5 };
        for (call, begin) in [(1, 100), (2, 200)] {
            trace.frame(at(begin), (span, span), false, &frame(0, 5));
            trace.has(CallId(call), reference(false), at(begin));
            trace.frame(at(begin + 10), (span, SpanId(2)), true, &frame(0x80, 5));
        }
        // One that we chose, with the same value.
        trace.frame(at(215), (span, span), true, &frame(0, 5));
        trace.has(CallId(3), reference(true), at(215));
        let times = |call| {
            let told = trace.of(CallId(call)).expect("known");
            told.iter().map(|m| (m.at.as_millis(), m.sent)).collect::<Vec<_>>()
        };
        assert_eq!(times(1), [(100, false), (110, true)]);
        assert_eq!(times(2), [(200, false), (210, true)]);
        assert_eq!(times(3), [(215, true)]);
        assert!(trace.of(CallId(4)).is_none());
    }

    #[test]
    fn what_is_no_message_of_a_call_is_not_kept_and_the_oldest_goes_first() {
        let mut trace = Trace::new();
        let at = Instant::from_millis;
        for junk in [&[][..], &[0x02, 0x01, 0x01, 0x00], &[2, 1, 0, 0, 9, 1, 5, 5]] {
            trace.frame(at(1), (SpanId(1), SpanId(1)), true, junk);
        }
        assert!(trace.messages.is_empty());
        for n in 0..MESSAGES as u64 + 5 {
            trace.frame(at(n), (SpanId(1), SpanId(1)), true, &frame(0, 5));
        }
        assert_eq!((trace.messages.len(), trace.messages[0].at), (MESSAGES, at(5)));
    }
}
