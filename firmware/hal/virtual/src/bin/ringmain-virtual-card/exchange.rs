//! One line of an exchange, or a wire with nobody at its end.

use hal_card::Octets;
use hal_socket::Instance;
use hal_virtual::frame::{Feed, Port as Datagram, UpMut, Wire};

use crate::analog::{FarEnd, IDLE};
use crate::args::Args;

pub(crate) struct Line {
    pub(crate) far: FarEnd,
    /// The loop: a relay, which stays as it was put last.
    closed: bool,
    out: Octets,
}

impl Line {
    pub(crate) fn open(args: &Args, claimed: &Instance, number: usize) -> Result<Self, String> {
        let far = FarEnd::open(args, claimed, &format!("exchange-{number}.sock"))?;
        Ok(Self { far, closed: false, out: IDLE })
    }

    pub(crate) const fn set_out(&mut self, closed: bool, octets: Octets) {
        self.closed = closed;
        self.out = octets;
    }

    /// Nobody said what goes out next.
    pub(crate) const fn set_idle(&mut self) {
        self.out = IDLE;
    }

    pub(crate) fn send(&mut self, sequence: u64) {
        self.far.send(&Datagram::to_card(sequence, self.closed, self.out));
    }

    pub(crate) fn fill(&self, up: &mut UpMut<'_>, index: usize) {
        let nobody = Feed { open: true, ..Feed::default() };
        let Feed { ring, reversed, open } = self.far.last().map_or(nobody, Datagram::feed);
        let wire = Wire { current: self.closed && !open, ring, reversed };
        up.line(index, wire, self.far.block());
    }
}
