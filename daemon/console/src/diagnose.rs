//! What is wrong with a span, in one sentence with its remedy: rules over what was seen, from the
//! hardware up. The first that fits explains what stands above it.
//!
//! ```text
//!  hardware ► signal ► frame ► quality ┬► D channel ► data link ┬► channels ► calls
//!                                      └► bits ► registers ─────┘
//! ```
//!
//! A rule speaks only of what it has seen itself: where nothing fits, nothing is named.

use link::{ChannelUse, CircuitState, LinkState, SpanDetail, TestStatus, Trouble};
use records::Row;

use crate::texts::{Language, Text, say};

/// What is known of a span.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What keeps its hardware from working.
    pub trouble: Option<Trouble>,
    /// How it was.
    pub before: &'a SpanDetail,
    /// How it is some seconds later.
    pub now: &'a SpanDetail,
    /// A test of its channels, made because frames came that only we may send.
    pub test: Option<TestStatus>,
    /// Its newest calls, the newest first.
    pub calls: &'a [Row],
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their sentences say what they are")]
pub enum Finding {
    Well,
    HardwareMissing,
    HardwareForbidden,
    HardwareBusy,
    HardwareRefused,
    HardwareOverridden,
    HardwareFailing,
    HardwareSilent,
    NoSignal,
    AllOnes,
    NoFrame,
    NoMultiframe,
    NotHeard,
    Slips,
    ErrorsHere,
    ErrorsThere,
    NoFrames,
    OnlyBadFrames,
    Mirrored,
    Looped,
    SameSide,
    Refuses,
    OtherAddress,
    SetUpAgain,
    NoAnswer,
    LinkDown,
    OtherDown,
    ChannelsBlocked,
    UnknownCalled,
    UnknownDialled,
    IncompleteDialled,
    NotAllowed,
    NoChannelThere,
    BearerRefused,
    FarSendsBits,
    FarSendsFrames,
    NoBits,
    BitsUnheard,
    AllBlocked,
    SomeBlocked,
    StrangeBits,
    Unacknowledged,
    Registers,
}

/// Calls that are looked at.
const CALLS: usize = 10;
/// So many of them alike are a rule.
const ALIKE: usize = 3;

impl Facts<'_> {
    /// How much a count grew meanwhile; what was begun anew counts from zero.
    fn grown<T: Into<u64>>(&self, of: impl Fn(&SpanDetail) -> T) -> u64 {
        let (before, now) = (of(self.before).into(), of(self.now).into());
        if now >= before { now - before } else { now }
    }

    /// How often an error of the data link came meanwhile, by its letter.
    fn mdl(&self, letter: u8) -> u64 {
        let place = usize::from(letter - b'A');
        self.grown(|detail| detail.link.map_or(0, |link| link.errors[place]))
    }

    fn hardware(&self) -> Option<Finding> {
        Some(match self.trouble? {
            Trouble::Missing | Trouble::Unexpected | Trouble::Contradiction => {
                Finding::HardwareMissing
            }
            Trouble::Forbidden => Finding::HardwareForbidden,
            Trouble::Busy => Finding::HardwareBusy,
            Trouble::Refused(_) => Finding::HardwareRefused,
            Trouble::Overridden => Finding::HardwareOverridden,
            Trouble::Failing(_) => Finding::HardwareFailing,
            Trouble::Silent => Finding::HardwareSilent,
        })
    }

    fn layer1(&self) -> Option<Finding> {
        let status = &self.now.status;
        let conditions = [
            (status.los, Finding::NoSignal),
            (status.ais, Finding::AllOnes),
            (status.lof, Finding::NoFrame),
            (status.lomf, Finding::NoMultiframe),
            (status.rai, Finding::NotHeard),
        ];
        conditions.into_iter().find_map(|(there, finding)| there.then_some(finding))
    }

    fn quality(&self) -> Option<Finding> {
        // A span that has just been opened has counted its own beginning.
        if self.before.quarters.is_empty() {
            return None;
        }
        let slips = self.grown(|detail| detail.status.counters.slips);
        let here = self.grown(|detail| detail.status.counters.crc_errors)
            + self.grown(|detail| detail.status.counters.fas_errors)
            + self.grown(|detail| detail.status.counters.code_violations);
        let there = self.grown(|detail| detail.status.counters.far_crc_errors);
        let counts =
            [(here, Finding::ErrorsHere), (slips, Finding::Slips), (there, Finding::ErrorsThere)];
        counts.into_iter().find_map(|(count, finding)| (count > 0).then_some(finding))
    }

    fn d_channel(&self) -> Option<Finding> {
        let link = self.now.link?;
        if matches!(link.state, LinkState::Established) {
            // A link that is set up again and again is up most of the time.
            return (self.mdl(b'F') > 0).then_some(Finding::SetUpAgain);
        }
        if self.now.status.foreign {
            return Some(Finding::FarSendsBits);
        }
        let came = self.grown(|detail| detail.status.counters.frames_in);
        let bad = self.grown(|detail| detail.status.counters.bad_frames);
        let sent = self.grown(|detail| detail.status.counters.frames_out);
        let mirrored = self.grown(|detail| detail.link.map_or(0, |link| link.mirrored));
        let elsewhere = self.grown(|detail| {
            detail.link.map_or(0, |link| u64::from(link.other_tei) + u64::from(link.other_sapi))
        });
        Some(match (came, bad) {
            (0, 0) if sent > 0 => Finding::NoFrames,
            (0, 1..) => Finding::OnlyBadFrames,
            // Set-up looks alike from a loop and from a far end in our role: the pattern does not.
            _ if mirrored > 0 => match self.test {
                None => Finding::Mirrored,
                Some(test) if test.locked > 0 => Finding::Looped,
                Some(_) => Finding::SameSide,
            },
            _ if elsewhere > 0 && elsewhere == came => Finding::OtherAddress,
            _ if self.mdl(b'B') + self.mdl(b'E') > 0 => Finding::Refuses,
            _ if self.mdl(b'G') + self.mdl(b'I') > 0 => Finding::NoAnswer,
            _ => Finding::LinkDown,
        })
    }

    fn circuits(&self) -> Option<Finding> {
        let cas = self.now.cas?;
        let status = &self.now.status;
        let shows = |wanted: CircuitState| {
            let of = |used| matches!(used, ChannelUse::Circuit { state, .. } if state == wanted);
            self.now.channels.iter().filter(|channel| of(channel.used)).count()
        };
        let unacknowledged = self.grown(|detail| detail.cas.map_or(0, |cas| cas.unacknowledged))
            > 0
            || shows(CircuitState::Unacknowledged) > 0;
        let blocked = shows(CircuitState::FarBlocked);
        let rules = [
            (status.foreign, Finding::FarSendsFrames),
            (status.lom, Finding::NoBits),
            (status.rom, Finding::BitsUnheard),
            (cas.strange > 0, Finding::StrangeBits),
            (blocked == self.now.channels.len(), Finding::AllBlocked),
            (unacknowledged, Finding::Unacknowledged),
            (usize::from(cas.failed_in_a_row) >= ALIKE, Finding::Registers),
            (blocked > 0, Finding::SomeBlocked),
        ];
        rules.into_iter().find_map(|(there, finding)| there.then_some(finding))
    }

    fn calls(&self) -> Option<Finding> {
        let last = || self.calls.iter().take(CALLS);
        let alike = |by: &str, causes: &[u8]| {
            last().filter(|row| row.by == by && causes.contains(&row.cause)).count() >= ALIKE
        };
        // Causes of Q.850, in the order in which one explains more than the next.
        let rules: [(&str, &[u8], Finding); 6] = [
            ("network", &[28], Finding::IncompleteDialled),
            ("network", &[1, 2, 3, 22], Finding::UnknownDialled),
            ("network", &[21, 29, 50, 52, 57], Finding::NotAllowed),
            ("network", &[34, 44, 82], Finding::NoChannelThere),
            ("network", &[58, 63, 65, 70, 79, 88], Finding::BearerRefused),
            ("box", &[1], Finding::UnknownCalled),
        ];
        rules.into_iter().find_map(|(by, causes, finding)| alike(by, causes).then_some(finding))
    }

    /// What is wrong, if anything that is known of.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let blocked = self.now.channels.iter().any(|c| c.used == ChannelUse::Blocked);
        self.hardware()
            .or_else(|| self.layer1())
            .or_else(|| self.quality())
            .or_else(|| self.d_channel())
            .or_else(|| self.circuits())
            .or_else(|| self.now.status.other_down.map(|_| Finding::OtherDown))
            .or_else(|| blocked.then_some(Finding::ChannelsBlocked))
            .or_else(|| self.calls())
            .unwrap_or(Finding::Well)
    }
}

/// The sentence of a finding.
#[must_use]
pub fn finding_text(finding: Finding, language: Language) -> String {
    let text = match finding {
        Finding::Well => Text::FOUND_NOTHING,
        Finding::HardwareMissing => Text::FOUND_MISSING,
        Finding::HardwareForbidden => Text::FOUND_FORBIDDEN,
        Finding::HardwareBusy => Text::FOUND_BUSY,
        Finding::HardwareRefused => Text::FOUND_REFUSED,
        Finding::HardwareOverridden => Text::FOUND_OVERRIDDEN,
        Finding::HardwareFailing => Text::FOUND_FAILING,
        Finding::HardwareSilent => Text::FOUND_SILENT,
        Finding::NoSignal => Text::FOUND_LOS,
        Finding::AllOnes => Text::FOUND_AIS,
        Finding::NoFrame => Text::FOUND_LOF,
        Finding::NoMultiframe => Text::FOUND_LOMF,
        Finding::NotHeard => Text::FOUND_RAI,
        Finding::Slips => Text::FOUND_SLIPS,
        Finding::ErrorsHere => Text::FOUND_ERRORS_HERE,
        Finding::ErrorsThere => Text::FOUND_ERRORS_THERE,
        Finding::NoFrames => Text::FOUND_NO_FRAMES,
        Finding::OnlyBadFrames => Text::FOUND_BAD_FRAMES,
        Finding::Mirrored => Text::FOUND_MIRRORED,
        Finding::Looped => Text::FOUND_LOOP,
        Finding::SameSide => Text::FOUND_SAME_SIDE,
        Finding::Refuses => Text::FOUND_REFUSES,
        Finding::OtherAddress => Text::FOUND_ADDRESS,
        Finding::SetUpAgain => Text::FOUND_SET_UP_AGAIN,
        Finding::NoAnswer => Text::FOUND_NO_ANSWER,
        Finding::LinkDown => Text::FOUND_LINK_DOWN,
        Finding::OtherDown => Text::FOUND_OTHER_DOWN,
        Finding::ChannelsBlocked => Text::FOUND_BLOCKED,
        Finding::UnknownCalled => Text::FOUND_UNKNOWN_CALLED,
        Finding::UnknownDialled => Text::FOUND_UNKNOWN_DIALLED,
        Finding::IncompleteDialled => Text::FOUND_INCOMPLETE,
        Finding::NotAllowed => Text::FOUND_NOT_ALLOWED,
        Finding::NoChannelThere => Text::FOUND_NO_CHANNEL,
        Finding::BearerRefused => Text::FOUND_BEARER,
        Finding::FarSendsBits => Text::FOUND_FAR_BITS,
        Finding::FarSendsFrames => Text::FOUND_FAR_FRAMES,
        Finding::NoBits => Text::FOUND_LOM,
        Finding::BitsUnheard => Text::FOUND_ROM,
        Finding::AllBlocked => Text::FOUND_ALL_BLOCKED,
        Finding::SomeBlocked => Text::FOUND_SOME_BLOCKED,
        Finding::StrangeBits => Text::FOUND_STRANGE_BITS,
        Finding::Unacknowledged => Text::FOUND_UNACKNOWLEDGED,
        Finding::Registers => Text::FOUND_REGISTERS,
    };
    say(language, text, &[])
}
