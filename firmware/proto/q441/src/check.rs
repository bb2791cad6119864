//! Drives registers for the property test over all machines, and the meanings of signals of three
//! kinds of country to do it with.

use alloc::string::String;

use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{Category, Cause, Digits, Duration, Instant, MfSignal};

use crate::{
    Ask, Incoming, IncomingInput, Outgoing, OutgoingInput, Timing, Variant, Verdict, Wants,
};

const CONGESTION: Cause = Cause::SWITCHING_EQUIPMENT_CONGESTION;

fn set<T: Copy>(group: &mut [T; MfSignal::COUNT], meanings: &[(usize, T)]) {
    for (number, meaning) in meanings {
        group[number - 1] = *meaning;
    }
}

/// Q.441 tables 7 to 10, with A-5 for the caller's number as national networks use it.
#[must_use]
pub fn itu() -> Variant {
    let mut variant = Variant {
        a: [Ask::Unused; 15],
        b: [Verdict::Unused; 15],
        c: [Ask::Unused; 15],
        category: MfSignal::FIRST,
        service: MfSignal::FIRST,
        categories: [None; 15],
        services: [None; 15],
        end_of_called: Some(MfSignal::LAST),
        end_of_calling: MfSignal::LAST,
        restricted: MfSignal::new(12),
        timing: Timing::default(),
    };
    set(
        &mut variant.a,
        &[
            (1, Ask::Next),
            (2, Ask::Back(1)),
            (3, Ask::Complete),
            (4, Ask::Fails(CONGESTION)),
            (5, Ask::Caller),
            (6, Ask::Through),
            (7, Ask::Back(2)),
            (8, Ask::Back(3)),
            (15, Ask::Fails(CONGESTION)),
        ],
    );
    let kinds = [
        (1, Some(Category::Ordinary)),
        (2, Some(Category::Priority)),
        (5, Some(Category::Operator)),
    ];
    set(&mut variant.categories, &kinds);
    set(&mut variant.services, &kinds);
    set(
        &mut variant.b,
        &[
            (3, Verdict::Fails(Cause::USER_BUSY)),
            (4, Verdict::Fails(CONGESTION)),
            (5, Verdict::Fails(Cause::UNALLOCATED_NUMBER)),
            (6, Verdict::Free),
            (7, Verdict::FreeNoCharge),
            (8, Verdict::Fails(Cause::DESTINATION_OUT_OF_ORDER)),
        ],
    );
    variant
}

/// China No. 1: six backward signals.
#[must_use]
pub fn china() -> Variant {
    let mut variant = Variant { a: [Ask::Unused; 15], b: [Verdict::Unused; 15], ..itu() };
    set(
        &mut variant.a,
        &[
            (1, Ask::Next),
            (2, Ask::First),
            (3, Ask::Complete),
            (4, Ask::Fails(CONGESTION)),
            (5, Ask::Fails(Cause::UNALLOCATED_NUMBER)),
            (6, Ask::CallerThenNext),
        ],
    );
    set(
        &mut variant.b,
        &[
            (1, Verdict::Free),
            (2, Verdict::Fails(Cause::USER_BUSY)),
            (4, Verdict::Fails(CONGESTION)),
            (5, Verdict::Fails(Cause::UNALLOCATED_NUMBER)),
        ],
    );
    variant.categories = [None; 15];
    set(&mut variant.categories, &[(1, Some(Category::Ordinary)), (8, Some(Category::Priority))]);
    variant.services = [None; 15];
    set(&mut variant.services, &[(1, Some(Category::Operator)), (6, Some(Category::Test))]);
    (variant.end_of_called, variant.restricted) = (None, None);
    variant.service = MfSignal::new(3).unwrap_or(MfSignal::FIRST);
    variant
}

/// Mexico: the caller is asked for in group C.
#[must_use]
pub fn mexico() -> Variant {
    let mut variant = Variant { a: [Ask::Unused; 15], b: [Verdict::Unused; 15], ..itu() };
    set(
        &mut variant.a,
        &[
            (1, Ask::Next),
            (2, Ask::First),
            (3, Ask::Complete),
            (4, Ask::Fails(CONGESTION)),
            (6, Ask::CallerInC),
        ],
    );
    set(
        &mut variant.c,
        &[
            (1, Ask::NextCalling),
            (2, Ask::FirstInA),
            (3, Ask::Complete),
            (4, Ask::Fails(CONGESTION)),
            (5, Ask::NextInA),
        ],
    );
    set(
        &mut variant.b,
        &[
            (1, Verdict::Free),
            (2, Verdict::Fails(Cause::USER_BUSY)),
            (4, Verdict::Fails(CONGESTION)),
            (5, Verdict::FreeNoCharge),
        ],
    );
    (variant.end_of_called, variant.restricted) = (None, None);
    variant
}

fn variant(random: &mut Random) -> Variant {
    match random.below(3) {
        0 => itu(),
        1 => china(),
        _ => mexico(),
    }
}

fn signal(random: &mut Random, likely: &[u8]) -> Option<MfSignal> {
    let number =
        if random.one_in(6) { 1 + random.below(15).to_le_bytes()[0] } else { *random.pick(likely) };
    MfSignal::new(number)
}

/// Runs one outgoing register through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit_outgoing(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let called = Digits::parse("80").unwrap_or_default();
    let calling = Digits::parse("138").unwrap_or_default();
    let register = Outgoing::new(variant(&mut random), called, calling, random.one_in(4));
    restored_behaves_the_same(register, steps, move |_, _: Instant| match random.below(12) {
        0 | 1 => Stimulus::Input(OutgoingInput::Begin),
        2..=5 => Stimulus::Input(OutgoingInput::Heard(signal(&mut random, &[1, 1, 1, 5, 6, 3]))),
        6..=8 => Stimulus::Input(OutgoingInput::Heard(None)),
        9 if random.one_in(2) => Stimulus::Timeout,
        _ => Stimulus::Wait(Duration::from_millis(random.below(400))),
    })
}

/// Runs one incoming register through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit_incoming(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let wants = Wants {
        called: random.below(4).to_le_bytes()[0],
        caller: random.one_in(2),
        caller_after: random.below(2).to_le_bytes()[0],
    };
    let register = Incoming::new(Instant::from_millis(1000), variant(&mut random), wants);
    // Some are interrupted behind their last signal, where chance seldom gets in time.
    let said = MfSignal::new(1);
    let mut first = alloc::collections::VecDeque::new();
    if wants.called == 1 && !wants.caller {
        first.extend([
            IncomingInput::Heard(said),
            IncomingInput::Heard(None),
            IncomingInput::Heard(said),
            IncomingInput::Accept { charged: true },
            IncomingInput::Interrupted,
        ]);
    }
    restored_behaves_the_same(register, steps, move |_, _: Instant| match random.below(16) {
        _ if !first.is_empty() => {
            Stimulus::Input(first.pop_front().unwrap_or(IncomingInput::Interrupted))
        }
        0..=5 => Stimulus::Input(IncomingInput::Heard(signal(&mut random, &[1, 2, 10, 15, 15]))),
        6..=9 => Stimulus::Input(IncomingInput::Heard(None)),
        10 | 14 => Stimulus::Input(IncomingInput::Accept { charged: random.one_in(2) }),
        11 if random.one_in(2) => Stimulus::Input(IncomingInput::Reject(Cause::USER_BUSY)),
        13 if random.one_in(2) => Stimulus::Input(IncomingInput::Interrupted),
        12 if random.one_in(2) => Stimulus::Timeout,
        _ => Stimulus::Wait(Duration::from_millis(random.below(400))),
    })
}
