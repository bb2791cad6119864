//! What an R2 file says, in the words of the machines that do it.

use std::collections::BTreeMap;

use board::{CasPlace, R2Caller, R2Meaning, R2Means, Sourced, bits};
use span::q421::{self, Code};
use span::q441::{self, Ask, Variant, Verdict, Wants};
use span::r2::Config;
use units::{Category, Cause, Duration, MfSignal};

fn ms(value: &Sourced<u16>) -> Duration {
    Duration::from_millis(value.value.into())
}

fn signal(value: &Sourced<u8>) -> MfSignal {
    // The board file was checked.
    MfSignal::new(value.value).unwrap_or(MfSignal::LAST)
}

/// A group of meanings, each put where its number says.
fn group<T: Copy + Default>(
    meanings: &BTreeMap<String, R2Meaning>,
    read: impl Fn(R2Means, Cause) -> T,
) -> [T; MfSignal::COUNT] {
    let mut group = [T::default(); MfSignal::COUNT];
    for (number, meaning) in meanings {
        let cause = meaning.cause.and_then(Cause::new).unwrap_or(Cause::NORMAL_UNSPECIFIED);
        if let Some(signal) = number.parse().ok().and_then(MfSignal::new) {
            group[signal.index()] = read(meaning.means, cause);
        }
    }
    group
}

fn callers(meanings: &BTreeMap<String, R2Caller>) -> [Option<Category>; MfSignal::COUNT] {
    let mut callers = [None; MfSignal::COUNT];
    for (number, caller) in meanings {
        if let Some(signal) = number.parse().ok().and_then(MfSignal::new) {
            callers[signal.index()] = caller.category();
        }
    }
    callers
}

const fn ask(means: R2Means, cause: Cause) -> Ask {
    match means {
        R2Means::Next => Ask::Next,
        R2Means::Back1 => Ask::Back(1),
        R2Means::Back2 => Ask::Back(2),
        R2Means::Back3 => Ask::Back(3),
        R2Means::First => Ask::First,
        R2Means::Caller => Ask::Caller,
        R2Means::CallerThenNext => Ask::CallerThenNext,
        R2Means::CallerInC => Ask::CallerInC,
        R2Means::NextCalling => Ask::NextCalling,
        R2Means::NextInA => Ask::NextInA,
        R2Means::FirstInA => Ask::FirstInA,
        R2Means::Complete => Ask::Complete,
        R2Means::Through => Ask::Through,
        R2Means::Fails => Ask::Fails(cause),
        R2Means::Free | R2Means::FreeNoCharge => Ask::Unused,
    }
}

const fn verdict(means: R2Means, cause: Cause) -> Verdict {
    match means {
        R2Means::Free => Verdict::Free,
        R2Means::FreeNoCharge => Verdict::FreeNoCharge,
        R2Means::Fails => Verdict::Fails(cause),
        _ => Verdict::Unused,
    }
}

/// The circuits of a span.
#[must_use]
pub fn config(cas: &CasPlace) -> Config {
    let (line, register) = (&cas.r2.line, &cas.r2.register);
    // The board file was checked.
    let read = |value: &Sourced<String>| bits(&value.value).unwrap_or(0b1001);
    Config {
        code: Code {
            mask: read(&line.mask),
            idle: read(&line.idle),
            seize: read(&line.seize),
            acknowledge: read(&line.acknowledge),
            answer: read(&line.answer),
            clear_back: read(&line.clear_back),
            forced_release: line.forced_release.as_ref().map(read),
        },
        timing: q421::Timing {
            recognition: ms(&line.recognition_ms),
            acknowledge: ms(&line.acknowledge_ms),
            metering: ms(&line.metering_ms),
            ..q421::Timing::default()
        },
        variant: Variant {
            a: group(&cas.r2.a, ask),
            b: group(&cas.r2.b, verdict),
            c: group(&cas.r2.c, ask),
            category: signal(&register.category),
            service: signal(&register.service),
            categories: callers(&cas.r2.category),
            services: match cas.r2.service.is_empty() {
                true => callers(&cas.r2.category),
                false => callers(&cas.r2.service),
            },
            end_of_called: register.end_of_called.as_ref().map(signal),
            end_of_calling: signal(&register.end_of_calling),
            restricted: register.restricted.as_ref().map(signal),
            timing: q441::Timing {
                forward_most: ms(&register.forward_ms),
                silence_most: ms(&register.silence_ms),
                between_most: ms(&register.between_ms),
                digits_end: ms(&register.digits_end_ms),
                ..q441::Timing::default()
            },
        },
        wants: Wants { called: cas.digits, caller: cas.caller, caller_after: cas.caller_after },
    }
}
