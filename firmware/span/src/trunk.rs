//! A line of an exchange at an analog port: one channel, in both directions.
//!
//! ```text
//!  rings, who calls ──► Offered ── Answer ──► Talking      Place ──► Placed ── sent, answered
//!  busy tone, reversal, loop broken, no more rings ──► Released
//! ```
//!
//! Who calls comes as octets of FSK or as keys before and between the rings; what they mean is
//! told by `clid`, what the loop does by [`analog::fxo`].

use std::collections::VecDeque;

use analog::fxo::{self, Ear, Fxo, Why};
use bearer::{Calling, Dialling, ExchangeLine, Indication, Presentation, Request};
use clid::{Assembler, Collector, Message, Told};
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{CallTone, Cause, Digits, Duration, Instant, LegId, LineId, Mint, Party, PortId};

use crate::event::{Exchange, Input, Output, Usage};

/// A busy tone so soon after the number was sent says that the called party is busy; later, that a
/// conversation is over.
const BUSY_WITHIN: Duration = Duration::from_secs(60);

/// What the line is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Free, or about to ring.
    Idle,
    /// A call came in and is not answered.
    Offered { leg: LegId },
    /// A call that came in was answered.
    Talking { leg: LegId },
    /// A call goes out; when its number was sent.
    Placed { leg: LegId, sent: Option<Instant> },
    /// The box has ended the call; the exchange needs a moment.
    Clearing { leg: LegId, cause: Cause },
    /// As `Clearing`, and the call has forgotten it.
    Forgotten,
}

machine::names!(State {
    Idle => "Idle",
    Offered { .. } => "Offered",
    Talking { .. } => "Talking",
    Placed { .. } => "Placed",
    Clearing { .. } => "Clearing",
    Forgotten => "Forgotten",
});

/// One exchange line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trunk {
    line: LineId,
    port: PortId,
    mint: Mint,
    state: State,
    fxo: Fxo,
    /// Who calls, as far as it has come: in FSK, in DTMF.
    fsk: Assembler,
    keys: Collector,
    /// Waits until the line is free. Whoever restores the line decides it anew.
    #[serde(skip)]
    decided: Option<ExchangeLine>,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

impl Trunk {
    /// A line on hook. `mint` makes the ids of the legs that it begins.
    #[must_use]
    pub fn new(line: LineId, port: PortId, mint: Mint, timing: fxo::Timing) -> Self {
        Self {
            line,
            port,
            mint,
            state: State::Idle,
            fxo: Fxo::new(timing),
            fsk: Assembler::new(),
            keys: Collector::new(),
            decided: None,
            outputs: VecDeque::new(),
        }
    }

    /// The leg that it has, if any.
    #[must_use]
    pub const fn leg(&self) -> Option<LegId> {
        match self.state {
            State::Offered { leg }
            | State::Talking { leg }
            | State::Placed { leg, .. }
            | State::Clearing { leg, .. } => Some(leg),
            State::Idle | State::Forgotten => None,
        }
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let busy = u8::from(self.state != State::Idle || !self.fxo.is_idle());
        Usage { busy, channels: 1, ..Usage::default() }
    }

    /// Goes on where the one before left `octets`, and says what its wires shall be like.
    ///
    /// # Errors
    /// As [`Restore::restore`].
    pub fn go_on(&mut self, octets: &[u8]) -> Result<(), SnapshotFault> {
        let decided = self.decided.take().or(Some(self.decided_now()));
        *self = Self { decided, ..Self::restore(octets)? };
        self.settle();
        let (closed, ear) = self.fxo.wires();
        self.outputs.push_back(Output::Loop(self.port, closed));
        self.outputs.push_back(Output::Listen(self.port, ear));
        Ok(())
    }

    /// What is decided of it is in force from the next call on.
    pub fn configure(&mut self, decided: &ExchangeLine) {
        self.decided = Some(*decided);
        self.settle();
    }

    fn decided_now(&self) -> ExchangeLine {
        let fxo::Timing { reversal, pulses, blind, .. } = self.fxo.timing();
        ExchangeLine { reversal, pulses, dial_tone: !blind }
    }

    fn settle(&mut self) {
        if self.state != State::Idle || !self.fxo.is_idle() {
            return;
        }
        if let Some(ExchangeLine { reversal, pulses, dial_tone }) = self.decided.take() {
            let usual = self.fxo.timing();
            self.fxo.configure(fxo::Timing { reversal, pulses, blind: !dial_tone, ..usual });
        }
    }

    fn tell(&mut self, indication: Indication) {
        self.outputs.push_back(Output::Indication(indication));
    }

    fn released(&mut self, leg: LegId, cause: Cause, by: Party) {
        self.tell(Indication::Released { leg, cause, by });
    }

    fn fxo(&mut self, now: Instant, input: fxo::Input) {
        self.fxo.handle(now, input);
        self.drain(now);
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.fxo.poll_output() {
            match output {
                fxo::Output::Loop(on) => self.outputs.push_back(Output::Loop(self.port, on)),
                fxo::Output::Listen(ear) => {
                    if ear == Ear::Caller {
                        (self.fsk, self.keys) = (Assembler::new(), Collector::new());
                    }
                    self.outputs.push_back(Output::Listen(self.port, ear));
                }
                fxo::Output::Key(digit) => self.outputs.push_back(Output::Key(self.port, digit)),
                fxo::Output::Offered(caller) => self.offered(caller),
                fxo::Output::Sent => self.sent(now),
                fxo::Output::Alerting => {
                    if let State::Placed { leg, .. } = self.state {
                        self.tell(Indication::Alerting { leg, in_band: true });
                    }
                }
                fxo::Output::Answered => {
                    if let State::Placed { leg, .. } = self.state {
                        self.tell(Indication::Answered { leg });
                    }
                }
                fxo::Output::Released(why) => self.over(now, why),
                fxo::Output::Idle => self.idle(),
            }
        }
        self.settle();
    }

    fn offered(&mut self, caller: Option<Told<Digits>>) {
        let leg = self.mint.leg();
        self.state = State::Offered { leg };
        let (number, presentation) = match caller {
            Some(Told::Is(number)) => (number, Presentation::Allowed),
            Some(Told::Withheld) => (Digits::new(), Presentation::Restricted),
            Some(Told::Unavailable) | None => (Digits::new(), Presentation::Unavailable),
        };
        self.tell(Indication::Offered {
            leg,
            line: self.line,
            port: self.port,
            calling: Calling { number, presentation, category: None },
            called: Digits::new(),
            dialling: Dialling::Complete,
        });
    }

    fn sent(&mut self, now: Instant) {
        if let State::Placed { leg, .. } = self.state {
            self.state = State::Placed { leg, sent: Some(now) };
            self.tell(Indication::Progress { leg });
        }
    }

    /// The exchange ended the call.
    fn over(&mut self, now: Instant, why: Why) {
        let state = std::mem::replace(&mut self.state, State::Forgotten);
        match state {
            State::Offered { leg } | State::Talking { leg } => {
                self.released(leg, Cause::NORMAL_CLEARING, Party::Caller);
            }
            State::Placed { leg, sent } => {
                let early = sent.is_none_or(|sent| now - sent < BUSY_WITHIN);
                let (cause, by) = match why {
                    Why::Tone(CallTone::Busy) if sent.is_some() && early => {
                        (Cause::USER_BUSY, Party::Called)
                    }
                    Why::Tone(CallTone::Unobtainable) if early => {
                        (Cause::UNALLOCATED_NUMBER, Party::Network)
                    }
                    Why::Tone(_) if early => (Cause::NO_CHANNEL_AVAILABLE, Party::Network),
                    Why::NoDialTone => (Cause::DESTINATION_OUT_OF_ORDER, Party::Network),
                    Why::Tone(_) | Why::Over | Why::Abandoned | Why::Reversed | Why::Broken => {
                        (Cause::NORMAL_CLEARING, Party::Called)
                    }
                };
                self.released(leg, cause, by);
            }
            State::Clearing { leg, cause } => self.released(leg, cause, Party::Box),
            State::Idle | State::Forgotten => {}
        }
    }

    /// The line is free.
    fn idle(&mut self) {
        if let State::Clearing { leg, cause } = std::mem::replace(&mut self.state, State::Idle) {
            self.released(leg, cause, Party::Box);
        }
    }

    fn request(&mut self, now: Instant, request: Request) {
        let leg = request.leg();
        match (request, self.state) {
            (Request::Place { called, .. }, State::Idle) if self.fxo.is_idle() => {
                self.state = State::Placed { leg, sent: None };
                self.tell(Indication::Channel { leg, port: self.port });
                self.fxo(now, fxo::Input::Place(called));
            }
            // Somebody is calling on it, or it is in use.
            (Request::Place { .. }, _) => {
                self.released(leg, Cause::NO_CHANNEL_AVAILABLE, Party::Network);
            }
            (Request::Answer { .. }, State::Offered { leg: own }) if own == leg => {
                self.state = State::Talking { leg };
                self.fxo(now, fxo::Input::Answer);
            }
            (Request::Release { cause, .. }, State::Offered { leg: own }) if own == leg => {
                // It rings on; nobody hears it.
                self.state = State::Forgotten;
                self.released(leg, cause, Party::Box);
                self.fxo(now, fxo::Input::Release);
            }
            (
                Request::Release { cause, .. },
                State::Talking { leg: own } | State::Placed { leg: own, .. },
            ) if own == leg => {
                self.state = State::Clearing { leg, cause };
                self.fxo(now, fxo::Input::Release);
            }
            (Request::Release { cause, .. }, State::Clearing { leg: own, .. }) if own == leg => {
                self.state = State::Forgotten;
                self.released(leg, cause, Party::Box);
            }
            (
                Request::MoreDigits { .. }
                | Request::Proceed { .. }
                | Request::Alert { .. }
                | Request::Notify { .. }
                | Request::Ask { .. }
                | Request::Digits { .. }
                | Request::Progress { .. }
                | Request::Answer { .. }
                | Request::Release { .. },
                _,
            ) => {}
        }
    }

    fn exchange(&mut self, now: Instant, exchange: Exchange) {
        match exchange {
            Exchange::Ringing(on) => self.fxo(now, fxo::Input::Ringing(on)),
            Exchange::Polarity => self.fxo(now, fxo::Input::Polarity),
            Exchange::Current(flows) => self.fxo(now, fxo::Input::Current(flows)),
            Exchange::Tone(tone) => self.fxo(now, fxo::Input::Tone(tone)),
            Exchange::Mark => self.fsk.begin(),
            Exchange::Octet(octet) => {
                if let Some(Ok(Message::Call(call))) = self.fsk.octet(octet) {
                    let caller = call.number.unwrap_or(Told::Unavailable);
                    self.fxo(now, fxo::Input::Caller(caller));
                }
            }
            Exchange::Cut => {
                // What had begun is lost; the call is offered without it.
                let _ = self.fsk.end();
            }
            Exchange::Key(digit) => {
                if let Some(Ok(caller)) = self.keys.digit(digit) {
                    self.fxo(now, fxo::Input::Caller(caller));
                }
            }
        }
    }
}

impl Machine for Trunk {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Request(request) => self.request(now, request),
            Input::Exchange(exchange) => self.exchange(now, exchange),
            Input::Say { .. }
            | Input::Frame(_)
            | Input::FrameBackup(_)
            | Input::Layer1 { .. }
            | Input::Hook { .. }
            | Input::Pressed { .. }
            | Input::Cas { .. }
            | Input::Mf { .. } => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.fxo.handle_timeout(now);
        self.drain(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.fxo.poll_timeout()
    }
}

impl Restore for Trunk {
    const VERSION: u16 = 1;

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

const NOT_A_SPAN: &str = "only a span has it";

impl Survey for Trunk {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = Input::NAMES;
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("*", "frame", NOT_A_SPAN),
        ("*", "layer 1", NOT_A_SPAN),
        ("*", "pressed", "only a jack has a button"),
        ("*", "off hook", "only a telephone has a handset"),
        ("*", "on hook", "only a telephone has a handset"),
        ("*", "cas", NOT_A_SPAN),
        ("*", "mf", NOT_A_SPAN),
    ];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        input.name()
    }
}

#[cfg(any(test, feature = "check"))]
#[path = "trunk_check.rs"]
pub mod check;

#[cfg(test)]
#[path = "trunk_tests.rs"]
mod tests;
