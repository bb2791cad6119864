//! What the box is told before the first call: its board, its directory, its flow, its prompts.

use std::collections::BTreeMap;

use board::Board;
use call::app::{Hear, Prompts};
use call::{Directory, Entry, JackLabel, JackName, Origin, Target};
use engine::Clip;
use ivr::{Choice, Program, Step, StepId};
use link::Kind;
use plan::Wanted;
use ringmain_core::disk::hash_of;
use units::{Cause, ContentHash, Digit, Digits, LineId, SpanId, Tenant};

/// The number of the flow.
pub(crate) const FLOW: &str = "95588";
/// The telephone's number, inside and from outside.
pub(crate) const DESK: &str = "801";
/// The span.
pub(crate) const SPAN: SpanId = SpanId(1);
/// The telephone's line.
pub(crate) const TELEPHONE: LineId = LineId::of_analog(1);
/// Whom the flow rings outside.
pub(crate) const OUTSIDE: &str = "0555000111";

/// The number of the loudspeakers in the hall.
pub(crate) const HALL: &str = "810";
/// The number of the door.
pub(crate) const DOOR: &str = "811";
/// What is printed beside the jacks, and beside the button of the door.
pub(crate) const JACKS: [&str; 3] = ["HALL", "DOOR", "RADIO"];
pub(crate) const BUTTON: &str = "RING";

/// What the board has beside the virtual board of the product: the telephone on a card of its own,
/// and audio jacks.
const BOARD: &str = r#"
inherits = "virtual"
name = "sim"
title = "Simulated box"
remove = ["card.a.telephone.1"]
pins = "simulated"
[card.b]
driver = "virtual"
socket = "telephone.sock"
[card.b.telephone.1]
label = "TEL 1"
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
pub(crate) fn board() -> Result<Board, String> {
    let text = |file: &str| match file {
        "sim.toml" => Ok(BOARD.to_owned()),
        "virtual.toml" => Ok(include_str!("../../../boards/virtual.toml").to_owned()),
        "country/cn.toml" => Ok(include_str!("../../../boards/country/cn.toml").to_owned()),
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
            choices: [key(b'1', 2), key(b'2', 5), key(b'3', 7), key(b'4', 8)]
                .into_iter()
                .flatten()
                .collect(),
            wait_ms: 5000,
            attempts: 3,
            otherwise: StepId(3),
        },
        ring(digits(DESK), 20_000),
        Step::Play { prompts: prompts(&[4]), next: StepId(4) },
        Step::Release { cause: Cause::NORMAL_CLEARING },
        ring(digits(OUTSIDE), 30_000),
        // The prompt that is missing.
        Step::Play { prompts: prompts(&[9]), next: StepId(1) },
        ring(digits("0999"), 5000),
        ring(digits(HALL), 5000),
    ];
    Program { name: "main".into(), steps }
}

/// What the daemon wants of the core.
pub(crate) fn wanted() -> Wanted {
    let octets = program().to_octets().unwrap_or_default();
    let flow = hash_of(&octets);
    let entry = |prefix, exact, origin, target| Entry {
        tenant: Tenant(1),
        prefix: digits(prefix),
        exact,
        origin,
        target,
    };
    let (line, show) = (LineId::of_span(SPAN), digits(FLOW));
    let trunk = Target::Trunk { line, strip: 1, at_least: 4, show };
    let jack = |label: &str, calls| {
        let jack = JackName::Label(JackLabel::try_from(label).unwrap_or_default());
        Target::Jack { jack, calls: digits(calls) }
    };
    let directory = Directory {
        entries: vec![
            entry(FLOW, true, Origin::Anybody, Target::Flow(flow)),
            entry(DESK, true, Origin::Anybody, Target::Telephone(TELEPHONE)),
            entry("0", false, Origin::Inside, trunk),
            entry(HALL, true, Origin::Inside, jack("HALL", "")),
            entry(DOOR, true, Origin::Inside, jack("DOOR", DESK)),
        ],
    };
    let table = directory.to_octets().unwrap_or_default();
    let hash = hash_of(&table);
    Wanted {
        table: Some(hash),
        documents: vec![(Kind::Program, flow, octets), (Kind::Table, hash, table)],
    }
}
