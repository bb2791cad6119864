//! Detectors beside spandsp: `cargo xtask bench detect` writes docs/bench/detect.md and
//! docs/bench/dtmf-twist.svg.
#![expect(clippy::print_stdout, reason = "a program's figures")]

use std::fmt::Write as _;
use std::{fs, hint, io};

use dsp_fsk::Demodulator;
use sound::detect::dtmf::{self, Sent};
use sound::detect::{fsk, map, material, mf, mute, time, tones, voice};
use spandsp_peer::connect::{self, Tone};
use units::MfDirection;
use units::media::BLOCK_SAMPLES;

/// Seeds of a row: 16 digits each.
const SEEDS: u64 = 40;
/// Speeds and decibels of the shifted prompts.
const SHIFTS: [(f64, f64); 9] = [
    (0.8, 0.0),
    (0.85, -10.0),
    (0.9, 6.0),
    (0.95, -20.0),
    (1.0, -6.0),
    (1.05, 6.0),
    (1.1, 0.0),
    (1.15, -10.0),
    (1.25, 0.0),
];

/// Hits in speech: digits of ours and of spandsp, tones of fax machines of ours and of spandsp.
#[derive(Default)]
struct Talk {
    hours: f64,
    hits: [usize; 4],
}

impl Talk {
    fn listen(&mut self, sound: &[i16]) {
        #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
        let hours = sound.len() as f64 / 8000.0 / 3600.0;
        self.hours += hours;
        let peers = [Tone::Cng, Tone::AnsPr, Tone::Preamble];
        let digits = dtmf::ours(sound);
        if !digits.is_empty() {
            println!(
                "false digit {:?} of {} samples",
                String::from_utf8_lossy(&digits),
                sound.len()
            );
        }
        self.hits[0] += digits.len();
        self.hits[1] += dtmf::theirs(sound, false).len();
        self.hits[2] += tones::ours(sound).len();
        self.hits[3] += peers.iter().map(|tone| tones::theirs(*tone, sound).len()).sum::<usize>();
    }
}

fn talk(prompts: &[Vec<i16>], text: &mut String) -> Talk {
    let mut all = Talk::default();
    let _ = writeln!(
        text,
        "\n## False hits in speech\n\nPrompts of Debian, {} recordings; speed and level \
         changed, through A-law.\n",
        prompts.len()
    );
    let _ = writeln!(
        text,
        "| speed | dB | hours | digits, ours | spandsp | fax and modem tones, ours | spandsp \
         |\n|---|---|---|---|---|---|---|"
    );
    let mut shifts = vec![None];
    shifts.extend(SHIFTS.map(Some));
    for shift in shifts {
        let mut now = Talk::default();
        for prompt in prompts {
            match shift {
                None => now.listen(prompt),
                Some((speed, db)) => {
                    let mut shifted = vec![];
                    material::shifted(prompt, speed, db, &mut shifted);
                    now.listen(&shifted);
                }
            }
        }
        let name =
            shift.map_or("as recorded".to_owned(), |(speed, db)| format!("{speed} | {db:+}"));
        let name = if shift.is_none() { format!("{name} | 0") } else { name };
        let [a, b, c, d] = now.hits;
        let _ = writeln!(text, "| {name} | {:.2} | {a} | {b} | {c} | {d} |", now.hours);
        all.hours += now.hours;
        for (all, now) in all.hits.iter_mut().zip(now.hits) {
            *all += now;
        }
    }
    let [a, b, c, d] = all.hits;
    let _ = writeln!(text, "| together | | {:.2} | {a} | {b} | {c} | {d} |", all.hours);
    all
}

fn rows() -> Vec<(String, Sent)> {
    let usual = Sent::USUAL;
    let mut rows = vec![("40 ms on and off".to_owned(), usual)];
    for twist in [-12.0_f64, -10.0, -9.0, -8.0, -6.0, 4.0, 5.0, 6.0, 7.0, 8.0] {
        let sent = Sent { low: -10.0 - twist.max(0.0), high: -10.0 + twist.min(0.0), ..usual };
        rows.push((format!("high group {twist:+} dB over the low one"), sent));
    }
    for level in [0.0, -30.0, -36.0, -38.0, -40.0, -42.0] {
        rows.push((format!("{level} dBm0 each"), Sent { low: level, high: level, ..usual }));
    }
    for (low, high) in [(1.5, 1.5), (-1.5, -1.5), (1.5, -1.5), (-1.5, 1.5), (2.0, 2.0)] {
        let sent = Sent { off_low: low / 100.0, off_high: high / 100.0, ..usual };
        rows.push((format!("{low:+} % and {high:+} %"), sent));
    }
    for (low, high) in [(3.5, 0.0), (-3.5, 0.0), (0.0, 3.5), (0.0, -3.5)] {
        let sent = Sent { off_low: low / 100.0, off_high: high / 100.0, ..usual };
        rows.push((format!("{low:+} % and {high:+} % (to be refused)"), sent));
    }
    for db in [15.0, 12.0, 10.0, 9.0, 8.0] {
        rows.push((format!("noise {db} dB below"), Sent { noise_db: Some(db), ..usual }));
    }
    for (low, high) in [(-10.0, -6.0), (-6.0, -14.0)] {
        let sent =
            Sent { low, high, off_low: 0.015, off_high: -0.015, noise_db: Some(12.0), ..usual };
        rows.push((format!("noise 12 dB below, {low} and {high} dBm0, 1.5 % off"), sent));
    }
    for level in [-20.0, -15.0, -10.0, -5.0] {
        let tones: [(&str, &'static [f64]); 3] =
            [("350 + 440", &[350.0, 440.0]), ("425", &[425.0]), ("450", &[450.0])];
        for (name, hz) in tones {
            let sent = Sent { dial: Some((hz, level)), ..usual };
            rows.push((format!("dial tone {name} Hz, {level} dBm0 each, beneath"), sent));
        }
    }
    for on_ms in [20.0, 23.0, 26.0, 30.0, 36.0] {
        rows.push((format!("{on_ms} ms on"), Sent { on_ms, ..usual }));
    }
    rows
}

fn limits(text: &mut String) {
    let _ = writeln!(
        text,
        "\n## Limits\n\nDigits wrong (missing or too many) of {}, at −10 dBm0 each through \
         A-law where nothing else is said. The map of twist and level: dtmf-twist.svg.\n",
        SEEDS * 16
    );
    let _ = writeln!(
        text,
        "| digits sent | ours | spandsp | spandsp, with its filter |\n|---|---|---|---|"
    );
    for (name, sent) in rows() {
        let [a, b, c] = dtmf::errors(&sent, SEEDS);
        let _ = writeln!(text, "| {name} | {a} | {b} | {c} |");
    }
}

fn registers(text: &mut String) {
    let _ = writeln!(
        text,
        "\n## Register signals of R2\n\nSignals wrong of 300, both ways together (Q.454, \
         Q.455).\n\n| sent | ours | spandsp |\n|---|---|---|"
    );
    let row = |name: &str, sent: mf::Sent, text: &mut String| {
        let both =
            [MfDirection::Forward, MfDirection::Backward].map(|way| mf::wrong(way, &sent, 10));
        let _ = writeln!(
            text,
            "| {name} | {} | {} |",
            both[0][0] + both[1][0],
            both[0][1] + both[1][1]
        );
    };
    let usual = mf::Sent { dbm0: [-11.5; 2], off_hz: 0.0, noise_db: 60.0 };
    row("−11.5 dBm0 each", usual, text);
    for level in [-3.0, -5.0, -30.0, -35.0, -38.0] {
        row(&format!("{level} dBm0 each"), mf::Sent { dbm0: [level; 2], ..usual }, text);
    }
    for dbm0 in [[-12.0, -19.0], [-19.0, -12.0], [-12.0, -17.0], [-17.0, -12.0]] {
        row(&format!("{} and {} dBm0", dbm0[0], dbm0[1]), mf::Sent { dbm0, ..usual }, text);
    }
    for off_hz in [-15.0, -10.0, 10.0, 15.0] {
        row(&format!("{off_hz:+} Hz"), mf::Sent { off_hz, ..usual }, text);
    }
    for noise_db in [20.0, 15.0, 12.0, 9.0] {
        row(&format!("noise {noise_db} dB below"), mf::Sent { noise_db, ..usual }, text);
    }
}

fn machines(text: &mut String) {
    let _ = writeln!(
        text,
        "\n## Fax machines and modems\n\nNot told as what they are, of 20, sent by spandsp's \
         sender. spandsp's receiver of a 2100 Hz tone is the one that hears reversals.\n\n\
         | sent | dBm0 | noise below | ours | \
             spandsp |\n|---|---|---|---|---|"
    );
    for (name, tone) in tones::TONES {
        for (dbm0, noise) in [(-10.0, 40.0), (-26.0, 15.0), (-38.0, 20.0), (-10.0, 10.0)] {
            let [a, b] = tones::missed(tone, dbm0, noise, 20);
            let _ = writeln!(text, "| {name} | {dbm0} | {noise} | {a} | {b} |");
        }
    }
    let _ = writeln!(
        text,
        "\nHow far off a frequency may be, in hertz:\n\n| tone | ours | spandsp |\n|---|---|---|"
    );
    for (name, tone, hz, ms) in
        [("CNG (38 asked)", Tone::Cng, 1100, 500), ("CED (15 asked)", Tone::Ans, 2100, 3000)]
    {
        let [[a, b], [c, d]] = tones::width(tone, hz, ms);
        let _ = writeln!(text, "| {name} | {a} … {b:+} | {c} … {d:+} |");
    }
}

/// What is computed for its time alone.
fn keep<T>(value: T) {
    hint::black_box(value);
}

/// Microseconds for 10 ms: ours and spandsp's by name.
fn times(speech: &[i16], digits: &[i16]) -> (Vec<f64>, Vec<f64>) {
    fn each(sound: &[i16], mut run: impl FnMut(&[i16; BLOCK_SAMPLES])) {
        for block in sound.as_chunks::<BLOCK_SAMPLES>().0 {
            run(block);
        }
    }
    let measure = |sound: &[i16]| {
        let mut ours = dsp_dtmf::Receiver::new();
        let mut muter = dsp_dtmf::Muter::new();
        let mut answer = dsp_answer::Receiver::new();
        let mut activity = dsp_voice::Activity::new();
        let mut judge = dsp_voice::Judge::new();
        let mut music = dsp_voice::Music::new();
        let mut progress = dsp_progress::Detector::new(&dsp_progress::Plan::china());
        let mut register = dsp_mf::Receiver::new(MfDirection::Forward);
        let mut caller = Demodulator::new();
        let mut peer = spandsp_peer::dtmf::Receiver::new(false);
        let mut peers = [Tone::Cng, Tone::AnsPr, Tone::Preamble].map(connect::Receiver::new);
        let mut mf = spandsp_peer::Receiver::new(true);
        let mut all: Vec<time::Timed<'_>> = vec![
            ("DTMF", Box::new(|s| each(s, |b| keep(ours.push(b))))),
            (
                "spandsp's DTMF",
                Box::new(|s| {
                    s.chunks(80).for_each(|b| {
                        if let Some(peer) = &mut peer {
                            peer.push(b);
                        }
                    })
                }),
            ),
            ("DTMF, muted", Box::new(|s| each(s, |b| keep(muter.push(&mut b.clone()))))),
            ("fax, modem, special tones", Box::new(|s| each(s, |b| keep(answer.push(b))))),
            (
                "spandsp's CNG, ANS and preamble",
                Box::new(|s| {
                    s.chunks(80).for_each(|b| {
                        peers.iter_mut().flatten().for_each(|peer| peer.push(b));
                    })
                }),
            ),
            ("voice activity", Box::new(|s| each(s, |b| keep(activity.push(b))))),
            ("person or machine", Box::new(|s| each(s, |b| keep(judge.push(b))))),
            ("music or speech", Box::new(|s| each(s, |b| keep(music.push(b))))),
            ("call tones (China)", Box::new(|s| each(s, |b| keep(progress.push(b))))),
            ("R2 register", Box::new(|s| each(s, |b| keep(register.push(b))))),
            (
                "spandsp's R2 register",
                Box::new(|s| {
                    s.chunks(80).for_each(|b| {
                        if let Some(mf) = &mut mf {
                            mf.push(b);
                        }
                    })
                }),
            ),
            ("caller identification", Box::new(|s| each(s, |b| keep(caller.push(b))))),
        ];
        time::compare(sound, &mut all)
    };
    (measure(speech), measure(digits))
}

const NAMES: [&str; 12] = [
    "DTMF",
    "spandsp's DTMF",
    "DTMF, muted",
    "fax, modem and special information tones",
    "spandsp's CNG, ANS and preamble, three receivers",
    "voice activity",
    "person or machine (voice activity and beep)",
    "music or speech",
    "call tones (China)",
    "R2 register, one way",
    "spandsp's R2 register",
    "caller identification",
];

/// What leaks of digits, and what is lost of speech.
fn muting(prompts: &[Vec<i16>], text: &mut String) {
    let (leak, lost) = (mute::leak(60), mute::lost(prompts) * 100.0);
    let _ = writeln!(
        text,
        "\n## Muting\n\nWithout delay at most {leak:.1} ms of a digit leak, and {lost:.3} % of the \
         blocks of speech are silenced."
    );
}

/// Voice activity; persons and machines: the part of them taken for the other.
fn voices(prompts: &[Vec<i16>], text: &mut String) -> io::Result<f64> {
    let _ = writeln!(
        text,
        "\n## Voice activity\n\nPrompts of Debian a second apart at −20 dBm0; speech is what lies \
         within 25 dB of the loudest tenth of the clean one. spandsp has none.\n\n\
         | noise below | speech found | quiet taken for speech |\n|---|---|---|"
    );
    let some: Vec<Vec<i16>> = prompts.iter().step_by(14).cloned().collect();
    for db in [40.0, 20.0, 10.0] {
        let [hit, wrong] = voice::activity(&some, db).rates().map(|rate| rate * 100.0);
        let _ = writeln!(text, "| {db} dB | {hit:.1} % | {wrong:.1} % |");
    }
    kinds(prompts, text);
    let judged = voice::judged(400, 1).map_err(io::Error::other)?;
    let ([people, a], [machines, b]) = (judged.persons, judged.machines);
    let _ = writeln!(
        text,
        "\n## Person or machine\n\nSynthetic: espeak-ng says 400 hellos and greetings drawn by \
         lot, \
         with noise 20 to 45 dB below; no recording of a real machine was at hand. {a} of \
         {people} persons and {b} of {machines} machines were taken for the other; of {machines} \
         beeps {} were missed. In all prompts as recorded (2.2 h) {} beeps are told; 5 of those \
         recordings are beeps.",
        judged.beeps,
        voice::beeps(prompts)
    );
    Ok(f64::from(a + b) / f64::from(people + machines))
}

/// Music, speech, tones and silence, told each second of what the last four were.
fn kinds(prompts: &[Vec<i16>], text: &mut String) {
    let _ = writeln!(
        text,
        "\n## Music or speech\n\nWhat a caller hears in place of ring-back, each second. The \
         weights were fitted to the same recordings; fitted without one of them, 0.5 to 6.7 % of \
         the windows of that language and 0 to 6.6 % of that piece are wrong, of one piece 33 %. \
         Windows within odds of one to seven are not told.\n\n\
         | sound | told silence | speech | music | a tone |\n|---|---|---|---|---|"
    );
    let music = material::all(material::MUSIC);
    for (name, recordings) in [("prompts of five languages", prompts), ("music", &music[..])] {
        for (level, noise) in [(-12.0, 40.0), (-20.0, 30.0), (-30.0, 20.0)] {
            let [silence, speech, music, tone] = voice::kinds(recordings, level, noise);
            let _ = writeln!(
                text,
                "| {name}, {level} dBm0, noise {noise} dB below | {silence} | {speech} | {music} \
                 | {tone} |"
            );
        }
    }
}

fn callers(text: &mut String) -> fsk::Read {
    let read = fsk::read(10_000, 1);
    let _ = writeln!(
        text,
        "\n## Caller identification\n\n{} messages, ours and spandsp's, Bell 202 and V.23, −32 to \
         −12 dBm0, noise 20 dB below: {} read wrong by ours, {} by spandsp.",
        read.sent, read.ours, read.theirs
    );
    read
}

/// Microseconds in speech.
fn costs(prompts: &[Vec<i16>], text: &mut String) -> Vec<f64> {
    let speech: Vec<i16> = prompts.iter().flatten().copied().take(480_000).collect();
    let sent = Sent { on_ms: 100.0, ..Sent::USUAL };
    let digits: Vec<i16> = (0..20).flat_map(|seed| sent.digits(seed)).collect();
    let (a, b) = times(&speech, &digits);
    let _ = writeln!(
        text,
        "\n## Time\n\nMicroseconds for 10 ms of one channel, best of 15 rounds in turns.\n\n\
         | | in speech | in digits |\n|---|---|---|"
    );
    for ((name, a), b) in NAMES.iter().zip(&a).zip(&b) {
        let _ = writeln!(text, "| {name} | {a:.2} | {b:.2} |");
    }
    let all = |t: &[f64]| t[0] + t[3] + t[6] + t[7];
    let _ = writeln!(
        text,
        "\nAll that a call listens for together (DTMF, fax, call tones, person or machine): {:.2} \
         in speech, {:.2} in digits.",
        all(&a),
        all(&b)
    );
    a
}

fn main() -> io::Result<()> {
    let prompts = material::all(material::PROMPTS);
    if prompts.is_empty() {
        println!("no prompts in {}: cargo xtask setup installs them", material::PROMPTS);
    }
    let mut text = String::from(
        "# Detectors beside spandsp\n\nMade by `cargo xtask bench detect`; the same sound to \
         both.\n",
    );
    let talked = talk(&prompts, &mut text);
    limits(&mut text);
    muting(&prompts, &mut text);
    registers(&mut text);
    machines(&mut text);
    let machine_error = voices(&prompts, &mut text)?;
    let read = callers(&mut text);
    let us = costs(&prompts, &mut text);
    let last = format!(
        "detect: dtmf_vs_spandsp={:.2} falsehits={} hours={:.1} dtmf_us={:.2} fax_us={:.2} \
         voice_us={:.2} fsk_wrong={}/{} machine_error={machine_error:.3}",
        us[0] / us[1],
        talked.hits[0] + talked.hits[2],
        talked.hours,
        us[0],
        us[3],
        us[5],
        read.ours,
        read.sent
    );
    let _ = writeln!(text, "\n`{last}`");
    fs::create_dir_all("docs/bench")?;
    fs::write("docs/bench/dtmf-twist.svg", map::acceptance(3))?;
    fs::write("docs/bench/detect.md", &text)?;
    println!("{text}\n{last}");
    Ok(())
}
