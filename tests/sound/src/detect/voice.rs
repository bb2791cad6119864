//! Speech found in noise; persons and machines that answer.

use std::process::Command;

use dsp_voice::{Activity, Judge, Kind, Music, Verdict};
use progress_test::{Random, amplitude, line};
use units::media::BLOCK_SAMPLES;

/// Blocks of 2 ms: speech that was found and missed, quiet that was taken for speech and was not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Speech found.
    pub hit: u64,
    /// Speech missed.
    pub missed: u64,
    /// Quiet taken for speech.
    pub false_hit: u64,
    /// Quiet left alone.
    pub quiet: u64,
}

impl Found {
    /// Part of the speech that was found, and of the quiet that was taken for speech.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of blocks")]
    pub fn rates(&self) -> [f64; 2] {
        let part = |some: u64, others: u64| some as f64 / (some + others).max(1) as f64;
        [part(self.hit, self.missed), part(self.false_hit, self.quiet)]
    }
}

/// Mean level of what is speech, in dBm0.
const LEVEL: f64 = -20.0;

fn energy(samples: &[i16]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

/// Looks for the speech of these prompts, a second apart, with noise so far below it. What is
/// speech is told by the clean recordings: a frame of 20 ms within 25 dB of the loudest tenth.
/// Quiet counts from 200 ms behind speech on.
#[must_use]
pub fn activity(prompts: &[Vec<i16>], noise_db: f64) -> Found {
    let mut found = Found::default();
    let mut random = Random(3);
    let mut activity = Activity::new();
    for prompt in prompts {
        let mut sound = vec![0_i16; 8000];
        sound.extend(prompt);
        let mut frames: Vec<f64> = sound.chunks(160).map(energy).collect();
        let in_order = frames.clone();
        frames.sort_by(f64::total_cmp);
        let loud = frames[frames.len() * 9 / 10];
        let speech: Vec<bool> = in_order.iter().map(|frame| *frame > loud / 316.0).collect();
        let mean = {
            let active: Vec<f64> =
                in_order.iter().zip(&speech).filter(|(_, s)| **s).map(|(e, _)| *e).collect();
            #[expect(clippy::cast_precision_loss, reason = "a count of frames")]
            let count = active.len().max(1) as f64;
            active.iter().sum::<f64>() / count / 160.0
        };
        // All as loud: the noise of a line does not change from word to word.
        let gain = amplitude(LEVEL) / 2.0_f64.sqrt() / mean.sqrt();
        let noise = amplitude(LEVEL - noise_db) / 2.0_f64.sqrt();
        for (n, block) in sound.as_chunks::<BLOCK_SAMPLES>().0.iter().enumerate() {
            let block =
                block.map(|sample| line(f64::from(sample) * gain + noise * random.normal()));
            activity.push(&block);
            let frame = n / 10;
            let before = speech[frame.saturating_sub(10)..=frame].iter().any(|speech| *speech);
            match (speech[frame], before, activity.speaks()) {
                (true, _, true) => found.hit += 1,
                (true, _, false) => found.missed += 1,
                (false, false, true) => found.false_hit += 1,
                (false, false, false) => found.quiet += 1,
                (false, true, _) => {}
            }
        }
    }
    found
}

const HELLOS: &[(&str, &str)] = &[
    ("cmn", "喂"),
    ("cmn", "你好"),
    ("cmn", "喂，你好"),
    ("cmn", "喂，哪位"),
    ("cmn", "你好，我是王明"),
    ("en", "Hello?"),
    ("en", "Yes?"),
    ("en", "Hello, this is Mary."),
    ("en", "Good morning."),
    ("de", "Hallo?"),
    ("de", "Müller."),
    ("fr", "Allô?"),
    ("fr", "Oui, bonjour."),
    ("es", "¿Diga?"),
    ("it", "Pronto."),
    ("ru", "Алло?"),
    ("ru", "Слушаю вас."),
];

const GREETINGS: &[(&str, &str)] = &[
    ("cmn", "您好，这里是张伟的电话，我现在不方便接听，请在提示音后留言。"),
    ("cmn", "您拨打的电话暂时无人接听，请稍后再拨，或在嘀声后留言。"),
    (
        "en",
        "Hi, you have reached the office of Mary Smith. I am not here right now. Please leave a \
         message after the tone.",
    ),
    (
        "en",
        "Hello. I cannot come to the phone at the moment, please leave your name and number \
         after the beep.",
    ),
    (
        "de",
        "Guten Tag, dies ist der Anschluss der Familie Müller. Bitte hinterlassen Sie eine \
         Nachricht nach dem Signalton.",
    ),
    ("fr", "Bonjour, vous êtes bien chez Pierre Dupont. Laissez un message après le bip sonore."),
    ("es", "Hola, en este momento no podemos atenderle. Deje su mensaje después de la señal."),
    ("it", "Risponde la segreteria telefonica. Lasciate un messaggio dopo il segnale acustico."),
    ("ru", "Здравствуйте, вы позвонили в компанию. Оставьте сообщение после сигнала."),
];

/// What is told of recordings one behind the other, at this level in dBm0 and with noise so far
/// below it: seconds of silence, speech, music and tones.
#[must_use]
pub fn kinds(recordings: &[Vec<i16>], level: f64, noise_db: f64) -> [u32; 4] {
    let all = || recordings.iter().flatten();
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let mean = all().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / all().count() as f64;
    let gain = amplitude(level) / 2.0_f64.sqrt() / mean.sqrt();
    let noise = amplitude(level - noise_db) / 2.0_f64.sqrt();
    let (mut music, mut random, mut seconds) = (Music::new(), Random(9), [0; 4]);
    let sound: Vec<i16> =
        all().map(|sample| line(f64::from(*sample) * gain + noise * random.normal())).collect();
    for block in sound.as_chunks::<BLOCK_SAMPLES>().0 {
        match music.push(block) {
            Some(Kind::Silence) => seconds[0] += 1,
            Some(Kind::Speech) => seconds[1] += 1,
            Some(Kind::Music) => seconds[2] += 1,
            Some(Kind::Tone) => seconds[3] += 1,
            None => {}
        }
    }
    seconds
}

/// Beeps told in these recordings, in which there are none.
#[must_use]
pub fn beeps(prompts: &[Vec<i16>]) -> usize {
    let mut beep = dsp_voice::Beep::new();
    let blocks = prompts.iter().flat_map(|prompt| prompt.as_chunks::<BLOCK_SAMPLES>().0);
    blocks.filter(|block| beep.push(block) == Some(dsp_voice::Event::Begin)).count()
}

/// What the judge said of synthetic answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Judged {
    /// Persons, and those of them taken for something else.
    pub persons: [u32; 2],
    /// Machines, and those of them taken for something else.
    pub machines: [u32; 2],
    /// Machines whose beep was not told within half a second of its end.
    pub beeps: u32,
}

/// Answers drawn by lot: voices, speeds, levels of -30 to -12 dBm0, noise 20 to 45 dB below, a beep
/// of 400 to 2000 Hz behind greetings.
///
/// # Errors
/// espeak-ng is not there or says nothing.
pub fn judged(count: u32, seed: u64) -> Result<Judged, String> {
    let mut random = Random(seed);
    let mut judged = Judged::default();
    for n in 0..count {
        let machine = n % 2 == 1;
        let (voice, text) = *random.one(if machine { GREETINGS } else { HELLOS });
        let variant = *random.one(&["", "+f2", "+m3", "+f4", "+m7"]);
        let speed = random.between(120.0, 200.0);
        let spoken = speak(&format!("{voice}{variant}"), speed, text)?;
        let (dbm0, snr) = (random.between(-30.0, -12.0), random.between(20.0, 45.0));
        let noise = amplitude(dbm0 - snr) / 2.0_f64.sqrt();
        let mut sound = vec![0.0; 2400 + (random.uniform() * 6000.0) as usize];
        let mut words = spoken;
        progress_test::level(&mut words, dbm0);
        sound.extend(words);
        let mut beep = 0;
        if machine {
            sound.extend(vec![0.0; 3200]);
            let (hz, ms) = (random.between(400.0, 2000.0), random.between(200.0, 900.0));
            sound.extend((0..(ms * 8.0) as u32).map(|n| {
                amplitude(dbm0) * (f64::from(n) * hz / 8000.0 * std::f64::consts::TAU).sin()
            }));
            beep = sound.len() / BLOCK_SAMPLES;
        }
        sound.extend(vec![0.0; 24_000]);
        let mut judge = Judge::new();
        let (mut first, mut told) = (None, false);
        for (at, block) in sound.as_chunks::<BLOCK_SAMPLES>().0.iter().enumerate() {
            let block = block.map(|sample| line(sample + noise * random.normal()));
            let said = judge.push(&block);
            first = first.or(said);
            told |= said == Some(Verdict::Recording) && at.abs_diff(beep) < 250;
        }
        let (of, wanted) = if machine {
            (&mut judged.machines, Verdict::Machine)
        } else {
            (&mut judged.persons, Verdict::Person)
        };
        of[0] += 1;
        of[1] += u32::from(first != Some(wanted));
        judged.beeps += u32::from(machine && !told);
    }
    Ok(judged)
}

/// At 8 kHz, without the silence at both ends.
fn speak(voice: &str, speed: f64, text: &str) -> Result<Vec<f64>, String> {
    let speed = format!("{speed:.0}");
    let made =
        Command::new("espeak-ng").args(["--stdout", "-v", voice, "-s", &speed, text]).output();
    let made = made.map_err(|fault| format!("espeak-ng: {fault}"))?.stdout;
    let octets =
        made.get(44..).filter(|octets| octets.len() > 4000).ok_or("espeak-ng says nothing")?;
    let wide: Vec<f64> =
        octets.as_chunks::<2>().0.iter().map(|pair| f64::from(i16::from_le_bytes(*pair))).collect();
    let narrow = progress_test::speech::to_8_khz(&wide);
    let loud = |sample: &f64| sample.abs() > 100.0;
    let from = narrow.iter().position(loud).unwrap_or(0);
    let to = narrow.iter().rposition(loud).unwrap_or(narrow.len());
    Ok(narrow[from..to].to_vec())
}
