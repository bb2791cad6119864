//! A disk that loses what was not synced, at every moment of a recording.

use dsp_tone::DigitSender;
use proptest::prelude::*;
use units::{Dbm0, Digit, Law};

use crate::file::HEADER;
use crate::proof::{Fault, Hash, Verdict, mend, verify};
use crate::{Format, Keys, Recorder, SECOND, Shape, Step, Terms};

const SHAPE: Shape = Shape { law: Law::A, begun_us: 1_800_000_000_000_000 };

/// The two files of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Disk {
    wav: Vec<u8>,
    chain: Option<Vec<u8>>,
}

impl Disk {
    /// Does as much of a step as `octets`; all of it if there are fewer.
    fn apply(&mut self, step: &Step, octets: usize) {
        let part = |all: &[u8]| all[..octets.min(all.len())].to_vec();
        match step {
            Step::Create(wav, chain) => (self.wav, self.chain) = (wav.clone(), Some(chain.clone())),
            Step::Append(more) => self.wav.extend(part(more)),
            Step::Chain(hash) => self.chain.get_or_insert_default().extend(part(hash)),
            Step::Sync => {}
            Step::Header(header) => self.wav[..HEADER].copy_from_slice(header),
            Step::Cut { length } => self.wav.truncate(*length),
            Step::Close => self.chain = None,
        }
    }
}

fn record(format: Format, blocks: u64) -> Vec<Step> {
    let (mut recorder, begin) = Recorder::begin(SHAPE, Terms { format, ..Terms::default() });
    assert_eq!(recorder.format(), format);
    let mut steps = vec![begin];
    for number in 0..blocks {
        let octet = |offset: u64| (number * 31 + offset).to_le_bytes()[0];
        steps.extend(recorder.push(number, &[octet(1); 16], &[octet(200); 16]));
    }
    steps.extend(recorder.end().0);
    steps
}

fn whole(blocks: u64) -> Disk {
    whole_in(Format::Wav, blocks)
}

fn whole_in(format: Format, blocks: u64) -> Disk {
    let mut disk = Disk::default();
    for step in record(format, blocks) {
        disk.apply(&step, usize::MAX);
    }
    disk
}

fn mended(found: &Disk) -> Disk {
    let mut disk = found.clone();
    let chain = disk.chain.clone().expect("a chain");
    for step in mend(&found.wav, &chain).expect("it can be mended").0 {
        disk.apply(&step, usize::MAX);
    }
    disk
}

#[test]
fn a_recording_is_a_wav_file_and_proves_itself() {
    let disk = whole(1250);
    assert_eq!(disk.chain, None);
    let Ok(Verdict::Whole(proof)) = verify(&disk.wav) else { panic!("{:?}", verify(&disk.wav)) };
    assert_eq!((proof.hashes.len(), proof.missing), (3, 0));
    assert_eq!(proof.begun_us, SHAPE.begun_us);
    let riff = u32::from_le_bytes(disk.wav[4..8].try_into().expect("four"));
    assert_eq!(riff as usize + 8, disk.wav.len());
    // Both channels, one octet each in turn.
    assert_eq!(disk.wav[HEADER..HEADER + 4], [1, 200, 1, 200]);
}

#[test]
fn every_changed_octet_of_the_sound_is_found_with_its_second() {
    let disk = whole(1250);
    for at in (HEADER..HEADER + 1250 * 32).step_by(97) {
        let mut changed = disk.wav.clone();
        changed[at] ^= 1;
        let second = (at - HEADER) / SECOND + 1;
        assert_eq!(verify(&changed), Ok(Verdict::Changed { second }), "octet {at}");
    }
}

#[test]
fn a_file_that_is_shorter_or_longer_is_not_whole() {
    let disk = whole(700);
    for length in [HEADER + 5, disk.wav.len() - 1, disk.wav.len() - 40] {
        let verdict = verify(&disk.wav[..length]).expect("ours");
        assert!(matches!(verdict, Verdict::Changed { .. }), "{length}: {verdict:?}");
    }
    let mut longer = disk.wav.clone();
    longer.push(0);
    assert!(matches!(verify(&longer), Ok(Verdict::Changed { .. })));
    assert_eq!(
        verify(b"RIFF of somebody else's making, long enough to be a header of a file"),
        Err(Fault::Foreign)
    );
    assert_eq!(verify(&[]), Err(Fault::Foreign));
}

#[test]
fn who_swaps_two_seconds_is_found() {
    let mut disk = whole(1500);
    let (first, rest) = disk.wav[HEADER..].split_at_mut(SECOND);
    first.swap_with_slice(&mut rest[..SECOND]);
    assert_eq!(verify(&disk.wav), Ok(Verdict::Changed { second: 1 }));
}

/// The formats that this build makes.
fn formats() -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(|format| cfg!(feature = "opus") || *format == Format::Wav)
}

/// The hashes of a file that is as it was recorded, at least in front.
fn hashes(file: &[u8], when: &str) -> Vec<Hash> {
    match verify(file) {
        Ok(Verdict::Cut(proof) | Verdict::Whole(proof)) => proof.hashes,
        other => panic!("{when}: {other:?}"),
    }
}

/// The power goes after any step and in the middle of any; of what was not synced any part may be
/// gone.
#[test]
fn a_cut_of_power_at_any_moment_loses_at_most_a_second_and_what_is_left_is_whole_and_marked() {
    for format in formats() {
        let all = hashes(&whole_in(format, 1250).wav, "whole");
        let (mut disk, mut synced, mut seconds) = (Disk::default(), Disk::default(), 0);
        for (index, step) in record(format, 1250).iter().enumerate() {
            for octets in [0, 1, 31, 300, 8000, usize::MAX] {
                let mut found = disk.clone();
                found.apply(step, octets);
                for left in [
                    found.clone(),
                    Disk { chain: synced.chain.clone(), ..found.clone() },
                    synced.clone(),
                ] {
                    if left.chain.is_none() {
                        continue;
                    }
                    let when = format!("{format:?}, step {index}, octets {octets}");
                    let after = mended(&left);
                    let kept = hashes(&after.wav, &when);
                    assert!(kept.len() >= seconds && all.starts_with(&kept), "{when}: {kept:?}");
                    // Without a header that tells so, only the end of all says that it is there.
                    let whole = matches!(verify(&after.wav), Ok(Verdict::Whole(_)));
                    assert!(!whole || kept == all, "{when}: not marked");
                    assert!(mended_twice(&left, &after) == after, "{when}: mended again another");
                }
            }
            disk.apply(step, usize::MAX);
            match step {
                Step::Create(..) => synced = disk.clone(),
                Step::Sync => {
                    synced = disk.clone();
                    seconds += 1;
                }
                _ => {}
            }
        }
        assert!(matches!(verify(&disk.wav), Ok(Verdict::Whole(_))));
    }
}

/// The power goes while it is mended.
fn mended_twice(left: &Disk, after: &Disk) -> Disk {
    let mut half = after.clone();
    half.chain.clone_from(&left.chain);
    mended(&half)
}

#[test]
fn blocks_that_never_came_are_silence_and_counted() {
    let (mut recorder, _) = Recorder::begin(SHAPE, Terms::default());
    recorder.push(10, &[1; 16], &[2; 16]);
    recorder.push(13, &[1; 16], &[2; 16]);
    assert_eq!(recorder.sound(), 4 * 32);
    let (steps, proof) = recorder.end();
    assert_eq!(proof.missing, 2);
    let Some(Step::Append(sound)) = steps.first() else { panic!("{steps:?}") };
    assert_eq!(sound[32..96], [Law::A.idle(); 64]);
}

#[test]
fn a_proof_of_the_release_before_is_read() {
    let file = whole(600).wav;
    let at = file.len() - 8 - 20 - 2 * 32;
    let mut before = file[..at + 8].to_vec();
    before[at + 4..].copy_from_slice(&(16 + 2 * 32_u32).to_le_bytes());
    before.extend([1, 0, 0, 0]);
    before.extend(&file[at + 12..at + 24]);
    before.extend(&file[at + 28..]);
    let (Ok(Verdict::Whole(now)), Ok(Verdict::Whole(then))) = (verify(&file), verify(&before))
    else {
        panic!("{:?}", verify(&before))
    };
    assert_eq!(now, then);
}

#[test]
fn both_sides_are_silent_from_before_a_key_until_behind_it_and_nowhere_else() {
    let terms = Terms { keys: Keys::Mute, ..Terms::default() };
    let (mut recorder, _) = Recorder::begin(SHAPE, terms);
    let mut sender = DigitSender::new(50, 50, Dbm0(-8.0), Dbm0(-6.0));
    let mut steps = vec![];
    for number in 0..500 {
        if number == 200 {
            sender.push(Digit::new(b'5').expect("a digit")).expect("room");
        }
        let mut samples = [0; 16];
        sender.fill(&mut samples);
        let mut octets = [0; 16];
        g711::encode_block(Law::A, &samples, &mut octets);
        let side = if !(200..225).contains(&number) { [3; 16] } else { octets };
        assert_eq!(recorder.sound(), usize::try_from(number).expect("few") * 32);
        steps.extend(recorder.push(number, &side, &[4; 16]));
    }
    let (more, proof) = recorder.end();
    steps.extend(more);
    let sound: Vec<u8> = steps
        .iter()
        .filter_map(|step| if let Step::Append(octets) = step { Some(octets) } else { None })
        .flatten()
        .copied()
        .collect();
    let silent: Vec<usize> =
        (0..500).filter(|at| sound[at * 32..][..32] == [Law::A.idle(); 32]).collect();
    let (first, last) = (silent[0], *silent.last().expect("some"));
    assert_eq!(silent.len(), last - first + 1, "in one piece");
    assert_eq!(usize::try_from(proof.muted), Ok(silent.len()));
    assert!((165..200).contains(&first) && (225..255).contains(&last), "{first} {last}");
    assert_eq!(sound[(first - 1) * 32..][..4], [3, 4, 3, 4]);
    assert_eq!(sound[(last + 1) * 32..][..4], [3, 4, 3, 4]);
}

#[test]
fn a_key_that_is_cut_by_the_end_of_a_recording_is_not_in_it() {
    let terms = Terms { keys: Keys::Mute, ..Terms::default() };
    let (mut recorder, _) = Recorder::begin(SHAPE, terms);
    let mut sender = DigitSender::new(50, 50, Dbm0(-8.0), Dbm0(-6.0));
    sender.push(Digit::new(b'5').expect("a digit")).expect("room");
    for number in 0..8 {
        let mut samples = [0; 16];
        sender.fill(&mut samples);
        let mut octets = [0; 16];
        g711::encode_block(Law::A, &samples, &mut octets);
        recorder.push(number, &[4; 16], &octets);
    }
    let (steps, proof) = recorder.end();
    assert_eq!(proof.muted, 8);
    let Some(Step::Append(sound)) = steps.first() else { panic!("{steps:?}") };
    assert_eq!(sound[..], [Law::A.idle(); 256]);
}

#[test]
fn a_recording_that_goes_on_is_open() {
    let (mut recorder, begin) = Recorder::begin(SHAPE, Terms::default());
    let mut disk = Disk::default();
    disk.apply(&begin, usize::MAX);
    assert_eq!(verify(&disk.wav), Ok(Verdict::Open { second: 1 }));
    for number in 0..600 {
        for step in recorder.push(number, &[3; 16], &[4; 16]) {
            disk.apply(&step, usize::MAX);
        }
    }
    assert_eq!(verify(&disk.wav), Ok(Verdict::Open { second: 2 }));
    assert_eq!(disk.wav.len(), HEADER + SECOND);
}

proptest! {
    #[test]
    fn octets_of_any_kind_are_judged(
        octets in proptest::collection::vec(any::<u8>(), 0..400),
        chain in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let _ = verify(&octets);
        let _ = mend(&octets, &chain);
        // A good head and then anything.
        let mut file = whole(20).wav;
        file.truncate(HEADER + 64);
        file.extend(&octets);
        prop_assert!(!matches!(verify(&file), Ok(Verdict::Whole(_))));
    }
}
