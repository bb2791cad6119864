//! A telephone at an analog port, as a line with one channel.
//!
//! ```text
//!  Place ──► (told who calls) ──► ring ─ lifted ──► Answered
//!  lifted ──► Offered (digits come in band)         Release, hung up ──► Released
//! ```

use std::collections::VecDeque;

use analog::{Fxs, Timing};
use bearer::{Calling, Dialling, Extension, Indication, Request};
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Digit, Digits, Duration, Instant, LegId, LineId, Mint, Party, PortId};

use crate::event::{Input, Output, Usage};
use crate::telling::{Lead, Sent, Telling, between_rings};

/// How long a telephone has been on hook before its lamp is changed.
const REST: Duration = Duration::from_secs(2);

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
    /// A call will ring it: it is told who calls.
    Announced { leg: LegId, until: Instant },
    /// Free; it is told whether messages wait.
    Signalled { until: Instant },
}

machine::names!(State {
    Idle => "Idle",
    Rung { .. } => "Rung",
    Lifted { .. } => "Lifted",
    Parked { .. } => "Parked",
    Forgotten => "Forgotten",
    Announced { .. } => "Announced",
    Signalled { .. } => "Signalled",
});

/// What the country says of telephones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How they ring, and what is a flash.
    pub timing: Timing,
    /// How they are told who calls; `None`: not at all.
    pub telling: Option<Telling>,
    /// Their feeding is reversed while somebody whom they called has answered.
    pub reversal: bool,
}

/// One telephone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Telephone {
    line: LineId,
    port: PortId,
    mint: Mint,
    state: State,
    fxs: Fxs,
    telling: Option<Telling>,
    reversal: bool,
    extension: Extension,
    /// The call that is placed next comes from outside; and the one that rings does.
    outside: bool,
    /// Who calls, until it has been told.
    caller: Option<Calling>,
    /// It is being told, perhaps.
    told: bool,
    /// The line is reversed for that.
    turned: bool,
    /// Its lamp shines, as far as it was told.
    lamp: bool,
    /// When its lamp is changed.
    due: Option<Instant>,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

impl Telephone {
    /// A telephone on hook. `mint` makes the ids of the legs that it begins.
    #[must_use]
    pub fn new(line: LineId, port: PortId, mint: Mint, settings: Settings) -> Self {
        let Settings { timing, telling, reversal } = settings;
        Self {
            line,
            port,
            mint,
            state: State::Idle,
            fxs: Fxs::new(timing),
            telling,
            reversal,
            extension: Extension::default(),
            outside: false,
            caller: None,
            told: false,
            turned: false,
            lamp: false,
            due: None,
            outputs: VecDeque::new(),
        }
    }

    /// Goes on where the one before left `octets`; what its country says is as it says now.
    ///
    /// # Errors
    /// As [`Restore::restore`].
    pub fn go_on(&mut self, now: Instant, octets: &[u8]) -> Result<(), SnapshotFault> {
        let (timing, telling, reversal) = (self.fxs.timing(), self.telling, self.reversal);
        let extension = self.extension;
        *self = Self { telling, reversal, ..Self::restore(octets)? };
        self.fxs.configure(timing);
        self.configure(now, extension);
        Ok(())
    }

    /// What is decided of it is in force from now on.
    pub fn configure(&mut self, now: Instant, extension: Extension) {
        self.extension = extension;
        self.rest(now);
    }

    /// The call that it is asked to ring for next comes from outside, or from the house.
    pub const fn comes_from(&mut self, outside: bool) {
        if self.leg().is_none() {
            self.outside = outside;
        }
    }

    /// The leg that it has, if any.
    #[must_use]
    pub const fn leg(&self) -> Option<LegId> {
        match self.state {
            State::Announced { leg, .. }
            | State::Rung { leg }
            | State::Lifted { leg }
            | State::Parked { leg, .. } => Some(leg),
            State::Idle | State::Forgotten | State::Signalled { .. } => None,
        }
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let busy = u8::from(!matches!(self.state, State::Idle | State::Signalled { .. }));
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
                }
                analog::Output::Pause(length) => self.tell_in_pause(length),
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

    /// The first group of rings is over: who calls follows, if it has room.
    fn tell_in_pause(&mut self, pause: Duration) {
        let (Some(calling), Some(telling)) = (self.caller.take(), self.telling) else { return };
        let Some(sent) = telling.who(calling) else { return };
        if let Some(lead) = between_rings(&sent, pause) {
            self.send(sent, lead);
        }
    }

    /// Who calls is told before the first ring; until when. `None`: it rings at once.
    fn announce(&mut self, now: Instant) -> Option<Instant> {
        let telling = self.telling.filter(|telling| telling.before_ring)?;
        let sent = telling.who(self.caller.take()?)?;
        Some(self.send_alone(now, telling, sent))
    }

    /// Sends while nothing rings; until when it lasts.
    fn send_alone(&mut self, now: Instant, telling: Telling, sent: Sent) -> Instant {
        let until = now + telling.takes(&sent);
        if telling.reversal {
            self.turned = true;
            self.outputs.push_back(Output::Reversed(self.port, true));
        }
        self.send(sent, telling.lead());
        until
    }

    fn send(&mut self, sent: Sent, lead: Lead) {
        self.told = true;
        let port = self.port;
        match sent {
            Sent::Octets(octets) => {
                let octet = |octet| Output::CallerOctet(port, octet);
                self.outputs.extend(octets.into_iter().map(octet));
            }
            Sent::Keys(digits) => {
                let key = |digit: &Digit| Output::CallerKey(port, *digit);
                self.outputs.extend(digits.as_slice().iter().map(key));
            }
        }
        self.outputs.push_back(Output::Caller(port, Some(lead)));
    }

    /// The handset is lifted, or nobody calls any more.
    fn stop_telling(&mut self) {
        self.caller = None;
        if std::mem::take(&mut self.told) {
            self.outputs.push_back(Output::Caller(self.port, None));
        }
        self.turn_back();
    }

    fn turn_back(&mut self) {
        if std::mem::take(&mut self.turned) {
            self.outputs.push_back(Output::Reversed(self.port, false));
        }
    }

    /// Its lamp is changed when it has rested, if it is to be changed.
    fn rest(&mut self, now: Instant) {
        let lamps = self.telling.is_some_and(|telling| telling.keys.is_none());
        let wanted = lamps && self.extension.waiting != self.lamp && self.state == State::Idle;
        self.due = wanted.then(|| self.due.unwrap_or(now + REST));
    }

    /// The time has come for what is sent while nothing rings.
    fn over(&mut self, now: Instant) {
        match self.state {
            State::Announced { leg, until } if until <= now => {
                self.told = false;
                self.turn_back();
                self.ring(now, leg);
            }
            State::Signalled { until } if until <= now => {
                self.told = false;
                self.turn_back();
                self.state = State::Idle;
                self.rest(now);
            }
            State::Idle if self.due.is_some_and(|due| due <= now) => {
                self.due = None;
                let on = self.extension.waiting;
                let telling = self.telling.filter(|_| self.fxs.is_idle());
                let lamp = telling.and_then(|telling| Some((telling, telling.lamp(on)?)));
                if let Some((telling, sent)) = lamp {
                    self.lamp = on;
                    self.state = State::Signalled { until: self.send_alone(now, telling, sent) };
                }
            }
            State::Announced { .. }
            | State::Signalled { .. }
            | State::Idle
            | State::Rung { .. }
            | State::Lifted { .. }
            | State::Parked { .. }
            | State::Forgotten => {}
        }
    }

    fn place(&mut self, now: Instant, leg: LegId, calling: Calling) {
        if let State::Signalled { .. } = self.state {
            // The lamp can wait; it was not told.
            self.lamp = !self.extension.waiting;
            self.stop_telling();
        }
        self.due = None;
        self.caller = self.telling.is_some().then_some(calling);
        self.tell(Indication::Channel { leg, port: self.port });
        self.tell(Indication::Alerting { leg, in_band: false });
        match self.announce(now) {
            Some(until) => self.state = State::Announced { leg, until },
            None => self.ring(now, leg),
        }
    }

    fn ring(&mut self, now: Instant, leg: LegId) {
        self.state = State::Rung { leg };
        self.fxs(now, analog::Input::Ring { outside: self.outside });
    }

    fn seized(&mut self) {
        if let State::Announced { leg, .. } = self.state {
            // Before it could ring: whoever lifts has the one who calls.
            self.stop_telling();
            self.state = State::Lifted { leg };
            return self.tell(Indication::Answered { leg });
        }
        if let State::Signalled { .. } = self.state {
            self.lamp = !self.extension.waiting;
            self.stop_telling();
        }
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
            State::Idle
            | State::Lifted { .. }
            | State::Parked { .. }
            | State::Forgotten
            | State::Announced { .. }
            | State::Signalled { .. } => {}
        }
    }

    /// The handset is hung up, or ringing has ended.
    fn idle(&mut self, now: Instant) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Lifted { leg } => self.released(leg, Cause::NORMAL_CLEARING, Party::Called),
            State::Parked { leg, cause } => self.released(leg, cause, Party::Box),
            State::Rung { .. }
            | State::Idle
            | State::Forgotten
            | State::Announced { .. }
            | State::Signalled { .. } => {}
        }
        self.due = None;
        self.rest(now);
    }

    fn request(&mut self, now: Instant, request: Request) {
        let leg = request.leg();
        match (request, self.state) {
            (Request::Place { calling, .. }, State::Idle | State::Signalled { .. })
                if self.fxs.is_idle() =>
            {
                self.place(now, leg, calling);
            }
            (Request::Place { .. }, _) => {
                self.released(leg, Cause::USER_BUSY, Party::Called);
            }
            (Request::Answer { .. }, State::Lifted { leg: own }) if own == leg => {
                if self.extension.reversal.unwrap_or(self.reversal) {
                    self.fxs(now, analog::Input::Answered);
                }
            }
            (Request::Release { cause, .. }, State::Announced { leg: own, .. }) if own == leg => {
                self.stop_telling();
                self.state = State::Idle;
                self.released(leg, cause, Party::Box);
                self.rest(now);
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
                | Request::Notify { .. }
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
            Input::Say { .. }
            | Input::Frame(_)
            | Input::FrameBackup(_)
            | Input::Layer1 { .. }
            | Input::Pressed { .. }
            | Input::Cas { .. }
            | Input::Mf { .. }
            | Input::Exchange(_) => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.over(now);
        self.fxs.handle_timeout(now);
        self.drain(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let own = match self.state {
            State::Announced { until, .. } | State::Signalled { until } => Some(until),
            State::Idle => self.due,
            State::Rung { .. } | State::Lifted { .. } | State::Parked { .. } | State::Forgotten => {
                None
            }
        };
        Instant::earliest(own, self.fxs.poll_timeout())
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
#[path = "telephone_check.rs"]
pub mod check;

#[cfg(test)]
#[path = "telephone_tests.rs"]
mod tests;
