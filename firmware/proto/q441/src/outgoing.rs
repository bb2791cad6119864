//! The register of the end that places a call.

use heapless::Deque;
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Digit, Digits, Instant, MfSignal};

use crate::event::{OutgoingInput as Input, OutgoingOutput as Output};
use crate::variant::{Ask, Variant, Verdict};

/// Which meanings backward signals have now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Group {
    A,
    B,
    C,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Not begun.
    Idle,
    /// A forward signal is sent, and a backward one awaited.
    Forward { until: Instant },
    /// The backward signal is heard and ours has stopped; its end is awaited.
    Ending { heard: MfSignal, until: Instant },
    /// There is nothing to send; a backward signal by itself is awaited (Q.442).
    Silent { until: Instant },
    /// It is heard; its end is awaited.
    Pulse { heard: MfSignal, until: Instant },
    /// The work is done.
    Done,
}

machine::names!(State {
    Idle => "Idle",
    Forward { .. } => "Forward",
    Ending { .. } => "Ending",
    Silent { .. } => "Silent",
    Pulse { .. } => "Pulse",
    Done => "Done",
});

/// Tells the far end who calls whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outgoing {
    variant: Variant,
    called: Digits,
    calling: Digits,
    restricted: bool,
    state: State,
    group: Group,
    /// The next digit of the called number.
    at: u8,
    /// The end of the called number has been sent.
    ended: bool,
    /// The category has been sent.
    categorised: bool,
    /// The next digit of the calling number.
    calling_at: u8,
    /// The end of the calling number has been sent.
    calling_ended: bool,
    /// What is sent, for a process that goes on.
    sent: Option<MfSignal>,
    #[serde(skip)]
    outputs: Deque<Output, 4>,
}

fn tone(digit: Digit) -> Option<MfSignal> {
    // Q.441 table 7: 1 to 9 are themselves, 10 is the digit 0.
    match digit.ascii() {
        b'0' => MfSignal::new(10),
        ascii @ b'1'..=b'9' => MfSignal::new(ascii - b'0'),
        // Q.441: codes 11 and 12, where a dialled * or # passes.
        b'*' => MfSignal::new(11),
        b'#' => MfSignal::new(12),
        _ => None,
    }
}

impl Outgoing {
    /// For one call. `calling` may be empty; `restricted`: it must not be shown.
    #[must_use]
    pub const fn new(variant: Variant, called: Digits, calling: Digits, restricted: bool) -> Self {
        Self {
            variant,
            called,
            calling,
            restricted,
            state: State::Idle,
            group: Group::A,
            at: 0,
            ended: false,
            categorised: false,
            calling_at: 0,
            calling_ended: false,
            sent: None,
            outputs: Deque::new(),
        }
    }

    /// What it sends now.
    #[must_use]
    pub const fn sends(&self) -> Option<MfSignal> {
        self.sent
    }

    fn say(&mut self, output: Output) {
        // Two at most come from one input, and the queue is drained between.
        let _ = self.outputs.push_back(output);
    }

    fn send(&mut self, signal: Option<MfSignal>) {
        if self.sent != signal {
            self.sent = signal;
            self.say(Output::Send(signal));
        }
    }

    fn done(&mut self, output: Output) {
        self.send(None);
        self.state = State::Done;
        self.say(output);
    }

    fn fail(&mut self, cause: Cause) {
        self.done(Output::Failed(cause));
    }

    fn forward(&mut self, now: Instant, signal: MfSignal) {
        self.state = State::Forward { until: now + self.variant.timing.forward_most };
        self.send(Some(signal));
    }

    /// The next digit of the called number, its end, or silence.
    fn next_called(&mut self, now: Instant) {
        if let Some(digit) = self.called.as_slice().get(usize::from(self.at)) {
            self.at = self.at.saturating_add(1);
            return match tone(*digit) {
                Some(signal) => self.forward(now, signal),
                None => self.fail(Cause::INVALID_NUMBER_FORMAT),
            };
        }
        match self.variant.end_of_called {
            // Q.473
            Some(end) if !self.ended => {
                self.ended = true;
                self.forward(now, end);
            }
            Some(_) | None => {
                self.state = State::Silent { until: now + self.variant.timing.silence_most };
            }
        }
    }

    /// The next digit of the calling number, or its end.
    fn next_calling(&mut self, now: Instant) {
        let digit = self.calling.as_slice().get(usize::from(self.calling_at)).copied();
        if let Some(restricted) = self.variant.restricted.filter(|_| self.hidden()) {
            self.calling_ended = true;
            return self.forward(now, restricted);
        }
        match digit.filter(|_| !self.hidden()).and_then(tone) {
            Some(signal) => {
                self.calling_at = self.calling_at.saturating_add(1);
                self.forward(now, signal);
            }
            None => {
                self.calling_ended = true;
                self.forward(now, self.variant.end_of_calling);
            }
        }
    }

    fn hidden(&self) -> bool {
        self.restricted || self.calling.is_empty()
    }

    fn category(&mut self, now: Instant) {
        self.categorised = true;
        self.forward(now, self.variant.category);
    }

    /// Acts on a backward signal that has ended, or came as a pulse.
    fn act(&mut self, now: Instant, heard: MfSignal) {
        if self.group == Group::B {
            return self.verdict(heard);
        }
        let again = self.categorised && !self.calling_ended;
        match self.variant.ask(heard, self.group == Group::C) {
            Ask::Next if again && self.caller_then_next() => self.next_calling(now),
            Ask::Next => self.next_called(now),
            Ask::Back(count) => {
                // `at` is behind the digit sent last.
                self.at = self.at.saturating_sub(1).saturating_sub(count);
                self.next_called(now);
            }
            Ask::First => {
                self.at = 0;
                self.next_called(now);
            }
            Ask::Caller if self.categorised => self.next_calling(now),
            Ask::Caller | Ask::CallerThenNext => self.category(now),
            Ask::CallerInC => {
                self.group = Group::C;
                self.category(now);
            }
            Ask::NextCalling => self.next_calling(now),
            Ask::NextInA => {
                self.group = Group::A;
                self.next_called(now);
            }
            Ask::FirstInA => {
                (self.group, self.at) = (Group::A, 0);
                self.next_called(now);
            }
            Ask::Complete => {
                // Q.474: a group II signal answers, and group B follows.
                self.group = Group::B;
                self.forward(now, self.variant.service);
            }
            Ask::Through => self.done(Output::Through { charged: true }),
            Ask::Fails(cause) => self.fail(cause),
            // Q.476: a signal without a meaning.
            Ask::Unused => self.fail(Cause::NETWORK_OUT_OF_ORDER),
        }
    }

    fn caller_then_next(&self) -> bool {
        self.variant.a.contains(&Ask::CallerThenNext)
    }

    fn verdict(&mut self, heard: MfSignal) {
        match self.variant.b[heard.index()] {
            Verdict::Free => self.done(Output::Through { charged: true }),
            Verdict::FreeNoCharge => self.done(Output::Through { charged: false }),
            Verdict::Fails(cause) => self.fail(cause),
            Verdict::Unused => self.fail(Cause::NETWORK_OUT_OF_ORDER),
        }
    }

    fn idle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Begin => self.next_called(now),
            Input::Heard(_) => {}
        }
    }

    fn sending(&mut self, now: Instant, input: Input) {
        match input {
            Input::Heard(Some(heard)) => {
                // Q.440 4.1.5
                self.state = State::Ending { heard, until: now + self.variant.timing.forward_most };
                self.send(None);
            }
            Input::Heard(None) | Input::Begin => {}
        }
    }

    fn ending(&mut self, now: Instant, heard: MfSignal, input: Input) {
        match input {
            Input::Heard(None) => self.act(now, heard),
            Input::Heard(Some(_)) | Input::Begin => {}
        }
    }

    fn silent(&mut self, now: Instant, input: Input) {
        match input {
            // Q.442
            Input::Heard(Some(heard)) => {
                self.state = State::Pulse { heard, until: now + self.variant.timing.forward_most };
            }
            Input::Heard(None) | Input::Begin => {}
        }
    }
}

impl Machine for Outgoing {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match self.state {
            State::Idle => self.idle(now, input),
            State::Forward { .. } => self.sending(now, input),
            State::Ending { heard, .. } | State::Pulse { heard, .. } => {
                self.ending(now, heard, input);
            }
            State::Silent { .. } => self.silent(now, input),
            State::Done => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_some_and(|until| now >= until) {
            // Q.476 5.5.1
            self.fail(Cause::NETWORK_OUT_OF_ORDER);
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Forward { until }
            | State::Ending { until, .. }
            | State::Silent { until }
            | State::Pulse { until, .. } => Some(until),
            State::Idle | State::Done => None,
        }
    }
}

impl Restore for Outgoing {
    const VERSION: u16 = 2;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, self, room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        machine::restore(Self::OLDEST, Self::VERSION, octets)
    }
}

const NO_TIMER: &str = "no timer runs in this state";

impl Survey for Outgoing {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = &["begin", "signal", "silence", "timeout"];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] =
        &[("Idle", "timeout", NO_TIMER), ("Done", "timeout", NO_TIMER)];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Begin => "begin",
            Input::Heard(Some(_)) => "signal",
            Input::Heard(None) => "silence",
        }
    }
}
