//! Messages larger than a datagram, cut and put together again.
//!
//! Every datagram begins with eight octets: magic `RM`, the message's serial number (2), the
//! chunk's index (2) and the count of chunks (2), all big-endian. The chunks of one message follow
//! each other on the socket; a chunk out of order drops the message that it was part of.

/// Octets before the payload of every datagram.
pub const HEAD: usize = 8;
/// Octets of payload in one datagram.
pub const BODY: usize = limits::LINK_CHUNK;
/// Octets of the largest message: a program and its envelope.
pub const MESSAGE: usize = limits::PROGRAM_OCTETS + 1024;

const MAGIC: [u8; 2] = *b"RM";

/// Cuts one message into datagrams.
#[derive(Clone, Debug)]
pub struct Cutter<'a> {
    message: &'a [u8],
    serial: u16,
    index: u16,
    count: u16,
}

impl<'a> Cutter<'a> {
    /// Cuts `message`, which is at most [`MESSAGE`] octets; `None` if it is longer. `serial`
    /// differs from that of the message before.
    #[must_use]
    pub fn new(message: &'a [u8], serial: u16) -> Option<Self> {
        if message.len() > MESSAGE {
            return None;
        }
        let count = u16::try_from(message.len().div_ceil(BODY).max(1)).ok()?;
        Some(Self { message, serial, index: 0, count })
    }

    /// Writes the next datagram into `room`, at least [`limits::LINK_DATAGRAM`] octets; `None` when
    /// all have been written.
    pub fn next<'b>(&mut self, room: &'b mut [u8]) -> Option<&'b [u8]> {
        if self.index >= self.count {
            return None;
        }
        let start = usize::from(self.index) * BODY;
        let body = &self.message[start..self.message.len().min(start + BODY)];
        let datagram = room.get_mut(..HEAD + body.len())?;
        datagram[..2].copy_from_slice(&MAGIC);
        datagram[2..4].copy_from_slice(&self.serial.to_be_bytes());
        datagram[4..6].copy_from_slice(&self.index.to_be_bytes());
        datagram[6..8].copy_from_slice(&self.count.to_be_bytes());
        datagram[HEAD..].copy_from_slice(body);
        self.index += 1;
        Some(datagram)
    }
}

/// What a datagram brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// More chunks must come.
    Incomplete,
    /// A whole message.
    Message(&'a [u8]),
    /// Not one of ours, out of order, or too large: dropped.
    Garbage,
}

/// Puts messages together again, in `room` that its owner lends: at least [`MESSAGE`] octets.
#[derive(Debug)]
pub struct Joiner<R> {
    room: R,
    used: usize,
    serial: u16,
    next: u16,
}

impl<R: AsRef<[u8]> + AsMut<[u8]>> Joiner<R> {
    /// Nothing has come yet.
    pub const fn new(room: R) -> Self {
        Self { room, used: 0, serial: 0, next: 0 }
    }

    /// Takes one datagram.
    pub fn take(&mut self, datagram: &[u8]) -> Progress<'_> {
        let Some((head, body)) = datagram.split_first_chunk::<HEAD>() else {
            return self.drop_all();
        };
        let [m0, m1, s0, s1, i0, i1, c0, c1] = *head;
        let (serial, index) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([i0, i1]));
        let count = u16::from_be_bytes([c0, c1]);
        if [m0, m1] != MAGIC || index >= count {
            return self.drop_all();
        }
        if index == 0 {
            self.used = 0;
            self.serial = serial;
            self.next = 0;
        }
        if serial != self.serial || index != self.next {
            return self.drop_all();
        }
        let end = self.used + body.len();
        let Some(place) = self.room.as_mut().get_mut(self.used..end) else {
            return self.drop_all();
        };
        place.copy_from_slice(body);
        self.used = end;
        self.next = index + 1;
        if self.next < count {
            return Progress::Incomplete;
        }
        self.used = 0;
        self.next = 0;
        Progress::Message(&self.room.as_ref()[..end])
    }

    fn drop_all(&mut self) -> Progress<'static> {
        self.used = 0;
        self.next = 0;
        Progress::Garbage
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn cut(message: &[u8], serial: u16) -> Vec<Vec<u8>> {
        let mut cutter = Cutter::new(message, serial).expect("not too long");
        let mut room = [0; limits::LINK_DATAGRAM];
        core::iter::from_fn(|| cutter.next(&mut room).map(<[u8]>::to_vec)).collect()
    }

    proptest! {
        #[test]
        fn a_message_of_any_length_is_put_together_again(
            length in 0..=MESSAGE, serial in any::<u16>(), seed in any::<u8>(),
        ) {
            let message: Vec<u8> =
                (0..length).map(|i| i.to_le_bytes()[0] ^ seed).collect();
            let mut joiner = Joiner::new(vec![0; MESSAGE]);
            let datagrams = cut(&message, serial);
            let (last, first) = datagrams.split_last().expect("at least one");
            for datagram in first {
                prop_assert_eq!(joiner.take(datagram), Progress::Incomplete);
            }
            prop_assert_eq!(joiner.take(last), Progress::Message(&message));
        }

        #[test]
        fn arbitrary_datagrams_never_make_a_message_out_of_parts_of_two(
            datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..64), 0..20),
        ) {
            let mut joiner = Joiner::new(vec![0; 256]);
            for datagram in &datagrams {
                if let Progress::Message(message) = joiner.take(datagram) {
                    prop_assert!(message.len() <= 256);
                }
            }
        }
    }

    #[test]
    fn a_lost_chunk_drops_its_message_and_only_that() {
        let long = vec![7; BODY * 3];
        let mut joiner = Joiner::new(vec![0; MESSAGE]);
        let parts = cut(&long, 1);
        assert_eq!(joiner.take(&parts[0]), Progress::Incomplete);
        assert_eq!(joiner.take(&parts[2]), Progress::Garbage);
        let next = cut(b"next", 2);
        assert_eq!(joiner.take(&next[0]), Progress::Message(b"next"));
    }

    #[test]
    fn a_message_too_long_for_the_room_is_dropped() {
        let parts = cut(&vec![1; BODY * 2], 1);
        let mut joiner = Joiner::new(vec![0; BODY + 1]);
        assert_eq!(joiner.take(&parts[0]), Progress::Incomplete);
        assert_eq!(joiner.take(&parts[1]), Progress::Garbage);
    }
}
