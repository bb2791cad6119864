//! The sound of a place in words.

use link::{EchoStatus, SoundStatus};

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

/// A second of a place's sound, in two lines.
#[must_use]
pub fn sound_lines(status: &SoundStatus, language: Language) -> String {
    let levels = [status.came, status.clean, status.sent].map(tenths);
    let clipped = status.clipped.to_string();
    let words = [&*levels[0], &*levels[1], &*levels[2], &clipped];
    let canceller = match &status.echo {
        Some(status) => echo(status, language),
        None => say(language, Text::SOUND_NO_CANCELLER, &[]),
    };
    say(language, Text::SOUND_LEVELS, &words) + "\n" + &canceller + "\n"
}

#[cfg(test)]
mod tests {
    use link::SoundAt;
    use units::{SpanId, Timeslot};

    use super::*;

    #[test]
    fn the_sound_of_a_channel_is_told_in_words() {
        let at = SoundAt::Channel(SpanId(1), Timeslot::new(5).expect("a slot"));
        let found = EchoStatus { erl: 125, erle: 312, delay_ms: 18, double_talk_ms: 2400 };
        let mut status =
            SoundStatus { at, came: -215, clean: -480, sent: -152, clipped: 3, echo: Some(found) };
        let text = sound_lines(&status, Language::En);
        for wanted in ["-21.5 dBm0", "-48.0", "clipped samples 3", "12.5 dB", "18 ms", "2400 ms"] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        status.echo = Some(EchoStatus { erl: 0, ..found });
        assert!(sound_lines(&status, Language::En).contains("No echo was found"));
        status.echo = None;
        assert!(sound_lines(&status, Language::En).contains("board file"));
        assert_eq!(sound_lines(&status, Language::Zh).lines().count(), 2);
    }
}
