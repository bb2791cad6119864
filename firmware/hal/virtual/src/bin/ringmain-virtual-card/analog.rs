//! Whoever is at the far end of an analog port, a telephone or an exchange: what came of them last.

use hal_card::Octets;
use hal_socket::Instance;
use hal_virtual::frame::Port as Datagram;
use units::Law;

use crate::args::Args;
use crate::endpoint::Endpoint;

/// Silence.
pub(crate) const IDLE: Octets = [Law::A.idle(); 16];
/// Datagrams taken in one block at most: the last one counts.
const MOST_READS: usize = 4;

pub(crate) struct FarEnd {
    pub(crate) endpoint: Endpoint,
    /// The last that came; `None`: nobody is there.
    last: Option<Datagram>,
    /// It was not passed on yet.
    fresh: bool,
    block: Octets,
}

impl FarEnd {
    pub(crate) fn open(args: &Args, claimed: &Instance, name: &str) -> Result<Self, String> {
        let endpoint = Endpoint::open(&args.dir, name, claimed)?;
        Ok(Self { endpoint, last: None, fresh: false, block: IDLE })
    }

    /// Takes what they have sent by now.
    pub(crate) fn take(&mut self, room: &mut [u8]) {
        for _ in 0..MOST_READS {
            let Some(length) = self.endpoint.read(room) else { break };
            let Some(datagram) = Datagram::parse(&room[..length]) else {
                self.endpoint.drop_peer("speaks something else and is disconnected");
                break;
            };
            self.endpoint.answer(datagram.sequence);
            (self.last, self.fresh) = (Some(datagram), true);
        }
    }

    /// Takes what they sent since the last block; silence if they sent nothing.
    pub(crate) fn collect(&mut self, room: &mut [u8]) {
        self.take(room);
        if !self.endpoint.connected() {
            self.last = None;
        }
        let fresh = std::mem::take(&mut self.fresh);
        self.block = self.last.as_ref().filter(|_| fresh).map_or(IDLE, |last| last.octets);
    }

    /// What they said last, if they are there.
    pub(crate) const fn last(&self) -> Option<&Datagram> {
        self.last.as_ref()
    }

    /// Their sound of this block.
    pub(crate) const fn block(&self) -> &Octets {
        &self.block
    }

    /// Sends a block to them, if they are there.
    pub(crate) fn send(&mut self, datagram: &Datagram) {
        if self.endpoint.connected() {
            self.endpoint.write(datagram.sequence, &datagram.write());
        }
    }
}
