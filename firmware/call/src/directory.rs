//! Which number goes where: the table that the daemon publishes and calls are routed by.

use crate::conference::Terms;
use crate::recording::{Recording, Whose};
use bearer::{Access, Calling, ExchangeLine, Extension};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use units::{Cause, ContentHash, Digits, LineId, Tenant, Utc};

/// Who may use an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Everybody.
    Anybody,
    /// Telephones of this box and flows; never a caller from outside (toll fraud).
    Inside,
}

/// Where a number leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// A compiled flow.
    Flow(ContentHash),
    /// The telephone at an analog port.
    Telephone(LineId),
    /// Out through a trunk, without the first digits.
    Trunk {
        /// The line.
        line: LineId,
        /// How many of the first digits are not sent.
        strip: u8,
        /// How many digits must have been dialled before it is placed.
        at_least: u8,
        /// The number shown to those called.
        show: Digits,
    },
    /// An audio jack. Since format 2.
    Jack {
        /// Which.
        jack: JackName,
        /// The number that its button calls; empty: none.
        calls: Digits,
    },
    /// Calls that come in on an exchange line, which does not say whom they want, reach this
    /// number. The entry's own prefix means nothing. Since format 3.
    Reached {
        /// The line.
        line: LineId,
        /// The number.
        number: Digits,
    },
    /// As `Trunk`, through the first of these lines that is free and alive. Since format 3.
    Trunks {
        /// The lines, in the order in which they are tried.
        lines: Lines,
        /// How many of the first digits are not sent.
        strip: u8,
        /// How many digits must have been dialled before it is placed.
        at_least: u8,
        /// The number shown to those called.
        show: Digits,
    },
    /// Into a conference. Since format 5.
    Conference(Terms),
}

/// Lines of a trunk, in the order in which they are tried.
pub type Lines = heapless::Vec<LineId, { limits::TRUNK_LINES }>;

/// What is printed beside a jack.
pub type JackLabel = heapless::String<24>;

/// Which jack: only the box itself knows what is printed on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JackName {
    /// Its number in the board file.
    Number(u16),
    /// What is printed beside it.
    Label(JackLabel),
}

impl JackName {
    /// The line, once the label is known.
    #[must_use]
    pub const fn line(&self) -> Option<LineId> {
        match self {
            Self::Number(number) => Some(LineId::of_jack(*number)),
            Self::Label(_) => None,
        }
    }
}

/// One entry: numbers that begin with `prefix`, or are it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose.
    pub tenant: Tenant,
    /// The number, or how it begins.
    pub prefix: Digits,
    /// Whether `prefix` is the whole number.
    pub exact: bool,
    /// Who may use it.
    pub origin: Origin,
    /// Where it leads.
    pub target: Target,
}

/// A telephone that calls one number by itself when it is lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hotline {
    /// The number.
    pub number: Digits,
    /// After so many milliseconds without a digit; 0: at once, without dial tone.
    pub after_ms: u32,
}

/// The table. The entry with the longest prefix wins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// All entries.
    pub entries: Vec<Entry>,
    /// What is decided of lines that are a primary access; the others are as the Recommendation
    /// has it. Since format 3.
    pub accesses: Vec<(LineId, Access)>,
    /// What is decided of exchange lines. Since format 3.
    pub lines: Vec<(LineId, ExchangeLine)>,
    /// Telephones that call by themselves. Since format 3.
    pub hotlines: Vec<(LineId, Hotline)>,
    /// What is decided of telephones. Since format 4.
    pub extensions: Vec<(LineId, Extension)>,
    /// Seconds by which local time is ahead of UTC, each from this moment on, in order; before the
    /// first, and if there is none, local time is UTC. Since format 5.
    pub offsets: Vec<(Utc, i32)>,
    /// Whose calls are recorded. Since format 6.
    pub recorded: Vec<Whose>,
    /// What callers hear who wait with music, one piece behind the other. Since format 7.
    pub music: Vec<ContentHash>,
    /// How calls are recorded. Since format 8.
    pub recording: Recording,
    /// Who presses keys that nobody else hears: callers of these numbers, whoever is outside on
    /// these lines. Since format 9.
    pub muted: Vec<Whose>,
}

/// Whether all digits of a number are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// No more will come.
    Yes,
    /// Nobody has said so, but whoever sent them sends numbers in one piece.
    Perhaps,
    /// Only a pause or the caller will tell.
    No,
}

/// What the directory says of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Route {
    /// Into a flow.
    Flow {
        /// Whose.
        tenant: Tenant,
        /// Which program.
        flow: ContentHash,
    },
    /// Ring this.
    Place {
        /// Whose.
        tenant: Tenant,
        /// On which line.
        line: LineId,
        /// Whom to ask for there.
        called: Digits,
        /// Shown instead of the caller, if not empty.
        show: Digits,
        /// Digits that come after these go there too.
        overlap: bool,
        /// Tried next if that line is busy or dead.
        others: Lines,
    },
    /// Into a conference.
    Confer {
        /// Whose.
        tenant: Tenant,
        /// Which.
        terms: Terms,
    },
    /// More digits are needed to tell.
    More,
    /// It leads nowhere.
    Nowhere(Cause),
}

/// Why a table is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryFault {
    /// Of a format that this release does not read.
    Format(u16),
    /// No daemon wrote these octets.
    Malformed,
    /// More entries or octets than allowed.
    Full,
}

impl Directory {
    /// The format that this release writes.
    pub const FORMAT: u16 = 9;
    /// The oldest format that it reads: jacks, then accesses and exchange lines, then telephones,
    /// then local time were added behind all that there was, with it conferences among the targets,
    /// then whose calls are recorded, then music, then how calls are recorded, then whose keys are
    /// muted.
    pub const OLDEST: u16 = 1;
    /// The first format with accesses.
    const ACCESSES: u16 = 3;
    /// The first format with telephones.
    const EXTENSIONS: u16 = 4;
    /// The first format with local time.
    const OFFSETS: u16 = 5;
    /// The first format with recordings.
    const RECORDED: u16 = 6;
    /// The first format with music.
    const MUSIC: u16 = 7;
    /// The first format that says how calls are recorded.
    const RECORDING: u16 = 8;
    /// The first format with muted keys.
    const MUTED: u16 = 9;
    /// Entries at most.
    pub const ENTRIES: usize = 1000;

    /// Where `called` leads. `inside`: asked by a telephone of this box or by a flow.
    #[must_use]
    pub fn route(&self, called: &Digits, inside: bool, whole: Whole) -> Route {
        let complete = whole == Whole::Yes;
        let allowed = |entry: &&Entry| {
            let leads = !matches!(entry.target, Target::Reached { .. });
            leads && (inside || entry.origin == Origin::Anybody)
        };
        let fits = |entry: &&Entry| {
            if entry.exact { *called == entry.prefix } else { called.starts_with(&entry.prefix) }
        };
        let best = self.entries.iter().filter(allowed).filter(fits).max_by_key(|e| e.prefix.len());
        let more =
            !complete
                && self.entries.iter().filter(allowed).any(|entry| {
                    entry.prefix.len() > called.len() && entry.prefix.starts_with(called)
                });
        match best {
            _ if more => Route::More,
            Some(entry) => entry.route(called, whole, self.overlap(&entry.target)),
            None => Route::Nowhere(Cause::UNALLOCATED_NUMBER),
        }
    }

    /// The number of the telephone or jack at `line`: who calls from there.
    #[must_use]
    pub fn calling(&self, line: LineId) -> Calling {
        let mut own = self.entries.iter().filter(|entry| match &entry.target {
            Target::Telephone(at) => *at == line,
            Target::Jack { jack, .. } => jack.line() == Some(line),
            Target::Flow(_)
            | Target::Trunk { .. }
            | Target::Trunks { .. }
            | Target::Conference(_)
            | Target::Reached { .. } => false,
        });
        let number = own.next().map(|entry| entry.prefix.clone()).unwrap_or_default();
        Calling { number, ..Calling::default() }
    }

    /// The number that the button of the jack at `line` calls; empty: none.
    #[must_use]
    pub fn calls(&self, line: LineId) -> Digits {
        let calls = self.entries.iter().find_map(|entry| match &entry.target {
            Target::Jack { jack, calls } if jack.line() == Some(line) => Some(calls.clone()),
            _ => None,
        });
        calls.unwrap_or_default()
    }

    /// The number that a call reaches which comes in on this exchange line; empty: none.
    #[must_use]
    pub fn reached_by(&self, line: LineId) -> Digits {
        let reached = self.entries.iter().find_map(|entry| match &entry.target {
            Target::Reached { line: at, number } if *at == line => Some(number.clone()),
            _ => None,
        });
        reached.unwrap_or_default()
    }

    /// Puts numbers in the place of the labels of jacks; `false` if one is not there.
    pub fn resolve(&mut self, number: impl Fn(&str) -> Option<u16>) -> bool {
        for entry in &mut self.entries {
            if let Target::Jack { jack, .. } = &mut entry.target
                && let JackName::Label(label) = jack
            {
                let Some(number) = number(label) else { return false };
                *jack = JackName::Number(number);
            }
        }
        true
    }

    /// What is decided of a line that is a primary access.
    #[must_use]
    pub fn access(&self, line: LineId) -> Access {
        let decided = self.accesses.iter().find(|(of, _)| *of == line);
        decided.map_or_else(Access::default, |(_, access)| access.clone())
    }

    /// What is decided of an exchange line.
    #[must_use]
    pub fn exchange_line(&self, line: LineId) -> ExchangeLine {
        let decided = self.lines.iter().find(|(of, _)| *of == line);
        decided.map_or_else(ExchangeLine::default, |(_, decided)| *decided)
    }

    /// What is decided of the telephone at `line`.
    #[must_use]
    pub fn extension(&self, line: LineId) -> Extension {
        let decided = self.extensions.iter().find(|(of, _)| *of == line);
        decided.map_or_else(Extension::default, |(_, decided)| *decided)
    }

    /// What the telephone at `line` calls by itself.
    #[must_use]
    pub fn hotline(&self, line: LineId) -> Option<&Hotline> {
        self.hotlines.iter().find(|(of, _)| *of == line).map(|(_, hotline)| hotline)
    }

    /// Whether all calls to this number are recorded.
    #[must_use]
    pub fn records_number(&self, number: &Digits) -> bool {
        self.recorded.iter().any(|one| one.is_number(number))
    }

    /// Whether a target takes digits one by one.
    fn overlap(&self, target: &Target) -> bool {
        let lines = match target {
            Target::Trunk { line, .. } => std::slice::from_ref(line),
            Target::Trunks { lines, .. } => lines,
            _ => return false,
        };
        // One that wants the whole number at once must get it whole.
        !lines.is_empty() && lines.iter().all(|line| self.access(*line).overlap)
    }

    /// Seconds by which local time is ahead of UTC at this moment.
    #[must_use]
    pub fn offset_s(&self, utc: Utc) -> i32 {
        let before = self.offsets.partition_point(|(from, _)| *from <= utc);
        before.checked_sub(1).and_then(|at| self.offsets.get(at)).map_or(0, |(_, offset)| *offset)
    }

    /// Every program that the table names.
    pub fn flows(&self) -> impl Iterator<Item = ContentHash> {
        self.entries.iter().filter_map(|entry| match entry.target {
            Target::Flow(flow) => Some(flow),
            Target::Telephone(_)
            | Target::Trunk { .. }
            | Target::Trunks { .. }
            | Target::Jack { .. }
            | Target::Conference(_)
            | Target::Reached { .. } => None,
        })
    }

    /// The octets under which the table is published; `None` if there are too many.
    #[must_use]
    pub fn to_octets(&self) -> Option<Vec<u8>> {
        if self.entries.len() > Self::ENTRIES {
            return None;
        }
        let mut octets = Self::FORMAT.to_be_bytes().to_vec();
        octets.extend(postcard::to_stdvec(self).ok()?);
        (octets.len() <= limits::PROGRAM_OCTETS).then_some(octets)
    }

    /// Reads what [`Self::to_octets`] wrote.
    ///
    /// # Errors
    /// Any [`DirectoryFault`].
    pub fn from_octets(octets: &[u8]) -> Result<Self, DirectoryFault> {
        let (head, body) = octets.split_first_chunk::<2>().ok_or(DirectoryFault::Malformed)?;
        let format = u16::from_be_bytes(*head);
        if !(Self::OLDEST..=Self::FORMAT).contains(&format) {
            return Err(DirectoryFault::Format(format));
        }
        let mut rest = body;
        match Self::of_format(format, &mut rest) {
            Ok(table) if rest.is_empty() && table.entries.len() <= Self::ENTRIES => Ok(table),
            Ok(_) if rest.is_empty() => Err(DirectoryFault::Full),
            _ => Err(DirectoryFault::Malformed),
        }
    }

    /// The parts that a format has, one behind the other.
    fn of_format(format: u16, rest: &mut &[u8]) -> postcard::Result<Self> {
        let mut table = Self { entries: part(rest)?, ..Self::default() };
        if format >= Self::ACCESSES {
            table.accesses = part(rest)?;
            table.lines = part(rest)?;
            table.hotlines = part(rest)?;
        }
        if format >= Self::EXTENSIONS {
            table.extensions = part(rest)?;
        }
        if format >= Self::OFFSETS {
            table.offsets = part(rest)?;
        }
        if format >= Self::RECORDED {
            table.recorded = part(rest)?;
        }
        if format >= Self::MUSIC {
            table.music = part(rest)?;
        }
        if format >= Self::RECORDING {
            table.recording = part(rest)?;
        }
        if format >= Self::MUTED {
            table.muted = part(rest)?;
        }
        Ok(table)
    }
}

/// The part that stands first, which is taken off.
fn part<T: DeserializeOwned>(rest: &mut &[u8]) -> postcard::Result<T> {
    let (part, after) = postcard::take_from_bytes(rest)?;
    *rest = after;
    Ok(part)
}

impl Entry {
    fn route(&self, called: &Digits, whole: Whole, overlap: bool) -> Route {
        let tenant = self.tenant;
        match &self.target {
            Target::Flow(flow) => Route::Flow { tenant, flow: *flow },
            Target::Conference(terms) => Route::Confer { tenant, terms: terms.clone() },
            Target::Telephone(line) => Route::Place {
                tenant,
                line: *line,
                called: called.clone(),
                show: Digits::new(),
                overlap: false,
                others: Lines::new(),
            },
            Target::Jack { jack, .. } => match jack.line() {
                Some(line) => {
                    let (called, show) = (called.clone(), Digits::new());
                    let others = Lines::new();
                    Route::Place { tenant, line, called, show, overlap: false, others }
                }
                None => Route::Nowhere(Cause::DESTINATION_OUT_OF_ORDER),
            },
            Target::Reached { .. } => Route::Nowhere(Cause::UNALLOCATED_NUMBER),
            Target::Trunk { line, strip, at_least, show } => {
                let lines = std::slice::from_ref(line);
                Out { tenant, lines, strip: *strip, at_least: *at_least, show, overlap }
                    .route(called, whole)
            }
            Target::Trunks { lines, strip, at_least, show } => {
                Out { tenant, lines, strip: *strip, at_least: *at_least, show, overlap }
                    .route(called, whole)
            }
        }
    }
}

/// A way out.
struct Out<'a> {
    tenant: Tenant,
    lines: &'a [LineId],
    strip: u8,
    at_least: u8,
    show: &'a Digits,
    overlap: bool,
}

impl Out<'_> {
    fn route(&self, called: &Digits, whole: Whole) -> Route {
        let Some((line, others)) = self.lines.split_first() else {
            return Route::Nowhere(Cause::NO_CHANNEL_AVAILABLE);
        };
        match whole {
            // Only the one who dials knows when a number of the outside world is whole.
            Whole::No if !self.overlap => Route::More,
            Whole::Yes if called.len() < usize::from(self.at_least) => {
                Route::Nowhere(Cause::INVALID_NUMBER_FORMAT)
            }
            Whole::No | Whole::Perhaps if called.len() < usize::from(self.at_least) => Route::More,
            Whole::Yes | Whole::No | Whole::Perhaps => Route::Place {
                tenant: self.tenant,
                line: *line,
                called: called.skip(usize::from(self.strip)),
                show: self.show.clone(),
                overlap: self.overlap && whole != Whole::Yes,
                others: others.iter().copied().collect(),
            },
        }
    }
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
