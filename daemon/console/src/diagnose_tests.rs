//! Each fault by itself is named, and nothing else is.

use link::{
    CasStatus, ChannelStatus, ChannelUse, CircuitState, LinkState, LinkStatus, SpanCounters,
    SpanDetail, SpanStatus,
};
use link::{TestStatus, Trouble};
use records::Row;
use units::SpanId;
use units::performance::Interval;

use crate::diagnose::{Facts, Finding, finding_text};
use crate::texts::Language;

/// A span without faults.
pub(crate) fn well() -> SpanDetail {
    let status = SpanStatus {
        span: SpanId(1),
        lead: None,
        d_channel: None,
        other_down: None,
        los: false,
        lof: false,
        ais: false,
        rai: false,
        lomf: false,
        cas: false,
        lom: false,
        rom: false,
        foreign: false,
        data_link: true,
        busy: 0,
        channels: 30,
        blocked: 0,
        capturing: false,
        counters: SpanCounters { frames_in: 100, frames_out: 100, ..SpanCounters::default() },
    };
    let link = LinkStatus {
        state: LinkState::Established,
        unacknowledged: 0,
        errors: [0; 15],
        invalid: 0,
        other_sapi: 0,
        other_tei: 0,
        retransmitted: 0,
        mirrored: 0,
    };
    let slots = (1..=31).filter(|slot| *slot != 16);
    SpanDetail {
        status,
        available: true,
        quarters: [Interval::default()].into_iter().collect(),
        day: Interval::default(),
        link: Some(link),
        cas: None,
        channels: slots.map(|slot| ChannelStatus { slot, used: ChannelUse::Free }).collect(),
    }
}

/// A span of R2 circuits without faults.
pub(crate) fn well_r2() -> SpanDetail {
    let mut detail = well();
    (detail.link, detail.status.cas) = (None, true);
    detail.cas = Some(CasStatus { registers: 4, ..CasStatus::default() });
    for channel in &mut detail.channels {
        channel.used = ChannelUse::Circuit { state: CircuitState::Idle, call: None };
    }
    detail
}

fn show(detail: &mut SpanDetail, circuits: usize, state: CircuitState) {
    for channel in detail.channels.iter_mut().take(circuits) {
        channel.used = ChannelUse::Circuit { state, call: None };
    }
}

fn count(detail: &mut SpanDetail, change: impl Fn(&mut CasStatus)) {
    if let Some(cas) = &mut detail.cas {
        change(cas);
    }
}

type Fault = (Finding, fn(&mut SpanDetail));

#[test]
fn each_fault_of_a_span_with_signalling_bits_is_named() {
    let faults: [Fault; 12] = [
        (Finding::Well, |_| {}),
        (Finding::Well, |d| show(d, 1, CircuitState::Seizing)),
        (Finding::NoSignal, |d| (d.status.los, d.status.lom) = (true, true)),
        (Finding::NotHeard, |d| d.status.rai = true),
        (Finding::FarSendsFrames, |d| (d.status.foreign, d.status.lom) = (true, true)),
        (Finding::NoBits, |d| d.status.lom = true),
        (Finding::BitsUnheard, |d| d.status.rom = true),
        (Finding::AllBlocked, |d| show(d, 30, CircuitState::FarBlocked)),
        (Finding::SomeBlocked, |d| show(d, 2, CircuitState::FarBlocked)),
        (Finding::StrangeBits, |d| count(d, |cas| cas.strange = 1)),
        (Finding::Unacknowledged, |d| count(d, |cas| cas.unacknowledged = 1)),
        (Finding::Registers, |d| count(d, |cas| cas.failed_in_a_row = 3)),
    ];
    for (wanted, change) in faults {
        let (before, mut now) = (well_r2(), well_r2());
        change(&mut now);
        let facts = Facts { trouble: None, before: &before, now: &now, test: None, calls: &[] };
        assert_eq!(facts.finding(), wanted);
        assert!(!finding_text(wanted, Language::En).is_empty());
    }
}

/// A span whose link does not come up, with so many frames each way meanwhile.
fn down(change: impl Fn(&mut SpanCounters, &mut LinkStatus)) -> impl Fn(&mut SpanDetail) {
    move |detail| {
        detail.status.data_link = false;
        detail.status.counters.frames_out += 4;
        if let Some(link) = &mut detail.link {
            link.state = LinkState::AwaitingEstablishment;
            change(&mut detail.status.counters, link);
        }
    }
}

/// Nothing but frames of our own side come.
fn mirrored() -> impl Fn(&mut SpanDetail) {
    down(|c, link| {
        c.frames_in += 4;
        link.mirrored += 4;
    })
}

fn ended(by: &str, cause: u8) -> Row {
    Row {
        call: "c1-1-1".into(),
        tenant: 1,
        caller: String::new(),
        presentation: "allowed".into(),
        called: "95588".into(),
        path: "E1 1 > main".into(),
        digits: String::new(),
        offered: 0,
        answered: None,
        connected: None,
        ended: 0,
        cause,
        by: by.into(),
        category: None,
        charge_units: None,
        charge_thousandths: None,
        currency: None,
        recording: None,
        recorded_seconds: None,
        recording_hash: None,
    }
}

type Change = Box<dyn Fn(&mut SpanDetail)>;

/// What is seen of each fault.
fn faults() -> Vec<(Finding, Change)> {
    fn seen(finding: Finding, change: impl Fn(&mut SpanDetail) + 'static) -> (Finding, Change) {
        (finding, Box::new(change))
    }
    vec![
        seen(Finding::NoSignal, |d| (d.status.los, d.status.lof) = (true, true)),
        seen(Finding::AllOnes, |d| (d.status.ais, d.status.lof) = (true, true)),
        seen(Finding::NoFrame, |d| d.status.lof = true),
        seen(Finding::NoMultiframe, |d| d.status.lomf = true),
        seen(Finding::NotHeard, |d| d.status.rai = true),
        seen(Finding::OtherDown, |d| d.status.other_down = Some(SpanId(2))),
        seen(Finding::Slips, |d| d.status.counters.slips += 1),
        seen(Finding::ErrorsHere, |d| d.status.counters.crc_errors += 9),
        seen(Finding::ErrorsHere, |d| d.status.counters.fas_errors += 1),
        seen(Finding::ErrorsHere, |d| d.status.counters.code_violations += 1),
        seen(Finding::ErrorsThere, |d| d.status.counters.far_crc_errors += 3),
        seen(Finding::NoFrames, down(|_, _| {})),
        seen(Finding::FarSendsBits, |d| {
            down(|_, _| {})(d);
            d.status.foreign = true;
        }),
        seen(Finding::OnlyBadFrames, down(|c, _| c.bad_frames += 20)),
        seen(Finding::Mirrored, mirrored()),
        seen(
            Finding::Refuses,
            down(|c, link| {
                c.frames_in += 4;
                link.errors[1] += 4;
            }),
        ),
        seen(
            Finding::OtherAddress,
            down(|c, link| {
                c.frames_in += 4;
                link.other_tei += 4;
            }),
        ),
        seen(
            Finding::OtherAddress,
            down(|c, link| {
                c.frames_in += 4;
                link.other_sapi += 4;
            }),
        ),
        seen(
            Finding::NoAnswer,
            down(|c, link| {
                c.frames_in += 1;
                link.errors[6] += 1;
            }),
        ),
        seen(Finding::LinkDown, down(|c, _| c.frames_in += 1)),
        seen(Finding::SetUpAgain, |d| {
            if let Some(link) = &mut d.link {
                link.errors[5] += 2;
            }
        }),
        seen(Finding::ChannelsBlocked, |d| {
            d.status.blocked = 1;
            d.channels[4].used = ChannelUse::Blocked;
        }),
    ]
}

fn found(trouble: Option<Trouble>, change: &Change, calls: &[Row]) -> Finding {
    let before = well();
    let mut now = before.clone();
    change(&mut now);
    Facts { trouble, before: &before, now: &now, test: None, calls }.finding()
}

fn nothing() -> Change {
    Box::new(|_| {})
}

#[test]
fn each_fault_of_a_line_is_named_by_itself() {
    assert_eq!(found(None, &nothing(), &[]), Finding::Well);
    for (number, (finding, change)) in faults().iter().enumerate() {
        assert_eq!(found(None, change, &[]), *finding, "fault {number}");
    }
}

#[test]
fn a_test_of_the_channels_tells_a_loop_from_a_far_end_in_our_role() {
    let (before, mut now) = (well(), well());
    mirrored()(&mut now);
    let found = |locked| {
        let test = Some(TestStatus { locked, ..TestStatus::new(SpanId(1), 30, 2) });
        Facts { trouble: None, before: &before, now: &now, test, calls: &[] }.finding()
    };
    assert_eq!((found(30), found(0)), (Finding::Looped, Finding::SameSide));
}

#[test]
fn trouble_with_the_hardware_explains_all_above_it() {
    let troubles = [
        (Trouble::Missing, Finding::HardwareMissing),
        (Trouble::Forbidden, Finding::HardwareForbidden),
        (Trouble::Busy, Finding::HardwareBusy),
        (Trouble::Refused(22), Finding::HardwareRefused),
        (Trouble::Overridden, Finding::HardwareOverridden),
        (Trouble::Failing(5), Finding::HardwareFailing),
        (Trouble::Silent, Finding::HardwareSilent),
    ];
    for (trouble, finding) in troubles {
        for (_, change) in faults() {
            assert_eq!(found(Some(trouble), &change, &[]), finding);
        }
    }
}

#[test]
fn calls_that_end_alike_tell_what_both_sides_disagree_about() {
    let rules = [
        ("network", 28, Finding::IncompleteDialled),
        ("network", 1, Finding::UnknownDialled),
        ("network", 57, Finding::NotAllowed),
        ("network", 44, Finding::NoChannelThere),
        ("network", 65, Finding::BearerRefused),
        ("box", 1, Finding::UnknownCalled),
    ];
    for (by, cause, finding) in rules {
        let calls = vec![ended(by, cause); 3];
        assert_eq!(found(None, &nothing(), &calls), finding);
        assert_eq!(found(None, &nothing(), &calls[..2]), Finding::Well, "two are chance");
    }
    let ordinary = [("called", 17), ("caller", 16), ("network", 16)].repeat(4);
    let ordinary: Vec<_> = ordinary.into_iter().map(|(by, cause)| ended(by, cause)).collect();
    assert_eq!(found(None, &nothing(), &ordinary), Finding::Well);
}

#[test]
fn every_finding_is_a_sentence_of_its_own_in_both_languages() {
    let mut all: Vec<_> = faults().into_iter().map(|(finding, _)| finding).collect();
    all.push(Finding::Well);
    all.dedup();
    for language in [Language::Zh, Language::En] {
        let mut texts: Vec<_> = all.iter().map(|f| finding_text(*f, language)).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), all.len());
    }
}
