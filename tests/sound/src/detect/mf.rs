//! Register signals of R2 at their limits, ours beside spandsp.

use std::f64::consts::TAU;

use dsp_mf::{Event, Receiver, pair};
use progress_test::{Random, amplitude, line};
use units::media::BLOCK_SAMPLES;
use units::{MfDirection, MfSignal};

/// How signals are sent, 80 ms on and 80 ms off.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Levels of the lower and of the higher frequency, in dBm0.
    pub dbm0: [f64; 2],
    /// How far both are off, in hertz.
    pub off_hz: f64,
    /// Noise below the two together, in decibels.
    pub noise_db: f64,
}

/// Signals not heard or not right, of 15 for each seed: ours, spandsp's.
#[must_use]
pub fn wrong(way: MfDirection, sent: &Sent, seeds: u64) -> [usize; 2] {
    let mut wrong = [0; 2];
    for seed in 0..seeds {
        let mut random = Random(seed);
        let together =
            sent.dbm0.iter().map(|l| 10.0_f64.powf(l / 10.0)).sum::<f64>().log10() * 10.0;
        let noise = amplitude(together - sent.noise_db) / 2.0_f64.sqrt();
        let mut sound = vec![];
        for signal in MfSignal::all() {
            let (one, other) = pair(way, signal);
            let (low, high) = (f64::from(one.min(other)), f64::from(one.max(other)));
            let (a, b) = (random.uniform() * TAU, random.uniform() * TAU);
            for n in 0..1280 + (random.uniform() * 16.0) as u32 {
                let t = f64::from(n) / 8000.0 * TAU;
                let tone = if n < 640 {
                    amplitude(sent.dbm0[0]) * (t * (low + sent.off_hz) + a).sin()
                        + amplitude(sent.dbm0[1]) * (t * (high + sent.off_hz) + b).sin()
                } else {
                    0.0
                };
                sound.push(line(tone + noise * random.normal()));
            }
        }
        let mut receiver = Receiver::new(way);
        let blocks = sound.as_chunks::<BLOCK_SAMPLES>().0.iter();
        let ours: Vec<usize> = blocks
            .filter_map(|block| match receiver.push(block) {
                Some(Event::Begin(signal)) => Some(usize::from(signal.number())),
                _ => None,
            })
            .collect();
        let mut theirs = vec![];
        if let Some(mut receiver) = spandsp_peer::Receiver::new(way == MfDirection::Forward) {
            let mut last = 0;
            for block in sound.chunks(BLOCK_SAMPLES) {
                let now = receiver.push(block);
                if now != last && now != 0 {
                    theirs.push(now);
                }
                last = now;
            }
        }
        let all: Vec<usize> = (1..=15).collect();
        for (wrong, heard) in wrong.iter_mut().zip([ours, theirs]) {
            let right = all.iter().filter(|n| heard.contains(n)).count();
            *wrong += (15 - right) + heard.len().saturating_sub(15);
        }
    }
    wrong
}
