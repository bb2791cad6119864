//! One span in all its layers, and a test of its channels, in words.

use std::fmt::Write;

use link::{CasStatus, ChannelUse, CircuitState, LinkState, LinkStatus, SpanDetail, TestStatus};
use records::utc_text;
use units::Utc;
use units::performance::{Interval, QUARTER_S, Quality};

use crate::render::{d_channel, span_lines};
use crate::texts::{Language, Text, say};

/// Layer 1 with its quality, layer 2 with its errors, layer 3 with its channels.
#[must_use]
pub fn span_detail(detail: &SpanDetail, language: Language) -> String {
    let mut lines = span_lines(&detail.status, language);
    quality(&mut lines, detail, language);
    if let Some(link) = &detail.link {
        if let Some(state) = detail.status.d_channel {
            let state = say(language, d_channel(state), &[]);
            let _ = writeln!(lines, "{}", say(language, Text::D_CHANNEL_LINE, &[&state]));
        }
        lines.push_str(&data_link(link, language));
        channels(&mut lines, detail, language);
    }
    if let Some(cas) = &detail.cas {
        circuits(&mut lines, detail, cas, language);
    }
    lines
}

/// A state of a circuit in words; `None`: such circuits are listed together.
const fn circuit_state(state: CircuitState) -> Option<Text> {
    Some(match state {
        CircuitState::Idle | CircuitState::FarBlocked | CircuitState::Blocked => return None,
        CircuitState::Seizing => Text::CIRCUIT_SEIZING,
        CircuitState::Unacknowledged => Text::CIRCUIT_UNACKNOWLEDGED,
        CircuitState::DoubleSeizure => Text::CIRCUIT_DOUBLE,
        CircuitState::Seized => Text::CIRCUIT_SEIZED,
        CircuitState::Answered => Text::CIRCUIT_ANSWERED,
        CircuitState::ClearedBack => Text::CIRCUIT_CLEARED_BACK,
        CircuitState::Clearing => Text::CIRCUIT_CLEARING,
        CircuitState::SeizedIn => Text::CIRCUIT_SEIZED_IN,
        CircuitState::AnsweredIn => Text::CIRCUIT_ANSWERED_IN,
        CircuitState::ClearedBackIn => Text::CIRCUIT_CLEARED_BACK_IN,
        CircuitState::Guard => Text::CIRCUIT_GUARD,
    })
}

/// What the line signals of R2 say, and how registers fared.
fn circuits(lines: &mut String, detail: &SpanDetail, cas: &CasStatus, language: Language) {
    let shows = |wanted: CircuitState| {
        let all = detail.channels.iter();
        all.filter_map(move |channel| match channel.used {
            ChannelUse::Circuit { state, .. } if state == wanted => Some(channel.slot),
            _ => None,
        })
    };
    let numbers = [
        u32::try_from(shows(CircuitState::Idle).count()).unwrap_or(u32::MAX),
        cas.registers,
        cas.failed_registers,
        cas.failed_in_a_row.into(),
        cas.unacknowledged,
        cas.double_seizures,
    ];
    let numbers = numbers.map(|number| number.to_string());
    let told: Vec<_> = numbers.iter().map(String::as_str).collect();
    let _ = writeln!(lines, "{}", say(language, Text::CIRCUITS_LINE, &told));
    let together = [
        (CircuitState::Idle, Text::CIRCUITS_IDLE),
        (CircuitState::FarBlocked, Text::CIRCUITS_FAR_BLOCKED),
        (CircuitState::Blocked, Text::CIRCUITS_BLOCKED),
    ];
    for (state, text) in together {
        let slots = ranges(shows(state));
        if !slots.is_empty() {
            let _ = writeln!(lines, "{}", say(language, text, &[&slots]));
        }
    }
    for channel in &detail.channels {
        let ChannelUse::Circuit { state, call } = channel.used else { continue };
        let Some(text) = circuit_state(state) else { continue };
        let call = call.map_or_else(|| "-".to_owned(), |call| call.to_string());
        let told = [&channel.slot.to_string(), &say(language, text, &[]), &call];
        let told: Vec<_> = told.iter().map(|word| word.as_str()).collect();
        let _ = writeln!(lines, "{}", say(language, Text::CIRCUIT_CALL, &told));
    }
}

fn quality(lines: &mut String, detail: &SpanDetail, language: Language) {
    let heading =
        if detail.available { Text::SPAN_QUALITY } else { Text::SPAN_QUALITY_UNAVAILABLE };
    let _ = writeln!(lines, "{}", say(language, heading, &[]));
    let _ = writeln!(lines, "{}", say(language, Text::SPAN_QUALITY_COLUMNS, &[]));
    let row = |lines: &mut String, name: &str, interval: &Interval| {
        let near = columns(&interval.near);
        let far = columns(&interval.far);
        let _ = writeln!(
            lines,
            "  {name:<21} {:>6} {near} |{far} |{:>6}",
            interval.seconds, interval.slips
        );
    };
    let (now, before) = match detail.quarters.split_last() {
        Some((now, before)) => (*now, before),
        None => (Interval::default(), &[][..]),
    };
    row(lines, &say(language, Text::SPAN_NOW, &[]), &now);
    for interval in before.iter().rev() {
        let began = Utc(interval.quarter * i64::from(QUARTER_S) * 1_000_000);
        row(lines, &utc_text(began), interval);
    }
    row(lines, &say(language, Text::SPAN_DAY, &[]), &detail.day);
}

fn columns(quality: &Quality) -> String {
    let Quality { errored, severe, background, unavailable } = quality;
    format!("{errored:>6} {severe:>6} {background:>8} {unavailable:>6}")
}

const fn link_state(state: LinkState) -> Text {
    match state {
        LinkState::TeiAssigned => Text::LINK_4,
        LinkState::AwaitingEstablishment => Text::LINK_5,
        LinkState::AwaitingRelease => Text::LINK_6,
        LinkState::Established => Text::LINK_7,
        LinkState::TimerRecovery => Text::LINK_8,
    }
}

fn data_link(link: &LinkStatus, language: Language) -> String {
    let state = say(language, link_state(link.state), &[]);
    let waiting = link.unacknowledged.to_string();
    let mut lines = say(language, Text::LINK_LINE, &[&state, &waiting]) + "\n";
    let errors: Vec<_> = ('A'..='O')
        .zip(link.errors)
        .filter(|(_, times)| *times > 0)
        .map(|(code, times)| format!("{code} {times}"))
        .collect();
    let errors = if errors.is_empty() { "-".to_owned() } else { errors.join(", ") };
    let numbers = [link.retransmitted, link.invalid, link.other_sapi, link.other_tei];
    let [again, invalid, sapi, tei] = numbers.map(|number| number.to_string());
    let told = [errors.as_str(), &again, &invalid, &sapi, &tei];
    lines.push_str(&(say(language, Text::LINK_ERRORS, &told) + "\n"));
    lines
}

/// The state of a call in words (Q.931 2.1).
const fn call_state(number: u8) -> Text {
    match number {
        1 => Text::CALL_1,
        2 => Text::CALL_2,
        3 => Text::CALL_3,
        4 => Text::CALL_4,
        6 => Text::CALL_6,
        7 => Text::CALL_7,
        8 => Text::CALL_8,
        9 => Text::CALL_9,
        10 => Text::CALL_10,
        11 => Text::CALL_11,
        12 => Text::CALL_12,
        19 => Text::CALL_19,
        25 => Text::CALL_25,
        _ => Text::CALL_0,
    }
}

/// Slots as `1-15, 17-31`.
fn ranges(slots: impl Iterator<Item = u8>) -> String {
    let mut ranges: Vec<(u8, u8)> = vec![];
    for slot in slots {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == slot => *last = slot,
            _ => ranges.push((slot, slot)),
        }
    }
    let one = |(first, last): (u8, u8)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

fn channels(lines: &mut String, detail: &SpanDetail, language: Language) {
    let of = |wanted: ChannelUse| {
        ranges(detail.channels.iter().filter(move |c| c.used == wanted).map(|c| c.slot))
    };
    let kinds = [
        (ChannelUse::Free, Text::CHANNELS_FREE),
        (ChannelUse::Blocked, Text::CHANNELS_BLOCKED),
        (ChannelUse::Tested, Text::CHANNELS_TESTED),
        (ChannelUse::Off, Text::CHANNELS_OFF),
        (ChannelUse::Held, Text::CHANNELS_HELD),
    ];
    for (used, text) in kinds {
        let slots = of(used);
        if !slots.is_empty() {
            let _ = writeln!(lines, "{}", say(language, text, &[&slots]));
        }
    }
    for channel in &detail.channels {
        if let ChannelUse::Call { state, call } = channel.used {
            let call = call.map_or_else(|| "-".to_owned(), |call| call.to_string());
            let words = say(language, call_state(state), &[]);
            let told = [channel.slot.to_string(), words, state.to_string(), call];
            let told: Vec<_> = told.iter().map(String::as_str).collect();
            let _ = writeln!(lines, "{}", say(language, Text::CHANNEL_CALL, &told));
        }
    }
}

/// A test as far as it has come, in one line; when it is over, with its verdict.
#[must_use]
pub fn test_line(status: &TestStatus, language: Language) -> String {
    let numbers = [
        u64::from(status.passed),
        u64::from(status.seconds),
        u64::from(status.locked),
        u64::from(status.channels),
        status.bits,
        status.errors,
        u64::from(status.errored_seconds),
        u64::from(status.losses),
    ];
    let numbers = numbers.map(|number| number.to_string());
    let told: Vec<_> = numbers.iter().map(String::as_str).collect();
    let mut line = say(language, Text::TEST_LINE, &told) + "\n";
    if status.passed >= status.seconds {
        let verdict = if status.is_passed() { Text::TEST_PASSED } else { Text::TEST_FAILED };
        line.push_str(&(say(language, verdict, &[]) + "\n"));
    }
    line
}

#[cfg(test)]
mod tests {
    use link::DChannel;
    use units::{CallId, SpanId};

    use super::*;
    use crate::diagnose_tests::well;

    /// A span with something to tell in every layer.
    fn detail() -> SpanDetail {
        let near = Quality { errored: 3, severe: 1, background: 12, unavailable: 0 };
        let before =
            Interval { quarter: 2_000_000, seconds: 900, near, slips: 2, ..Interval::default() };
        let now = Interval { quarter: 2_000_001, seconds: 5, ..Interval::default() };
        let mut detail = well();
        (detail.quarters, detail.day) = ([before, now].into_iter().collect(), before);
        if let Some(link) = &mut detail.link {
            (link.errors[5], link.retransmitted) = (2, 4);
        }
        for channel in &mut detail.channels {
            channel.used = match channel.slot {
                9 => ChannelUse::Blocked,
                31 => ChannelUse::Call { state: 10, call: Some(CallId(1 << 56 | 1 << 36 | 7)) },
                _ => ChannelUse::Free,
            };
        }
        detail
    }

    #[test]
    fn a_span_is_told_layer_by_layer() {
        let text = span_detail(&detail(), Language::En);
        assert!(!text.contains("D channel:"), "{text}");
        for wanted in [
            "2027-01-15",
            "F 2",
            "sent again 4",
            "free: 1-8, 10-15, 17-30",
            "restarted before they carry calls: 9",
            "31: active (10), call c1-1-7",
        ] {
            assert!(text.contains(wanted), "{wanted} in\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{text}");
        let chinese = span_detail(&detail(), Language::Zh);
        assert_eq!(chinese.lines().count(), text.lines().count());
    }

    #[test]
    fn of_two_d_channels_it_is_told_what_each_does() {
        for (state, wanted) in [
            (DChannel::Active, "D channel: active"),
            (DChannel::Standby, "D channel: standby"),
            (DChannel::OutOfService, "D channel: out of service"),
            (DChannel::MaintenanceBusy, "D channel: maintenance busy"),
        ] {
            let mut detail = detail();
            detail.status.d_channel = Some(state);
            let text = span_detail(&detail, Language::En);
            assert!(text.contains(wanted), "{text}");
            let chinese = span_detail(&detail, Language::Zh);
            assert_eq!(chinese.lines().count(), text.lines().count());
        }
    }

    #[test]
    fn circuits_of_r2_are_told_in_words() {
        let mut detail = crate::diagnose_tests::well_r2();
        for (place, state) in [
            (0, CircuitState::Seizing),
            (1, CircuitState::AnsweredIn),
            (2, CircuitState::FarBlocked),
            (3, CircuitState::Blocked),
        ] {
            let call = (place == 1).then_some(CallId(1 << 56 | 1 << 36 | 7));
            detail.channels[place].used = ChannelUse::Circuit { state, call };
        }
        let text = span_detail(&detail, Language::En);
        for wanted in [
            "R2 signalling up",
            "26 idle; registers done 4",
            "idle: 5-15, 17-31",
            "Circuit 1: seizing, call -",
            "Circuit 2: answered, called by the far end, call c1-1-7",
            "by the far end: 3",
            "blocked here: 4",
        ] {
            assert!(text.contains(wanted), "{wanted} in\n{text}");
        }
        let chinese = span_detail(&detail, Language::Zh);
        assert_eq!(chinese.lines().count(), text.lines().count());
    }

    #[test]
    fn a_test_passes_only_if_every_channel_had_the_pattern_all_the_time() {
        let good = TestStatus {
            locked: 30,
            passed: 10,
            bits: 30 * 10 * 64_000 - 30 * 128,
            ..TestStatus::new(SpanId(1), 30, 10)
        };
        assert!(test_line(&good, Language::En).contains("Passed"));
        let faults: [fn(&mut TestStatus); 4] =
            [|t| t.errors = 1, |t| t.locked = 29, |t| t.losses = 1, |t| t.bits /= 2];
        for fault in faults {
            let mut status = good;
            fault(&mut status);
            assert!(test_line(&status, Language::En).contains("Failed"), "{status:?}");
        }
        let running = TestStatus { passed: 9, ..good };
        assert_eq!(test_line(&running, Language::En).lines().count(), 1);
    }
}
