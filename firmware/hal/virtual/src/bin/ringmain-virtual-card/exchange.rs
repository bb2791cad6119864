//! One line of an exchange, or a wire with nobody at its end.

use hal_card::Octets;
use hal_socket::Instance;
use hal_virtual::frame::{Feed, Port as Datagram, UpMut, Wire};
use units::Law;

use crate::args::Args;
use crate::endpoint::Endpoint;

const IDLE: Octets = [Law::A.idle(); 16];
/// Datagrams of an exchange taken in one block at most: the last one counts.
const MOST_READS: usize = 4;

pub(crate) struct Line {
    pub(crate) endpoint: Endpoint,
    feed: Feed,
    /// The last block that came and was not passed on yet.
    heard: Option<Octets>,
    block: Octets,
    /// The loop: a relay, which stays as it was put last.
    closed: bool,
    out: Octets,
}

impl Line {
    pub(crate) fn open(args: &Args, claimed: &Instance, number: usize) -> Result<Self, String> {
        let endpoint = Endpoint::open(&args.dir, &format!("exchange-{number}.sock"), claimed)?;
        let (feed, heard) = (Feed::default(), None);
        Ok(Self { endpoint, feed, heard, block: IDLE, closed: false, out: IDLE })
    }

    /// Takes what the exchange has sent by now.
    pub(crate) fn take(&mut self, room: &mut [u8]) {
        for _ in 0..MOST_READS {
            let Some(length) = self.endpoint.read(room) else { break };
            let Some(datagram) = Datagram::parse(&room[..length]) else {
                self.endpoint.drop_peer("speaks something else and is disconnected");
                break;
            };
            self.endpoint.answer(datagram.sequence);
            self.feed = datagram.feed();
            self.heard = Some(datagram.octets);
        }
    }

    /// Takes what the exchange sent since the last block; silence if it sent nothing.
    pub(crate) fn collect(&mut self, room: &mut [u8]) {
        self.take(room);
        self.block = self.heard.take().unwrap_or(IDLE);
        if !self.endpoint.connected() {
            self.feed = Feed { open: true, ..Feed::default() };
            self.block = IDLE;
        }
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
        if self.endpoint.connected() {
            let datagram = Datagram::to_card(sequence, self.closed, self.out);
            self.endpoint.write(sequence, &datagram.write());
        }
    }

    pub(crate) fn fill(&self, up: &mut UpMut<'_>, index: usize) {
        let Feed { ring, reversed, open } = self.feed;
        up.line(index, Wire { current: self.closed && !open, ring, reversed }, &self.block);
    }
}
