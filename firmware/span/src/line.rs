//! A line of any kind behind one shape.

use bearer::{Access, ExchangeLine, Extension};
use machine::{Machine, Restore, SnapshotFault};
use units::{Instant, LegId, LineId, Mint, PortId, Timeslot};

use crate::event::{Frame, Input, Output, Usage};
use crate::jack::{Answering, Jack};
use crate::pri::{Place, Pri};
use crate::r2::{Config, R2};
use crate::telephone::{Settings, Telephone};
use crate::trunk::Trunk;

/// A line.
#[derive(Debug)]
pub enum Line {
    /// The B channels of a span and their D channel.
    Pri(Box<Pri>),
    /// The circuits of a span with signalling bits.
    R2(Box<R2>),
    /// One telephone.
    Telephone(Box<Telephone>),
    /// One line of an exchange.
    Trunk(Box<Trunk>),
    /// One audio jack.
    Jack(Jack),
}

impl Line {
    /// A primary access whose far end is the network. `channels`: the slots and their places in
    /// the matrix.
    #[must_use]
    pub fn pri_user<P: Into<Place>>(
        line: LineId,
        mint: Mint,
        channels: impl IntoIterator<Item = (P, PortId)>,
    ) -> Self {
        Self::Pri(Box::new(Pri::new(line, q921::Role::User, mint, channels)))
    }

    /// As [`Self::pri_user`], of several spans with these interface identifiers; `backup`: the one
    /// of them that has the backup D channel.
    #[must_use]
    pub fn group_user(
        line: LineId,
        mint: Mint,
        identifiers: &[u8],
        backup: Option<u8>,
        channels: impl IntoIterator<Item = (Place, PortId)>,
    ) -> Self {
        let group = Pri::new(line, q921::Role::User, mint, channels).with_spans(identifiers);
        Self::Pri(Box::new(match backup {
            None => group,
            Some(span) => group.with_backup(span),
        }))
    }

    /// A span of R2 circuits. `channels`: the slots and their places in the matrix.
    #[must_use]
    pub fn r2(
        line: LineId,
        config: Config,
        mint: Mint,
        channels: impl IntoIterator<Item = (Timeslot, PortId)>,
    ) -> Self {
        Self::R2(Box::new(R2::new(line, config, mint, channels)))
    }

    /// A telephone.
    #[must_use]
    pub fn telephone(line: LineId, port: PortId, mint: Mint, settings: Settings) -> Self {
        Self::Telephone(Box::new(Telephone::new(line, port, mint, settings)))
    }

    /// A line of an exchange.
    #[must_use]
    pub fn trunk(line: LineId, port: PortId, mint: Mint, timing: analog::fxo::Timing) -> Self {
        Self::Trunk(Box::new(Trunk::new(line, port, mint, timing)))
    }

    /// An audio jack.
    #[must_use]
    pub const fn jack(line: LineId, port: PortId, mint: Mint, answering: Answering) -> Self {
        Self::Jack(Jack::new(line, port, mint, answering))
    }

    /// Something happened: as [`Machine::handle`], and a frame stays its owner's.
    pub fn take(&mut self, now: Instant, input: Input<&[u8]>) {
        let value = |octets: &[u8]| Frame::from_slice(octets).unwrap_or_default();
        match self {
            Self::Pri(pri) => pri.take(now, input),
            Self::R2(r2) => r2.handle(now, input.map(value)),
            Self::Telephone(telephone) => telephone.handle(now, input.map(value)),
            Self::Trunk(trunk) => trunk.handle(now, input.map(value)),
            Self::Jack(jack) => jack.handle(now, input.map(value)),
        }
    }

    /// The next output, oldest first, a frame where it stands.
    pub fn poll(&mut self) -> Option<Output<&[u8]>> {
        // Without a D channel there are no frames.
        let none = |_: Frame| &[][..];
        match self {
            Self::Pri(pri) => pri.poll(),
            Self::R2(r2) => r2.poll_output().map(|output| output.map(none)),
            Self::Telephone(telephone) => telephone.poll_output().map(|output| output.map(none)),
            Self::Trunk(trunk) => trunk.poll_output().map(|output| output.map(none)),
            Self::Jack(jack) => jack.poll_output().map(|output| output.map(none)),
        }
    }

    /// Puts settings of a primary access in force; `false` if the line is none.
    pub fn configure(&mut self, now: Instant, access: &Access) -> bool {
        match self {
            Self::Pri(pri) => pri.configure(now, access),
            Self::R2(_) | Self::Telephone(_) | Self::Trunk(_) | Self::Jack(_) => return false,
        }
        true
    }

    /// Puts what is decided of an exchange line in force.
    pub fn decide(&mut self, decided: &ExchangeLine) {
        match self {
            Self::Trunk(trunk) => trunk.configure(decided),
            Self::Pri(_) | Self::R2(_) | Self::Telephone(_) | Self::Jack(_) => {}
        }
    }

    /// Lets no call come on a channel or circuit when it is free, or lets them come again; `false`:
    /// there is none.
    pub fn block(&mut self, now: Instant, place: Place, on: bool) -> bool {
        match self {
            Self::Pri(pri) => pri.block(place, on),
            Self::R2(r2) => r2.block(now, place.slot(), on),
            Self::Telephone(_) | Self::Trunk(_) | Self::Jack(_) => false,
        }
    }

    /// Puts what is decided of a telephone in force.
    pub fn extend(&mut self, now: Instant, extension: &Extension) {
        match self {
            Self::Telephone(telephone) => telephone.configure(now, *extension),
            Self::Pri(_) | Self::R2(_) | Self::Trunk(_) | Self::Jack(_) => {}
        }
    }

    /// The call that a telephone is asked to ring for next comes from outside, or from the house.
    pub fn comes_from(&mut self, outside: bool) {
        match self {
            Self::Telephone(telephone) => telephone.comes_from(outside),
            Self::Pri(_) | Self::R2(_) | Self::Trunk(_) | Self::Jack(_) => {}
        }
    }

    /// Whether it is the network's side of a primary access.
    #[must_use]
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Pri(pri) if pri.role() == q931::Role::Network)
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        match self {
            Self::Pri(pri) => pri.usage(),
            Self::R2(r2) => r2.usage(),
            Self::Telephone(telephone) => telephone.usage(),
            Self::Trunk(trunk) => trunk.usage(),
            Self::Jack(jack) => jack.usage(),
        }
    }
}

/// What of a line outlives the process.
impl Line {
    /// Tells what changed since it was last asked, as parts: part 0 is the line itself, others are
    /// calls of it; `None` for one that is gone. `room` holds one part at a time.
    ///
    /// # Errors
    /// [`SnapshotFault::Full`] if a part is larger than `room`.
    pub fn changed(
        &mut self,
        room: &mut [u8],
        keep: &mut dyn FnMut(u32, Option<&[u8]>),
    ) -> Result<(), SnapshotFault> {
        match self {
            Self::Pri(pri) => pri.changed(room, keep)?,
            Self::R2(r2) => r2.changed(room, keep)?,
            Self::Telephone(telephone) => keep(0, Some(telephone.snapshot(room)?)),
            Self::Trunk(trunk) => keep(0, Some(trunk.snapshot(room)?)),
            Self::Jack(jack) => keep(0, Some(jack.snapshot(room)?)),
        }
        Ok(())
    }

    /// A fresh line goes on where the one before left these parts. The card tells it what its
    /// wires are like now.
    ///
    /// # Errors
    /// [`SnapshotFault::Version`] or [`SnapshotFault::Malformed`].
    pub fn go_on<'a>(
        &mut self,
        now: Instant,
        mut parts: impl Iterator<Item = (u32, &'a [u8])>,
    ) -> Result<(), SnapshotFault> {
        match self {
            Self::Pri(pri) => pri.go_on(now, parts)?,
            Self::R2(r2) => r2.go_on(now, parts)?,
            Self::Telephone(telephone) => {
                if let Some((_, octets)) = parts.next() {
                    telephone.go_on(now, octets)?;
                }
            }
            Self::Trunk(trunk) => {
                if let Some((_, octets)) = parts.next() {
                    trunk.go_on(octets)?;
                }
            }
            Self::Jack(jack) => {
                if let Some((_, octets)) = parts.next() {
                    *jack = Jack::restore(octets)?;
                }
            }
        }
        Ok(())
    }

    /// The legs that it has.
    #[must_use]
    pub fn legs(&self) -> Vec<LegId> {
        match self {
            Self::Pri(pri) => pri.legs().collect(),
            Self::R2(r2) => r2.legs().collect(),
            Self::Telephone(telephone) => telephone.leg().into_iter().collect(),
            Self::Trunk(trunk) => trunk.leg().into_iter().collect(),
            Self::Jack(jack) => jack.leg().into_iter().collect(),
        }
    }
}

impl Machine for Line {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match self {
            Self::Pri(pri) => pri.handle(now, input),
            Self::R2(r2) => r2.handle(now, input),
            Self::Telephone(telephone) => telephone.handle(now, input),
            Self::Trunk(trunk) => trunk.handle(now, input),
            Self::Jack(jack) => jack.handle(now, input),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Pri(pri) => pri.handle_timeout(now),
            Self::R2(r2) => r2.handle_timeout(now),
            Self::Telephone(telephone) => telephone.handle_timeout(now),
            Self::Trunk(trunk) => trunk.handle_timeout(now),
            Self::Jack(jack) => jack.handle_timeout(now),
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        match self {
            Self::Pri(pri) => pri.poll_output(),
            Self::R2(r2) => r2.poll_output(),
            Self::Telephone(telephone) => telephone.poll_output(),
            Self::Trunk(trunk) => trunk.poll_output(),
            Self::Jack(jack) => jack.poll_output(),
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Pri(pri) => pri.poll_timeout(),
            Self::R2(r2) => r2.poll_timeout(),
            Self::Telephone(telephone) => telephone.poll_timeout(),
            Self::Trunk(trunk) => trunk.poll_timeout(),
            Self::Jack(jack) => jack.poll_timeout(),
        }
    }
}
