//! Recordings of a call through the engine's tap: what of its keys can be read from the file.

use dsp_progress::Plan;
use engine::{Command, Ear, Engine};
use recorder::{Format, HEADER, Keys, Recorder, Shape, Step, Terms, Verdict, verify};
use sound::detect::dtmf::{self, Sent};
use sound::detect::material;
use units::media::BLOCK_SAMPLES;
use units::{Digit, Law, PortId};

const CALLER: PortId = PortId(0);
const LINE: PortId = PortId(1);
const LAW: Law = Law::A;
/// Of eight seconds.
const BLOCKS: usize = 4000;
/// When the caller begins to key, in blocks.
const KEYED_AT: usize = 1000;

/// Eight seconds of recorded speech, or silence where there is none.
fn speech(skip: usize) -> Vec<i16> {
    let files = material::files(material::PROMPTS);
    let continuous = std::env::var_os("CI").is_some();
    assert!(!continuous || !files.is_empty(), "{} is empty", material::PROMPTS);
    let all = files.iter().skip(skip).step_by(40).filter_map(|path| material::read(path));
    let mut sound: Vec<i16> = all.flatten().take(BLOCKS * BLOCK_SAMPLES).collect();
    sound.resize(BLOCKS * BLOCK_SAMPLES, 0);
    sound
}

/// What a recording is of.
struct Call {
    /// What the caller says, and what the other end does.
    said: [Vec<i16>; 2],
    /// Digits that the box sends to the line while the caller is silent.
    sent: &'static [u8],
    /// The place that is recorded.
    at: PortId,
}

impl Call {
    /// The file of it.
    fn recorded(&self, terms: Terms) -> Vec<u8> {
        let lines = [LINE].into_iter();
        let mut engine = Engine::new(&[LAW; 2]).with_exchanges(lines, &Plan::china());
        engine.command(Command::Join(CALLER, LINE));
        engine.command(Command::Exchange(LINE, Ear::Tones));
        engine.command(Command::Tap(self.at, 1));
        let (mut recorder, begin) = Recorder::begin(Shape { law: LAW, begun_us: 7 }, terms);
        let (mut steps, mut tx) = (vec![begin], [[0; BLOCK_SAMPLES]; 2]);
        for number in 0..BLOCKS {
            let mut rx = [[0; BLOCK_SAMPLES]; 2];
            for (octets, said) in rx.iter_mut().zip(&self.said) {
                let from = number * BLOCK_SAMPLES;
                g711::encode_block(LAW, &said[from..from + BLOCK_SAMPLES], octets);
            }
            if number == KEYED_AT {
                let digits = self.sent.iter().filter_map(|digit| Digit::new(*digit));
                digits.for_each(|digit| engine.command(Command::Key(LINE, digit)));
            }
            engine.tick(&rx, &mut tx);
            for block in engine.tapped() {
                steps.extend(recorder.push(number as u64, &block.came, &block.sent));
            }
        }
        steps.extend(recorder.end().0);
        let mut file = vec![];
        for step in steps {
            match step {
                Step::Create(octets, _) | Step::Append(octets) => file.extend(octets),
                Step::Header(octets) => file[..HEADER].copy_from_slice(&octets),
                _ => {}
            }
        }
        file
    }

    /// Both sides of the WAV file: octets.
    fn sides(&self, keys: Keys) -> [Vec<u8>; 2] {
        let file = self.recorded(Terms { format: Format::Wav, keys });
        let found = verify(&file);
        let muted = keys == Keys::Mute;
        let good = matches!(&found, Ok(Verdict::Whole(proof)) if (proof.muted > 0) == muted);
        assert!(good, "{found:?}");
        let sound = &file[HEADER..HEADER + 2 * BLOCKS * BLOCK_SAMPLES];
        [0, 1].map(|side| sound.iter().skip(side).step_by(2).copied().collect())
    }
}

fn linear(octets: &[u8]) -> Vec<i16> {
    let mut samples = vec![0; octets.len()];
    g711::decode_block(LAW, octets, &mut samples);
    samples
}

/// Digits that ours, spandsp, and spandsp with its filter read on any side.
fn read(sides: &[Vec<u8>; 2]) -> Vec<u8> {
    let all = sides.iter().map(|side| linear(side));
    all.flat_map(|s| [dtmf::ours(&s), dtmf::theirs(&s, false), dtmf::theirs(&s, true)].concat())
        .collect()
}

/// Nothing is changed but within 200 ms of a key, and there both sides are silent alike.
fn changed_near_keys_only(kept: &[Vec<u8>; 2], muted: &[Vec<u8>; 2], keys: &[bool]) {
    let [left, right] = [0, 1].map(|side| (&kept[side], &muted[side]));
    for at in 0..BLOCKS {
        let part = |octets: &[u8]| octets[at * BLOCK_SAMPLES..][..BLOCK_SAMPLES].to_vec();
        let same = |(kept, muted): (&Vec<u8>, &Vec<u8>)| part(kept) == part(muted);
        let silent = |octets: &[u8]| part(octets) == [LAW.idle(); BLOCK_SAMPLES];
        let near = keys[at.saturating_sub(100)..(at + 100).min(BLOCKS)].contains(&true);
        if near {
            let muted = silent(left.1) && silent(right.1);
            assert!(muted || (same(left) && same(right)), "block {at}: one side alone");
        } else {
            assert!(same(left) && same(right), "block {at}: no key is near");
        }
    }
}

/// A caller who keys sixteen digits beside speech, her own quieter.
fn keyed(sent: &Sent, seed: u64) -> (Call, Vec<bool>) {
    let (mut caller, keys) = (speech(3), sent.digits(seed));
    let mut places = vec![false; BLOCKS];
    for (n, key) in keys.iter().enumerate() {
        let at = KEYED_AT * BLOCK_SAMPLES + n;
        caller[at] = (caller[at] / 8).saturating_add(*key);
        places[at / BLOCK_SAMPLES] |= key.unsigned_abs() > 8;
    }
    (Call { said: [caller, speech(17)], sent: b"", at: CALLER }, places)
}

#[test]
fn no_key_can_be_read_from_a_recording_and_speech_that_is_not_near_one_is_untouched() {
    let sure = Sent { low: -9.0, high: -7.0, on_ms: 60.0, off_ms: 90.0, ..Sent::USUAL };
    for (seed, sent) in [
        sure,
        Sent { on_ms: 40.0, off_ms: 40.0, ..sure },
        Sent { low: -22.0, high: -20.0, on_ms: 200.0, off_ms: 60.0, ..Sent::USUAL },
    ]
    .iter()
    .enumerate()
    {
        let (call, places) = keyed(sent, seed as u64);
        let (kept, muted) = (call.sides(Keys::Keep), call.sides(Keys::Mute));
        // Sixteen, by three readers.
        let found = read(&kept).len();
        assert!(found >= 40, "{found} can be read if they are kept");
        assert_eq!(String::from_utf8_lossy(&read(&muted)), "", "{sent:?}");
        changed_near_keys_only(&kept, &muted, &places);
    }
}

#[test]
fn keys_that_the_box_sends_are_in_no_recording_of_that_line_either() {
    let quiet = || vec![0; BLOCKS * BLOCK_SAMPLES];
    let call = Call { said: [quiet(), speech(9)], sent: b"01234567", at: LINE };
    let (kept, muted) = (call.sides(Keys::Keep), call.sides(Keys::Mute));
    assert_eq!(read(&kept), b"012345670123456701234567");
    assert_eq!(read(&muted), b"");
}
