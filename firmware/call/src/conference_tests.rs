//! What callers of a conference meet, and who hears whom.

use bearer::{Dialling, Indication, Request};
use engine::{Chime, RoomId, Tone};
use machine::Restore;
use units::{BoxId, CallId, Cause, Digit, Digits, Instant, Mint, Party, PortId, Tenant};

use crate::app::{Action, Hear, Notice};
use crate::check::{CALLER, PORT, call, offer};
use crate::conference::{Change, Heard, Pin, Rooms, Seat, Terms, Voice};
use crate::story::{Step, Story};
use crate::tests::{feed, flow, timeout};
use crate::{Call, Input, Media, Output, Phase, Route};

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

fn terms(number: &str, pin: &str, most: u8) -> Terms {
    Terms { number: digits(number), pin: Pin(digits(pin)), most, tones: true }
}

fn route(pin: &str) -> Input {
    Input::Route(Route::Confer { tenant: Tenant(7), terms: terms("88", pin, 64) })
}

fn key(call: &mut Call, at_ms: u64, key: u8) -> Vec<Output> {
    feed(call, at_ms, Input::Digit(PORT, Digit::new(key).expect("a key")))
}

fn entered(said: &[Output]) -> bool {
    said.contains(&Output::Story(Story::InConference(digits("88"))))
}

#[test]
fn a_caller_is_answered_in_the_conference_and_its_record_names_it() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    let said = feed(&mut call, 5, route(""));
    assert!(said.contains(&Output::Line(Request::Proceed { leg: CALLER })));
    assert!(said.contains(&Output::Line(Request::Answer { leg: CALLER })));
    assert!(entered(&said), "{said:?}");
    let seat = call.seat().expect("in it");
    assert_eq!((seat.port, seat.entered), (PORT, Some(Instant::from_millis(5))));
    let (cause, by) = (Cause::NORMAL_CLEARING, Party::Caller);
    let said = feed(&mut call, 90, Input::Line(Indication::Released { leg: CALLER, cause, by }));
    assert_eq!(call.seat(), None);
    let record = said.iter().find_map(|output| match output {
        Output::Story(Story::Ended(record)) => Some(record),
        _ => None,
    });
    let record = record.expect("one record");
    assert_eq!(record.path.last(), Some(&Step::Conference(digits("88"))));
    assert_eq!(record.connected, Some(Instant::from_millis(5)));
    assert_eq!((record.tenant, call.phase().clone()), (Tenant(7), Phase::Ended));
}

#[test]
fn a_flow_rings_a_conference_and_is_done() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    let ring = Action::Ring { number: digits("88"), hear: Hear::Music };
    feed(&mut call, 2, Input::App(ring));
    let said = feed(&mut call, 3, route(""));
    assert!(said.contains(&Output::App(Notice::Connected)) && entered(&said), "{said:?}");
    assert!(said.contains(&Output::Line(Request::Answer { leg: CALLER })));
}

#[test]
fn who_knows_the_pin_enters_with_its_last_digit_and_its_place_is_held_meanwhile() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::InBand));
    key(&mut call, 1, b'8');
    let said = feed(&mut call, 2, route("12"));
    let asked = [Media::Listen(PORT, true), Media::Silence(PORT), Media::Attention(PORT)];
    assert!(said.ends_with(&asked.map(Output::Media)), "{said:?}");
    assert!(!entered(&key(&mut call, 3, b'1')));
    assert_eq!(call.seat().expect("held").entered, None);
    let said = key(&mut call, 4, b'2');
    assert!(entered(&said) && said.contains(&Output::Media(Media::Listen(PORT, false))));
    assert_eq!(*call.phase(), Phase::Conferring);
}

#[test]
fn who_enters_three_wrong_pins_hears_it_and_is_released_and_the_place_is_free_at_once() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, route("123"));
    // Wrong, too short and closed with `#`, nothing at all.
    key(&mut call, 2, b'9');
    key(&mut call, 3, b'2');
    let said = key(&mut call, 4, b'3');
    assert!(said.contains(&Output::Media(Media::Attention(PORT))), "{said:?}");
    key(&mut call, 5, b'1');
    let said = key(&mut call, 6, b'#');
    assert!(said.contains(&Output::Media(Media::Attention(PORT))), "{said:?}");
    let said = timeout(&mut call);
    let told = Output::Story(Story::PinRefused(digits("88")));
    assert!(said.contains(&Output::Media(Media::Tone(PORT, Tone::Congestion))));
    assert!(said.contains(&told) && call.seat().is_none(), "{said:?}");
    // It is too late now.
    for one in *b"123" {
        assert_eq!(key(&mut call, 10_100, one), []);
    }
    let cause = Cause::CALL_REJECTED;
    assert!(timeout(&mut call).contains(&Output::Line(Request::Release { leg: CALLER, cause })));
}

#[test]
fn a_call_that_the_release_before_wrote_is_read_and_is_in_no_conference() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    let mut room = [0; 4096];
    let octets = call.snapshot(&mut room).expect("drained").to_vec();
    // What stands behind all else is the conference, and there is none.
    let (last, before) = octets.split_last().expect("octets");
    assert_eq!((*last, Call::OLDEST), (0, 5));
    let old = [&5u16.to_be_bytes(), &before[2..]].concat();
    assert_eq!(Call::restore(&old), Ok(call));
}

/// Calls that sit in conferences.
struct Table {
    mint: Mint,
    rooms: Rooms,
    terms: Terms,
}

impl Table {
    fn new(terms: Terms) -> Self {
        Self { mint: Mint::new(BoxId(1), 1, 0), rooms: Rooms::default(), terms }
    }

    fn sit(&mut self, call: CallId, voice: Voice, inside: bool) -> Vec<Change> {
        let entered = inside.then_some(Instant::ZERO);
        let seat = Seat { terms: &self.terms, port: port(call), voice, entered };
        self.rooms.settle(call, Some(seat))
    }

    fn enter(&mut self) -> (CallId, Vec<Change>) {
        let call = self.mint.call();
        (call, self.sit(call, Voice::default(), true))
    }
}

fn port(call: CallId) -> PortId {
    PortId(u16::try_from(call.0 & 0xFFF).expect("twelve bits"))
}

#[test]
fn one_alone_waits_two_hear_each_other_and_each_who_comes_or_goes_is_told_to_the_others() {
    let mut table = Table::new(terms("88", "", 64));
    let room = RoomId(0);
    let hears = |call: CallId| Change::Hears(call, port(call));
    let (a, changes) = table.enter();
    assert_eq!(changes, [hears(a)]);
    let heard = |alone, gain_db| Some(Heard { room, gain_db, alone });
    assert_eq!(table.rooms.hears(a), heard(true, Some(0)));
    let (b, changes) = table.enter();
    assert_eq!(changes, [hears(a), hears(b), Change::Chime(b, room, Chime::Came)]);
    assert_eq!(table.rooms.hears(a), heard(false, Some(0)));
    let (c, changes) = table.enter();
    assert_eq!(changes, [hears(c), Change::Chime(c, room, Chime::Came)]);
    // Said again, nothing changes.
    assert_eq!(table.sit(b, Voice::default(), true), []);
    let voice = Voice { gain_db: -3, muted: true };
    assert_eq!(table.sit(b, voice, true), [hears(b)]);
    assert_eq!(table.rooms.hears(b), heard(false, None));
    assert_eq!(table.rooms.settle(a, None), [Change::Chime(a, room, Chime::Went)]);
    assert_eq!(table.rooms.settle(a, None), []);
    assert_eq!(table.rooms.settle(b, None), [hears(c), Change::Attention(c, port(c))]);
    assert_eq!(table.rooms.hears(c), heard(true, Some(0)));
    assert_eq!(table.rooms.settle(c, None), []);
    assert_eq!(table.rooms.hears(c), None);
}

#[test]
fn a_conference_without_tones_is_quiet_about_who_comes_and_goes() {
    let mut table = Table::new(Terms { tones: false, ..terms("88", "", 64) });
    let (a, _) = table.enter();
    let (b, changes) = table.enter();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_eq!(table.enter().1.len(), 1);
    assert_eq!(table.rooms.settle(b, None), []);
    assert_eq!(table.rooms.settle(a, None).len(), 1);
}

#[test]
fn a_full_conference_has_no_place_and_one_who_is_asked_the_pin_holds_one_unheard() {
    let mut table = Table::new(terms("88", "1", 3));
    let (a, _) = table.enter();
    let asked = table.mint.call();
    assert_eq!(table.sit(asked, Voice::default(), false), []);
    assert!(table.rooms.hears(a).expect("in it").alone && table.rooms.hears(asked).is_none());
    table.enter();
    assert!(!table.rooms.has_place(&table.terms));
    let (late, changes) = table.enter();
    assert_eq!(changes, [Change::Full(late)]);
    // Who leaves before the pin was right is not told of.
    assert_eq!(table.rooms.settle(asked, None), []);
    assert!(table.rooms.has_place(&table.terms));
}

#[test]
fn there_are_as_many_conferences_as_the_engine_has_rooms_and_each_has_its_own() {
    let mut table = Table::new(terms("88", "", 64));
    let mut ids = std::collections::BTreeSet::new();
    for number in 0..limits::ROOMS {
        table.terms = terms(&format!("9{number}"), "", 64);
        let (call, _) = table.enter();
        ids.insert(table.rooms.hears(call).expect("in it").room);
    }
    assert_eq!(ids.len(), limits::ROOMS);
    table.terms = terms("88", "", 64);
    assert!(!table.rooms.has_place(&table.terms));
    let (late, changes) = table.enter();
    assert_eq!(changes, [Change::Full(late)]);
}
