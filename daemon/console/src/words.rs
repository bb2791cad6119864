//! Words of commands that stand for something: each is read here, or is none.

use link::SoundAt;
use units::{CallId, Digits, LineId, SpanId, Timeslot};

use crate::conference::PartyName;

const RECORDS: u32 = 20;
const MOST_RECORDS: u32 = 100_000;

pub(crate) fn count(word: Option<&&str>) -> Option<u32> {
    word.map_or(Some(RECORDS), |word| word.parse().ok().filter(|n| *n <= MOST_RECORDS))
}

/// How long a test lasts: a second to a day, unless said.
pub(crate) fn seconds(word: Option<&&str>) -> Option<u16> {
    word.map_or(Some(60), |word| word.parse().ok().filter(|n| *n > 0))
}

pub(crate) fn span(word: &str) -> Option<SpanId> {
    word.parse().ok().filter(|n| (1..=16).contains(n)).map(SpanId)
}

pub(crate) fn channel(word: &str) -> Option<SoundAt> {
    let (of, at) = word.split_once('/')?;
    Some(SoundAt::Channel(span(of)?, slot(at)?))
}

pub(crate) fn port(word: &str) -> Option<SoundAt> {
    let number = word.parse().ok().filter(|n| (1..=limits::ANALOG_PORTS).contains(n))?;
    Some(SoundAt::Line(LineId::of_analog(u16::try_from(number).ok()?)))
}

pub(crate) fn slot(word: &str) -> Option<Timeslot> {
    word.parse().ok().and_then(Timeslot::new)
}

/// The slot of a circuit, 1 to 30: they are counted without slot 16 (G.704 5.1.3.2.1).
pub(crate) fn circuit(word: &str) -> Option<Timeslot> {
    let number: u8 = word.parse().ok().filter(|number| (1..=30).contains(number))?;
    Timeslot::new(if number < 16 { number } else { number + 1 })
}

/// What the core makes of it lies within -20 to 12.
pub(crate) fn decibels(word: &str) -> Option<i8> {
    word.parse().ok().filter(|db| (-20..=12).contains(db))
}

pub(crate) fn party(word: &str) -> Option<PartyName> {
    let number = || Digits::parse(word).map(|_| PartyName::Number(word.into()));
    call(word).map(PartyName::Call).or_else(number)
}

/// Reads `c<box>-<boot>-<number>` as [`CallId`] shows itself.
pub(crate) fn call(word: &str) -> Option<CallId> {
    let mut parts = word.strip_prefix('c')?.splitn(3, '-').map(str::parse::<u64>);
    let mut part = || parts.next()?.ok();
    let (box_id, boot, number) = (part()?, part()?, part()?);
    let fits = box_id < 1 << 8 && boot < 1 << 20 && number < 1 << 36;
    fits.then_some(CallId(box_id << 56 | boot << 36 | number))
}
