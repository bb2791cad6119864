//! What people type and what they are told.

use units::{CallId, Digits, SpanId, Timeslot};

use super::*;
use crate::render::{Names, alarm};

fn ask(line: &str) -> Ask {
    parse(line).expect("a command").expect("not empty")
}

fn words(line: &str) -> Vec<String> {
    candidates(line, Language::En).into_iter().map(|candidate| candidate.word).collect()
}

#[test]
fn commands_may_be_cut_short_where_they_stay_clear() {
    assert_eq!(ask("show spans"), Ask::Spans);
    assert_eq!(ask("sh sp"), Ask::Spans);
    assert_eq!(ask("sh sp 1"), Ask::Span(SpanId(1)));
    assert_eq!(ask("bert span 2"), Ask::Test(SpanId(2), 60));
    assert_eq!(ask("be sp 2 900"), Ask::Test(SpanId(2), 900));
    assert!(parse("bert span 2 0").is_err());
    assert_eq!(ask("  sh   records  5 "), Ask::Records(5));
    assert!(parse("sh rec").is_err(), "records or recordings");
    assert_eq!(ask("sh recordi 5"), Ask::Recordings(5));
    assert_eq!(ask("ver rec 3"), Ask::Verify(3));
    assert!(parse("verify recording x").is_err());
    assert_eq!(ask("show records"), Ask::Records(20));
    assert_eq!(ask("show records json 3"), Ask::RecordsJson(3));
    let slot = |slot| Timeslot::new(slot).expect("a slot");
    assert_eq!(ask("block span 2 slot 5"), Ask::Block(SpanId(2), slot(5), true));
    assert_eq!(ask("block span 2 circuit 15"), Ask::Block(SpanId(2), slot(15), true));
    assert_eq!(ask("unblock span 2 circuit 16"), Ask::Block(SpanId(2), slot(17), false));
    assert_eq!(ask("unbl span 2 slot 31"), Ask::Block(SpanId(2), slot(31), false));
    assert_eq!(ask("capture span 1"), Ask::Capture(SpanId(1), true));
    assert_eq!(ask("cap span 1 off"), Ask::Capture(SpanId(1), false));
    assert_eq!(
        ask("place test call 95588"),
        Ask::PlaceTestCall(Digits::parse("95588").expect("digits"))
    );
    assert_eq!(ask("help"), Ask::Help);
    assert_eq!(ask("help config"), Ask::HelpConfig);
    assert_eq!(ask("q"), Ask::Quit);
    assert_eq!(parse("   "), Ok(None));
}

#[test]
fn a_call_is_named_as_it_is_shown() {
    let call = CallId(1 << 56 | 77 << 36 | 1024);
    assert_eq!(ask(&format!("clear call {call}")), Ask::Clear(call));
}

#[test]
fn messages_wait_for_a_telephone_by_its_number() {
    let number = Digits::parse("801").expect("digits");
    assert_eq!(ask("set message-waiting 801 on"), Ask::MessageWaiting(number.clone(), true));
    assert_eq!(ask("set mess 801 off"), Ask::MessageWaiting(number, false));
}

#[test]
fn a_wrong_word_is_pointed_at_with_what_could_stand_there() {
    let fault = parse("show spams").expect_err("wrong");
    assert_eq!(fault.at, 1);
    assert!(fault.wanted.contains(&"spans".to_owned()), "{fault:?}");
    let fault = parse("place test call 9x").expect_err("wrong");
    assert_eq!((fault.at, fault.wanted), (3, vec!["NUMBER".to_owned()]));
    let fault = parse("capture span 99").expect_err("out of range");
    assert_eq!((fault.at, fault.wanted), (2, vec!["SPAN".to_owned()]));
}

#[test]
fn an_unfinished_or_ambiguous_command_says_what_may_follow() {
    assert_eq!(parse("show").expect_err("unfinished").at, 1);
    // `c` may be compare, capture or clear.
    assert!(parse("c").is_err());
}

#[test]
fn a_party_of_a_conference_is_named_by_number_or_call_and_set_within_limits() {
    let ask = |what| {
        let conference = Digits::parse("880").expect("digits");
        Ok(Some(Ask::Party(conference, PartyName::Number("801".into()), what)))
    };
    assert_eq!(parse("conference 880 mute 801"), ask(PartyDo::Mute(true)));
    assert_eq!(parse("conf 880 unmute 801"), ask(PartyDo::Mute(false)));
    assert_eq!(parse("conference 880 gain 801 -3"), ask(PartyDo::Gain(-3)));
    assert_eq!(parse("conference 880 drop 801"), ask(PartyDo::Drop));
    let by_call = parse("conference 880 drop c1-2-3").expect("reads");
    assert!(matches!(by_call, Some(Ask::Party(_, PartyName::Call(_), PartyDo::Drop))));
    for wrong in ["-21", "13", "loud"] {
        assert_eq!(parse(&format!("conference 880 gain 801 {wrong}")).expect_err("no gain").at, 4);
    }
    assert_eq!(parse("show conferences"), Ok(Some(Ask::Conferences)));
}

#[test]
fn tab_and_question_mark_offer_what_may_come_next() {
    let shows = [
        "spans",
        "span",
        "channel",
        "port",
        "board",
        "core",
        "calls",
        "conferences",
        "records",
        "recordings",
        "alarms",
        "config",
    ];
    assert_eq!(words("show "), shows);
    assert_eq!(words("show s"), ["spans", "span"]);
    assert_eq!(words("place test call "), ["NUMBER"]);
    assert_eq!(words("ca"), ["capture"]);
    assert!(words("").len() >= 10);
}

#[test]
fn every_text_has_as_many_places_for_arguments_in_both_languages() {
    for Text([zh, en]) in Text::ALL {
        assert_eq!(zh.matches("{}").count(), en.matches("{}").count(), "{en}");
        assert!(!zh.is_ascii() && !en.is_empty(), "{en}");
    }
}

#[test]
fn garbage_on_the_console_is_refused_and_never_panics() {
    let mut state = 7u32;
    for length in 0..300 {
        let line: String = (0..length % 40)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from_u32(state >> 15).unwrap_or(' ')
            })
            .collect();
        let _ = parse(&line);
        let _ = candidates(&line, Language::Zh);
    }
}

#[test]
fn a_held_button_is_told_with_its_label_and_that_nothing_is_erased() {
    struct Nobody;
    impl Names for Nobody {
        fn name(&self, _: units::ContentHash) -> String {
            String::new()
        }
    }
    let held = link::Alarm::ButtonHeld { label: "RESET".try_into().expect("short") };
    for (language, nothing) in [(Language::En, "Nothing is erased"), (Language::Zh, "尚未清除")]
    {
        let said = alarm(&held, &Nobody, language);
        assert!(said.contains("RESET") && said.contains(nothing), "{said}");
    }
}

#[test]
fn the_core_is_told_in_words_with_what_it_went_on_with_and_its_journal() {
    use link::{CoreStatus, JournalStatus, JournalTrouble, Waking};
    let journal =
        JournalStatus { live: 5000, used: 70_000, room: 8 << 20, changes: 345, age_ms: 1250 };
    let mut status = CoreStatus {
        boot: 3,
        started: units::Utc(1_800_000_000_000_000),
        calls: 12,
        waking: Waking::WentOn { calls: 11 },
        waking_us: 3456,
        journal: Some(journal),
    };
    let text = core_lines(&status, Language::En);
    assert!(text.contains("(start 3) and carries 12 calls"), "{text}");
    assert!(text.contains("went on with 11 calls when it started, which took 3.4 ms"), "{text}");
    assert!(text.contains("5 KiB for what goes on, 69 of 8192 KiB written, 345 changes"), "{text}");
    assert!(text.contains("the last one 1.2 s ago"), "{text}");
    (status.waking, status.journal) = (Waking::SetAside(JournalTrouble::Crashes), None);
    let text = core_lines(&status, Language::En);
    assert!(text.contains("crashed with it again and again"), "{text}");
    assert!(text.contains("would not outlive the core"), "{text}");
}
