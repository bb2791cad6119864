//! A person or a machine?
//!
//! A person says hello and waits; a machine says at length whom one has reached, then beeps. So the
//! length of the first utterance and the silence behind it decide, and a beep in any case.
//!
//! ```text
//!  Waiting ──speech──► First ──1.9 s of it──────────► Machine ──beep over──► Recording
//!     │                  └────0.9 s of silence──► Person
//!     └── 4 s ──► Nobody
//! ```

use units::media::BLOCK_SAMPLES;

use crate::{Activity, Beep, Event};

/// Steps of 2 ms until nobody is there.
const NOBODY: u16 = 2000;
/// Steps of a first utterance, pauses within it counted, that only a machine makes: 1.9 s, and the
/// hangover of [`Activity`].
const LONG: u16 = 950 + 90;
/// Steps of silence behind it in which a person waits, the hangover not counted: 0.72 s.
const PAUSE: u16 = 360;

/// What answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A person, who waits.
    Person,
    /// A machine, which still speaks.
    Machine,
    /// A machine, which has beeped and records.
    Recording,
    /// Nobody has said a word for 4 s.
    Nobody,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    First { steps: u16, pause: u16 },
    Done,
}

/// Listens to one channel from the answer on.
#[derive(Clone, Debug)]
pub struct Judge {
    activity: Activity,
    beep: Beep,
    state: State,
    waited: u16,
}

impl Default for Judge {
    fn default() -> Self {
        Self::new()
    }
}

impl Judge {
    /// The call has just been answered.
    #[must_use]
    pub const fn new() -> Self {
        let (activity, beep) = (Activity::new(), Beep::new());
        Self { activity, beep, state: State::Waiting, waited: 0 }
    }

    /// Takes 2 ms of linear samples at 8 kHz in. One verdict comes, and [`Verdict::Recording`]
    /// behind any of them whenever a beep ends.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Verdict> {
        self.activity.push(samples);
        if self.beep.push(samples) == Some(Event::End) {
            self.state = State::Done;
            return Some(Verdict::Recording);
        }
        let speaks = self.activity.speaks();
        match self.state {
            State::Waiting if speaks => {
                self.state = State::First { steps: 0, pause: 0 };
                None
            }
            State::Waiting => {
                self.waited = self.waited.saturating_add(1);
                (self.waited == NOBODY).then_some(Verdict::Nobody)
            }
            State::First { steps, pause } => {
                let pause = if speaks { 0 } else { pause + 1 };
                self.state = State::First { steps: steps + 1, pause };
                let verdict = match (pause >= PAUSE, steps.saturating_sub(pause) >= LONG) {
                    (_, true) => Verdict::Machine,
                    (true, false) => Verdict::Person,
                    (false, false) => return None,
                };
                self.state = State::Done;
                Some(verdict)
            }
            State::Done => None,
        }
    }
}
