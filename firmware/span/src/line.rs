//! A line of any kind behind one shape.

use analog::Timing;
use machine::Machine;
use units::{Instant, LineId, Mint, PortId, Timeslot};

use crate::event::{Input, Output, Usage};
use crate::jack::{Answering, Jack};
use crate::pri::Pri;
use crate::telephone::Telephone;

/// A line.
#[derive(Debug)]
pub enum Line {
    /// The B channels of a span and their D channel.
    Pri(Box<Pri>),
    /// One telephone.
    Telephone(Telephone),
    /// One audio jack.
    Jack(Jack),
}

impl Line {
    /// A primary access whose far end is the network. `channels`: the slots and their places in
    /// the matrix.
    #[must_use]
    pub fn pri_user(
        line: LineId,
        mint: Mint,
        channels: impl IntoIterator<Item = (Timeslot, PortId)>,
    ) -> Self {
        Self::Pri(Box::new(Pri::new(line, q921::Role::User, mint, channels)))
    }

    /// A telephone.
    #[must_use]
    pub fn telephone(line: LineId, port: PortId, mint: Mint, timing: Timing) -> Self {
        Self::Telephone(Telephone::new(line, port, mint, timing))
    }

    /// An audio jack.
    #[must_use]
    pub const fn jack(line: LineId, port: PortId, mint: Mint, answering: Answering) -> Self {
        Self::Jack(Jack::new(line, port, mint, answering))
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        match self {
            Self::Pri(pri) => pri.usage(),
            Self::Telephone(telephone) => telephone.usage(),
            Self::Jack(jack) => jack.usage(),
        }
    }
}

impl Machine for Line {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match self {
            Self::Pri(pri) => pri.handle(now, input),
            Self::Telephone(telephone) => telephone.handle(now, input),
            Self::Jack(jack) => jack.handle(now, input),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Pri(pri) => pri.handle_timeout(now),
            Self::Telephone(telephone) => telephone.handle_timeout(now),
            Self::Jack(jack) => jack.handle_timeout(now),
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        match self {
            Self::Pri(pri) => pri.poll_output(),
            Self::Telephone(telephone) => telephone.poll_output(),
            Self::Jack(jack) => jack.poll_output(),
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Pri(pri) => pri.poll_timeout(),
            Self::Telephone(telephone) => telephone.poll_timeout(),
            Self::Jack(jack) => jack.poll_timeout(),
        }
    }
}
