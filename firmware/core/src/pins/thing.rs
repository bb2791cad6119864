//! One thing that the board file names: opened when it can be, tried again when it cannot, its
//! troubles told once each.
//!
//! ```text
//!   closed ──(open)──► open ──(it does as told)──► Works
//!     ▲ 3 s              │ a fault
//!     └───── Trouble ◄───┘
//! ```

use std::collections::VecDeque;
use std::fmt::Display;

use board::Layout;
use hal_gpio::{Fault, Reason};
use link::Trouble;
use nix::libc::{EINVAL, EOPNOTSUPP};
use units::{Duration, Instant};

use crate::control::Heard;

/// Between two attempts to open something.
pub(super) const RETRY: Duration = Duration::from_secs(3);

/// What pins and buses tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// For control.
    Heard(Heard),
    /// For the log.
    Log(String),
}

/// Why a pin or a bus does not work, as control is told.
pub(super) const fn as_told(reason: Reason) -> Trouble {
    match reason {
        Reason::Missing => Trouble::Missing,
        Reason::Permission => Trouble::Forbidden,
        Reason::Busy => Trouble::Busy,
        Reason::NoAnswer => Trouble::Silent,
        Reason::Unsupported => Trouble::Refused(EOPNOTSUPP),
        Reason::OutOfRange => Trouble::Refused(EINVAL),
        Reason::System(errno) => Trouble::Failing(errno),
    }
}

/// How a thing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As it should.
    Works,
    /// It is too early to say.
    Unsure,
    /// Not as it should.
    Trouble(Trouble),
}

/// One thing.
pub(super) struct Thing<T> {
    label: String,
    socket: Option<u16>,
    device: Option<T>,
    retry: Instant,
    told: Option<Trouble>,
}

impl<T> Thing<T> {
    /// What is printed beside it finds its socket.
    pub(super) fn new(label: &str, layout: &Layout) -> Self {
        let socket = layout.labelled(label).and_then(|index| u16::try_from(index).ok());
        let label = label.to_owned();
        Self { label, socket, device: None, retry: Instant::ZERO, told: None }
    }

    pub(super) const fn socket(&self) -> Option<u16> {
        self.socket
    }

    /// When it is tried again; `None`: it is open.
    pub(super) const fn retry(&self) -> Option<Instant> {
        if self.device.is_some() { None } else { Some(self.retry) }
    }

    /// Opens it if need be and if it is time, then does something with it. False: it is closed.
    pub(super) fn act(
        &mut self,
        now: Instant,
        news: &mut VecDeque<News>,
        open: impl FnOnce() -> Result<T, Fault>,
        act: impl FnOnce(&mut T) -> Result<Verdict, Fault>,
    ) -> bool {
        if self.device.is_none() && now < self.retry {
            return false;
        }
        let mut done = match self.device.take() {
            Some(device) => Ok(device),
            None => open(),
        };
        let verdict = done.as_mut().map_err(|fault| *fault).and_then(act);
        match verdict {
            Ok(verdict) => {
                self.device = done.ok();
                self.judge(verdict, news, "it does not do as it was told");
                true
            }
            Err(fault) => {
                self.retry = now + RETRY;
                self.judge(Verdict::Trouble(as_told(fault.reason)), news, fault);
                false
            }
        }
    }

    /// It could not be used at all, and is tried again.
    pub(super) fn fail(
        &mut self,
        now: Instant,
        trouble: Trouble,
        news: &mut VecDeque<News>,
        why: impl Display,
    ) {
        self.retry = now + RETRY;
        self.judge(Verdict::Trouble(trouble), news, why);
    }

    /// Tells what is new.
    pub(super) fn judge(&mut self, verdict: Verdict, news: &mut VecDeque<News>, why: impl Display) {
        let trouble = match verdict {
            Verdict::Works => None,
            Verdict::Unsure => return,
            Verdict::Trouble(trouble) => Some(trouble),
        };
        if trouble == std::mem::replace(&mut self.told, trouble) {
            return;
        }
        if let Some(socket) = self.socket {
            news.push_back(News::Heard(Heard::Trouble(socket, trouble)));
        }
        news.push_back(News::Log(match trouble {
            Some(_) => format!("{}: {why}", self.label),
            None => format!("{}: works", self.label),
        }));
    }

    /// Lets it go.
    pub(super) fn close(&mut self) -> Option<T> {
        self.device.take()
    }
}
