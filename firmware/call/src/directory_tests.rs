//! Where numbers lead, and tables of this release and those before.

use bearer::Side;

use super::*;
use crate::conference::Pin;
use crate::recording::{RecordedKeys, RecordingFile};

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

fn table() -> Directory {
    let entry = |prefix, exact, origin, target| Entry {
        tenant: Tenant(1),
        prefix: digits(prefix),
        exact,
        origin,
        target,
    };
    let trunk = Target::Trunk { line: LineId(1), strip: 1, at_least: 4, show: digits("95588") };
    Directory {
        entries: vec![
            entry("95588", true, Origin::Anybody, Target::Flow(ContentHash([7; 32]))),
            entry("801", true, Origin::Anybody, Target::Telephone(LineId::of_analog(1))),
            entry("0", false, Origin::Inside, trunk),
        ],
        accesses: vec![(LineId(1), Access { side: Side::Network, ..Access::default() })],
        lines: vec![(
            LineId::of_analog(5),
            ExchangeLine { pulses: true, ..ExchangeLine::default() },
        )],
        hotlines: vec![(LineId::of_analog(1), Hotline { number: digits("95588"), after_ms: 5000 })],
        extensions: vec![(LineId::of_analog(1), Extension { reversal: Some(true), waiting: true })],
        offsets: vec![(Utc(1_735_689_600_000_000), 28_800)],
        recorded: vec![Whose::Number(digits("801")), Whose::Line(LineId(1))],
        music: vec![ContentHash([3; 32])],
        recording: Recording { file: RecordingFile::Opus, keys: RecordedKeys::Kept },
        muted: vec![Whose::Line(LineId(1))],
    }
}

#[test]
fn a_number_dialled_digit_by_digit_waits_until_it_leads_somewhere() {
    let table = table();
    assert_eq!(table.route(&digits("8"), true, Whole::No), Route::More);
    assert_eq!(table.route(&digits("80"), true, Whole::No), Route::More);
    assert!(matches!(table.route(&digits("801"), true, Whole::No), Route::Place { .. }));
    assert_eq!(
        table.route(&digits("80"), true, Whole::Yes),
        Route::Nowhere(Cause::UNALLOCATED_NUMBER)
    );
}

#[test]
fn a_caller_from_outside_never_reaches_the_trunk() {
    assert_eq!(
        table().route(&digits("0100"), false, Whole::Yes),
        Route::Nowhere(Cause::UNALLOCATED_NUMBER)
    );
}

#[test]
fn a_trunk_waits_for_enough_digits_and_strips_the_access_code() {
    assert_eq!(table().route(&digits("0114"), true, Whole::No), Route::More);
    assert_eq!(
        table().route(&digits("011"), true, Whole::Yes),
        Route::Nowhere(Cause::INVALID_NUMBER_FORMAT)
    );
    let Route::Place { called, show, .. } = table().route(&digits("0114"), true, Whole::Yes) else {
        panic!("not placed")
    };
    assert_eq!((called, show), (digits("114"), digits("95588")));
}

#[test]
fn a_number_in_one_piece_leads_out_as_soon_as_it_is_long_enough() {
    let table = table();
    let route = |number: &str, whole| table.route(&digits(number), true, whole);
    assert_eq!(route("011", Whole::Perhaps), Route::More);
    assert!(matches!(route("0114", Whole::Perhaps), Route::Place { .. }));
    assert_eq!(route("0114", Whole::No), Route::More);
    assert_eq!(route("80", Whole::Perhaps), Route::More, "of a telephone");
}

#[test]
fn a_line_that_takes_digits_one_by_one_gets_the_number_as_soon_as_it_is_long_enough() {
    let mut table = table();
    table.accesses[0].1.overlap = true;
    let overlap = |number: &str, whole| match table.route(&digits(number), true, whole) {
        Route::Place { overlap, .. } => Some(overlap),
        _ => None,
    };
    assert_eq!(overlap("011", Whole::No), None);
    assert_eq!(overlap("0114", Whole::No), Some(true));
    assert_eq!(overlap("0114", Whole::Yes), Some(false));
}

#[test]
fn a_table_reads_back_as_it_was_written_and_cut_octets_are_refused() {
    let octets = table().to_octets().expect("fits");
    assert_eq!(Directory::from_octets(&octets), Ok(table()));
    for cut in 0..octets.len() {
        assert!(Directory::from_octets(&octets[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_telephone_calls_with_its_own_number() {
    assert_eq!(table().calling(LineId::of_analog(1)).number, digits("801"));
}

#[test]
fn an_exchange_line_reaches_its_number_and_is_none_itself() {
    let line = LineId::of_analog(5);
    let target = Target::Reached { line, number: digits("95588") };
    let (tenant, prefix, origin) = (Tenant(1), Digits::new(), Origin::Anybody);
    let mut table = table();
    table.entries.push(Entry { tenant, prefix, exact: true, origin, target });
    assert_eq!(table.reached_by(line), digits("95588"));
    assert_eq!(table.reached_by(LineId::of_analog(6)), Digits::new());
    let nowhere = Route::Nowhere(Cause::UNALLOCATED_NUMBER);
    assert_eq!(table.route(&Digits::new(), false, Whole::Yes), nowhere);
}

#[test]
fn a_trunk_of_several_lines_tries_them_in_their_order() {
    let lines = Lines::from_iter([LineId(1), LineId(2), LineId::of_analog(5)]);
    let target = Target::Trunks { lines, strip: 1, at_least: 4, show: Digits::new() };
    let (tenant, prefix, origin) = (Tenant(1), digits("9"), Origin::Inside);
    let mut table = table();
    table.entries.push(Entry { tenant, prefix, exact: false, origin, target });
    assert_eq!(table.route(&digits("9114"), true, Whole::No), Route::More);
    let Route::Place { line, called, others, .. } = table.route(&digits("9114"), true, Whole::Yes)
    else {
        panic!("not placed")
    };
    assert_eq!((line, called), (LineId(1), digits("114")));
    assert_eq!(others[..], [LineId(2), LineId::of_analog(5)]);
    let octets = table.to_octets().expect("fits");
    assert_eq!(Directory::from_octets(&octets), Ok(table));
}

fn hall() -> Directory {
    let label = JackLabel::try_from("HALL").expect("short");
    let target = Target::Jack { jack: JackName::Label(label), calls: digits("801") };
    let (tenant, prefix, origin) = (Tenant(1), digits("810"), Origin::Inside);
    let mut table = table();
    table.entries.push(Entry { tenant, prefix, exact: true, origin, target });
    table
}

#[test]
fn a_jack_is_reached_by_its_number_once_its_label_is_known() {
    let mut table = hall();
    let out = Route::Nowhere(Cause::DESTINATION_OUT_OF_ORDER);
    assert_eq!(table.route(&digits("810"), true, Whole::Yes), out);
    assert!(!table.resolve(|_| None));
    assert!(table.resolve(|label| (label == "HALL").then_some(2)));
    let line = LineId::of_jack(2);
    let Route::Place { line: at, .. } = table.route(&digits("810"), true, Whole::Yes) else {
        panic!("not placed")
    };
    assert_eq!(at, line);
    assert_eq!((table.calling(line).number, table.calls(line)), (digits("810"), digits("801")));
    assert_eq!(table.calls(LineId::of_jack(1)), Digits::new());
}

#[test]
fn a_table_of_the_release_before_is_read() {
    let before = Directory { entries: table().entries, ..Directory::default() };
    let mut octets = before.to_octets().expect("fits");
    assert_eq!(octets.split_off(octets.len() - 10), [0; 10], "nothing else");
    for format in [1, 2] {
        octets[1] = format;
        assert_eq!(Directory::from_octets(&octets), Ok(before.clone()));
    }
    octets[1] = 10;
    assert_eq!(Directory::from_octets(&octets), Err(DirectoryFault::Format(10)));
    let eighth = Directory { muted: vec![], ..table() };
    let mut octets = eighth.to_octets().expect("fits");
    assert_eq!((octets.split_off(octets.len() - 1), octets[1]), (vec![0; 1], 9));
    octets[1] = 8;
    assert_eq!(Directory::from_octets(&octets), Ok(eighth.clone()));
    let seventh = Directory { recording: Recording::default(), ..eighth };
    let mut octets = seventh.to_octets().expect("fits");
    assert_eq!(octets.split_off(octets.len() - 3), [0; 3], "neither");
    octets[1] = 7;
    assert_eq!(Directory::from_octets(&octets), Ok(seventh.clone()));
    let sixth = Directory { music: vec![], ..seventh };
    let mut octets = sixth.to_octets().expect("fits");
    assert_eq!(octets.split_off(octets.len() - 4), [0; 4], "neither");
    octets[1] = 6;
    assert_eq!(Directory::from_octets(&octets), Ok(sixth.clone()));
    let fifth = Directory { recorded: vec![], ..sixth };
    let mut octets = fifth.to_octets().expect("fits");
    assert_eq!(octets.split_off(octets.len() - 5), [0; 5], "none of them");
    octets[1] = 5;
    assert_eq!(Directory::from_octets(&octets), Ok(fifth.clone()));
    let fourth = Directory { offsets: vec![], ..fifth };
    let mut octets = fourth.to_octets().expect("fits");
    assert_eq!(octets.split_off(octets.len() - 6), [0; 6], "none of them");
    octets[1] = 4;
    assert_eq!(Directory::from_octets(&octets), Ok(fourth.clone()));
    let third = Directory { extensions: vec![], ..fourth };
    let mut octets = third.to_octets().expect("fits");
    assert_eq!(octets.split_off(octets.len() - 7), [0; 7], "nothing else");
    octets[1] = 3;
    assert_eq!(Directory::from_octets(&octets), Ok(third));
}

#[test]
fn a_conference_is_reached_by_its_number_and_from_outside_only_where_that_is_said() {
    let mut table = table();
    let (pin, number) = (Pin(digits("12")), digits("880"));
    let terms = Terms { number, pin, most: 64, tones: true };
    let target = Target::Conference(terms.clone());
    for (number, origin) in [("880", Origin::Inside), ("7880", Origin::Anybody)] {
        let (tenant, prefix, target) = (Tenant(1), digits(number), target.clone());
        table.entries.push(Entry { tenant, prefix, exact: true, origin, target });
    }
    let octets = table.to_octets().expect("fits");
    let table = Directory::from_octets(&octets).expect("reads");
    let confer = Route::Confer { tenant: Tenant(1), terms };
    assert_eq!(table.route(&digits("880"), true, Whole::No), confer);
    assert_eq!(table.route(&digits("7880"), false, Whole::Yes), confer);
    let nowhere = Route::Nowhere(Cause::UNALLOCATED_NUMBER);
    assert_eq!(table.route(&digits("880"), false, Whole::Yes), nowhere);
    assert!(!format!("{confer:?}").contains("12"), "the pin is not printed");
}

#[test]
fn local_time_is_by_the_last_change_and_utc_before_the_first() {
    let offsets = vec![(Utc(1000), 3600), (Utc(2000), 7200)];
    let table = Directory { offsets, ..Directory::default() };
    let at = [999, 1000, 1999, 2000, 9000].map(|at| table.offset_s(Utc(at)));
    assert_eq!(at, [0, 3600, 3600, 7200, 7200]);
    assert_eq!(Directory::default().offset_s(Utc(5)), 0);
}

#[test]
fn a_number_is_recorded_where_that_is_said_and_no_other_is() {
    let table = table();
    assert!(table.records_number(&digits("801")));
    assert!(!table.records_number(&digits("95588")) && !table.records_number(&Digits::new()));
}
