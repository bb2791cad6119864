//! Composite source signals (G.168 Annex C), noise, tones and speech.

use std::f64::consts::{PI, TAU};

use progress_test::{Random, amplitude, speech};

use super::models::{VOICED, VOICED_NEAR};

/// Samples of a second.
pub const SECOND: usize = 8000;

/// From 44.1 to 8 kHz, of a signal that repeats.
fn periodic(period: &[i32], samples: usize) -> Vec<f64> {
    const HALF: i32 = 60;
    let length = i64::try_from(period.len()).unwrap_or(1);
    (0..samples)
        .map(|n| {
            #[expect(clippy::cast_precision_loss, reason = "a short signal")]
            let place = n as f64 * 44.1 / 8.0;
            #[expect(clippy::cast_possible_truncation, reason = "a short signal")]
            let first = place.floor() as i64;
            let tap = |k: i32| {
                let x = f64::from(k) - place.fract();
                let angle = TAU * 3600.0 / 44_100.0 * x;
                let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
                let window = 0.5 + 0.5 * (PI * x / f64::from(HALF)).cos();
                let at = usize::try_from((first + i64::from(k)).rem_euclid(length)).unwrap_or(0);
                f64::from(period[at]) * sinc * window * 7200.0 / 44_100.0
            };
            (1 - HALF..HALF).map(tap).sum()
        })
        .collect()
}

/// Noise from 200 to 3600 Hz.
#[must_use]
pub fn band_noise(samples: usize, seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    let white: Vec<f64> = (0..samples + 128).map(|_| random.normal()).collect();
    let taps: Vec<f64> = (-64..=64)
        .map(|k: i32| {
            let low = |hz: f64| {
                let angle = TAU * hz / 8000.0 * f64::from(k);
                2.0 * hz / 8000.0 * if k == 0 { 1.0 } else { angle.sin() / angle }
            };
            (low(3600.0) - low(200.0)) * (0.5 + 0.5 * (PI * f64::from(k) / 65.0).cos())
        })
        .collect();
    (0..samples)
        .map(|n| white[n..n + taps.len().min(128)].iter().zip(&taps).map(|(a, b)| a * b).sum())
        .collect()
}

/// Noise like that of a room (Hoth): white through a pole that takes 5 dB an octave.
#[must_use]
pub fn hoth(samples: usize, dbm0: f64, seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    let mut last = 0.0;
    let noise = (0..samples).map(|_| {
        last = 0.625 * last + random.normal();
        last
    });
    levelled(noise.collect(), dbm0)
}

/// Brings a signal to a mean level, its pauses included.
#[must_use]
pub fn levelled(mut samples: Vec<f64>, dbm0: f64) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let mean = samples.iter().map(|s| s * s).sum::<f64>() / samples.len().max(1) as f64;
    let gain = amplitude(dbm0) / 2.0_f64.sqrt() / mean.sqrt().max(1e-9);
    samples.iter_mut().for_each(|sample| *sample *= gain);
    samples
}

/// Repeats voice, noise and a pause, every second time with the sign turned.
fn composite(period: &[i32], parts: [usize; 3], samples: usize, seed: u64) -> Vec<f64> {
    let [voiced, noisy, pause] = parts;
    let voice = levelled(periodic(period, voiced), 0.0);
    let mut out = Vec::with_capacity(samples + 4000);
    let mut sign = 1.0;
    let noise = levelled(band_noise(noisy, seed), 0.0);
    while out.len() < samples {
        out.extend(voice.iter().chain(&noise).map(|sample| sample * sign));
        out.extend(std::iter::repeat_n(0.0, pause));
        sign = -sign;
    }
    out.truncate(samples);
    out
}

/// The composite source signal of the far end: 48.62 ms voiced, 200 ms of noise, 101.38 ms of
/// nothing (G.168 C.1).
#[must_use]
pub fn css(samples: usize, dbm0: f64) -> Vec<f64> {
    levelled(composite(&VOICED, [389, 1600, 811], samples, 1), dbm0)
}

/// That of the near end, for double talk: 72.69, 200 and 127.31 ms (G.168 C.3).
#[must_use]
pub fn css_near(samples: usize, dbm0: f64) -> Vec<f64> {
    levelled(composite(&VOICED_NEAR, [582, 1600, 1018], samples, 2), dbm0)
}

/// One sine or two of equal size, together at this level.
#[must_use]
pub fn tones(samples: usize, hz: [f64; 2], dbm0: f64) -> Vec<f64> {
    let sines = (0..samples).map(|n| {
        #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
        let t = n as f64 / 8000.0;
        hz.iter().filter(|hz| **hz > 0.0).map(|hz| (TAU * hz * t).sin()).sum()
    });
    levelled(sines.collect(), dbm0)
}

const FAR_TEXT: &str = "您好，这里是北京的电话公司。请问您找哪一位？我们明天下午三点开会，价格和合同\
     都已经准备好了。谢谢您的来电，请稍等一下。我们的办公室在中山路二十八号，欢迎您来。";
const NEAR_TEXT: &str = "喂，你好，我想问一下火车票的事情。今天晚上还有去上海的车吗？我要两张，\
     一张成人的，一张儿童的。可以用信用卡付钱吗？好的，谢谢，那我们八点钟见面。";

/// Mandarin speech; the two ends have voices and texts of their own.
///
/// # Errors
/// espeak-ng is not there or says nothing.
pub fn speech(near: bool, samples: usize, dbm0: f64) -> Result<Vec<f64>, String> {
    let (text, voice, pitch) =
        if near { (NEAR_TEXT, "cmn+f2", "60") } else { (FAR_TEXT, "cmn", "40") };
    let said = speech::spoken(&["-v", voice, "-s", "150", "-p", pitch, text])?;
    let said: Vec<f64> = said.iter().copied().cycle().take(samples).collect();
    Ok(levelled(said, dbm0))
}
