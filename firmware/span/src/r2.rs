//! A span of R2 circuits: line signals in slot 16 (Q.421), registers in the slots (Q.441).
//!
//! ```text
//!               Cas                       Mf
//!   slot 16 ◄────────► q421::Circuit   q441::{Outgoing, Incoming} ◄────────► a tone receiver and
//!                            └──────── Circuit ────────┘                     sender at the port
//!                                         │
//!                             Indication  ▼  Request
//! ```
//!
//! Each slot is a circuit of its own that either end may seize. A call goes out on the highest free
//! slot; the far end does the opposite, so that double seizures are rare. One that happens all the
//! same takes the next free circuit, and the call never hears of it.

#[cfg(any(test, feature = "check"))]
pub mod check;
mod circuit;
pub mod detail;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use bearer::{Indication, Request};
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Duration, Instant, LegId, LineId, Mint, Party, PortId, Timeslot};

use crate::event::{Input, Output, Usage};
use circuit::{Circuit, News, Out, Placed};
use detail::Counts;

/// How long a span may be down before its calls are given up: what G.732 calls a short
/// interruption passes.
const PATIENCE: Duration = Duration::from_secs(3);
/// The version of the circuits' parts in the journal.
const VERSION: u16 = 2;
const OLDEST: u16 = 2;

/// A country's R2, and what is asked of callers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Bits of the line signals.
    pub code: q421::Code,
    /// Their times.
    pub timing: q421::Timing,
    /// Meanings of the register signals.
    pub variant: q441::Variant,
    /// What is asked for.
    pub wants: q441::Wants,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// The span carries nothing; its calls are given up then.
    Down { since: Option<Instant> },
    /// It does.
    Up,
}

machine::names!(State {
    Down { .. } => "Down",
    Up => "Up",
});

const fn yes() -> bool {
    true
}

/// What a circuit is made to do.
type Act<'a> = Box<dyn FnOnce(&mut Circuit, &mut Out<'_>) + 'a>;

/// The circuits of a span.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct R2 {
    line: LineId,
    config: Config,
    mint: Mint,
    state: State,
    circuits: Vec<Circuit>,
    /// The bits are sent again: whoever sends them may have begun anew.
    greeted: bool,
    /// Circuits that changed since [`Self::changed`].
    #[serde(skip)]
    touched: Vec<usize>,
    /// Somebody keeps what changes: one that was restored was kept.
    #[serde(skip, default = "yes")]
    kept: bool,
    counts: Counts,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

impl R2 {
    /// Circuits of these slots, at these places of the matrix. `mint` makes the ids of the legs
    /// that come in.
    #[must_use]
    pub fn new(
        line: LineId,
        config: Config,
        mint: Mint,
        channels: impl IntoIterator<Item = (Timeslot, PortId)>,
    ) -> Self {
        let circuits = channels.into_iter().map(|(slot, port)| Circuit::new(slot, port, &config));
        Self {
            line,
            circuits: circuits.collect(),
            config,
            mint,
            state: State::Down { since: None },
            greeted: false,
            touched: Vec::new(),
            kept: false,
            counts: Counts::default(),
            outputs: VecDeque::new(),
        }
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let count = |wanted: fn(&Circuit) -> bool| {
            let all = self.circuits.iter().filter(|circuit| wanted(circuit)).count();
            u8::try_from(all).unwrap_or(u8::MAX)
        };
        Usage {
            busy: count(Circuit::is_busy),
            channels: count(|_| true),
            blocked: count(Circuit::is_blocked),
            refused_frames: 0,
        }
    }

    /// The legs of all its calls.
    pub fn legs(&self) -> impl Iterator<Item = LegId> {
        self.circuits.iter().filter_map(Circuit::leg)
    }

    fn released(&mut self, leg: LegId, cause: Cause, by: Party) {
        let released = Indication::Released { leg, cause, by };
        self.outputs.push_back(Output::Indication(released));
    }

    /// Lets one circuit do something and acts on its news.
    fn act(&mut self, now: Instant, index: usize, act: impl FnOnce(&mut Circuit, &mut Out<'_>)) {
        self.act_boxed(now, index, Box::new(act));
    }

    /// As [`Self::act`], for what a circuit's news make another do.
    fn act_boxed(&mut self, now: Instant, index: usize, act: Act<'_>) {
        let mut news = VecDeque::new();
        let Self { circuits, outputs, counts, .. } = self;
        let Some(circuit) = circuits.get_mut(index) else { return };
        act(circuit, &mut Out { outputs, news: &mut news, counts });
        if self.kept && !self.touched.contains(&index) {
            self.touched.push(index);
        }
        while let Some(news) = news.pop_front() {
            match news {
                News::Seized => {
                    let leg = self.mint.leg();
                    let config = self.config.clone();
                    self.act(now, index, |circuit, out| circuit.begin_in(now, leg, config, out));
                }
                News::Offered(presented, leg) => {
                    let port = self.circuits[index].port;
                    let category = self.config.variant.category_of(&presented);
                    let offer = circuit::offer(leg, self.line, port, presented, category);
                    self.outputs.push_back(Output::Indication(offer));
                }
                News::Elsewhere(placed) => self.place(now, placed),
            }
        }
    }

    /// Q.422 3.2.4: the other end takes the lowest.
    fn place(&mut self, now: Instant, placed: Placed) {
        let up = self.state == State::Up;
        let Some(index) = self.circuits.iter().rposition(Circuit::is_free).filter(|_| up) else {
            let leg = placed.leg;
            return self.released(leg, Cause::NO_CHANNEL_AVAILABLE, Party::Network);
        };
        let variant = self.config.variant.clone();
        self.act(now, index, |circuit, out| circuit.begin_out(now, placed, variant, out));
    }

    fn request(&mut self, now: Instant, request: Request) {
        let leg = request.leg();
        if let Request::Place { calling, called, .. } = request {
            return self.place(now, Placed { leg, calling, called });
        }
        let Some(index) = self.circuits.iter().position(|c| c.leg() == Some(leg)) else { return };
        self.act(now, index, |circuit, out| circuit.request(now, &request, out));
    }

    fn at_port(
        &mut self,
        now: Instant,
        port: PortId,
        act: impl FnOnce(&mut Circuit, &mut Out<'_>),
    ) {
        if let Some(index) = self.circuits.iter().position(|circuit| circuit.port == port) {
            self.act(now, index, act);
        }
    }

    fn layer1(&mut self, now: Instant, up: bool) {
        match (self.state, up) {
            (State::Down { .. }, true) => {
                self.state = State::Up;
                self.outputs.push_back(Output::DataLink { up: true });
            }
            (State::Up, false) => {
                self.state = State::Down { since: Some(now) };
                self.outputs.push_back(Output::DataLink { up: false });
            }
            (State::Down { .. }, false) | (State::Up, true) => {}
        }
        let greet = up && !self.greeted;
        self.greeted |= up;
        for index in 0..self.circuits.len() {
            self.act(now, index, |circuit, out| circuit.layer1(now, up, greet, out));
        }
    }

    fn every(&mut self, now: Instant, act: impl Fn(&mut Circuit, &mut Out<'_>)) {
        for index in 0..self.circuits.len() {
            self.act(now, index, &act);
        }
    }
}

/// What of it outlives the process: each circuit in use is a part, by its slot.
impl R2 {
    /// Tells what changed since it was last asked.
    ///
    /// # Errors
    /// [`SnapshotFault::Full`] if a part is larger than `room`.
    pub fn changed(
        &mut self,
        room: &mut [u8],
        keep: &mut dyn FnMut(u32, Option<&[u8]>),
    ) -> Result<(), SnapshotFault> {
        if !std::mem::replace(&mut self.kept, true) {
            // Asked for the first time: whoever asks knows of none.
            self.touched = (0..self.circuits.len()).collect();
        }
        for index in std::mem::take(&mut self.touched) {
            let circuit = &self.circuits[index];
            let part = u32::from(circuit.slot.get());
            if circuit.is_pristine() {
                keep(part, None);
            } else {
                keep(part, Some(machine::snapshot(VERSION, circuit, room)?));
            }
        }
        Ok(())
    }

    /// Fresh circuits go on where those before left these parts.
    ///
    /// # Errors
    /// [`SnapshotFault::Version`] or [`SnapshotFault::Malformed`].
    pub fn go_on<'a>(
        &mut self,
        now: Instant,
        parts: impl Iterator<Item = (u32, &'a [u8])>,
    ) -> Result<(), SnapshotFault> {
        for (part, octets) in parts {
            let kept: Circuit = machine::restore(OLDEST, VERSION, octets)?;
            let here = |circuit: &Circuit| u32::from(circuit.slot.get()) == part;
            if let Some(index) = self.circuits.iter().position(here) {
                let port = self.circuits[index].port;
                self.act(now, index, |circuit, out| {
                    *circuit = kept;
                    circuit.go_on(now, port, out);
                });
            }
        }
        self.kept = true;
        // Layer 1 is told by the card, soon or never.
        self.state = State::Down { since: Some(now) };
        Ok(())
    }
}

impl Machine for R2 {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Request(request) => self.request(now, request),
            Input::Layer1 { up, .. } => self.layer1(now, up),
            Input::Cas { port, bits } => {
                self.at_port(now, port, |circuit, out| circuit.bits(now, bits, out));
            }
            Input::Mf { port, signal } => {
                self.at_port(now, port, |circuit, out| circuit.heard(now, signal, out));
            }
            Input::Say { .. }
            | Input::Frame(_)
            | Input::FrameBackup(_)
            | Input::Hook { .. }
            | Input::Pressed { .. }
            | Input::Exchange(_) => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let State::Down { since: Some(since) } = self.state
            && now >= since + PATIENCE
        {
            self.state = State::Down { since: None };
            self.every(now, |circuit, out| circuit.give_up(now, out));
        }
        for index in 0..self.circuits.len() {
            if self.circuits[index].poll_timeout().is_some_and(|at| at <= now) {
                self.act(now, index, |circuit, out| circuit.timeout(now, out));
            }
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let patience = match self.state {
            State::Down { since: Some(since) } => Some(since + PATIENCE),
            State::Down { since: None } | State::Up => None,
        };
        self.circuits.iter().filter_map(Circuit::poll_timeout).chain(patience).min()
    }
}

impl Restore for R2 {
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

const NOT_R2: &str = "a span of circuits has it not";

impl Survey for R2 {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = Input::NAMES;
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("*", "frame", NOT_R2),
        ("*", "off hook", NOT_R2),
        ("*", "on hook", NOT_R2),
        ("*", "pressed", NOT_R2),
        ("*", "exchange", NOT_R2),
    ];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        input.name()
    }
}
