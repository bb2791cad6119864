//! The timers of Q.931 clause 9 and their values.

use serde::{Deserialize, Serialize};
use units::{Duration, Instant};

/// Which side of the interface this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// The subscriber's side.
    User,
    /// The exchange's side.
    Network,
}

/// A timer by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// The called party is alerted.
    T301,
    /// More digits are awaited.
    T302,
    /// An answer to SETUP is awaited.
    T303,
    /// More digits are awaited by the peer; its next word is.
    T304,
    /// An answer to DISCONNECT is awaited.
    T305,
    /// The peer cleared and plays something.
    T306,
    /// An answer to RELEASE is awaited.
    T308,
    /// The data link is down under an active call.
    T309,
    /// The call proceeds.
    T310,
    /// CONNECT ACKNOWLEDGE is awaited.
    T313,
    /// RESTART ACKNOWLEDGE is awaited.
    T316,
    /// The layer above restarts channels.
    T317,
    /// STATUS is awaited.
    T322,
}

/// How long each timer runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of `Timer`")]
pub struct TimerValues {
    pub t301: Duration,
    pub t302: Duration,
    pub t303: Duration,
    pub t304: Duration,
    pub t305: Duration,
    pub t306: Duration,
    pub t308: Duration,
    pub t309: Duration,
    pub t310: Duration,
    pub t313: Duration,
    pub t316: Duration,
    pub t317: Duration,
    pub t322: Duration,
}

impl TimerValues {
    /// The values of tables 9-1 (network) and 9-2 (user). T317 must be shorter than T316: half.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        let user = matches!(role, Role::User);
        let seconds = Duration::from_secs;
        Self {
            t301: seconds(180),
            t302: seconds(15),
            t303: seconds(4),
            t304: seconds(if user { 30 } else { 20 }),
            t305: seconds(30),
            t306: seconds(30),
            t308: seconds(4),
            t309: seconds(90),
            t310: seconds(if user { 30 } else { 10 }),
            t313: seconds(4),
            t316: seconds(120),
            t317: seconds(60),
            t322: seconds(4),
        }
    }

    /// Sets one timer; `false` if there is none of this number.
    pub const fn set(&mut self, number: u16, value: Duration) -> bool {
        *match number {
            301 => &mut self.t301,
            302 => &mut self.t302,
            303 => &mut self.t303,
            304 => &mut self.t304,
            305 => &mut self.t305,
            306 => &mut self.t306,
            308 => &mut self.t308,
            309 => &mut self.t309,
            310 => &mut self.t310,
            313 => &mut self.t313,
            316 => &mut self.t316,
            317 => &mut self.t317,
            322 => &mut self.t322,
            _ => return false,
        } = value;
        true
    }

    /// The value of one timer.
    #[must_use]
    pub const fn get(&self, timer: Timer) -> Duration {
        match timer {
            Timer::T301 => self.t301,
            Timer::T302 => self.t302,
            Timer::T303 => self.t303,
            Timer::T304 => self.t304,
            Timer::T305 => self.t305,
            Timer::T306 => self.t306,
            Timer::T308 => self.t308,
            Timer::T309 => self.t309,
            Timer::T310 => self.t310,
            Timer::T313 => self.t313,
            Timer::T316 => self.t316,
            Timer::T317 => self.t317,
            Timer::T322 => self.t322,
        }
    }
}

/// The timers of one call: the one of its state, and two that run beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Timers {
    pub(crate) state: Option<(Timer, Instant)>,
    pub(crate) t309: Option<Instant>,
    pub(crate) t322: Option<Instant>,
}

impl Timers {
    /// The timer that sends something again, if it runs: SETUP, or RELEASE.
    pub(crate) fn repeats(&self) -> Option<Timer> {
        let (timer, _) = self.state?;
        matches!(timer, Timer::T303 | Timer::T305 | Timer::T308).then_some(timer)
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        let beside = Instant::earliest(self.t309, self.t322);
        Instant::earliest(self.state.map(|(_, at)| at), beside)
    }
}
