//! One port with a telephone, or with nobody at it.

use hal_card::Octets;
use hal_socket::Instance;
use hal_virtual::frame::{Feed, Port as Datagram, UpMut};

use crate::analog::{FarEnd, IDLE};
use crate::args::Args;

pub(crate) struct Port {
    pub(crate) far: FarEnd,
    feed: Feed,
    out: Octets,
}

impl Port {
    pub(crate) fn open(args: &Args, claimed: &Instance, number: usize) -> Result<Self, String> {
        let far = FarEnd::open(args, claimed, &format!("analog-{number}.sock"))?;
        Ok(Self { far, feed: Feed::default(), out: IDLE })
    }

    pub(crate) const fn set_out(&mut self, feed: Feed, octets: Octets) {
        self.feed = feed;
        self.out = octets;
    }

    /// Nobody said what goes out next: a dead core does not ring.
    pub(crate) fn set_idle(&mut self) {
        self.set_out(Feed::default(), IDLE);
    }

    pub(crate) fn send(&mut self, sequence: u64) {
        self.far.send(&Datagram::to_telephone(sequence, self.feed, self.out));
    }

    pub(crate) fn fill(&self, up: &mut UpMut<'_>, index: usize) {
        up.port(index, self.far.last().is_some_and(Datagram::off_hook), self.far.block());
    }
}
