//! Drives calls for the property test over all machines.

use bearer::{Calling, Dialling, Elements, Indication, Service};
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{
    BoxId, Cause, Charge, ContentHash, Digit, Digits, Duration, Finding, LegId, LineId, Mint,
    Party, PortId, Tenant,
};

use crate::app::{Action, Hear, Prompts};
use crate::{Call, Input, Phase, Pin, Route, Terms};

/// The caller's leg in every run.
pub(crate) const CALLER: LegId = LegId(1);
/// The caller's port in every run.
pub(crate) const PORT: PortId = PortId(3);

/// A call that was offered nothing yet.
#[must_use]
pub(crate) fn call() -> Call {
    Call::new(Mint::new(BoxId(1), 1, 0).call())
}

pub(crate) fn offer(dialling: Dialling) -> Input {
    Input::Line(Indication::Offered {
        leg: CALLER,
        line: match dialling {
            Dialling::InBand | Dialling::Hot { .. } => LineId::of_analog(1),
            Dialling::Complete | Dialling::Overlap | Dialling::Own => LineId(1),
        },
        port: PORT,
        calling: Calling::default(),
        called: match dialling {
            Dialling::InBand => Digits::new(),
            Dialling::Complete | Dialling::Overlap | Dialling::Own | Dialling::Hot { .. } => {
                Digits::parse("95588").unwrap_or_default()
            }
        },
        dialling,
    })
}

/// A route to a telephone that takes digits one by one.
pub(crate) fn place() -> Route {
    way(LineId(101), true)
}

/// A route out where the caller came in.
pub(crate) fn back() -> Route {
    way(LineId(1), false)
}

fn way(line: LineId, overlap: bool) -> Route {
    Route::Place {
        tenant: Tenant(1),
        line,
        called: Digits::parse("801").unwrap_or_default(),
        show: Digits::new(),
        overlap,
        others: [LineId(2), LineId::of_analog(5)].into_iter().collect(),
    }
}

fn line_input(random: &mut Random, leg: LegId) -> Input {
    let cause = *random.pick(&[Cause::NORMAL_CLEARING, Cause::NO_CHANNEL_AVAILABLE]);
    let by = *random.pick(&[Party::Called, Party::Network, Party::Box]);
    let to = Digits::parse("801").unwrap_or_default();
    let services = [Service::Deflect(to), Service::Join(leg), Service::Identify];
    Input::Line(match random.below(13) {
        12 => Indication::Notified { leg, what: 0x79 },
        10 | 11 => {
            let service = random.pick(&services).clone();
            Indication::Served { leg, service, done: random.one_in(2) }
        }
        8 => Indication::Charge { leg, charge: Charge::Units(7) },
        7 => return Input::Said { leg, elements: Elements::from_iter([0x28, 1, 65]) },
        0 => Indication::Digits { leg, digits: Digits::new(), complete: random.one_in(2) },
        1 | 2 => Indication::Channel { leg, port: PortId(9) },
        3 => Indication::Alerting { leg, in_band: random.one_in(3) },
        4 => Indication::Progress { leg },
        5 | 6 => Indication::Answered { leg },
        _ => Indication::Released { leg, cause, by },
    })
}

fn input(random: &mut Random, call: &Call) -> Input {
    let other = call.legs().1.unwrap_or(LegId(99));
    let leg = if random.one_in(4) { CALLER } else { other };
    let prompts = Prompts::from_iter([ContentHash([1; 32])]);
    let pin = Pin(Digits::parse("12").unwrap_or_default());
    let pin = if random.one_in(2) { pin } else { Pin::default() };
    let number = Digits::parse("88").unwrap_or_default();
    let terms = Terms { number, pin, most: 3, tones: true };
    let confers = random.one_in(4);
    let route = match random.below(4) {
        _ if confers => Route::Confer { tenant: Tenant(1), terms },
        0 => Route::More,
        1 if random.one_in(2) => Route::Nowhere(Cause::USER_BUSY),
        2 => Route::Flow { tenant: Tenant(1), flow: ContentHash([2; 32]) },
        _ if random.one_in(2) => back(),
        _ => place(),
    };
    let action = match random.below(9) {
        0 => Action::Answer,
        1 => Action::Play { token: 1, prompts },
        2 => Action::StopPlaying,
        3..=5 => Action::Ring {
            number: Digits::parse("801").unwrap_or_default(),
            hear: *random.pick(&[Hear::RingBack, Hear::Music]),
        },
        6 => Action::StopRinging,
        7 => Action::Entered { digits: Digits::parse("1").unwrap_or_default() },
        _ if random.one_in(8) => Action::Release { cause: Cause::NORMAL_CLEARING },
        _ => Action::Answer,
    };
    let first = *call.phase() == Phase::New && random.one_in(2);
    match random.below(20) {
        _ if first => {
            let hot = Dialling::Hot { after_ms: 3000 };
            let how = [Dialling::Complete, Dialling::Overlap, Dialling::InBand, Dialling::Own, hot];
            offer(*random.pick(&how))
        }
        0 => offer(Dialling::Complete),
        1..=8 => line_input(random, leg),
        9 | 10 if random.one_in(2) => Input::Digit(PORT, *random.pick(&Digit::ALL[..3])),
        9 | 10 => Input::Digit(PORT, *random.pick(&Digit::ALL)),
        11 => Input::Played(PORT, 1),
        12..=14 => Input::App(action),
        15..=18 => Input::Route(route),
        _ if random.one_in(8) => Input::Clear(Cause::NORMAL_CLEARING),
        _ if random.one_in(3) => {
            let gain_db = random.one_in(2).then_some(-6);
            Input::Voice { gain_db, muted: random.one_in(2).then_some(true) }
        }
        _ if random.one_in(4) => Input::Interrupted,
        _ if random.one_in(4) => Input::Identify,
        _ if random.one_in(3) => Input::Found(*random.pick(&Finding::ALL)),
        _ => Input::Played(PORT, 2),
    }
}

/// Runs one call through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    restored_behaves_the_same(call(), steps, move |call, _| match random.below(12) {
        0 => Stimulus::Timeout,
        1 => Stimulus::Wait(Duration::from_millis(random.below(3000))),
        _ => Stimulus::Input(input(&mut random, call)),
    })
}
