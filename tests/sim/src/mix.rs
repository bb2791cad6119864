//! How large a world is: its spans, telephones and calls from outside, by seed.

use machine::check::Random;

/// The size of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Spans, each with an exchange of its own: 1 to 4.
    pub spans: u8,
    /// So many of them, the last ones, carry R2 circuits instead of ISDN.
    pub r2: u8,
    /// The first two are under one D channel, that of the first.
    pub group: bool,
    /// The second has one as well, as its backup.
    pub backup: bool,
    /// With China's signals; else those of the ITU.
    pub china: bool,
    /// Telephones: 1 to 30.
    pub telephones: u16,
    /// Lines of an exchange: 0 to 2.
    pub lines: u16,
    /// Calls from outside.
    pub calls: u32,
    /// How long at most between two of them, in milliseconds.
    pub pause_ms: u64,
}

/// Spans of a world at most.
const SPANS: u8 = 4;
/// Telephones of a world at most.
const TELEPHONES: u16 = 30;

/// One world in three has R2 circuits.
fn circuits(seed: u64, spans: u8) -> (u8, bool) {
    let mut random = Random::new(seed ^ 0x4221);
    let some = 1 + u8::try_from(random.below(spans.into())).unwrap_or(0);
    (if random.one_in(3) { some } else { 0 }, random.one_in(2))
}

/// In half of the worlds with two spans of ISDN they are a group, in half of those with a backup.
fn group(seed: u64, isdn: u8) -> (bool, bool) {
    let mut random = Random::new(seed ^ 0x0F18);
    let group = isdn >= 2 && random.one_in(2);
    (group, group && random.one_in(2))
}

/// One world in three has lines of an exchange.
fn lines(seed: u64) -> u16 {
    let mut random = Random::new(seed ^ 0x0F0F);
    if random.one_in(3) { 1 + u16::from(random.one_in(2)) } else { 0 }
}

impl Mix {
    /// Whether its circuits have units of charge: Brazil's.
    #[must_use]
    pub const fn meters(&self) -> bool {
        self.r2 > 0 && !self.china && self.telephones % 2 == 1
    }

    /// Whether a span has a number of its own: it is not another one's in a group.
    #[must_use]
    pub const fn leads(&self, span: u8) -> bool {
        !(self.group && span == 2)
    }

    /// What a seed chooses: half of all worlds are a branch with one span, few are full.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x317);
        let spans = *random.pick(&[1, 1, 1, 1, 2, 2, 3, SPANS]);
        let telephones = match random.below(6) {
            0 | 1 => 1,
            2..=4 => 2 + random.below(5),
            _ => 7 + random.below(u64::from(TELEPHONES) - 6),
        };
        let pause_ms = *random.pick(&[25_000, 25_000, 8000, 2000]);
        let (r2, china) = circuits(seed, spans);
        let (group, backup) = group(seed, spans - r2);
        Self {
            spans,
            r2,
            group,
            backup,
            china,
            telephones: u16::try_from(telephones).unwrap_or(1),
            lines: lines(seed),
            calls: 5 * u32::from(spans) + 1,
            pause_ms,
        }
    }

    /// A small world, whose history is lived again for each of its steps.
    #[must_use]
    pub fn history(seed: u64) -> Self {
        let spans = if Random::new(seed ^ 0x317).one_in(3) { 2 } else { 1 };
        let (r2, china) = circuits(seed, spans);
        let (telephones, lines) = (u16::from(spans), lines(seed).min(1));
        let (group, backup) = group(seed, spans - r2);
        Self { spans, r2, group, backup, china, telephones, lines, calls: 2, pause_ms: 25_000 }
    }

    /// A busy branch that lives long: its calls do not run out.
    #[must_use]
    pub const fn long() -> Self {
        Self {
            spans: 3,
            r2: 0,
            group: true,
            backup: true,
            china: false,
            telephones: 12,
            lines: 2,
            calls: u32::MAX,
            pause_ms: 25_000,
        }
    }
}
