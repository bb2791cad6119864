//! State by state, what an input does.

use units::{CallTone, Digits, Duration, Instant};

use super::{Ear, Fxo, Input, Output, State, Why};

/// A ring that does not end is none any more.
const STUCK_RING: Duration = Duration::from_secs(20);
/// A pulse: the loop open, and closed behind it.
const OPEN: Duration = Duration::from_millis(60);
const CLOSED: Duration = Duration::from_millis(40);
/// The pause between two digits in pulses.
const BETWEEN: Duration = Duration::from_millis(800);

impl Fxo {
    /// When the state's own timer ends.
    pub(super) const fn until(&self) -> Option<Instant> {
        match self.state {
            State::Announced { until }
            | State::Ringing { until, .. }
            | State::Ignored { until }
            | State::Seized { until }
            | State::Tones { until }
            | State::Pulses { until, .. }
            | State::Guard { until } => Some(until),
            State::Idle | State::Sent { .. } | State::Talking => None,
        }
    }

    /// The state's own timer has ended.
    pub(super) fn over(&mut self, now: Instant) {
        match self.state {
            State::Announced { .. } => {
                self.caller = None;
                self.state = State::Idle;
            }
            State::Ringing { on: true, offered: false, first, .. } if self.caller.is_none() => {
                // A real ring: who calls comes behind it.
                let until = now + STUCK_RING;
                self.state = State::Ringing { on: true, first: false, offered: false, until };
                if !first {
                    // Its end was not told, perhaps while the process was dead.
                    self.become_idle();
                }
            }
            State::Ringing { on, offered: false, .. } => self.offer(now, on),
            State::Ringing { offered: true, .. } => {
                self.say(Output::Released(Why::Abandoned));
                self.become_idle();
            }
            State::Ignored { .. } | State::Guard { .. } => self.become_idle(),
            State::Seized { .. } if self.timing.blind => self.dial(now),
            State::Seized { .. } => self.release(now, Some(Why::NoDialTone)),
            State::Tones { .. } => self.all_sent(now),
            State::Pulses { place, left, open, .. } => self.pulse(now, place, left, open),
            State::Idle | State::Sent { .. } | State::Talking => {}
        }
    }

    fn become_idle(&mut self) {
        (self.caller, self.number) = (None, Digits::new());
        self.state = State::Idle;
        self.say(Output::Listen(Ear::Caller));
        self.say(Output::Idle);
    }

    fn begin_ring(&mut self, now: Instant) {
        let until = now + self.timing.ring_min;
        self.state = State::Ringing { on: true, first: true, offered: false, until };
    }

    fn offer(&mut self, now: Instant, on: bool) {
        let until = now + if on { STUCK_RING } else { self.timing.ring_gap };
        self.state = State::Ringing { on, first: false, offered: true, until };
        let caller = self.caller.take();
        self.say(Output::Offered(caller));
    }

    fn close(&mut self, now: Instant) {
        self.settled = now + self.timing.settle;
        (self.broken, self.reversed) = (None, false);
        self.say(Output::Loop(true));
        self.say(Output::Listen(Ear::Tones));
    }

    /// Opens the loop; `why` unless the box wanted it.
    pub(super) fn release(&mut self, now: Instant, why: Option<Why>) {
        self.broken = None;
        self.say(Output::Loop(false));
        self.say(Output::Listen(Ear::Nothing));
        if let Some(why) = why {
            self.say(Output::Released(why));
        }
        self.state = State::Guard { until: now + self.timing.guard };
    }

    /// Sends the number.
    fn dial(&mut self, now: Instant) {
        if self.timing.pulses {
            self.state = State::Pulses { place: 0, left: 0, open: false, until: now };
            return self.pulse(now, 0, 0, false);
        }
        let number = core::mem::take(&mut self.number);
        let each = self.timing.tone_on + self.timing.tone_off;
        let mut until = now;
        for digit in number.as_slice() {
            until += each;
            self.say(Output::Key(*digit));
        }
        self.number = number;
        self.state = State::Tones { until };
    }

    /// The next edge of a pulse, or the next digit, or all is sent.
    fn pulse(&mut self, now: Instant, place: u8, left: u8, open: bool) {
        if open {
            self.say(Output::Loop(true));
            let left = left.saturating_sub(1);
            let until = now + if left > 0 { CLOSED } else { BETWEEN };
            self.state = State::Pulses { place, left, open: false, until };
            return;
        }
        let mut digits = self.number.as_slice().iter().enumerate().skip(usize::from(place));
        let next = digits.find(|(_, digit)| digit.ascii().is_ascii_digit());
        let (place, left) = match (left, next) {
            (0, None) => return self.all_sent(now),
            (0, Some((at, digit))) => {
                let value = digit.ascii().saturating_sub(b'0');
                // MAX_DIGITS is far below 255.
                let place = u8::try_from(at + 1).unwrap_or(u8::MAX);
                (place, if value == 0 { 10 } else { value })
            }
            (left, _) => (place, left),
        };
        self.say(Output::Loop(false));
        self.state = State::Pulses { place, left, open: true, until: now + OPEN };
    }

    fn all_sent(&mut self, now: Instant) {
        // The current of the last pulse was our own doing.
        self.settled = now + self.timing.settle;
        self.say(Output::Sent);
        self.state = State::Sent { alerted: false };
        if !self.timing.reversal {
            // The exchange does not tell who answers when: from now on both can talk.
            self.state = State::Talking;
            self.say(Output::Answered);
        }
    }

    /// The current in the closed loop.
    fn current(&mut self, now: Instant, flows: bool) {
        if flows {
            self.broken = None;
        } else if now >= self.settled {
            self.broken = self.broken.or(Some(now));
        }
    }

    pub(super) fn idle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Ringing(true) => self.begin_ring(now),
            Input::Caller(caller) => {
                self.caller = Some(caller);
                self.state = State::Announced { until: now + self.timing.announced };
            }
            Input::Place(number) => {
                self.number = number;
                self.close(now);
                self.state = State::Seized { until: now + self.timing.dial_tone };
            }
            Input::Ringing(false)
            | Input::Polarity
            | Input::Current(_)
            | Input::Tone(_)
            | Input::Answer
            | Input::Release => {}
        }
    }

    pub(super) fn announced(&mut self, now: Instant, input: Input) {
        match input {
            Input::Ringing(true) => self.begin_ring(now),
            Input::Caller(caller) => self.caller = Some(caller),
            // The call that is about to ring has the line.
            Input::Place(_)
            | Input::Ringing(false)
            | Input::Polarity
            | Input::Current(_)
            | Input::Tone(_)
            | Input::Answer
            | Input::Release => {}
        }
    }

    pub(super) fn ringing(&mut self, now: Instant, input: Input) {
        let State::Ringing { on, first, offered, until } = self.state else { return };
        match input {
            // The second; or the end of the first was not told.
            Input::Ringing(true) if !(offered || on && first) => self.offer(now, true),
            Input::Ringing(true) => {
                let until = if on { until } else { now + STUCK_RING };
                self.state = State::Ringing { on: true, first, offered, until };
            }
            Input::Ringing(false) if on && first && until <= now + self.timing.ring_min => {
                // Shorter than a ring: the timer of its least length still ran.
                self.state = State::Idle;
                if self.caller.is_some() {
                    self.state = State::Announced { until: now + self.timing.announced };
                }
            }
            Input::Ringing(false) => {
                let wait = if offered { self.timing.ring_gap } else { self.timing.caller_wait };
                let until = if on { now + wait } else { until };
                self.state = State::Ringing { on: false, first: false, offered, until };
            }
            Input::Caller(caller) if !offered => {
                self.caller = Some(caller);
                self.offer(now, on);
            }
            Input::Answer if offered => {
                self.close(now);
                self.state = State::Talking;
            }
            Input::Release if offered => {
                let until = now + if on { STUCK_RING } else { self.timing.ring_gap };
                self.say(Output::Listen(Ear::Nothing));
                self.state = State::Ignored { until };
            }
            Input::Polarity
            | Input::Current(_)
            | Input::Caller(_)
            | Input::Tone(_)
            | Input::Place(_)
            | Input::Answer
            | Input::Release => {}
        }
    }

    pub(super) fn ignored(&mut self, now: Instant, input: Input) {
        match input {
            Input::Ringing(true) => self.state = State::Ignored { until: now + STUCK_RING },
            Input::Ringing(false) => {
                self.state = State::Ignored { until: now + self.timing.ring_gap };
            }
            Input::Polarity
            | Input::Current(_)
            | Input::Caller(_)
            | Input::Tone(_)
            | Input::Place(_)
            | Input::Answer
            | Input::Release => {}
        }
    }

    pub(super) fn seized(&mut self, now: Instant, input: Input) {
        match input {
            Input::Tone(CallTone::Dial) => self.dial(now),
            Input::Tone(tone) if tone.ends() => self.release(now, Some(Why::Tone(tone))),
            Input::Current(flows) => self.current(now, flows),
            Input::Release => self.release(now, None),
            // A ring that met our seizure: whoever calls is on the line now and hears us dial.
            Input::Ringing(_)
            | Input::Polarity
            | Input::Caller(_)
            | Input::Tone(_)
            | Input::Place(_)
            | Input::Answer => {}
        }
    }

    /// While the number is being sent, tones are our own, and in pulses the current is too.
    pub(super) fn sending(&mut self, now: Instant, input: Input) {
        match input {
            Input::Current(flows) if matches!(self.state, State::Tones { .. }) => {
                self.current(now, flows);
            }
            Input::Release => self.release(now, None),
            Input::Current(_)
            | Input::Ringing(_)
            | Input::Polarity
            | Input::Caller(_)
            | Input::Tone(_)
            | Input::Place(_)
            | Input::Answer => {}
        }
    }

    pub(super) fn sent(&mut self, now: Instant, alerted: bool, input: Input) {
        match input {
            Input::Polarity => {
                self.reversed = true;
                self.settled = now + self.timing.settle;
                self.state = State::Talking;
                self.say(Output::Answered);
            }
            Input::Tone(CallTone::RingBack) if !alerted => {
                self.state = State::Sent { alerted: true };
                self.say(Output::Alerting);
            }
            Input::Tone(tone) if tone.ends() => self.release(now, Some(Why::Tone(tone))),
            Input::Current(flows) => self.current(now, flows),
            Input::Release => self.release(now, None),
            Input::Ringing(_)
            | Input::Caller(_)
            | Input::Tone(_)
            | Input::Place(_)
            | Input::Answer => {}
        }
    }

    pub(super) fn talking(&mut self, now: Instant, input: Input) {
        match input {
            Input::Polarity if self.timing.reversal && now >= self.settled => {
                self.release(now, Some(Why::Reversed));
            }
            Input::Tone(tone) if tone.ends() => {
                // The exchange has told the answer: what it says now is the end of the call.
                let why = if self.reversed { Why::Over } else { Why::Tone(tone) };
                self.release(now, Some(why));
            }
            Input::Current(flows) => self.current(now, flows),
            Input::Release => self.release(now, None),
            Input::Ringing(_)
            | Input::Polarity
            | Input::Caller(_)
            | Input::Tone(_)
            | Input::Place(_)
            | Input::Answer => {}
        }
    }

    pub(super) fn guarding(&mut self, now: Instant, input: Input) {
        match input {
            Input::Ringing(true) => {
                // Somebody calls already: the exchange has needed no moment.
                self.become_idle();
                self.begin_ring(now);
            }
            Input::Ringing(false)
            | Input::Polarity
            | Input::Current(_)
            | Input::Caller(_)
            | Input::Tone(_)
            | Input::Place(_)
            | Input::Answer
            | Input::Release => {}
        }
    }
}
