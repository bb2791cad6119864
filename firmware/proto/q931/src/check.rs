//! The property of all machines, over calls and interfaces that hear everything there is.

use alloc::string::String;
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{Cause, Digits, Duration, Instant, Timeslot};

use crate::call::{Alone, Call};
use crate::event::{Config, Input, InterfaceInput, SetupParams};
use crate::interface::Interface;
use crate::timers::Role;
use crate::wire::{
    Bearer, CallReference, CallState, CauseElement, ChannelId, Kind, Location, Message,
    PartyNumber, Progress, Received, RestartClass,
};

/// Drives one call reference through `steps` random stimuli beside a twin that is restored at
/// every step.
///
/// # Errors
/// The first difference, in words.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let config = Config::new(*random.pick(&[Role::User, Role::Network]));
    let call = if random.one_in(2) {
        Call::outgoing(config, 7)
    } else {
        Call::incoming(config, CallReference::new(7))
    };
    restored_behaves_the_same(Alone::from(call), steps, |call, _: Instant| match random.below(24) {
        0 => Stimulus::Wait(Duration::from_millis(random.below(5000))),
        1 => Stimulus::Timeout,
        // Half of the calls that could be are placed at once: Null is dull.
        2..=9 if !call.is_alive() => Stimulus::Input(Input::Setup(params(&mut random))),
        2..=13 => Stimulus::Input(request(&mut random)),
        _ => Stimulus::Input(Input::Message(message(&mut random, CallReference::new(7)))),
    })
}

/// The same for the restart machine of an interface.
///
/// # Errors
/// The first difference, in words.
pub fn visit_interface(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let config = Config::new(*random.pick(&[Role::User, Role::Network]));
    restored_behaves_the_same(Interface::new(config), steps, |_, _: Instant| {
        let class = *random.pick(&[
            RestartClass::Channels,
            RestartClass::SingleInterface,
            RestartClass::AllInterfaces,
        ]);
        match random.below(12) {
            0 => Stimulus::Wait(Duration::from_secs(random.below(60))),
            1..=2 => Stimulus::Timeout,
            3 => Stimulus::Input(InterfaceInput::Idle),
            4 => Stimulus::Input(InterfaceInput::LinkDown),
            5..=6 => {
                let channel = channel(&mut random);
                Stimulus::Input(InterfaceInput::Restart { class, channel })
            }
            _ => {
                let reference = CallReference { flag: random.one_in(2), ..CallReference::new(0) };
                Stimulus::Input(InterfaceInput::Message(message(&mut random, reference)))
            }
        }
    })
}

fn channel(random: &mut Random) -> Option<ChannelId> {
    let number = u8::try_from(random.below(33)).unwrap_or_default();
    Timeslot::new(number).map(|slot| match random.below(3) {
        0 => ChannelId::ANY,
        1 => ChannelId::preferred(slot),
        _ => ChannelId::exclusive(slot),
    })
}

fn number(random: &mut Random) -> PartyNumber {
    let text = match random.below(3) {
        0 => "",
        1 => "1",
        _ => "95588",
    };
    PartyNumber::unknown(Digits::parse(text).unwrap_or_default())
}

fn params(random: &mut Random) -> SetupParams {
    SetupParams {
        bearer: Bearer::SPEECH,
        channel: channel(random),
        calling: random.one_in(2).then(|| number(random)),
        called: random.one_in(2).then(|| number(random)),
        complete: random.one_in(2),
        display: None,
    }
}

fn request(random: &mut Random) -> Input {
    let in_band = random.one_in(2);
    let channel = channel(random);
    match random.below(26) {
        0 => Input::Setup(params(random)),
        1..=3 => Input::SetupAck { channel },
        4..=6 => Input::Proceed { channel },
        7..=8 => Input::Alert { channel, in_band },
        9 if in_band => Input::Notify { what: random.octet() },
        9 => Input::Progress { in_band },
        10..=11 => Input::Answer { channel, connected: in_band.then(|| number(random)) },
        12..=13 => Input::MoreDigits { called: number(random), complete: in_band },
        14..=15 => Input::Disconnect { cause: Cause::USER_BUSY, location: Location::User },
        16..=18 => Input::Enquire,
        19 => Input::RestartChannel,
        20..=21 => Input::LinkReset,
        22 => Input::LinkDown,
        _ => Input::LinkUp,
    }
}

fn message(random: &mut Random, reference: CallReference) -> Received {
    // Messages that end a call, or that nobody expects, come less often than the others.
    let kind = match random.below(5) {
        0 => *random.pick(Kind::ALL),
        // SEGMENT
        1 => Kind::Unknown(0x60),
        _ => *random.pick(&[
            Kind::Setup,
            Kind::SetupAcknowledge,
            Kind::CallProceeding,
            Kind::Alerting,
            Kind::Connect,
            Kind::ConnectAcknowledge,
            Kind::Information,
            Kind::Restart,
            Kind::Disconnect,
        ]),
    };
    let state = *random.pick(&[0, 1, 3, 4, 6, 8, 9, 10, 19, 61]);
    let location = *random.pick(&[Location::User, Location::PublicLocal]);
    let description = *random.pick(&[Progress::IN_BAND, 2]);
    let mut message = Message::new(reference, kind);
    message.sending_complete = random.one_in(3);
    message.bearer = (!random.one_in(8)).then_some(Bearer::SPEECH);
    message.cause =
        (!random.one_in(8)).then(|| CauseElement::new(location, Cause::NORMAL_CLEARING));
    message.call_state = (!random.one_in(8)).then_some(CallState(state));
    message.channel = channel(random);
    message.progress = random.one_in(2).then_some(Progress { location, description });
    message.notification = random.one_in(2).then_some(0);
    message.called = random.one_in(2).then(|| number(random));
    message.restart = (!random.one_in(8)).then_some(RestartClass::SingleInterface);
    let mut received = Received::from(message);
    for ids in [&mut received.unknown, &mut received.not_comprehended, &mut received.invalid] {
        if random.one_in(12) {
            let _ = ids.push(*random.pick(&[0x05, 0x08, 0x18, 0x3A]));
        }
    }
    received
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_call_goes_on_as_if_nothing_had_happened_in_all_states_and_inputs() {
        let mut visits = Visits::default();
        for seed in 0..160 {
            visits.join(&visit(seed, 3000).expect("the same"));
        }
        let (table, wrong) = visits.report::<Alone>("q931 Call");
        assert!(wrong.is_empty(), "{wrong:#?}\n{table}");
    }

    #[test]
    fn a_restored_interface_goes_on_as_if_nothing_had_happened() {
        let mut visits = Visits::default();
        for seed in 0..40 {
            visits.join(&visit_interface(seed, 1000).expect("the same"));
        }
        let (table, wrong) = visits.report::<Interface>("q931 Interface");
        assert!(wrong.is_empty(), "{wrong:#?}\n{table}");
    }
}
