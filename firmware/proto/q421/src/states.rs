//! What each state does with what the far end shows, with orders of our own, and with time.

use units::Instant;

use crate::circuit::{Circuit, State};
use crate::event::{Input, Output, Shown};

impl Circuit {
    fn become_free(&mut self) {
        if self.block {
            self.state = State::LocallyBlocked;
            return self.send(self.code.acknowledge);
        }
        match self.seen.map(|bits| self.code.read(bits)) {
            Some(Shown::Idle) => self.state = State::Idle,
            // While it was blocked: an end that was not acknowledged seizes for ever.
            Some(Shown::Seize) => self.seized_in(),
            Some(Shown::Acknowledge | Shown::Answer | Shown::Other) | None => {
                self.state = State::Blocked;
                self.say(Output::Blocked);
            }
        }
    }

    fn guard(&mut self, now: Instant, ours: bool) {
        self.no_caller = None;
        self.send(self.code.idle);
        self.state = State::Guard { until: now + self.timing.guard, ours };
    }

    fn seized_in(&mut self) {
        // Q.422 3.2.2.1
        self.state = State::SeizedIn;
        self.send(self.code.acknowledge);
        self.say(Output::Seized);
    }

    fn clear_forward(&mut self, now: Instant) {
        // Q.422 3.2.2.4
        self.send(self.code.idle);
        let seizes = self.seen.map(|bits| self.code.read(bits)) == Some(Shown::Seize);
        let until = seizes.then(|| now + self.timing.acknowledge);
        self.state = State::ClearingForward { until };
    }

    fn broken(&mut self, now: Instant, idle: bool) {
        self.say(Output::Broken);
        if idle {
            // Q.422 3.2.3.1: the far end has let the circuit go before us.
            self.guard(now, true);
        }
    }

    /// What the far end shows has changed for good.
    pub(crate) fn shown(&mut self, now: Instant, shown: Shown) {
        match self.state {
            State::Idle | State::Blocked => self.free(shown),
            State::LocallyBlocked => {}
            State::Seizing { .. } => self.seizing(now, shown),
            State::Abandoning => self.abandoning(now, shown),
            // It clears, or the timer does.
            State::DoubleSeizure { .. } => {}
            State::Seized => self.seized(now, shown),
            State::Answered => self.answered(now, shown),
            State::Metering { .. } => self.metering(now, shown),
            State::ClearBack => self.clear_back(now, shown),
            State::ClearingForward { .. } => self.clearing_forward(now, shown),
            State::SeizedIn
            | State::AnsweredIn
            | State::MeteringIn { .. }
            | State::ClearedBackIn => self.incoming(now, shown),
            State::Guard { ours, .. } => self.guarding(shown, ours),
        }
    }

    fn free(&mut self, shown: Shown) {
        let was_idle = self.state == State::Idle;
        match shown {
            Shown::Idle => {
                self.state = State::Idle;
                self.say(Output::Unblocked);
            }
            Shown::Seize => self.seized_in(),
            // Q.422 3.2.2.5; what nobody understands counts as blocked (3.2.3).
            Shown::Acknowledge | Shown::Answer | Shown::Other => {
                self.state = State::Blocked;
                if was_idle {
                    self.say(Output::Blocked);
                }
            }
        }
    }

    fn seizing(&mut self, now: Instant, shown: Shown) {
        match shown {
            Shown::Acknowledge => {
                self.state = State::Seized;
                self.say(Output::Acknowledged);
            }
            // Q.422 3.2.4: both ends have seized.
            Shown::Seize => {
                self.state = State::DoubleSeizure { until: now + self.timing.double_seizure };
                self.say(Output::DoubleSeizure);
            }
            Shown::Idle | Shown::Answer | Shown::Other => {}
        }
    }

    fn abandoning(&mut self, now: Instant, shown: Shown) {
        match shown {
            Shown::Acknowledge => self.clear_forward(now),
            Shown::Seize => {
                self.state = State::DoubleSeizure { until: now + self.timing.double_seizure };
            }
            Shown::Idle | Shown::Answer | Shown::Other => {}
        }
    }

    fn seized(&mut self, now: Instant, shown: Shown) {
        match shown {
            Shown::Answer => {
                self.state = State::Answered;
                self.say(Output::Answered);
            }
            Shown::Idle => self.broken(now, true),
            Shown::Seize => self.broken(now, false),
            Shown::Acknowledge | Shown::Other => {}
        }
    }

    fn answered(&mut self, now: Instant, shown: Shown) {
        match shown {
            Shown::Acknowledge if self.timing.metering.is_zero() => {
                // Q.422 3.2.2.3
                self.state = State::ClearBack;
                self.say(Output::ClearedBack);
            }
            Shown::Acknowledge => {
                self.state = State::Metering { until: now + self.timing.metering };
            }
            Shown::Idle => self.broken(now, true),
            Shown::Seize => self.broken(now, false),
            Shown::Answer | Shown::Other => {}
        }
    }

    fn metering(&mut self, now: Instant, shown: Shown) {
        match shown {
            Shown::Answer => {
                self.state = State::Answered;
                self.say(Output::Metered);
            }
            Shown::Idle => self.broken(now, true),
            Shown::Seize => self.broken(now, false),
            Shown::Acknowledge | Shown::Other => {}
        }
    }

    fn clear_back(&mut self, now: Instant, shown: Shown) {
        match shown {
            Shown::Answer => {
                self.state = State::Answered;
                self.say(Output::Answered);
            }
            Shown::Idle => self.broken(now, true),
            Shown::Seize => self.broken(now, false),
            Shown::Acknowledge | Shown::Other => {}
        }
    }

    fn clearing_forward(&mut self, now: Instant, shown: Shown) {
        match shown {
            // Q.422 3.2.2.4: the release guard.
            Shown::Idle => self.guard(now, true),
            Shown::Seize => {
                self.state = State::ClearingForward { until: Some(now + self.timing.acknowledge) };
            }
            Shown::Acknowledge | Shown::Answer | Shown::Other => {
                self.state = State::ClearingForward { until: None };
            }
        }
    }

    fn incoming(&mut self, now: Instant, shown: Shown) {
        match shown {
            Shown::Idle => {
                self.say(Output::ClearedForward);
                self.guard(now, false);
            }
            Shown::Seize => self.no_caller = None,
            // Q.422 3.2.3.2: nothing that an outgoing end shows in a call. Two ends that both took
            // noise for a seizure would acknowledge each other for ever.
            Shown::Acknowledge | Shown::Answer | Shown::Other => {
                self.no_caller = Some(now + self.timing.no_caller);
            }
        }
    }

    fn guarding(&mut self, shown: Shown, ours: bool) {
        match shown {
            Shown::Seize => {
                if ours {
                    self.say(Output::Released);
                }
                self.seized_in();
            }
            Shown::Idle | Shown::Acknowledge | Shown::Answer | Shown::Other => {}
        }
    }

    /// An order of our own.
    pub(crate) fn ordered(&mut self, now: Instant, input: Input) {
        match input {
            Input::Seize if self.is_free() => {
                self.state = State::Seizing { until: now + self.timing.acknowledge };
                self.send(self.code.seize);
            }
            Input::Seize => self.say(Output::Refused),
            Input::Answer => self.answer(),
            Input::ClearBack => self.clear_back_in(),
            Input::ForceRelease => self.force_release(),
            Input::Meter => self.meter(now),
            Input::ClearForward => self.end(now),
            Input::Block => self.want_block(),
            Input::Unblock => self.want_unblock(),
            Input::Bits(_) | Input::Lost | Input::Found => {}
        }
    }

    fn answer(&mut self) {
        if matches!(self.state, State::SeizedIn | State::ClearedBackIn) {
            // Q.422 3.2.2.2
            self.state = State::AnsweredIn;
            self.send(self.code.answer);
        }
    }

    fn clear_back_in(&mut self) {
        match self.state {
            State::AnsweredIn | State::MeteringIn { .. } => {
                self.state = State::ClearedBackIn;
                self.send(self.code.clear_back);
            }
            // Before an answer there is nothing to clear back: the register said why.
            State::SeizedIn => self.state = State::ClearedBackIn,
            _ => {}
        }
    }

    fn force_release(&mut self) {
        let called = matches!(
            self.state,
            State::SeizedIn | State::AnsweredIn | State::MeteringIn { .. } | State::ClearedBackIn
        );
        match self.code.forced_release {
            Some(bits) if called => {
                self.state = State::ClearedBackIn;
                self.send(bits);
            }
            Some(_) | None => self.clear_back_in(),
        }
    }

    fn meter(&mut self, now: Instant) {
        if self.state == State::AnsweredIn && !self.timing.metering.is_zero() {
            self.state = State::MeteringIn { until: now + self.timing.meter_pulse };
            self.send(self.code.clear_back);
        }
    }

    fn end(&mut self, now: Instant) {
        match self.state {
            // Q.422 3.2.2.1: a seizure is kept until it is acknowledged.
            State::Seizing { .. } => self.state = State::Abandoning,
            State::Seized | State::Answered | State::Metering { .. } | State::ClearBack => {
                self.clear_forward(now);
            }
            _ => {}
        }
    }

    fn want_block(&mut self) {
        self.block = true;
        if matches!(self.state, State::Idle | State::Blocked) {
            self.state = State::LocallyBlocked;
            self.send(self.code.acknowledge);
        }
    }

    fn want_unblock(&mut self) {
        self.block = false;
        if self.state == State::LocallyBlocked {
            self.send(self.code.idle);
            self.become_free();
        }
    }

    /// A timer of the state may have come.
    pub(crate) fn timer(&mut self, now: Instant) {
        if self.no_caller.is_some_and(|until| now >= until) {
            self.say(Output::ClearedForward);
            return self.guard(now, false);
        }
        match self.state {
            State::Seizing { until } if now >= until => {
                // Q.422 3.2.3.1: it stays seized.
                self.state = State::Abandoning;
                self.say(Output::Unacknowledged);
            }
            State::DoubleSeizure { until } if now >= until => {
                self.clear_forward(now);
                if self.seen.map(|bits| self.code.read(bits)) == Some(Shown::Idle) {
                    self.guard(now, true);
                }
            }
            // Q.422 3.2.4: it never saw that we had seized.
            State::ClearingForward { until: Some(until) } if now >= until => {
                self.say(Output::Released);
                self.seized_in();
            }
            State::Metering { until } if now >= until => {
                self.state = State::ClearBack;
                self.say(Output::ClearedBack);
            }
            State::MeteringIn { until } if now >= until => {
                self.state = State::AnsweredIn;
                self.send(self.code.answer);
            }
            State::Guard { until, ours } if now >= until => {
                if ours {
                    self.say(Output::Released);
                }
                self.become_free();
            }
            _ => {}
        }
    }
}
