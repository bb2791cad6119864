//! A simulated room: taps of a decaying response, a talker, and noise.

use units::LinearBlock;
use units::media::BLOCK_SAMPLES;

use crate::room::{Room, inline, with_rings};
use crate::work::to_sample;
use crate::worker::serve;
use crate::{DELAY_BLOCKS, Settings};

/// Noise that is the same from run to run, in ±amplitude.
struct Noise(u32);

impl Noise {
    fn next(&mut self, amplitude: i32) -> i32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let high = i32::try_from(self.0 >> 16).unwrap_or(0) - 0x8000;
        high * amplitude / 0x8000
    }
}

/// Speech-like: noise whose level comes and goes, four times a second.
fn talk(noise: &mut Noise, at: usize) -> i16 {
    let loud = (at / 1000).is_multiple_of(2);
    i16::try_from(noise.next(if loud { 6000 } else { 300 })).unwrap_or(0)
}

/// What a loudspeaker says, heard `delay` samples later through a decaying response.
struct Walls {
    past: Vec<i16>,
    taps: Vec<(usize, f32)>,
}

impl Walls {
    fn new(delay: usize) -> Self {
        let mut noise = Noise(7);
        let tap = |n: u16| {
            let decay = (-f32::from(n) / 160.0).exp();
            let sign = noise.next(1000) as f32 / 1000.0;
            (delay + usize::from(n), 0.15 * decay * sign)
        };
        Self { past: vec![], taps: (0..800).map(tap).collect() }
    }

    fn echo(&mut self, sample: i16) -> f32 {
        self.past.push(sample);
        let now = self.past.len() - 1;
        let heard = |(delay, gain): &(usize, f32)| {
            now.checked_sub(*delay).map_or(0.0, |at| f32::from(self.past[at]) * gain)
        };
        self.taps.iter().map(heard).sum()
    }
}

/// Seconds of a far talker in a room: energy of the echo and of what is left of it, in the last
/// second, and all that came out.
fn run(room: &mut Room, seconds: usize, mut after: impl FnMut()) -> (f64, f64, Vec<i16>) {
    let (mut walls, mut noise, mut out) = (Walls::new(160), Noise(1), vec![]);
    let (mut echo_energy, mut left_energy) = (0.0, 0.0);
    let blocks = seconds * 500;
    for block in 0..blocks {
        let (mut sent, mut heard) = (LinearBlock::SILENCE, LinearBlock::SILENCE);
        for at in 0..BLOCK_SAMPLES {
            sent.samples[at] = talk(&mut noise, block * BLOCK_SAMPLES + at);
            let echo = walls.echo(sent.samples[at]);
            heard.samples[at] = to_sample(echo / 32_768.0);
            if block >= blocks - 500 {
                echo_energy += f64::from(echo) * f64::from(echo);
            }
        }
        room.process(&sent, &mut heard);
        after();
        if block >= blocks - 500 {
            left_energy += heard.samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
        }
        out.extend(heard.samples);
    }
    (echo_energy, left_energy, out)
}

fn echo_only() -> Settings {
    Settings { noise: crate::Noise::Keep, gain: false, ..Settings::default() }
}

#[test]
fn the_echo_of_a_room_is_taken_away() {
    let mut room = inline(echo_only()).expect("WebRTC starts");
    let (echo, left, _) = run(&mut room, 6, || ());
    let erle_db = 10.0 * (echo / left.max(1.0)).log10();
    assert!(erle_db > 25.0, "ERLE {erle_db} dB");
    assert_eq!(room.figures().late, 0);
}

#[test]
fn without_echo_cancellation_the_echo_stays() {
    let mut room = inline(Settings { echo: false, ..echo_only() }).expect("WebRTC starts");
    let (echo, left, _) = run(&mut room, 3, || ());
    let erle_db = 10.0 * (echo / left.max(1.0)).log10();
    assert!(erle_db < 3.0, "ERLE {erle_db} dB without a canceller");
}

#[test]
fn a_worker_gives_the_same_sound_as_the_line_thread_itself() {
    let mut here = inline(Settings::default()).expect("WebRTC starts");
    let (mut room, mut bench) = with_rings(Settings::default()).expect("WebRTC starts");
    let (_, _, expected) = run(&mut here, 2, || ());
    let (_, _, got) = run(&mut room, 2, || serve(&mut bench));
    assert!(got == expected, "two seconds differ");
    assert_eq!(room.figures().late, 0);
}

#[test]
fn what_a_room_says_comes_as_much_later_as_is_promised() {
    let off = Settings { echo: false, ..echo_only() };
    let mut room = inline(off).expect("WebRTC starts");
    let mut first = None;
    for tick in 0..100 {
        let mut heard = LinearBlock::SILENCE;
        if tick == 20 {
            heard.samples = [8000, -8000].repeat(8).try_into().expect("sixteen");
        }
        room.process(&LinearBlock::SILENCE, &mut heard);
        if first.is_none() && heard.samples.iter().any(|sample| sample.unsigned_abs() > 1000) {
            first = Some(tick);
        }
    }
    // The bands of WebRTC's filters take some samples besides.
    let first = first.expect("the click came");
    assert!((20 + DELAY_BLOCKS..=22 + DELAY_BLOCKS).contains(&first), "tick {first}");
}

#[test]
fn a_worker_that_is_late_costs_silence_and_not_delay() {
    let off = Settings { echo: false, ..echo_only() };
    let (mut room, mut bench) = with_rings(off).expect("WebRTC starts");
    let mut loud_at = vec![];
    for tick in 0..400 {
        let mut heard = LinearBlock::SILENCE;
        if tick == 300 {
            heard.samples = [8000, -8000].repeat(8).try_into().expect("sixteen");
        }
        room.process(&LinearBlock::SILENCE, &mut heard);
        // It sleeps for 40 ms.
        if !(100..120).contains(&tick) {
            serve(&mut bench);
        }
        if heard.samples.iter().any(|sample| sample.unsigned_abs() > 1000) {
            loud_at.push(tick);
        }
    }
    let first = *loud_at.first().expect("the click came");
    assert!((300 + DELAY_BLOCKS..=302 + DELAY_BLOCKS).contains(&first), "tick {first}");
    assert!(room.figures().late > 0);
}

#[test]
fn samples_of_any_kind_are_survived() {
    let mut room = inline(Settings::default()).expect("WebRTC starts");
    let mut noise = Noise(3);
    for tick in 0..500 {
        let (mut sent, mut heard) = (LinearBlock::SILENCE, LinearBlock::SILENCE);
        for at in 0..BLOCK_SAMPLES {
            let (a, b) = match tick / 100 {
                0 => (i16::MAX, i16::MIN),
                1 => (i16::MIN, i16::MIN),
                2 => (0, 12_000),
                _ => {
                    let any = |n: &mut Noise| i16::try_from(n.next(32_767)).unwrap_or(0);
                    (any(&mut noise), any(&mut noise))
                }
            };
            (sent.samples[at], heard.samples[at]) = (a, b);
        }
        room.process(&sent, &mut heard);
    }
    let figures = room.figures();
    assert!(figures.erl_db.is_finite() && figures.erle_db.is_finite(), "{figures:?}");
}
