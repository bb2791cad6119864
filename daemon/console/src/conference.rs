//! Conferences in words.

use link::SeatStatus;
use records::utc_text;
use units::CallId;

use crate::texts::{Language, Text, say};

/// Which party of a conference is meant: as `show conferences` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartyName {
    /// By its number.
    Number(String),
    /// By its call.
    Call(CallId),
}

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyDo {
    /// Heard no more, or again.
    Mute(bool),
    /// Heard so loud, in dB.
    Gain(i8),
    /// Sent out.
    Drop,
}

fn party_line(seat: &SeatStatus, language: Language) -> String {
    let caller = seat.caller.to_string();
    let caller = if caller.is_empty() { "unknown" } else { &caller };
    let since = match seat.entered {
        Some(at) => say(language, Text::PARTY_SINCE, &[&utc_text(at)]),
        None => say(language, Text::PARTY_PIN, &[]),
    };
    let mut line = format!("  {caller:<12} {}  {since}", seat.call);
    if seat.gain_db != 0 {
        line += &format!(", {:+} dB", seat.gain_db);
    }
    if seat.muted {
        line += &say(language, Text::PARTY_MUTED, &[]);
    }
    line + "\n"
}

/// Who is in which conference. `name` gives what a conference is called, if it is.
#[must_use]
pub fn conference_lines(
    seats: &[SeatStatus],
    name: impl Fn(&str) -> String,
    language: Language,
) -> String {
    if seats.is_empty() {
        return say(language, Text::NO_CONFERENCES, &[]) + "\n";
    }
    let mut numbers: Vec<_> = seats.iter().map(|seat| seat.conference.to_string()).collect();
    numbers.sort();
    numbers.dedup();
    let conference = |number: &String| {
        let own = |seat: &&SeatStatus| seat.conference.to_string() == *number;
        let count = seats.iter().filter(own).count().to_string();
        let title = [number.as_str(), &name(number)].join(" ");
        let head = say(language, Text::CONFERENCE, &[title.trim_end(), &count]) + "\n";
        head + &seats.iter().filter(own).map(|seat| party_line(seat, language)).collect::<String>()
    };
    numbers.iter().map(conference).collect()
}

/// The call of a party of a conference.
///
/// # Errors
/// There is none, or several have this number: what to do instead.
pub fn party(
    seats: &[SeatStatus],
    (conference, party): (&str, &PartyName),
    language: Language,
) -> Result<CallId, String> {
    let meant = |seat: &&SeatStatus| match party {
        PartyName::Call(call) => seat.call == *call,
        PartyName::Number(number) => seat.caller.to_string() == *number,
    };
    let inside = seats.iter().filter(|seat| seat.conference.to_string() == conference);
    let found: Vec<_> = inside.filter(meant).collect();
    match found[..] {
        [seat] => Ok(seat.call),
        [] => Err(say(language, Text::NO_PARTY, &[conference])),
        _ => Err(say(language, Text::SEVERAL_PARTIES, &[])),
    }
}

#[cfg(test)]
mod tests {
    use units::{Digits, Utc};

    use super::*;

    fn seat(conference: &str, caller: &str, call: u64) -> SeatStatus {
        SeatStatus {
            conference: Digits::parse(conference).expect("digits"),
            call: CallId(call),
            caller: Digits::parse(caller).expect("digits"),
            entered: Some(Utc(1_800_000_000_000_000)),
            gain_db: 0,
            muted: false,
        }
    }

    #[test]
    fn who_is_in_which_conference_is_told_with_how_loud_and_since_when() {
        let mut seats = vec![seat("881", "802", 7), seat("880", "801", 5), seat("880", "", 6)];
        (seats[1].gain_db, seats[1].muted, seats[2].entered) = (-3, true, None);
        let name = |number: &str| if number == "880" { "Monday".into() } else { String::new() };
        let text = conference_lines(&seats, name, Language::En);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "Conference 880 Monday, parties: 2");
        assert_eq!(lines[1], "  801          c0-0-5  since 2027-01-15 08:00:00Z, -3 dB, muted");
        assert_eq!(lines[2], "  unknown      c0-0-6  is asked the pin");
        assert_eq!(lines[3], "Conference 881, parties: 1");
        assert_eq!(lines.len(), 5);
        let zh = conference_lines(&seats, name, Language::Zh);
        assert_eq!(zh.lines().count(), 5);
        assert_eq!(conference_lines(&[], name, Language::En), "Nobody is in a conference.\n");
    }

    #[test]
    fn a_party_is_found_by_number_or_call_and_only_in_its_conference() {
        let seats = [seat("880", "801", 5), seat("880", "100", 6), seat("880", "100", 7)];
        let find = |conference, name| party(&seats, (conference, &name), Language::En);
        let number = |text: &str| PartyName::Number(text.into());
        assert_eq!(find("880", number("801")), Ok(CallId(5)));
        assert_eq!(find("880", PartyName::Call(CallId(7))), Ok(CallId(7)));
        assert!(find("881", number("801")).expect_err("elsewhere").contains("881"));
        assert!(find("880", number("100")).expect_err("two").contains("CALL"));
    }
}
