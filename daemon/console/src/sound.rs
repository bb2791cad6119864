//! The sound of a place in words.

use link::{EchoStatus, SoundStatus};
use units::Finding;

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

/// A second of a place's sound, in three lines.
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
    format!("{levels}\n{}\n{canceller}\n", found(status, language))
}

#[cfg(test)]
mod tests {
    use link::SoundAt;
    use units::{Findings, SpanId, Timeslot};

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
        assert_eq!(sound_lines(&status, Language::Zh).lines().count(), 3);
    }
}
