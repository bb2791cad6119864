//! Recordings of calls in words.

use link::{RecordingStatus, Verdict};
use records::{RecordingRow, utc_text};
use units::Utc;

use crate::texts::{Language, Text, say};

/// Recordings, a line each.
#[must_use]
pub fn recording_lines(rows: &[RecordingRow], language: Language) -> String {
    if rows.is_empty() {
        return say(language, Text::NO_RECORDINGS, &[]) + "\n";
    }
    let line = |row: &RecordingRow| {
        let parties = row.parties.as_ref().map_or_else(String::new, |(caller, called)| {
            let caller = if caller.is_empty() { "unknown" } else { caller };
            format!("  {caller} -> {called}")
        });
        let part = match row.part {
            1 => String::new(),
            part => say(language, Text::RECORDING_PART, &[&part.to_string()]),
        };
        let cut = match row.state.as_str() {
            "cut" => say(language, Text::RECORDING_CUT, &[]),
            _ => String::new(),
        };
        let fate = match &row.erased {
            Some((at, by)) => say(language, Text::RECORDING_ERASED, &[&utc_text(Utc(*at)), by]),
            None if row.held => say(language, Text::RECORDING_HOLD, &[]),
            None => String::new(),
        };
        let (number, call, seconds) = (row.number, row.call, row.seconds);
        format!(
            "{number:>5}  {}  {call}{parties}  {seconds} s{part}{cut}{fate}\n",
            utc_text(Utc(row.begun))
        )
    };
    rows.iter().map(line).collect()
}

/// What a file is, against what the record of its call says.
///
/// # Errors
/// The same in words, if it is not what was recorded.
pub fn recording_verdict(
    row: &RecordingRow,
    status: &RecordingStatus,
    language: Language,
) -> Result<String, String> {
    let number = row.number.to_string();
    let hash = status.hash.map(|hash| hash.to_string());
    let seconds = status.seconds.to_string();
    let (good, text, more) = match status.verdict {
        Verdict::Whole | Verdict::Cut if hash != row.hash => {
            (false, Text::VERIFIED_OTHER, String::new())
        }
        Verdict::Whole => (true, Text::VERIFIED_WHOLE, seconds),
        Verdict::Cut => (true, Text::VERIFIED_CUT, seconds),
        Verdict::Changed { second } => (false, Text::VERIFIED_CHANGED, second.to_string()),
        Verdict::Open => (false, Text::VERIFIED_OPEN, String::new()),
        Verdict::Missing => (false, Text::VERIFIED_MISSING, String::new()),
        Verdict::Foreign => (false, Text::VERIFIED_FOREIGN, String::new()),
    };
    let told = say(language, text, &[&number, &more, &hash.unwrap_or_default()]);
    if good { Ok(told + "\n") } else { Err(told) }
}

#[cfg(test)]
mod tests {
    use link::RecordingId;
    use units::{CallId, ContentHash};

    use super::*;

    fn row(part: u8, state: &str) -> RecordingRow {
        RecordingRow {
            number: 3,
            call: CallId(5),
            part,
            begun: 1_800_000_000_000_000,
            seconds: 12,
            state: state.into(),
            hash: Some(ContentHash([7; 32]).to_string()),
            parties: Some((String::new(), "801".into())),
            held: false,
            erased: None,
        }
    }

    #[test]
    fn recordings_are_listed_with_number_call_parties_and_seconds() {
        let unknown = RecordingRow { parties: None, ..row(2, "cut") };
        let text = recording_lines(&[row(1, "whole"), unknown], Language::En);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "    3  2027-01-15 08:00:00Z  c0-0-5  unknown -> 801  12 s");
        assert_eq!(lines[1], "    3  2027-01-15 08:00:00Z  c0-0-5  12 s, part 2, its end is lost");
        let held = RecordingRow { held: true, ..row(1, "whole") };
        let erased = RecordingRow {
            erased: Some((1_800_000_000_000_000, "room".into())),
            ..row(1, "whole")
        };
        let text = recording_lines(&[held, erased], Language::En);
        let ends: Vec<_> = text.lines().map(|line| line.split(" s").nth(1)).collect();
        assert_eq!(ends, [Some(", kept"), Some(", erased on 2027-01-15 08:00:00Z by room")]);
        assert_eq!(recording_lines(&[], Language::En), "No recordings yet.\n");
    }

    #[test]
    fn a_file_is_good_only_if_it_is_whole_and_has_the_hash_of_the_record() {
        let id = RecordingId { call: CallId(5), part: 1 };
        let (own, other) = (ContentHash([7; 32]), ContentHash([8; 32]));
        let cases = [
            (Verdict::Whole, Some(own), true, "is whole: 12 s"),
            (Verdict::Cut, Some(own), true, "end was lost"),
            (Verdict::Whole, Some(other), false, "not the one in the record"),
            (Verdict::Cut, Some(other), false, "not the one in the record"),
            (Verdict::Changed { second: 4 }, None, false, "from second 4 on"),
            (Verdict::Open, None, false, "still"),
            (Verdict::Missing, None, false, "no file"),
            (Verdict::Foreign, None, false, "no recording"),
        ];
        for (verdict, hash, good, words) in cases {
            let status = RecordingStatus { id, verdict, seconds: 12, hash };
            let told = recording_verdict(&row(1, "whole"), &status, Language::En);
            assert_eq!(told.is_ok(), good, "{told:?}");
            let text = told.unwrap_or_else(|text| text);
            assert!(text.contains(words) && text.contains("ecording 3"), "{text}");
            assert_eq!(text.contains(&own.to_string()), good, "{text}");
        }
    }
}
