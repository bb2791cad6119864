//! What the box is told before the first call: its board, its directory, its flow, its prompts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use board::Board;
use call::app::{Hear, Prompts};
use call::{Directory, Entry, JackLabel, JackName, Origin, Pin, Target, Terms, Whose};
use engine::Clip;
use ivr::{Choice, Program, Step, StepId};
use link::Kind;
use plan::Wanted;
use ringmain_core::disk::hash_of;
use units::{Cause, ContentHash, Digit, Digits, LineId, SpanId, Tenant};

use crate::mix::Mix;

/// The number of the flow.
pub(crate) const FLOW: &str = "95588";
/// Whom the flow rings outside.
pub(crate) const OUTSIDE: &str = "0555000111";

/// The number of the loudspeakers in the hall.
pub(crate) const HALL: &str = "890";
/// The number of the door.
pub(crate) const DOOR: &str = "891";
/// What is printed beside the jacks, and beside the button of the door.
pub(crate) const JACKS: [&str; 3] = ["HALL", "DOOR", "RADIO"];
pub(crate) const BUTTON: &str = "RING";

/// The numbers of conferences: for everybody, and for three who know the pin.
pub(crate) const MEETING: &str = "870";
pub(crate) const SECRET: &str = "871";
const PIN: &str = "12";
/// The number of the first one from outside.
pub(crate) const MEETING_OUTSIDE: &str = "96870";

/// What a telephone dials to enter the one with the pin.
pub(crate) fn secret() -> String {
    format!("{SECRET}{PIN}")
}

/// The number of a telephone, inside and from outside; the first is 1.
pub(crate) fn desk(telephone: u16) -> String {
    format!("{}", 800 + telephone)
}

/// What reaches the outside through exchange lines, for those inside.
pub(crate) const LINES: &str = "7";

/// The exchange lines, by their ports: behind those of the telephones.
fn lines(mix: Mix) -> impl Iterator<Item = u16> {
    (1..=mix.lines).map(move |n| mix.telephones + n)
}

/// What reaches the outside through a span, for those inside and for anybody.
pub(crate) fn prefix(inside: bool, span: u8) -> String {
    format!("{}{span}", if inside { 9 } else { 6 })
}

/// What the board has beside the virtual board of the product: its first span is alone on a card,
/// its telephones are on a card of theirs, further spans on a third; and audio jacks.
const BOARD: &str = r#"
inherits = "virtual"
name = "sim"
title = "Simulated box"
remove = ["card.a.telephone.1"]
pins = "simulated"
[card.b]
driver = "virtual"
socket = "telephone.sock"
[audio]
1 = { label = "HALL", device = "a", role = "paging" }
2 = { label = "DOOR", device = "b", role = "door" }
3 = { label = "RADIO", device = "c", role = "music" }
[button.ring]
label = "RING"
pin = { line = 1 }
role = "call"
audio = 2
"#;

/// The board.
pub(crate) fn board(mix: Mix) -> Result<Board, String> {
    let mut sim = BOARD.to_owned();
    for n in 1..=mix.telephones {
        let _ = writeln!(sim, "[card.b.telephone.{n}]\nlabel = \"TEL {n}\"");
    }
    if mix.lines > 0 {
        sim.push_str("[card.d]\ndriver = \"virtual\"\nsocket = \"lines.sock\"\n");
    }
    for n in lines(mix) {
        let _ = writeln!(sim, "[card.d.trunk.{n}]\nlabel = \"LINE {n}\"");
    }
    if mix.spans > 1 {
        sim.push_str("[card.c]\ndriver = \"virtual\"\nsocket = \"spans.sock\"\n");
    }
    for n in 1..=mix.spans {
        let card = if n == 1 { 'a' } else { 'c' };
        let _ = writeln!(sim, "[card.{card}.span.{n}]\nlabel = \"E1 {n}\"");
        if mix.group && n <= 2 {
            sim.push_str("group = 1\n");
        }
        if !mix.leads(n) && !mix.backup {
            sim.push_str("d_channel = \"none\"\n");
        }
        if n > mix.spans - mix.r2 {
            let country = match (mix.china, mix.meters()) {
                (true, _) => "cn",
                (false, false) => "itu",
                (false, true) => "br",
            };
            let _ = writeln!(sim, "signalling = \"cas\"\nr2 = \"{country}\"\ncaller_after = 2");
        }
    }
    let text = |file: &str| match file {
        "sim.toml" => Ok(sim.clone()),
        "virtual.toml" => Ok(include_str!("../../../../boards/virtual.toml").to_owned()),
        "country/cn.toml" => Ok(include_str!("../../../../boards/country/cn.toml").to_owned()),
        "r2/cn.toml" => Ok(include_str!("../../../../boards/r2/cn.toml").to_owned()),
        "r2/br.toml" => Ok(include_str!("../../../../boards/r2/br.toml").to_owned()),
        "r2/itu.toml" => Ok(include_str!("../../../../boards/r2/itu.toml").to_owned()),
        other => Err(format!("{other}: no such file")),
    };
    board::read(&text, "sim")
}

/// Sound for all prompts: each is a part of it.
static SOUND: [u8; 32_000] = [0x55; 32_000];

/// Prompts by hash: 1 s, 1.2 s, and so on. One that the flow names is missing.
pub(crate) fn prompts() -> BTreeMap<ContentHash, Clip> {
    (1..=4)
        .map(|n| (prompt(n), SOUND.get(..6400 + 1600 * usize::from(n)).unwrap_or(&SOUND)))
        .collect()
}

fn prompt(n: u8) -> ContentHash {
    ContentHash([n; 32])
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).unwrap_or_default()
}

fn key(ascii: u8, next: u16) -> Option<Choice> {
    Some(Choice { digit: Digit::new(ascii)?, next: StepId(next) })
}

fn program() -> Program {
    let prompts = |numbers: &[u8]| numbers.iter().map(|n| prompt(*n)).collect::<Prompts>();
    let ring = |number, patience_ms| Step::Ring {
        number,
        patience_ms,
        otherwise: StepId(6),
        hear: Hear::Music,
    };
    let steps = vec![
        Step::Answer { next: StepId(1) },
        Step::Menu {
            prompts: prompts(&[1, 2]),
            invalid: prompts(&[3]),
            choices: [key(b'1', 2), key(b'2', 5), key(b'3', 7), key(b'4', 8), key(b'5', 9)]
                .into_iter()
                .flatten()
                .collect(),
            wait_ms: 5000,
            attempts: 3,
            otherwise: StepId(3),
        },
        ring(digits(&desk(1)), 20_000),
        Step::Play { prompts: prompts(&[4]), next: StepId(4) },
        Step::Release { cause: Cause::NORMAL_CLEARING },
        ring(digits(OUTSIDE), 30_000),
        // The prompt that is missing.
        Step::Play { prompts: prompts(&[9]), next: StepId(1) },
        ring(digits("0999"), 5000),
        ring(digits(HALL), 5000),
        ring(digits(MEETING), 5000),
    ];
    Program::plain("main".into(), steps)
}

/// What the daemon wants of the core.
pub(crate) fn wanted(mix: Mix) -> Wanted {
    let octets = program().to_octets().unwrap_or_default();
    let flow = hash_of(&octets);
    let entry = |prefix: &str, exact, origin, target| Entry {
        tenant: Tenant(1),
        prefix: digits(prefix),
        exact,
        origin,
        target,
    };
    let trunk = |span, strip, show: &str| Target::Trunk {
        line: LineId::of_span(SpanId(span)),
        strip,
        at_least: 4,
        show: digits(show),
    };
    let conference = |number: &str, pin: &str, most| {
        let (number, pin) = (digits(number), Pin(digits(pin)));
        Target::Conference(Terms { number, pin, most, tones: true })
    };
    let jack = |label: &str, calls: &str| {
        let jack = JackName::Label(JackLabel::try_from(label).unwrap_or_default());
        Target::Jack { jack, calls: digits(calls) }
    };
    let last = (1..=mix.spans).rev().find(|span| mix.leads(*span)).unwrap_or(1);
    let mut entries = vec![
        entry(FLOW, true, Origin::Anybody, Target::Flow(flow)),
        // Through the last span, so that the calls of the first go through where there are more.
        entry("0", false, Origin::Inside, trunk(last, 1, FLOW)),
        entry(MEETING, true, Origin::Inside, conference(MEETING, "", 64)),
        entry(MEETING_OUTSIDE, true, Origin::Anybody, conference(MEETING, "", 64)),
        entry(SECRET, true, Origin::Inside, conference(SECRET, PIN, 3)),
        entry(HALL, true, Origin::Inside, jack("HALL", "")),
        entry(DOOR, true, Origin::Inside, jack("DOOR", &desk(1))),
    ];
    for n in 1..=mix.telephones {
        let telephone = Target::Telephone(LineId::of_analog(n));
        entries.push(entry(&desk(n), true, Origin::Anybody, telephone));
    }
    for n in (1..=mix.spans).filter(|span| mix.leads(*span)) {
        entries.push(entry(&prefix(true, n), false, Origin::Inside, trunk(n, 2, FLOW)));
        // Whoever calls from outside is shown to whom they reach.
        entries.push(entry(&prefix(false, n), false, Origin::Anybody, trunk(n, 2, "")));
    }
    for n in lines(mix) {
        let target = Target::Reached { line: LineId::of_analog(n), number: digits(FLOW) };
        entries.push(entry("", true, Origin::Anybody, target));
    }
    let out = Target::Trunks {
        lines: lines(mix).map(LineId::of_analog).collect(),
        strip: 1,
        at_least: 4,
        show: Digits::new(),
    };
    if mix.lines > 0 {
        entries.push(entry(LINES, false, Origin::Inside, out));
    }
    let muted = vec![Whose::Line(LineId(1)), Whose::Number(digits(MEETING_OUTSIDE))];
    let directory = Directory { entries, muted, ..Directory::default() };
    let table = directory.to_octets().unwrap_or_default();
    let hash = hash_of(&table);
    Wanted {
        table: Some(hash),
        documents: vec![(Kind::Program, flow, octets), (Kind::Table, hash, table)],
    }
}
