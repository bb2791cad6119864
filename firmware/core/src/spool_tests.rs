//! The spool against full disks, torn writes and power cuts.

use proptest::prelude::*;

use super::*;

/// A disk in memory that forgets what was not synced when the power goes, in parts.
#[derive(Clone)]
struct Memory {
    now: Vec<u8>,
    safe: Vec<u8>,
    unsynced: Vec<(u64, Vec<u8>)>,
}

impl Memory {
    fn new() -> Self {
        let zeros = vec![0; usize::try_from(SPOOL_OCTETS).expect("fits")];
        Self { now: zeros.clone(), safe: zeros, unsynced: vec![] }
    }

    /// The power goes: of the writes since the last sync the first `kept` stay, the next is torn
    /// after `torn` octets.
    fn cut(mut self, kept: usize, torn: usize) -> Self {
        for (index, (at, octets)) in std::mem::take(&mut self.unsynced).into_iter().enumerate() {
            let stay = match index.cmp(&kept) {
                std::cmp::Ordering::Less => octets.len(),
                std::cmp::Ordering::Equal => torn.min(octets.len()),
                std::cmp::Ordering::Greater => 0,
            };
            let at = usize::try_from(at).expect("fits");
            self.safe[at..at + stay].copy_from_slice(&octets[..stay]);
        }
        self.now.clone_from(&self.safe);
        self
    }
}

impl Storage for Memory {
    fn read_at(&mut self, at: u64, room: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(at).expect("fits");
        room.copy_from_slice(&self.now[at..at + room.len()]);
        Ok(())
    }

    fn write_at(&mut self, at: u64, octets: &[u8]) -> io::Result<()> {
        let place = usize::try_from(at).expect("fits");
        self.now[place..place + octets.len()].copy_from_slice(octets);
        self.unsynced.push((at, octets.to_vec()));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        for (at, octets) in self.unsynced.drain(..) {
            let at = usize::try_from(at).expect("fits");
            self.safe[at..at + octets.len()].copy_from_slice(&octets);
        }
        Ok(())
    }
}

fn all(spool: &mut Spool<Memory>) -> Vec<Vec<u8>> {
    (spool.acknowledged() + 1..=spool.last_number())
        .map(|number| spool.read(number).expect("memory").expect("there"))
        .collect()
}

#[test]
fn events_come_back_in_order_after_a_restart_and_acknowledged_ones_do_not() {
    let mut spool = Spool::open(Memory::new(), 9).expect("memory");
    for event in [b"one".as_slice(), b"two", b"three"] {
        spool.append(event, true).expect("room");
    }
    spool.acknowledge(1).expect("memory");
    let mut spool = Spool::open(spool.into_storage(), 9).expect("memory");
    assert_eq!(all(&mut spool), [b"two".to_vec(), b"three".to_vec()]);
    assert_eq!(spool.append(b"four", true).expect("room"), 4);
}

#[test]
fn details_are_refused_before_the_reserve_is_touched_and_records_fill_it() {
    let mut spool = Spool::open(Memory::new(), 9).expect("memory");
    let event = vec![7; EVENT_OCTETS];
    let mut details = 0u64;
    while spool.append(&event, false).is_ok() {
        details += 1;
    }
    assert!(spool.free() >= SPOOL_RESERVE && details > 0);
    let mut records = 0u64;
    let fault = loop {
        match spool.append(&event, true) {
            Ok(_) => records += 1,
            Err(fault) => break fault,
        }
    };
    assert!(matches!(fault, SpoolFault::Full));
    let octets = (RECORD_HEAD + EVENT_OCTETS) as u64;
    assert!(records >= SPOOL_RESERVE / octets - 2, "{records} records in the reserve");
    spool.acknowledge(details).expect("memory");
    assert!(spool.append(&event, false).is_ok(), "room again after an acknowledgement");
}

#[test]
fn the_spool_goes_round_its_file_many_times() {
    let mut spool = Spool::open(Memory::new(), 9).expect("memory");
    for number in 1..=20_000u64 {
        let event = vec![number.to_le_bytes()[0]; 1000 + usize::from(number.to_le_bytes()[0])];
        assert_eq!(spool.append(&event, false).expect("room"), number);
        if number % 100 == 0 {
            spool.storage.sync().expect("memory");
            spool.acknowledge(number - 50).expect("memory");
        }
        if number % 1777 == 0 {
            spool = Spool::open(spool.into_storage(), 9).expect("memory");
            assert_eq!(spool.last_number(), number);
        }
    }
    assert!(!all(&mut spool).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_record_that_was_appended_survives_any_power_cut(
        steps in prop::collection::vec((1usize..600, any::<bool>(), any::<bool>()), 1..60),
        kept in 0usize..4, torn in 0usize..700,
    ) {
        let mut spool = Spool::open(Memory::new(), 9).expect("memory");
        let (mut written, mut safe) = (vec![], 0);
        for (length, is_record, acknowledge) in steps {
            let event = vec![length.to_le_bytes()[0]; length];
            spool.append(&event, is_record).expect("room");
            written.push(event);
            if is_record {
                safe = written.len();
            }
            if acknowledge && safe > 2 {
                spool.acknowledge(safe as u64 - 2).expect("memory");
            }
        }
        let storage = spool.into_storage().cut(kept, torn);
        let mut spool = Spool::open(storage, 9).expect("memory");
        prop_assert!(spool.last_number() >= safe as u64);
        let first = usize::try_from(spool.acknowledged()).expect("fits");
        for (offset, event) in all(&mut spool).into_iter().enumerate() {
            prop_assert_eq!(&event, &written[first + offset]);
        }
    }

    #[test]
    fn a_flipped_bit_never_gives_an_event_that_was_not_written(
        at in 0usize..6000, bit in 0u32..8,
    ) {
        let mut spool = Spool::open(Memory::new(), 9).expect("memory");
        for number in 0..20u8 {
            spool.append(&[number; 200], true).expect("room");
        }
        spool.acknowledge(3).expect("memory");
        let mut storage = spool.into_storage();
        storage.now[at] ^= 1 << bit;
        let mut spool = Spool::open(storage, 9).expect("memory");
        for number in spool.acknowledged() + 1..=spool.last_number() {
            if let Some(event) = spool.read(number).expect("memory") {
                prop_assert_eq!(event, vec![number.to_le_bytes()[0] - 1; 200]);
            }
        }
    }
}
