//! One caller in one flow.
//!
//! ```text
//!  Waiting ─Started─► Fetching ─Step─► Answer: act, Fetching
//!                        ▲             Play ──► Playing ─Played─► Fetching
//!                        │             Menu ──► Prompting ─Played─► Choosing ─key or time─► …
//!                        └─────────────Ring ──► Ringing ─failed or time─► Fetching
//!                                      Release ──► Done
//! ```

use call::app::{Action, Notice, Prompts};
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use units::{Cause, Digit, Digits, Duration, Instant};

use crate::program::{Step, StepId};

/// What happens to a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The call says.
    Notice(Notice),
    /// The step asked for by [`Output::Fetch`]; `None` if the program is gone or has no such step.
    Step(StepId, Option<Step>),
}

/// What a flow wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the call.
    Act(Action),
    /// Ask the program store for a step.
    Fetch(StepId),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Waiting,
    Fetching { id: StepId },
    Playing { token: u16, next: StepId },
    Prompting { token: u16, step: Step, left: u8 },
    Choosing { step: Step, left: u8, until: Instant },
    Ringing { otherwise: StepId, until: Instant },
    Done,
}

machine::names!(State {
    Waiting => "Waiting",
    Fetching { .. } => "Fetching",
    Playing { .. } => "Playing",
    Prompting { .. } => "Prompting",
    Choosing { .. } => "Choosing",
    Ringing { .. } => "Ringing",
    Done => "Done",
});

/// One caller in one flow: where the caller is and what is awaited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    state: State,
    token: u16,
    /// Steps taken since the flow last waited for something.
    hurried: usize,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

impl Default for Flow {
    fn default() -> Self {
        Self::new()
    }
}

impl Flow {
    /// A flow that begins at the first step when the call has started.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: State::Waiting, token: 0, hurried: 0, outputs: VecDeque::new() }
    }

    /// Whether nothing more will come of it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The program of the box was restarted: what had been asked for is asked for again.
    pub fn go_on(&mut self) {
        if let State::Fetching { id } = self.state {
            self.outputs.push_back(Output::Fetch(id));
        }
    }

    /// For the property test: the step that is awaited.
    #[cfg(any(test, feature = "check"))]
    pub(crate) const fn fetching_id(&self) -> Option<StepId> {
        if let State::Fetching { id } = self.state { Some(id) } else { None }
    }

    /// For the property test: the token of what is played.
    #[cfg(any(test, feature = "check"))]
    pub(crate) const fn token(&self) -> u16 {
        self.token
    }

    fn act(&mut self, action: Action) {
        self.outputs.push_back(Output::Act(action));
    }

    fn go(&mut self, id: StepId) {
        self.hurried += 1;
        if self.hurried > limits::STEPS_WITHOUT_WAITING {
            return self.give_up();
        }
        self.state = State::Fetching { id };
        self.outputs.push_back(Output::Fetch(id));
    }

    /// A program that runs in a circle or lost a step: the caller is not left hanging.
    fn give_up(&mut self) {
        self.act(Action::Release { cause: Cause::TEMPORARY_FAILURE });
        self.state = State::Done;
    }

    fn play(&mut self, prompts: Prompts) -> u16 {
        self.token = self.token.wrapping_add(1);
        self.act(Action::Play { token: self.token, prompts });
        self.token
    }

    fn enter(&mut self, now: Instant, step: Step) {
        match step {
            Step::Answer { next } => {
                self.act(Action::Answer);
                self.go(next);
            }
            Step::Play { prompts, next } => {
                let token = self.play(prompts);
                self.wait(State::Playing { token, next });
            }
            Step::Menu { ref prompts, attempts, .. } => {
                let token = self.play(prompts.clone());
                self.wait(State::Prompting { token, left: attempts, step });
            }
            Step::Ring { number, patience_ms, otherwise, hear } => {
                self.act(Action::Ring { number, hear });
                let until = now + Duration::from_millis(patience_ms.into());
                self.wait(State::Ringing { otherwise, until });
            }
            Step::Release { cause } => {
                self.act(Action::Release { cause });
                self.state = State::Done;
            }
        }
    }

    fn wait(&mut self, state: State) {
        self.hurried = 0;
        self.state = state;
    }

    fn waiting(&mut self, input: Input) {
        match input {
            Input::Notice(Notice::Started) => self.go(StepId(0)),
            Input::Notice(Notice::Gone | Notice::Connected) => self.state = State::Done,
            Input::Notice(Notice::Played { .. } | Notice::Digit(_) | Notice::RingFailed { .. })
            | Input::Step(..) => {}
        }
    }

    fn fetching(&mut self, now: Instant, id: StepId, input: Input) {
        match input {
            Input::Step(got, Some(step)) if got == id => self.enter(now, step),
            Input::Step(got, None) if got == id => self.give_up(),
            Input::Notice(Notice::Gone | Notice::Connected) => self.state = State::Done,
            Input::Step(..)
            | Input::Notice(
                Notice::Started
                | Notice::Played { .. }
                | Notice::Digit(_)
                | Notice::RingFailed { .. },
            ) => {}
        }
    }

    fn playing(&mut self, token: u16, next: StepId, input: Input) {
        match input {
            Input::Notice(Notice::Played { token: ended }) if ended == token => self.go(next),
            Input::Notice(Notice::Gone | Notice::Connected) => self.state = State::Done,
            Input::Notice(
                Notice::Started
                | Notice::Played { .. }
                | Notice::Digit(_)
                | Notice::RingFailed { .. },
            )
            | Input::Step(..) => {}
        }
    }

    /// In `Prompting` and `Choosing`: a menu is open.
    fn menu(&mut self, now: Instant, step: Step, left: u8, token: Option<u16>, input: Input) {
        match input {
            Input::Notice(Notice::Digit(digit)) => {
                if token.is_some() {
                    self.act(Action::StopPlaying);
                }
                self.pressed(step, left, digit);
            }
            Input::Notice(Notice::Played { token: ended }) if Some(ended) == token => {
                if let Step::Menu { wait_ms, .. } = step {
                    let until = now + Duration::from_millis(wait_ms.into());
                    self.wait(State::Choosing { step, left, until });
                }
            }
            Input::Notice(Notice::Gone | Notice::Connected) => self.state = State::Done,
            Input::Notice(Notice::Started | Notice::Played { .. } | Notice::RingFailed { .. })
            | Input::Step(..) => {}
        }
    }

    fn pressed(&mut self, step: Step, left: u8, digit: Digit) {
        let Step::Menu { ref choices, ref invalid, .. } = step else { return };
        if let Some(choice) = choices.iter().find(|choice| choice.digit == digit) {
            let next = choice.next;
            let mut digits = Digits::new();
            if digits.push(digit).is_ok() {
                self.act(Action::Entered { digits });
            }
            return self.go(next);
        }
        let sorry = invalid.clone();
        self.again(step, left, sorry);
    }

    /// Offers the menu once more, `sorry` first, or leaves it.
    fn again(&mut self, step: Step, left: u8, sorry: Prompts) {
        let Step::Menu { ref prompts, otherwise, .. } = step else { return };
        if left <= 1 {
            return self.go(otherwise);
        }
        let all = sorry.iter().chain(prompts.iter()).copied().collect();
        let token = self.play(all);
        self.wait(State::Prompting { token, step, left: left - 1 });
    }

    fn ringing(&mut self, otherwise: StepId, input: Input) {
        match input {
            Input::Notice(Notice::RingFailed { .. }) => self.go(otherwise),
            Input::Notice(Notice::Gone | Notice::Connected) => self.state = State::Done,
            Input::Notice(Notice::Started | Notice::Played { .. } | Notice::Digit(_))
            | Input::Step(..) => {}
        }
    }
}

impl Machine for Flow {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match self.state.clone() {
            State::Waiting => self.waiting(input),
            State::Fetching { id } => self.fetching(now, id, input),
            State::Playing { token, next } => self.playing(token, next, input),
            State::Prompting { token, step, left } => {
                self.menu(now, step, left, Some(token), input);
            }
            State::Choosing { step, left, .. } => self.menu(now, step, left, None, input),
            State::Ringing { otherwise, .. } => self.ringing(otherwise, input),
            State::Done => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.state.clone() {
            State::Choosing { step, left, until } if now >= until => {
                self.again(step, left, Prompts::new());
            }
            State::Ringing { otherwise, until } if now >= until => {
                self.act(Action::StopRinging);
                self.go(otherwise);
            }
            State::Choosing { .. }
            | State::Ringing { .. }
            | State::Waiting
            | State::Fetching { .. }
            | State::Playing { .. }
            | State::Prompting { .. }
            | State::Done => {}
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Choosing { until, .. } | State::Ringing { until, .. } => Some(until),
            State::Waiting
            | State::Fetching { .. }
            | State::Playing { .. }
            | State::Prompting { .. }
            | State::Done => None,
        }
    }
}

impl Restore for Flow {
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

const NO_TIMER: &str = "no timer runs in this state";

impl Survey for Flow {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] =
        &["started", "played", "digit", "ring failed", "connected", "gone", "step", "timeout"];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("Waiting", "timeout", NO_TIMER),
        ("Fetching", "timeout", NO_TIMER),
        ("Playing", "timeout", NO_TIMER),
        ("Prompting", "timeout", NO_TIMER),
        ("Done", "timeout", NO_TIMER),
    ];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Notice(Notice::Started) => "started",
            Input::Notice(Notice::Played { .. }) => "played",
            Input::Notice(Notice::Digit(_)) => "digit",
            Input::Notice(Notice::RingFailed { .. }) => "ring failed",
            Input::Notice(Notice::Connected) => "connected",
            Input::Notice(Notice::Gone) => "gone",
            Input::Step(..) => "step",
        }
    }
}
