//! Music made from seeds, much of it around the frequencies and in the rhythms of tones.
//!
//! A bare sine that begins and ends at once, as loud and as high throughout, in a steady beat, is
//! no music but a tone: every note here swells, fades, trembles or has partials as instruments do.

use std::f64::consts::TAU;

use crate::{Random, level};

/// What plays.
#[derive(Clone, Copy, Debug)]
enum Instrument {
    /// Partials without end, each as loud as chance has it, some trembling.
    Organ,
    /// A first partial almost alone, with vibrato and breath.
    Flute,
    /// Fades, the higher partials faster.
    Plucked,
    /// Fades, partials out of tune.
    Bell,
    /// Bowed: a saw that swells, with vibrato.
    Bowed,
    /// Sung: a saw through two formants.
    Voice,
}

const ALL: &[Instrument] = &[
    Instrument::Organ,
    Instrument::Flute,
    Instrument::Plucked,
    Instrument::Bell,
    Instrument::Bowed,
    Instrument::Voice,
];

/// Lengths of notes and pauses in seconds: those of tones, and of music.
const BEATS: &[(f64, f64)] = &[
    (0.35, 0.35),
    (0.7, 0.7),
    (0.5, 0.5),
    (0.25, 0.25),
    (0.375, 0.375),
    (0.24, 0.24),
    (0.48, 0.48),
    (0.4, 0.4),
    (0.1, 0.1),
    (1.0, 4.0),
    (0.45, 0.05),
    (0.2, 0.05),
    (0.9, 0.1),
    (0.3, 0.1),
];

/// One partial of a note.
struct Partial {
    hz: f64,
    size: f64,
    /// By how much it fades in a second, as an exponent.
    fades: f64,
}

struct Note {
    partials: Vec<Partial>,
    /// Seconds until it is there, and until it is gone after its end.
    swell: f64,
    end: f64,
    vibrato: (f64, f64),
    tremolo: (f64, f64),
    breath: f64,
}

fn note(instrument: Instrument, hz: f64, random: &mut Random) -> Note {
    let partial = |k: i32, size: f64, fades: f64| Partial { hz: hz * f64::from(k), size, fades };
    let vibrato = (random.between(4.5, 7.0), random.between(0.003, 0.012));
    let still = (1.0, 0.0);
    let plain = |partials, swell| Note {
        partials,
        swell,
        end: 0.03,
        vibrato: still,
        tremolo: still,
        breath: 0.0,
    };
    match instrument {
        Instrument::Organ => {
            // The others together at least half as strong as the first.
            let mut partials = vec![partial(1, 1.0, 0.0)];
            partials.extend((2..7).map(|k| partial(k, random.between(0.15, 0.8), 0.0)));
            let tremolo = (random.between(5.0, 7.0), random.between(0.0, 0.2));
            Note { tremolo, ..plain(partials, 0.01) }
        }
        Instrument::Flute => {
            let second = random.between(0.02, 0.2);
            let partials = vec![partial(1, 1.0, 0.0), partial(2, second, 0.0)];
            Note { vibrato, breath: random.between(0.01, 0.05), ..plain(partials, 0.05) }
        }
        Instrument::Plucked => {
            let fades = random.between(2.5, 8.0);
            let each = |k: i32| partial(k, 1.0 / f64::from(k), fades * f64::from(k));
            plain((1..8).map(each).collect(), 0.002)
        }
        Instrument::Bell => {
            let ratios = [1.0, 2.76, 5.4, 8.93];
            let fades = random.between(1.5, 5.0);
            let each = |(k, ratio): (i32, f64)| Partial {
                hz: hz * ratio,
                size: random.between(0.3, 1.0) / f64::from(k),
                fades: fades * f64::from(k),
            };
            plain((1..).zip(ratios).map(each).collect(), 0.001)
        }
        Instrument::Bowed => {
            let each = |k: i32| partial(k, 1.0 / f64::from(k), 0.0);
            Note { vibrato, ..plain((1..9).map(each).collect(), random.between(0.04, 0.15)) }
        }
        Instrument::Voice => {
            let formants = [random.between(300.0, 800.0), random.between(900.0, 2400.0)];
            let each = |k: i32| {
                let near =
                    formants.map(|f| 1.0 / (1.0 + ((hz * f64::from(k) - f) / 120.0).powi(2)));
                partial(k, (0.05 + near.iter().sum::<f64>()) / f64::from(k), 0.0)
            };
            Note { vibrato, ..plain((1..10).map(each).collect(), 0.06) }
        }
    }
}

/// Adds a note from a sample on.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places of samples")]
fn play(samples: &mut [f64], from: f64, seconds: f64, note: &Note, random: &mut Random) {
    let begin = (from * 8000.0) as usize;
    let count = ((seconds + note.end) * 8000.0) as usize;
    let Some(room) = samples.get_mut(begin..) else { return };
    let mut phases: Vec<f64> = note.partials.iter().map(|_| random.uniform()).collect();
    for (n, sample) in room.iter_mut().take(count).enumerate() {
        let time = f64::from(u32::try_from(n).unwrap_or(0)) / 8000.0;
        let over = ((seconds + note.end - time) / note.end).clamp(0.0, 1.0);
        let (rate, depth) = note.tremolo;
        let tremble = 1.0 + depth * (TAU * rate * time).sin();
        let size = (time / note.swell).min(1.0) * over * tremble;
        let (rate, depth) = note.vibrato;
        let bend = 1.0 + depth * (TAU * rate * time).sin();
        let mut sum = if note.breath > 0.0 { note.breath * random.normal() } else { 0.0 };
        for (phase, partial) in phases.iter_mut().zip(&note.partials) {
            let hz = partial.hz * bend;
            if hz < 3600.0 {
                *phase = (*phase + hz / 8000.0).fract();
                let fades = if partial.fades > 0.0 { (-partial.fades * time).exp() } else { 1.0 };
                sum += partial.size * fades * (TAU * *phase).sin();
            }
        }
        *sample += 4000.0 * size * sum;
    }
}

/// Half of all notes are those of tones, the others of a scale.
fn pitch(random: &mut Random) -> f64 {
    if random.uniform() < 0.5 {
        *random.one(&[400.0, 425.0, 440.0, 450.0, 480.0]) + random.between(-6.0, 6.0)
    } else {
        let steps = *random.one(&[0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0, 12.0, -5.0, -3.0, -12.0]);
        440.0 * 2.0_f64.powf(steps / 12.0)
    }
}

fn drums(samples: &mut [f64], beat: f64, random: &mut Random) {
    let loud = random.between(500.0, 3000.0);
    for (n, sample) in samples.iter_mut().enumerate() {
        let time = f64::from(u32::try_from(n).unwrap_or(0)) / 8000.0;
        *sample += loud * (-(time % beat) * 30.0).exp() * random.normal();
    }
}

/// So many seconds of one band: a voice alone, with chords, with drums, as colour ring-back with
/// pauses; at a level between -30 and -8 dBm0.
#[must_use]
pub fn piece(seed: u64, seconds: usize) -> Vec<f64> {
    let mut random = Random(seed ^ 0x0050_0500);
    let mut samples = vec![0.0; seconds * 8000];
    let end = f64::from(u32::try_from(seconds).unwrap_or(0));
    let (on, off) = *random.one(BEATS);
    let steady = random.uniform() < 0.6;
    let lead = *random.one(ALL);
    // The same note again and again is what comes nearest to a tone.
    let held = (random.uniform() < 0.5).then(|| pitch(&mut random));
    let mut time = random.uniform();
    while time < end {
        let hz = held.unwrap_or_else(|| pitch(&mut random));
        let played = note(lead, hz, &mut random);
        play(&mut samples, time, on, &played, &mut random);
        time += if steady { on + off } else { (on + off) * random.between(0.5, 1.5) };
    }
    if random.uniform() < 0.4 {
        let (kind, mut time) = (*random.one(ALL), 0.0);
        while time < end {
            let root = *random.one(&[110.0, 147.0, 220.0, 225.0, 450.0, 294.0]);
            for ratio in [1.0, 1.25, 1.5] {
                let chord = note(kind, root * ratio, &mut random);
                play(&mut samples, time, 1.9, &chord, &mut random);
            }
            time += 2.0;
        }
    }
    if random.uniform() < 0.3 {
        drums(&mut samples, on + off, &mut random);
    }
    level(&mut samples, random.between(-30.0, -8.0));
    samples
}
