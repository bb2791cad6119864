//! One port with a telephone, or with nobody at it.

use hal_card::Octets;
use hal_socket::Instance;
use hal_virtual::frame::{Feed, Port as Datagram, UpMut};
use units::Law;

use crate::args::Args;
use crate::endpoint::Endpoint;

const IDLE: Octets = [Law::A.idle(); 16];
/// Datagrams of a telephone taken in one block at most: the last one counts.
const MOST_READS: usize = 4;

pub(crate) struct Port {
    pub(crate) endpoint: Endpoint,
    off_hook: bool,
    /// The last block that came and was not passed on yet.
    heard: Option<Octets>,
    block: Octets,
    feed: Feed,
    out: Octets,
}

impl Port {
    pub(crate) fn open(args: &Args, claimed: &Instance, number: usize) -> Result<Self, String> {
        let endpoint = Endpoint::open(&args.dir, &format!("analog-{number}.sock"), claimed)?;
        Ok(Self {
            endpoint,
            off_hook: false,
            heard: None,
            block: IDLE,
            feed: Feed::default(),
            out: IDLE,
        })
    }

    /// Takes what the telephone has sent by now.
    pub(crate) fn take(&mut self, room: &mut [u8]) {
        for _ in 0..MOST_READS {
            let Some(length) = self.endpoint.read(room) else { break };
            let Some(datagram) = Datagram::parse(&room[..length]) else {
                self.endpoint.drop_peer("speaks something else and is disconnected");
                break;
            };
            self.endpoint.answer(datagram.sequence);
            self.off_hook = datagram.off_hook();
            self.heard = Some(datagram.octets);
        }
    }

    /// Takes what the telephone sent since the last block; silence if it sent nothing.
    pub(crate) fn collect(&mut self, room: &mut [u8]) {
        self.take(room);
        self.block = self.heard.take().unwrap_or(IDLE);
        if !self.endpoint.connected() {
            self.off_hook = false;
            self.block = IDLE;
        }
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
        if self.endpoint.connected() {
            let datagram = Datagram::to_telephone(sequence, self.feed, self.out);
            self.endpoint.write(sequence, &datagram.write());
        }
    }

    pub(crate) fn fill(&self, up: &mut UpMut<'_>, index: usize) {
        up.port(index, self.off_hook, &self.block);
    }
}
