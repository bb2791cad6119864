//! Simulated rooms with a loudspeaker and a microphone, and what cancellers leave of the echo.
//!
//! The response of a room is that of its mirror images (J. Allen, D. Berkley, "Image method for
//! efficiently simulating small-room acoustics", JASA 65, 1979), walls all alike, absorption by
//! Sabine's formula. A loudspeaker that distorts saturates softly.

use acoustic::{Noise, Room, Settings, inline};
use speexdsp_peer::{FRAME, SpeexRoom};
use units::LinearBlock;
use units::media::BLOCK_SAMPLES;

use crate::echo::measure::{decibels, energy};
use crate::echo::signals::{SECOND, hoth, speech};

/// Metres a second.
const SOUND_M_S: f64 = 343.0;
/// Samples of a response: what comes later is below the noise.
const RESPONSE: usize = 4800;
/// Samples that a sound card keeps what it plays and what it hears: 30 ms.
const CARD: usize = 240;
/// How much louder than what was sent the loudspeaker is in the microphone, in dB: hands-free.
const COUPLING_DB: f64 = -3.0;
/// Both talkers, in dBm0.
const LEVEL_DBM0: f64 = -18.0;
/// The noise of a room with a computer.
const NOISE_DBM0: f64 = -55.0;
/// Seconds of a run; the near end speaks in [`TALK`].
const RUN: usize = 16;
const TALK: std::ops::Range<usize> = 8 * SECOND..12 * SECOND;
/// The longest delay that is looked for behind a canceller, in samples: 60 ms.
const DELAY: usize = 480;

/// A room.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// What people call it.
    pub name: &'static str,
    /// Length, width and height.
    pub size_m: [f64; 3],
    /// Where the loudspeaker is.
    pub loudspeaker_m: [f64; 3],
    /// Where the microphone is.
    pub microphone_m: [f64; 3],
    /// Seconds in which sound dies away by 60 dB.
    pub reverberation_s: f64,
    /// Whether the loudspeaker distorts.
    pub distorts: bool,
}

/// The rooms of the bench.
pub const ROOMS: [Shape; 4] = [
    Shape {
        name: "desk, 0.4 m",
        size_m: [3.0, 4.0, 2.5],
        loudspeaker_m: [1.0, 1.2, 0.8],
        microphone_m: [1.35, 1.4, 0.8],
        reverberation_s: 0.3,
        distorts: false,
    },
    Shape {
        name: "meeting room, 1 m",
        size_m: [5.0, 7.0, 2.8],
        loudspeaker_m: [2.0, 3.0, 0.9],
        microphone_m: [2.8, 3.6, 0.8],
        reverberation_s: 0.5,
        distorts: false,
    },
    Shape {
        name: "door, 0.15 m, loudspeaker distorts",
        size_m: [2.0, 3.0, 2.6],
        loudspeaker_m: [0.1, 1.5, 1.4],
        microphone_m: [0.1, 1.5, 1.25],
        reverberation_s: 0.4,
        distorts: true,
    },
    Shape {
        name: "workshop, 2 m, loudspeaker distorts",
        size_m: [10.0, 15.0, 5.0],
        loudspeaker_m: [3.0, 4.0, 2.0],
        microphone_m: [4.5, 5.2, 1.5],
        reverberation_s: 0.9,
        distorts: true,
    },
];

impl Shape {
    /// The response from loudspeaker to microphone at 8 kHz.
    #[must_use]
    pub fn response(&self) -> Vec<f64> {
        let [x, y, z] = self.size_m;
        let surface = 2.0 * (x * y + y * z + x * z);
        let absorbed = 0.161 * x * y * z / (surface * self.reverberation_s);
        let reflected = (1.0 - absorbed.min(0.99)).sqrt();
        let mut taps = vec![0.0; RESPONSE];
        let longest = RESPONSE as f64 / 8000.0 * SOUND_M_S;
        let images = |axis: usize| {
            let (size, from, to) =
                (self.size_m[axis], self.loudspeaker_m[axis], self.microphone_m[axis]);
            #[expect(clippy::cast_possible_truncation, reason = "metres of a room")]
            let most = (longest / (2.0 * size)).ceil() as i32;
            (-most..=most)
                .flat_map(move |n| [(n, 1.0, 2 * n), (n, -1.0, 2 * n - 1)])
                .map(move |(n, sign, walls)| {
                    let distance = 2.0 * f64::from(n) * size + sign * from - to;
                    (distance * distance, reflected.powi(walls.abs()))
                })
                .collect::<Vec<_>>()
        };
        let [along, across, up] = [images(0), images(1), images(2)];
        for (x2, by_x) in &along {
            for (y2, by_y) in across.iter().filter(|(y2, _)| x2 + y2 < longest * longest) {
                for (z2, by_z) in &up {
                    let metres = (x2 + y2 + z2).sqrt();
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a distance in samples"
                    )]
                    let at = (metres / SOUND_M_S * 8000.0).round() as usize;
                    if let Some(tap) = taps.get_mut(at) {
                        *tap += by_x * by_y * by_z / metres.max(0.05);
                    }
                }
            }
        }
        let scale = (10f64.powf(COUPLING_DB / 10.0) / energy(&taps)).sqrt();
        taps.iter().map(|tap| tap * scale).collect()
    }
}

/// What is said, sent, reflected and heard.
#[derive(Clone, Debug)]
pub struct Scene {
    sent: Vec<i16>,
    echo: Vec<f64>,
    near: Vec<f64>,
    heard: Vec<i16>,
}

fn sample(value: f64) -> i16 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range")]
    let sample = value.round().clamp(-32768.0, 32767.0) as i16;
    sample
}

impl Scene {
    /// Sixteen seconds of Mandarin in this room; the near end joins in for four of them.
    ///
    /// # Errors
    /// espeak-ng is not there.
    pub fn new(shape: &Shape) -> Result<Self, String> {
        let length = RUN * SECOND;
        let far = speech(false, length, LEVEL_DBM0)?;
        let mut near = speech(true, length, LEVEL_DBM0)?;
        for (at, value) in near.iter_mut().enumerate() {
            if !TALK.contains(&at) {
                *value = 0.0;
            }
        }
        let noise = hoth(length, NOISE_DBM0, 9);
        let sent: Vec<i16> = far.iter().map(|value| sample(*value)).collect();
        let played: Vec<f64> = sent
            .iter()
            .map(|value| {
                let value = f64::from(*value);
                // A tenth of the range bends peaks of speech, as a small loudspeaker does.
                if shape.distorts { 8000.0 * (value / 8000.0).tanh() } else { value }
            })
            .collect();
        let taps = shape.response();
        let echo: Vec<f64> = (0..length)
            .map(|at| {
                let past = played[..(at + 1).saturating_sub(CARD)].iter().rev();
                past.zip(&taps).map(|(sound, tap)| sound * tap).sum()
            })
            .collect();
        let all = echo.iter().zip(&near).zip(&noise);
        let heard = all.map(|((echo, near), noise)| sample(echo + near + noise)).collect();
        Ok(Self { sent, echo, near, heard })
    }

    /// What comes out of a canceller.
    pub fn through(&self, canceller: &mut Canceller) -> Vec<f64> {
        let frames = self.sent.chunks_exact(FRAME).zip(self.heard.chunks_exact(FRAME));
        let mut out = Vec::with_capacity(self.sent.len());
        for (sent, heard) in frames {
            let (mut from, mut frame) = ([0; FRAME], [0; FRAME]);
            from.copy_from_slice(sent);
            frame.copy_from_slice(heard);
            canceller.process(&from, &mut frame);
            out.extend(frame.map(f64::from));
        }
        out
    }
}

/// Who takes echo away.
pub enum Canceller {
    /// Nobody.
    Nothing,
    /// The product's.
    Ours(Box<Room>),
    /// speexdsp's, with its preprocessor.
    Speex(SpeexRoom),
}

impl Canceller {
    /// The product's, for echo alone: what noise and level become is not compared.
    ///
    /// # Errors
    /// WebRTC does not start.
    pub fn ours() -> Result<Self, String> {
        let settings = Settings { noise: Noise::Keep, gain: false, ..Settings::default() };
        inline(settings).map(|room| Self::Ours(Box::new(room))).map_err(|fault| fault.to_string())
    }

    /// speexdsp's with a tail of 300 ms.
    ///
    /// # Errors
    /// No memory.
    pub fn speex() -> Result<Self, String> {
        SpeexRoom::new(2400).map(Self::Speex).ok_or_else(|| "no memory".into())
    }

    /// Ten milliseconds.
    pub fn process(&mut self, sent: &[i16; FRAME], heard: &mut [i16; FRAME]) {
        match self {
            Self::Nothing => {}
            Self::Speex(speex) => speex.process(sent, heard),
            Self::Ours(room) => {
                let blocks =
                    sent.chunks_exact(BLOCK_SAMPLES).zip(heard.chunks_exact_mut(BLOCK_SAMPLES));
                for (from, to) in blocks {
                    let (mut sent, mut block) = (LinearBlock::SILENCE, LinearBlock::SILENCE);
                    sent.samples.copy_from_slice(from);
                    block.samples.copy_from_slice(to);
                    room.process(&sent, &mut block);
                    to.copy_from_slice(&block.samples);
                }
            }
        }
    }
}

/// What a canceller did.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Echo to what is left of it, noise included, before the near end speaks; dB.
    pub erle: f64,
    /// Milliseconds until 20 dB of it are gone for the first time; 16,000 if never.
    pub ms_to_20: f64,
    /// Echo to what is left, behind the double talk; dB.
    pub after: f64,
    /// How loud the near end is in what comes out while both speak, to what it said; dB.
    pub near_level: f64,
    /// The near end to all else in it; dB.
    pub near_snr: f64,
    /// Its delay, ms.
    pub delay_ms: f64,
    /// ERLE each 100 ms.
    pub curve: Vec<f64>,
}

/// Windows of 400 ms: a pause of the far talker is in none alone.
const WINDOW: usize = 3200;

/// Measures what came out.
#[must_use]
pub fn figures(scene: &Scene, out: &[f64]) -> Figures {
    let erle = |range: std::ops::Range<usize>| {
        decibels(energy(&scene.echo[range.clone()]), energy(&out[range]))
    };
    let first = (0..TALK.start - WINDOW).step_by(80).find(|at| erle(*at..at + WINDOW) >= 20.0);
    let (near, said) = (&scene.near[TALK], energy(&scene.near[TALK]));
    let product = |delay: usize| -> f64 {
        near.iter().zip(&out[TALK.start + delay..]).map(|(near, out)| near * out).sum()
    };
    let delay = (0..DELAY).max_by(|a, b| product(*a).total_cmp(&product(*b))).unwrap_or(0);
    let gain = product(delay) / said;
    let rest: f64 = near
        .iter()
        .zip(&out[TALK.start + delay..])
        .map(|(near, out)| (out - gain * near).powi(2))
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of seconds")]
    let ms = |samples: usize| samples as f64 / 8.0;
    Figures {
        erle: erle(4 * SECOND..TALK.start),
        ms_to_20: first.map_or(16_000.0, |at| ms(at + WINDOW)),
        after: erle(TALK.end + SECOND..RUN * SECOND),
        near_level: decibels(gain * gain * said, said),
        near_snr: decibels(gain * gain * said, rest),
        delay_ms: ms(delay),
        curve: (0..RUN * 10 - 4).map(|n| erle(n * 800..n * 800 + WINDOW)).collect(),
    }
}
