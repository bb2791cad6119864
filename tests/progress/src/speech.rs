//! Sentences drawn by lot, spoken by espeak-ng.

use std::f64::consts::PI;
use std::process::Command;

use crate::{Random, level};

/// Voices and how they are altered; languages with long and short vowels, tones and none.
const VOICES: &[&str] = &["cmn", "en", "de", "fr", "es", "it", "ru", "pt"];
const VARIANTS: &[&str] = &["", "+f2", "+m3", "+f4", "+m7", "+croak", "+whisper"];

const WORDS: &[(&str, &[&str])] = &[
    (
        "cmn",
        &[
            "你好",
            "请问",
            "喂",
            "嗯",
            "好的",
            "电话",
            "公司",
            "明天",
            "下午",
            "三点",
            "谢谢",
            "不客气",
            "我们",
            "价格",
            "合同",
            "啊",
            "对",
            "哦",
            "没有",
            "可以",
            "等一下",
            "北京",
        ],
    ),
    (
        "",
        &[
            "no",
            "hello",
            "mama",
            "ooh",
            "yes",
            "bonjour",
            "telefon",
            "alarm",
            "moon",
            "normal",
            "one",
            "two",
            "radio",
            "hotel",
            "taxi",
            "noon",
            "motor",
            "banana",
            "lulu",
            "minimum",
            "allo",
            "opera",
            "museum",
            "uno",
            "tomato",
            "you",
            "who",
            "do",
            "no, no, no",
            "hmm",
        ],
    ),
];

/// Half the length of the filter that goes from 22050 to 8000 Hz, in samples of 22050 Hz.
const HALF: i32 = 24;
/// Where it cuts, in hertz.
const CUT_HZ: f64 = 3500.0;

/// At least so many seconds of one voice, at a level between -30 and -8 dBm0.
///
/// # Errors
/// espeak-ng is not there or says nothing.
pub fn piece(seed: u64, seconds: usize) -> Result<Vec<f64>, String> {
    let mut random = Random(seed ^ 0x5EEC);
    let mut samples = vec![];
    while samples.len() < seconds * 8000 {
        let voice = *random.one(VOICES);
        let words = WORDS.iter().find(|(language, _)| *language == voice).unwrap_or(&WORDS[1]).1;
        let mut text = String::new();
        for n in 1..=120 {
            text.push_str(random.one::<&str>(words));
            text.push_str(if n % 9 == 0 { ". " } else { " " });
        }
        let voice = format!("{voice}{}", random.one(VARIANTS));
        let speed = format!("{:.0}", random.between(90.0, 220.0));
        let pitch = format!("{:.0}", random.between(10.0, 95.0));
        samples.extend(spoken(&["-v", &voice, "-s", &speed, "-p", &pitch, &text])?);
    }
    samples.truncate(seconds * 8000);
    level(&mut samples, random.between(-30.0, -8.0));
    Ok(samples)
}

/// What espeak-ng says to these arguments, at 8 kHz.
///
/// # Errors
/// espeak-ng is not there or says nothing.
pub fn spoken(arguments: &[&str]) -> Result<Vec<f64>, String> {
    let said = Command::new("espeak-ng").arg("--stdout").args(arguments).output();
    let said = said.map_err(|fault| format!("espeak-ng: {fault}"))?;
    // A WAV header of 44 octets, then samples of 16 bits.
    let octets = said.stdout.get(44..).filter(|octets| octets.len() > 8000);
    let octets = octets.ok_or_else(|| format!("espeak-ng {arguments:?} says nothing"))?;
    let wide: Vec<f64> =
        octets.as_chunks::<2>().0.iter().map(|pair| f64::from(i16::from_le_bytes(*pair))).collect();
    Ok(to_8_khz(&wide))
}

/// From 22050 to 8000 Hz: 441 samples become 160.
#[must_use]
pub fn to_8_khz(wide: &[f64]) -> Vec<f64> {
    let filters: Vec<Vec<f64>> = (0..160)
        .map(|phase| {
            let part = f64::from(phase * 441 % 160) / 160.0;
            let tap = |k: i32| {
                let x = f64::from(k) - part;
                let angle = 2.0 * PI * CUT_HZ / 22_050.0 * x;
                let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
                let window = 0.54 + 0.46 * (PI * x / f64::from(HALF)).cos();
                sinc * window * 2.0 * CUT_HZ / 22_050.0
            };
            (1 - HALF..HALF).map(tap).collect()
        })
        .collect();
    (0..wide.len() * 160 / 441)
        .map(|n| {
            let place = n * 441 / 160;
            let filter = &filters[n % 160];
            let from = (place + 1).checked_sub(HALF as usize);
            let taken = from.and_then(|from| wide.get(from..from + filter.len()));
            taken.map_or(0.0, |taken| taken.iter().zip(filter).map(|(a, b)| a * b).sum())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::to_8_khz;

    #[test]
    fn a_sine_keeps_its_frequency_and_size_on_the_way_to_8_khz() {
        let sine =
            |rate: f64| move |n: i32| (f64::from(n) * 450.0 / rate * std::f64::consts::TAU).sin();
        let wide: Vec<f64> = (0..22_050).map(sine(22_050.0)).collect();
        let narrow = to_8_khz(&wide);
        let wanted: Vec<f64> = (0..8000).map(sine(8000.0)).collect();
        let worst = narrow[100..7900].iter().zip(&wanted[100..7900]);
        let worst = worst.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.01, "{worst}");
    }
}
