//! The events of the core on their way through the spool: appended, shown once they are safe, read
//! again, forgotten.
//!
//! ```text
//!  Append ──► spool ──► waiting ── sync ──► Appended (may be shown)
//! ```
//!
//! An event is shown to nobody before it is synced. Otherwise a power cut could take a number back
//! that the daemon has seen, and give it to another event, which the daemon would leave out as one
//! that it knows. A record is synced at once; details when one is, when somebody reads, or when the
//! disk has nothing else to do.

use std::collections::BTreeSet;
use std::io;

use link::{Detail, Event};
use units::Utc;

use crate::spool::{Spool, SpoolFault, Storage};
use crate::task::{Done, Refusal};

/// An event as it stands in the spool; before the journal came, without an origin.
fn read(octets: &[u8]) -> postcard::Result<(Utc, Detail, u64)> {
    let ((at, detail), rest) = postcard::take_from_bytes(octets)?;
    let origin = if rest.is_empty() { 0 } else { postcard::from_bytes(rest)? };
    Ok((at, detail, origin))
}

/// The spool and what it has taken but not synced.
#[derive(Debug)]
pub struct EventLog<S> {
    spool: Spool<S>,
    waiting: Vec<(Event, u64)>,
    enough: bool,
}

pub(crate) fn errno(fault: &io::Error) -> i32 {
    fault.raw_os_error().unwrap_or(libc::EIO)
}

impl<S: Storage> EventLog<S> {
    /// The log of a spool that was just opened.
    #[must_use]
    pub const fn new(spool: Spool<S>) -> Self {
        Self { spool, waiting: Vec::new(), enough: true }
    }

    /// The spool.
    #[must_use]
    pub const fn spool(&self) -> &Spool<S> {
        &self.spool
    }

    /// The storage, for those who test what it does.
    pub fn into_storage(self) -> S {
        self.spool.into_storage()
    }

    /// Keeps an event. `Done::Appended` follows when it is safe.
    pub fn append(&mut self, at: Utc, detail: Detail, origin: u64, mut done: impl FnMut(Done)) {
        let octets = postcard::to_stdvec(&(at, &detail, origin)).unwrap_or_default();
        let is_record = detail.is_record();
        let reason = match self.spool.append(&octets, is_record) {
            Ok(number) => {
                self.waiting.push((Event { number, at, detail }, origin));
                if is_record {
                    self.show(&mut done);
                }
                return self.tell_room(done);
            }
            Err(SpoolFault::Short) => Refusal::Short,
            Err(SpoolFault::Full | SpoolFault::TooLong) => Refusal::Full,
            Err(SpoolFault::Disk(fault)) => Refusal::Disk(errno(&fault)),
        };
        let dropped = self.spool.dropped();
        done(Done::NotAppended { at, detail, origin, reason, dropped });
        self.tell_room(done);
    }

    fn show(&mut self, done: &mut impl FnMut(Done)) {
        let told = self.waiting.drain(..);
        told.for_each(|(event, origin)| done(Done::Appended { event, origin }));
    }

    /// The origins of the records that nobody has acknowledged.
    ///
    /// # Errors
    /// What the disk says.
    pub fn origins(&mut self) -> io::Result<BTreeSet<u64>> {
        let mut origins = BTreeSet::new();
        for number in self.spool.acknowledged() + 1..=self.spool.last_number() {
            let octets = self.spool.read(number)?;
            origins.extend(octets.and_then(|octets| read(&octets).ok()).map(|(.., origin)| origin));
        }
        origins.remove(&0);
        Ok(origins)
    }

    /// Makes safe what is not, and shows it: when the disk has nothing else to do.
    pub fn settle(&mut self, mut done: impl FnMut(Done)) {
        if self.waiting.is_empty() {
            return;
        }
        match self.spool.sync() {
            Ok(()) => self.show(&mut done),
            // They stay in order and unseen until a sync succeeds.
            Err(fault) => done(Done::Fault(errno(&fault))),
        }
    }

    /// Whether something waits to be made safe.
    #[must_use]
    pub fn unsettled(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// All events up to `number` are safe elsewhere.
    pub fn acknowledge(&mut self, number: u64, mut done: impl FnMut(Done)) {
        if let Err(fault) = self.spool.acknowledge(number) {
            done(Done::Fault(errno(&fault)));
        }
        self.tell_room(done);
    }

    /// Reads events that are safe.
    pub fn read(&mut self, from: u64, count: u64, mut done: impl FnMut(Done)) {
        self.settle(&mut done);
        let unseen = self.waiting.first().map_or(u64::MAX, |(event, _)| event.number);
        let mut events = vec![];
        for number in from..from.saturating_add(count).min(unseen) {
            let Ok(Some(octets)) = self.spool.read(number) else { break };
            let Ok((at, detail, _)) = read(&octets) else { break };
            events.push(Event { number, at, detail });
        }
        done(Done::Read { from, events });
    }

    /// Tells when there is no longer, or again, room for the records of all calls that could be.
    fn tell_room(&mut self, mut done: impl FnMut(Done)) {
        let enough = self.spool.free() > (limits::CALLS * 1024) as u64;
        if enough != self.enough {
            self.enough = enough;
            done(Done::Room { enough });
        }
    }
}

#[cfg(test)]
mod tests {
    use link::Alarm;

    use super::*;

    /// A disk whose sync fails while `ill`.
    #[derive(Debug)]
    struct Ill(Vec<u8>, bool);

    impl Storage for Ill {
        fn read_at(&mut self, at: u64, room: &mut [u8]) -> io::Result<()> {
            let at = usize::try_from(at).expect("fits");
            room.copy_from_slice(&self.0[at..at + room.len()]);
            Ok(())
        }

        fn write_at(&mut self, at: u64, octets: &[u8]) -> io::Result<()> {
            let at = usize::try_from(at).expect("fits");
            self.0[at..at + octets.len()].copy_from_slice(octets);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            if self.1 { Err(io::Error::other("ill")) } else { Ok(()) }
        }
    }

    #[test]
    fn an_event_that_could_not_be_made_safe_is_shown_to_nobody() {
        let zeros = vec![0; usize::try_from(limits::SPOOL_OCTETS).expect("fits")];
        let spool = Spool::open(Ill(zeros, false), 9).expect("memory");
        let mut log = EventLog::new(spool);
        let mut done = vec![];
        let detail = Detail::Alarm(Alarm::CardGone);
        log.append(Utc(1), detail, 0, |what| done.push(what));
        assert_eq!(done, []);
        log.spool.storage_mut().1 = true;
        log.read(1, 9, |what| done.push(what));
        let fault = Done::Fault(libc::EIO);
        assert_eq!(done, [fault, Done::Read { from: 1, events: vec![] }]);
        log.spool.storage_mut().1 = false;
        done.clear();
        log.settle(|what| done.push(what));
        assert!(matches!(done[..], [Done::Appended { .. }]), "{done:?}");
    }
}
