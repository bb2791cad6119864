//! The sound of a place in words.

use link::{EchoStatus, SoundStatus};
use units::{Finding, GainFrom};

use crate::texts::{Language, Text, say};

/// Tenths with their point.
fn tenths(value: i16) -> String {
    format!("{:.1}", f32::from(value) / 10.0)
}

fn echo(status: &EchoStatus, language: Language) -> String {
    if status.erl == 0 {
        return say(language, Text::SOUND_NO_ECHO, &[]);
    }
    let (delay, both) = (status.delay_ms.to_string(), status.double_talk_ms.to_string());
    let words = [&*tenths(status.erl), &*tenths(status.erle), &delay, &both];
    say(language, Text::SOUND_ECHO, &words)
}

const fn name(finding: Finding) -> Text {
    match finding {
        Finding::FaxCalls => Text::FOUND_FAX_CALLS,
        Finding::ModemCalls => Text::FOUND_MODEM_CALLS,
        Finding::FaxAnswers => Text::FOUND_FAX_ANSWERS,
        Finding::ModemAnswers => Text::FOUND_MODEM_ANSWERS,
        Finding::FaxTalks => Text::FOUND_FAX_TALKS,
        Finding::Announcement => Text::FOUND_ANNOUNCEMENT,
        Finding::Person => Text::FOUND_PERSON,
        Finding::Machine => Text::FOUND_MACHINE,
        Finding::Recording => Text::FOUND_RECORDING,
        Finding::Nobody => Text::FOUND_NOBODY,
        Finding::Music => Text::FOUND_MUSIC,
    }
}

/// Who or what is there.
fn found(status: &SoundStatus, language: Language) -> String {
    let speech = say(language, Text::SOUND_SPEECH, &[&status.speech.to_string()]);
    let found = status.found.iter().map(|finding| say(language, name(finding), &[]));
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return speech;
    }
    let between = match language {
        Language::Zh => "、",
        Language::En => ", ",
    };
    speech + &say(language, Text::SOUND_FOUND, &[&found.join(between)])
}

/// How loud it is made, each way, and who says so.
fn gain(status: &SoundStatus, language: Language) -> String {
    let of = |tenths: i16, from| {
        let from = match from {
            GainFrom::Nothing => Text::GAIN_OF_NOBODY,
            GainFrom::Board => Text::GAIN_OF_BOARD,
            GainFrom::Country => Text::GAIN_OF_COUNTRY,
            GainFrom::Itu => Text::GAIN_OF_ITU,
        };
        (tenths_with_sign(tenths), say(language, from, &[]))
    };
    let [came, went] = status.gain_from;
    let (came, went) = (of(status.gain.coming_tenths, came), of(status.gain.going_tenths, went));
    say(language, Text::SOUND_GAIN, &[&came.0, &came.1, &went.0, &went.1])
}

fn tenths_with_sign(value: i16) -> String {
    if value == 0 { "0".into() } else { format!("{:+.1}", f32::from(value) / 10.0) }
}

/// A second of a place's sound, in four lines.
#[must_use]
pub fn sound_lines(status: &SoundStatus, language: Language) -> String {
    let levels = [status.came, status.clean, status.sent].map(tenths);
    let clipped = status.clipped.to_string();
    let words = [&*levels[0], &*levels[1], &*levels[2], &clipped];
    let canceller = match &status.echo {
        Some(status) => echo(status, language),
        None => say(language, Text::SOUND_NO_CANCELLER, &[]),
    };
    let levels = say(language, Text::SOUND_LEVELS, &words);
    let (gain, found) = (gain(status, language), found(status, language));
    format!("{levels}\n{gain}\n{found}\n{canceller}\n")
}

/// Samples of a second at the end of the scale that are heard as a rattle.
const CLIPPED: u16 = 20;
/// A mean of samples that is heard as a click at each end, and spoils what listens: -34 dBm0.
const LEANS: u16 = 300;
/// Tenths of dBm0: louder than this is noise if nobody speaks, quieter is no line at all.
const NOISE: i16 = -450;
const NOTHING: i16 = -640;

/// What is wrong with the sound of a place, each with its remedy.
fn faults(status: &SoundStatus) -> Vec<Text> {
    let leans = status.offset.unsigned_abs() > LEANS;
    let speaks = status.speech > 0 || status.found.iter().next().is_some();
    let tone = status.tone_hz > 0;
    let rules = [
        (status.other_law, Text::SOUND_OTHER_LAW),
        (status.clipped >= CLIPPED && !status.other_law, Text::SOUND_CLIPPED),
        (leans && !status.other_law, Text::SOUND_LEANS),
        (!speaks && !leans && !tone && status.clean > NOISE, Text::SOUND_NOISE),
        (status.came < NOTHING, Text::SOUND_NOTHING),
        (status.foreign_tone, Text::SOUND_FOREIGN),
    ];
    rules.into_iter().filter(|(there, _)| *there).map(|(_, text)| text).collect()
}

/// What is wrong with the sound of a place in these seconds: what was so in most of them.
#[must_use]
pub fn sound_faults(seconds: &[SoundStatus], language: Language) -> String {
    let mut all: Vec<Text> = seconds.iter().flat_map(faults).collect();
    let often = |fault: &Text| {
        let times = seconds.iter().filter(|status| faults(status).contains(fault)).count();
        times * 2 > seconds.len()
    };
    all.retain(often);
    let mut told = vec![];
    let hz = seconds.iter().map(|status| status.tone_hz).max().unwrap_or(0).to_string();
    for fault in all {
        let line = say(language, fault, &[&hz]) + "\n";
        if !told.contains(&line) {
            told.push(line);
        }
    }
    if told.is_empty() { say(language, Text::SOUND_WELL, &[]) + "\n" } else { told.concat() }
}

#[cfg(test)]
mod tests {
    use link::SoundAt;
    use units::{Findings, Gain, SpanId, Timeslot};

    use super::*;

    #[test]
    fn the_sound_of_a_channel_is_told_in_words() {
        let at = SoundAt::Channel(SpanId(1), Timeslot::new(5).expect("a slot"));
        let found = EchoStatus { erl: 125, erle: 312, delay_ms: 18, double_talk_ms: 2400 };
        let mut status = SoundStatus {
            at,
            came: -215,
            clean: -480,
            sent: -152,
            clipped: 3,
            echo: Some(found),
            speech: 62,
            found: Findings::default(),
            offset: 0,
            other_law: false,
            tone_hz: 0,
            foreign_tone: false,
            gain: Gain { coming_tenths: 0, going_tenths: -70 },
            gain_from: [GainFrom::Nothing, GainFrom::Itu],
        };
        assert!(sound_lines(&status, Language::En).contains("Speech in 62 % of the second\n"));
        status.found.insert(Finding::Person);
        status.found.insert(Finding::FaxCalls);
        let text = sound_lines(&status, Language::En);
        assert!(text.contains("in this call: a fax machine calls, a person answered"), "{text}");
        let text = sound_lines(&status, Language::En);
        for wanted in ["-21.5 dBm0", "-48.0", "clipped samples 3", "12.5 dB", "18 ms", "2400 ms"] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        status.echo = Some(EchoStatus { erl: 0, ..found });
        assert!(sound_lines(&status, Language::En).contains("No echo was found"));
        status.echo = None;
        assert!(sound_lines(&status, Language::En).contains("board file"));
        assert_eq!(sound_lines(&status, Language::Zh).lines().count(), 4);
        assert!(text.contains("Gain in 0 dB (nobody says one), out -7.0 dB (plan = \"itu\")"));
    }

    #[test]
    fn each_fault_of_sound_is_named_with_its_remedy_and_none_where_there_is_none() {
        let at = SoundAt::Channel(SpanId(1), Timeslot::new(5).expect("a slot"));
        let well = SoundStatus {
            at,
            came: -215,
            clean: -215,
            sent: -152,
            clipped: 0,
            echo: None,
            speech: 62,
            found: Findings::default(),
            offset: 12,
            other_law: false,
            tone_hz: 0,
            foreign_tone: false,
            gain: Gain { coming_tenths: 0, going_tenths: -70 },
            gain_from: [GainFrom::Nothing, GainFrom::Itu],
        };
        let told = |status: SoundStatus| sound_faults(&[status; 3], Language::En);
        let cases = [
            (SoundStatus { clipped: 300, ..well }, "gain_in_db"),
            (SoundStatus { offset: -900, ..well }, "constant"),
            (SoundStatus { tone_hz: 425, foreign_tone: true, ..well }, "425 Hz"),
            (SoundStatus { other_law: true, clipped: 300, offset: 500, ..well }, "other law"),
            (SoundStatus { came: -300, clean: -300, speech: 0, ..well }, "noise"),
            (SoundStatus { came: -662, clean: -662, speech: 0, ..well }, "Nothing comes"),
        ];
        for (status, wanted) in cases {
            let text = told(status);
            assert!(text.contains(wanted) && text.lines().count() == 1, "{wanted}: {text}");
            // Once is an accident.
            let once = sound_faults(&[status, well, well], Language::En);
            assert_eq!(once, sound_faults(&[well], Language::En));
        }
        assert!(told(well).contains("Nothing is wrong"));
        // Quiet between words is no fault.
        let quiet = SoundStatus { came: -560, clean: -560, speech: 0, ..well };
        assert!(told(quiet).contains("Nothing is wrong"));
    }
}
