//! A telephone at an analog port, as a line with one channel.
//!
//! ```text
//!  Place ──► ring ─ lifted ──► Answered        lifted ──► Offered (digits come in band)
//!  Release, hung up ──► Released
//! ```

use std::collections::VecDeque;

use analog::{Fxs, Timing};
use bearer::{Calling, Dialling, Indication, Presentation, Request};
use clid::{Format, Message, Told};
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Digits, Instant, LegId, LineId, Mint, Party, PortId};

use crate::event::{Input, Output, Usage};

/// What the port is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Free.
    Idle,
    /// A call rings it.
    Rung { leg: LegId },
    /// Its handset is lifted in a call, incoming or outgoing.
    Lifted { leg: LegId },
    /// The call is over; the handset is not hung up yet.
    Parked { leg: LegId, cause: Cause },
    /// As `Parked`, and the call has forgotten it.
    Forgotten,
}

machine::names!(State {
    Idle => "Idle",
    Rung { .. } => "Rung",
    Lifted { .. } => "Lifted",
    Parked { .. } => "Parked",
    Forgotten => "Forgotten",
});

/// One telephone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Telephone {
    line: LineId,
    port: PortId,
    mint: Mint,
    state: State,
    fxs: Fxs,
    /// It is told who calls, between the first ring and the second.
    shown: bool,
    /// Who calls, until it has been told.
    caller: Option<Calling>,
    /// It is being told, perhaps.
    telling: bool,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

impl Telephone {
    /// A telephone on hook. `mint` makes the ids of the legs that it begins.
    #[must_use]
    pub fn new(line: LineId, port: PortId, mint: Mint, timing: Timing) -> Self {
        let fxs = Fxs::new(timing);
        let (state, outputs) = (State::Idle, VecDeque::new());
        Self { line, port, mint, state, fxs, shown: false, caller: None, telling: false, outputs }
    }

    /// The same, told who calls or not.
    #[must_use]
    pub fn with_caller(mut self, shown: bool) -> Self {
        self.shown = shown;
        self
    }

    /// The leg that it has, if any.
    #[must_use]
    pub const fn leg(&self) -> Option<LegId> {
        match self.state {
            State::Rung { leg } | State::Lifted { leg } | State::Parked { leg, .. } => Some(leg),
            State::Idle | State::Forgotten => None,
        }
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let busy = u8::from(self.state != State::Idle);
        Usage { busy, channels: 1, ..Usage::default() }
    }

    fn tell(&mut self, indication: Indication) {
        self.outputs.push_back(Output::Indication(indication));
    }

    fn released(&mut self, leg: LegId, cause: Cause, by: Party) {
        self.tell(Indication::Released { leg, cause, by });
    }

    fn fxs(&mut self, now: Instant, input: analog::Input) {
        self.fxs.handle(now, input);
        self.drain(now);
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.fxs.poll_output() {
            match output {
                analog::Output::Ringing(on) => {
                    self.outputs.push_back(Output::Ringing(self.port, on));
                    if !on && matches!(self.state, State::Rung { .. }) {
                        self.tell_caller();
                    }
                }
                analog::Output::Reversed(on) => {
                    self.outputs.push_back(Output::Reversed(self.port, on));
                }
                analog::Output::Seized => self.seized(),
                analog::Output::Answered => self.lifted(),
                analog::Output::HungUp | analog::Output::Idle => self.idle(now),
                // Features behind the flash are for a later release; it does no harm.
                analog::Output::Flash => {}
            }
        }
    }

    /// The first ring is over: who calls follows.
    fn tell_caller(&mut self) {
        let Some(Calling { number, presentation, .. }) = self.caller.take() else { return };
        let number = match presentation {
            Presentation::Allowed if !number.is_empty() => Told::Is(number),
            Presentation::Restricted => Told::Withheld,
            Presentation::Allowed | Presentation::Unavailable => Told::Unavailable,
        };
        let call = clid::Call { number: Some(number), ..clid::Call::default() };
        let Some(octets) = Message::Call(call).emit(Format::Mdmf) else { return };
        self.telling = true;
        let port = self.port;
        self.outputs.extend(octets.into_iter().map(|octet| Output::CallerOctet(port, octet)));
        self.outputs.push_back(Output::Caller(port, true));
    }

    /// The handset is lifted, or nobody calls any more.
    fn stop_telling(&mut self) {
        self.caller = None;
        if std::mem::take(&mut self.telling) {
            self.outputs.push_back(Output::Caller(self.port, false));
        }
    }

    fn seized(&mut self) {
        let leg = self.mint.leg();
        self.state = State::Lifted { leg };
        self.tell(Indication::Offered {
            leg,
            line: self.line,
            port: self.port,
            calling: Calling::default(),
            called: Digits::new(),
            dialling: Dialling::InBand,
        });
    }

    fn lifted(&mut self) {
        match self.state {
            State::Rung { leg } => {
                self.stop_telling();
                self.state = State::Lifted { leg };
                self.tell(Indication::Answered { leg });
            }
            State::Idle | State::Lifted { .. } | State::Parked { .. } | State::Forgotten => {}
        }
    }

    /// The handset is hung up, or ringing has ended.
    fn idle(&mut self, _now: Instant) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Lifted { leg } => self.released(leg, Cause::NORMAL_CLEARING, Party::Called),
            State::Parked { leg, cause } => self.released(leg, cause, Party::Box),
            State::Rung { .. } | State::Idle | State::Forgotten => {}
        }
    }

    fn request(&mut self, now: Instant, request: Request) {
        let leg = request.leg();
        match (request, self.state) {
            (Request::Place { calling, .. }, State::Idle) if self.fxs.is_idle() => {
                self.caller = self.shown.then_some(calling);
                self.state = State::Rung { leg };
                self.tell(Indication::Channel { leg, port: self.port });
                self.tell(Indication::Alerting { leg, in_band: false });
                self.fxs(now, analog::Input::Ring);
            }
            (Request::Place { .. }, _) => {
                self.released(leg, Cause::USER_BUSY, Party::Called);
            }
            (Request::Answer { .. }, State::Lifted { leg: own }) if own == leg => {
                self.fxs(now, analog::Input::Answered);
            }
            (Request::Release { cause, .. }, State::Rung { leg: own }) if own == leg => {
                self.stop_telling();
                self.state = State::Idle;
                self.released(leg, cause, Party::Box);
                self.fxs(now, analog::Input::StopRinging);
            }
            (Request::Release { cause, .. }, State::Lifted { leg: own }) if own == leg => {
                self.state = State::Parked { leg, cause };
                self.fxs(now, analog::Input::Release);
            }
            (Request::Release { cause, .. }, State::Parked { leg: own, .. }) if own == leg => {
                // The call will not wait any longer for the handset.
                self.state = State::Forgotten;
                self.released(leg, cause, Party::Box);
            }
            (
                Request::MoreDigits { .. }
                | Request::Digits { .. }
                | Request::Proceed { .. }
                | Request::Alert { .. }
                | Request::Progress { .. }
                | Request::Answer { .. }
                | Request::Say { .. }
                | Request::Ask { .. }
                | Request::Release { .. },
                _,
            ) => {}
        }
    }
}

impl Machine for Telephone {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Request(request) => self.request(now, request),
            Input::Hook { off_hook } => self.fxs(now, analog::Input::Hook { off_hook }),
            Input::Frame(_)
            | Input::Layer1 { .. }
            | Input::Pressed { .. }
            | Input::Cas { .. }
            | Input::Mf { .. }
            | Input::Exchange(_) => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.fxs.handle_timeout(now);
        self.drain(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.fxs.poll_timeout()
    }
}

impl Restore for Telephone {
    const VERSION: u16 = 3;

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

const NO_TIMER: &str = "the loop runs no timer while nobody rings it and the handset is at rest";
const NOT_A_SPAN: &str = "only a span has it";

impl Survey for Telephone {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = Input::NAMES;
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("*", "frame", NOT_A_SPAN),
        ("*", "layer 1", NOT_A_SPAN),
        ("*", "pressed", "only a jack has a button"),
        ("*", "cas", NOT_A_SPAN),
        ("*", "mf", NOT_A_SPAN),
        ("*", "exchange", "only an exchange line has it"),
        ("Idle", "timeout", NO_TIMER),
        ("Parked", "timeout", NO_TIMER),
        ("Forgotten", "timeout", NO_TIMER),
    ];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        input.name()
    }
}

#[cfg(any(test, feature = "check"))]
pub mod check {
    //! Drives telephones for the property test over all machines.

    use bearer::{Elements, Service};
    use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
    use units::{BoxId, Duration};

    use super::*;

    /// Runs one telephone through `steps` random stimuli.
    ///
    /// # Errors
    /// What differed after a restore.
    pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
        let mut random = Random::new(seed);
        let line = LineId::of_analog(1);
        let telephone =
            Telephone::new(line, PortId(30), Mint::new(BoxId(1), 1, 1), Timing::default())
                .with_caller(seed.is_multiple_of(2));
        restored_behaves_the_same(telephone, steps, move |telephone, _| {
            let leg = match telephone.state {
                State::Rung { leg } | State::Lifted { leg } | State::Parked { leg, .. } => leg,
                State::Idle | State::Forgotten => LegId(77),
            };
            let (calling, called) = (Calling::default(), Digits::new());
            let request = match random.below(11) {
                10 => Request::Ask { leg, service: Service::Identify },
                9 => Request::Digits { leg, digits: Digits::new(), complete: false },
                8 => Request::Say { leg, line, elements: Elements::new() },
                7 => Request::MoreDigits { leg },
                0 | 1 => Request::Place { leg: LegId(78), line, calling, called },
                2 => Request::Proceed { leg },
                3 => Request::Alert { leg },
                4 => Request::Progress { leg },
                5 => Request::Answer { leg },
                _ => Request::Release { leg, cause: Cause::NORMAL_CLEARING },
            };
            match random.below(8) {
                0..=3 => Stimulus::Input(Input::Request(request)),
                4 => Stimulus::Input(Input::Hook { off_hook: true }),
                5 => Stimulus::Input(Input::Hook { off_hook: false }),
                6 => Stimulus::Timeout,
                _ => Stimulus::Wait(Duration::from_millis(random.below(600))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use machine::check::Visits;
    use units::BoxId;

    use super::*;

    fn telephone() -> Telephone {
        Telephone::new(
            LineId::of_analog(1),
            PortId(30),
            Mint::new(BoxId(1), 1, 1),
            Timing::default(),
        )
    }

    fn feed(telephone: &mut Telephone, at_ms: u64, input: Input) -> Vec<Output> {
        telephone.handle(Instant::from_millis(at_ms), input);
        std::iter::from_fn(|| telephone.poll_output()).collect()
    }

    fn place(leg: u64) -> Input {
        Input::Request(Request::Place {
            leg: LegId(leg),
            line: LineId::of_analog(1),
            calling: Calling::default(),
            called: Digits::new(),
        })
    }

    #[test]
    fn a_telephone_that_is_rung_answers_and_hangs_up() {
        let mut telephone = telephone();
        let leg = LegId(5);
        let said = feed(&mut telephone, 0, place(5));
        assert_eq!(said[2], Output::Ringing(PortId(30), true));
        let said = feed(&mut telephone, 100, Input::Hook { off_hook: true });
        assert_eq!(said[1], Output::Indication(Indication::Answered { leg }));
        assert!(feed(&mut telephone, 2000, Input::Hook { off_hook: false }).is_empty());
        let at = telephone.poll_timeout().expect("hang-up timer");
        telephone.handle_timeout(at);
        let (cause, by) = (Cause::NORMAL_CLEARING, Party::Called);
        let released = Output::Indication(Indication::Released { leg, cause, by });
        assert_eq!(telephone.poll_output(), Some(released));
    }

    #[test]
    fn who_calls_is_told_after_the_first_ring_and_no_more_when_the_handset_is_lifted() {
        let mut telephone = telephone().with_caller(true);
        let number = Digits::parse("13800138000").expect("digits");
        let calling = Calling { number: number.clone(), ..Calling::default() };
        let (leg, line, called) = (LegId(5), LineId::of_analog(1), Digits::new());
        let place = Request::Place { leg, line, calling, called };
        assert_eq!(feed(&mut telephone, 0, Input::Request(place)).len(), 3);
        telephone.handle_timeout(Instant::from_millis(1000));
        let mut said: Vec<_> = std::iter::from_fn(|| telephone.poll_output()).collect();
        assert_eq!(said.remove(0), Output::Ringing(PortId(30), false));
        assert_eq!(said.pop(), Some(Output::Caller(PortId(30), true)));
        let octet = |output: &Output| match output {
            Output::CallerOctet(PortId(30), octet) => Some(*octet),
            _ => None,
        };
        let octets: Option<Vec<u8>> = said.iter().map(octet).collect();
        let call = clid::Call { number: Some(Told::Is(number)), ..clid::Call::default() };
        assert_eq!(Message::parse(&octets.expect("octets")), Ok(Message::Call(call)));
        let lifted = feed(&mut telephone, 2000, Input::Hook { off_hook: true });
        assert_eq!(lifted[0], Output::Caller(PortId(30), false));
        // The second pause tells nothing again.
        assert!(telephone.caller.is_none());
    }

    #[test]
    fn a_telephone_in_use_is_busy_for_a_second_call() {
        let mut telephone = telephone();
        feed(&mut telephone, 0, Input::Hook { off_hook: true });
        let (leg, cause, by) = (LegId(9), Cause::USER_BUSY, Party::Called);
        assert_eq!(
            feed(&mut telephone, 1, place(9)),
            [Output::Indication(Indication::Released { leg, cause, by })]
        );
    }

    #[test]
    fn restored_after_any_event_a_telephone_goes_on_as_if_nothing_had_happened() {
        let mut visits = Visits::default();
        for seed in 0..100 {
            let visit = check::visit(seed, 200);
            visits.join(&visit.unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
        }
        let (table, wrong) = visits.report::<Telephone>("telephone");
        assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
    }
}
