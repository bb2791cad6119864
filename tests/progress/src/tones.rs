//! Tones as exchanges send them, each a little different.

use std::f64::consts::TAU;

use board::Country;
use dsp_progress::Detector;
use spandsp_peer::supervisory;
use units::CallTone;
use units::media::BLOCK_SAMPLES;

use crate::{Random, amplitude, line, plan};

/// The tones that release a call.
const ENDS: [(&str, CallTone); 3] = [
    ("busy", CallTone::Busy),
    ("congestion", CallTone::Congestion),
    ("unobtainable", CallTone::Unobtainable),
];

/// One tone on a line.
#[derive(Clone, Debug)]
pub struct True {
    /// What it says.
    pub tone: CallTone,
    hz: Vec<f64>,
    /// Times on and off, in seconds.
    times: Vec<f64>,
    dbm0: f64,
    noise_dbm0: f64,
}

impl True {
    /// One of the country's: cadence ±10 % (times on and off each for themselves), frequency ±1 %,
    /// -35 to -5 dBm0, noise 15 to 40 dB below it.
    #[must_use]
    pub fn new(country: &Country, random: &mut Random) -> Option<Self> {
        let known: Vec<_> = ENDS.iter().filter(|(n, _)| country.tones.contains_key(*n)).collect();
        let (name, tone) = known.get(..).filter(|k| !k.is_empty()).map(|k| random.one(k))?;
        let entry = country.tones.get(*name)?;
        let (on, off) = (random.between(0.9, 1.1), random.between(0.9, 1.1));
        let ms = entry.cadence_ms.iter().enumerate();
        let times = ms.map(|(n, ms)| f64::from(*ms) / 1000.0 * if n % 2 == 0 { on } else { off });
        let higher = random.between(0.99, 1.01);
        let dbm0 = random.between(-35.0, -5.0);
        Some(Self {
            tone: *tone,
            hz: entry.hz.iter().map(|hz| f64::from(*hz) * higher).collect(),
            times: times.collect(),
            dbm0,
            noise_dbm0: dbm0 - random.between(15.0, 40.0),
        })
    }

    /// Puts it on a line behind `before`; how many cycles it took until `ear` told it. `None`: not
    /// within four.
    #[must_use]
    pub fn cycles(&self, before: &[f64], random: &mut Random, ear: &mut Ear) -> Option<f64> {
        let cycle: f64 = self.times.iter().sum();
        let sines = self.hz.len().max(1);
        let each = amplitude(self.dbm0) / f64::from(u32::try_from(sines).unwrap_or(1)).sqrt();
        let noise = amplitude(self.noise_dbm0) / 2.0_f64.sqrt();
        let lead = before.len() / BLOCK_SAMPLES * BLOCK_SAMPLES;
        let mut block = [0; BLOCK_SAMPLES];
        let mut n = 0_usize;
        loop {
            for sample in &mut block {
                let mut sum = noise * random.normal();
                if let Some(n) = n.checked_sub(lead) {
                    let time = f64::from(u32::try_from(n).unwrap_or(0)) / 8000.0;
                    if self.on(time % cycle) {
                        sum += self.hz.iter().map(|hz| each * (TAU * hz * time).sin()).sum::<f64>();
                    }
                } else {
                    sum += before[n];
                }
                *sample = line(sum);
                n += 1;
            }
            let told = ear(&block);
            let since = f64::from(u32::try_from(n.saturating_sub(lead)).unwrap_or(0)) / 8000.0;
            if told == Some(self.tone) {
                return Some(since / cycle);
            }
            if told.is_some() || since > 4.0 * cycle {
                return None;
            }
        }
    }

    fn on(&self, mut time: f64) -> bool {
        for (n, length) in self.times.iter().enumerate() {
            if time < *length {
                return n % 2 == 0;
            }
            time -= length;
        }
        false
    }
}

/// Percent by which times may differ for spandsp, which measures them in steps of 16 ms.
const WITHIN: u16 = 20;

/// What says of 2 ms that a tone is known now which releases the call.
pub type Ear = dyn FnMut(&[i16; BLOCK_SAMPLES]) -> Option<CallTone>;

/// The box's, in a country.
#[must_use]
pub fn ours(country: &Country) -> Box<Ear> {
    let mut detector = Detector::new(&plan(country));
    Box::new(move |block| detector.push(block).filter(|tone| tone.ends()))
}

/// spandsp's, in a country whose tones all are of one frequency: two cycles of each.
/// `None`: they are not, or the library has no memory.
#[must_use]
pub fn spandsps(country: &Country) -> Option<Box<Ear>> {
    let known: Vec<_> =
        ENDS.iter().filter_map(|(name, tone)| Some((country.tones.get(*name)?, *tone))).collect();
    let hz = known.first()?.0.hz.first()?;
    if known.iter().any(|(tone, _)| tone.hz != [*hz]) {
        return None;
    }
    let twice: Vec<Vec<u16>> = known.iter().map(|(tone, _)| tone.cadence_ms.repeat(2)).collect();
    let cadences: Vec<&[u16]> = twice.iter().map(Vec::as_slice).collect();
    let mut receiver = supervisory::Receiver::new(*hz, &cadences, WITHIN)?;
    let tones: Vec<_> = known.iter().map(|(_, tone)| *tone).collect();
    let mut told = 0;
    Some(Box::new(move |block| {
        receiver.push(block);
        let heard = receiver.heard();
        let new = heard.get(told..)?.first().and_then(|place| tones.get(*place)).copied();
        told = heard.len();
        new
    }))
}

/// How many of so many true tones were told within three cycles by whoever `ear` gives for their
/// country, and the most cycles of those.
#[must_use]
pub fn told(
    seed: u64,
    count: usize,
    countries: &[Country],
    before: &[f64],
    ear: impl Fn(&Country) -> Option<Box<Ear>>,
) -> (usize, f64) {
    let mut random = Random(seed);
    let (mut released, mut worst) = (0, 0.0_f64);
    for n in 0..count {
        // Every other one of China.
        let others = countries.get(1..).filter(|others| !others.is_empty());
        let country = match others {
            Some(others) if n % 2 == 1 => random.one(others),
            _ => &countries[0],
        };
        let tone = True::new(country, &mut random);
        let (Some(tone), Some(mut ear)) = (tone, ear(country)) else { continue };
        // Behind a second of whatever was there: speech, or nothing.
        let from = n * 8000 % before.len().saturating_sub(8000).max(1);
        let before = before.get(from..from + 8000).unwrap_or(&[]);
        let before = if n % 3 == 0 { &[] } else { before };
        // The next tone is the same whenever this one is told.
        let mut noise = Random(random.0);
        random.uniform();
        let cycles = tone.cycles(before, &mut noise, &mut *ear);
        if let Some(cycles) = cycles.filter(|cycles| *cycles <= 3.0) {
            released += 1;
            worst = worst.max(cycles);
        }
    }
    (released, worst)
}
