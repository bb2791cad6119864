//! Fax machines, modems and special information tones: ours beside spandsp on the same sound.

use std::f64::consts::TAU;

use dsp_answer::{Event, Receiver};
use progress_test::{Random, amplitude, line};
use spandsp_peer::connect::{self, Tone};
use units::media::BLOCK_SAMPLES;

/// What is sent.
pub const TONES: [(&str, Tone); 6] = [
    ("CNG", Tone::Cng),
    ("ANS", Tone::Ans),
    ("ANS/", Tone::AnsPr),
    ("ANSam", Tone::AnsAm),
    ("ANSam/", Tone::AnsAmPr),
    ("preamble", Tone::Preamble),
];

/// Four seconds of a tone by spandsp's sender, so loud, with noise so far below, through A-law.
#[must_use]
pub fn sent(tone: Tone, dbm0: f64, noise_db: f64, seed: u64) -> Vec<i16> {
    let mut random = Random(seed);
    let mut made = vec![0_i16; 32_000];
    if tone == Tone::Preamble {
        made = preamble();
    } else {
        let count = connect::Sender::new(tone).map_or(0, |mut sender| sender.fill(&mut made));
        made.truncate(count.max(1));
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let mean = {
        let loud: Vec<f64> =
            made.iter().map(|s| f64::from(*s).powi(2)).filter(|s| *s > 0.0).collect();
        loud.iter().sum::<f64>() / loud.len().max(1) as f64
    };
    let gain = amplitude(dbm0) / 2.0_f64.sqrt() / mean.sqrt().max(1.0);
    let noise = amplitude(dbm0 - noise_db) / 2.0_f64.sqrt();
    // Nobody begins at the beginning of a block.
    let lead = 1600 + seed as usize % 97;
    (0..lead + made.len() + 800)
        .map(|n| {
            let sample = n.checked_sub(lead).and_then(|n| made.get(n)).copied().unwrap_or(0);
            line(f64::from(sample) * gain + noise * random.normal())
        })
        .collect()
}

/// A second of flags at 300 bit/s, 1650 and 1850 Hz: spandsp's sender of tones has none.
#[expect(clippy::cast_possible_truncation, reason = "a sine of 10000")]
fn preamble() -> Vec<i16> {
    let mut phase = 0.0_f64;
    let sample = |n: u32| {
        // 300 of 8000.
        let space = matches!(n * 3 / 80 % 8, 0 | 7);
        phase += if space { 1850.0 } else { 1650.0 } / 8000.0 * TAU;
        (10_000.0 * phase.sin()) as i16
    };
    (0..8000).map(sample).collect()
}

/// A steady tone of so many milliseconds.
#[must_use]
pub fn steady(hz: f64, dbm0: f64, ms: u32) -> Vec<i16> {
    let sine = |n: u32| amplitude(dbm0) * (f64::from(n) * hz / 8000.0 * TAU).sin();
    let quiet = std::iter::repeat_n(0, 803);
    quiet.clone().chain((0..ms * 8).map(|n| line(sine(n)))).chain(quiet).collect()
}

/// What ours tells.
#[must_use]
pub fn ours(sound: &[i16]) -> Vec<Event> {
    let mut receiver = Receiver::new();
    sound.as_chunks::<BLOCK_SAMPLES>().0.iter().filter_map(|block| receiver.push(block)).collect()
}

/// What spandsp tells that listens for this tone.
#[must_use]
pub fn theirs(tone: Tone, sound: &[i16]) -> Vec<i32> {
    let Some(mut receiver) = connect::Receiver::new(tone) else { return vec![] };
    for block in sound.chunks(160) {
        receiver.push(block);
    }
    receiver.heard()
}

/// Whether that is what was sent, and nothing else.
#[must_use]
pub fn right(tone: Tone, heard: &[Event]) -> bool {
    let answer = |reversals, modulated| {
        heard.iter().all(|event| matches!(event, Event::Answer { .. }))
            && heard.last() == Some(&Event::Answer { reversals, modulated })
    };
    match tone {
        Tone::Cng => !heard.is_empty() && heard.iter().all(|event| *event == Event::Fax),
        Tone::Ans => answer(false, false),
        Tone::AnsPr => answer(true, false),
        Tone::AnsAm => answer(false, true),
        Tone::AnsAmPr => answer(true, true),
        Tone::Preamble => heard == [Event::Preamble],
        Tone::CedOrPreamble | Tone::Calling => false,
    }
}

/// The same of spandsp.
#[must_use]
pub fn peer_right(tone: Tone, heard: &[i32]) -> bool {
    heard.last() == Some(&(tone as i32))
}

/// How many of so many were not told as what they are: ours, spandsp's.
#[must_use]
pub fn missed(tone: Tone, dbm0: f64, noise_db: f64, count: u64) -> [u64; 2] {
    let mut missed = [0; 2];
    for seed in 0..count {
        let sound = sent(tone, dbm0, noise_db, seed * 31 + 7);
        missed[0] += u64::from(!right(tone, &ours(&sound)));
        let listen = if tone == Tone::Cng || tone == Tone::Preamble { tone } else { Tone::AnsPr };
        missed[1] += u64::from(!peer_right(tone, &theirs(listen, &sound)));
    }
    missed
}

/// How far a frequency may be off, in hertz down and up, until ours and spandsp's are deaf to it.
#[must_use]
pub fn width(tone: Tone, hz: u32, ms: u32) -> [[i32; 2]; 2] {
    let hears = |off: i32| {
        let sound = steady(f64::from(hz) + f64::from(off), -15.0, ms);
        [!ours(&sound).is_empty(), !theirs(tone, &sound).is_empty()]
    };
    let edge = |who: usize, step: i32| {
        (0..100).map(|n| n * step).take_while(|off| hears(*off)[who]).last().unwrap_or(0)
    };
    [0, 1].map(|who| [edge(who, -1), edge(who, 1)])
}
