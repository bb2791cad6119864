//! Values of Q.931 from a script.

use q931::wire::{
    Bearer, CallReference, CallState, CauseElement, ChannelId, Display, Kind, Location, Message,
    PartyNumber, Progress, Received, RestartClass,
};
use q931::{Input, SetupParams};
use units::{Cause, Digit, Digits, Timeslot};

use crate::script::Script;

pub(crate) const CLASSES: [RestartClass; 3] =
    [RestartClass::Channels, RestartClass::SingleInterface, RestartClass::AllInterfaces];

pub(crate) fn digits(script: &mut Script<'_>) -> Digits {
    let mut digits = Digits::new();
    for octet in script.some(36) {
        // More than there is room for are not taken.
        let _ = digits.push(Digit::ALL[usize::from(octet & 15)]);
    }
    digits
}

pub(crate) fn number(script: &mut Script<'_>) -> PartyNumber {
    PartyNumber::unknown(digits(script))
}

pub(crate) fn cause(script: &mut Script<'_>) -> Cause {
    Cause::new(script.octet() & 0x7F).unwrap_or(Cause::NORMAL_CLEARING)
}

pub(crate) fn channel(script: &mut Script<'_>) -> Option<ChannelId> {
    let octet = script.octet();
    let slot = Timeslot::new(octet & 31)?;
    Some(match octet >> 5 {
        0 => ChannelId::ANY,
        1..=3 => ChannelId::preferred(slot),
        _ => ChannelId::exclusive(slot),
    })
}

fn location(script: &mut Script<'_>) -> Location {
    script.pick(&[Location::User, Location::PublicLocal, Location::Transit, Location::Reserved])
}

/// A message with a reference: as octets of the script, or made of values.
pub(crate) fn message(script: &mut Script<'_>, reference: CallReference) -> Option<Received> {
    if script.octet() & 3 == 0 {
        return parsed(script, reference);
    }
    let kinds = Kind::ALL.len();
    let kind = match script.below(kinds + 1) {
        place if place < kinds => Kind::ALL[place],
        _ => Kind::Unknown(0x62),
    };
    let mut message = Message::new(reference, kind);
    let (there, more) = (script.octet(), script.octet());
    let is = |bits: u8, bit: u32| bits >> bit & 1 == 1;
    message.sending_complete = is(there, 0);
    message.bearer = (!is(there, 1)).then_some(Bearer::SPEECH);
    message.cause = is(there, 2).then(|| CauseElement::new(location(script), cause(script)));
    message.call_state = is(there, 3).then(|| CallState(script.octet() & 63));
    message.channel = if is(there, 4) { channel(script) } else { None };
    message.progress = is(there, 5)
        .then(|| Progress { location: location(script), description: script.octet() & 0x7F });
    message.called = is(there, 6).then(|| number(script));
    message.calling = is(there, 7).then(|| number(script));
    message.connected = is(more, 0).then(|| number(script));
    message.notification = is(more, 1).then(|| script.octet() & 0x7F);
    message.display = is(more, 2).then(Display::new);
    message.restart = is(more, 3).then(|| script.pick(&CLASSES));
    let mut received = Received::from(message);
    if more & 0xC0 == 0xC0 {
        for ids in [&mut received.unknown, &mut received.not_comprehended, &mut received.invalid] {
            for id in script.some(3) {
                let _ = ids.push(*id);
            }
        }
    }
    Some(received)
}

fn parsed(script: &mut Script<'_>, reference: CallReference) -> Option<Received> {
    let [high, low] = reference.value.to_be_bytes();
    let mut octets = vec![0x08, 2, high | u8::from(reference.flag) << 7, low];
    octets.extend(script.some(64));
    Received::parse(&octets).ok()
}

pub(crate) fn params(script: &mut Script<'_>) -> SetupParams {
    let there = script.octet();
    SetupParams {
        bearer: Bearer::SPEECH,
        channel: channel(script),
        calling: (there & 1 == 1).then(|| number(script)),
        called: (there & 2 == 2).then(|| number(script)),
        complete: there & 4 == 4,
        display: None,
    }
}

/// Anything that the layer above may ask of a call, or the data link tell it.
pub(crate) fn request(script: &mut Script<'_>) -> Input {
    let octet = script.octet();
    let in_band = octet & 0x80 != 0;
    match octet & 15 {
        0 => Input::Setup(params(script)),
        1 => Input::SetupAck { channel: channel(script) },
        2 | 3 => Input::Proceed { channel: channel(script) },
        4 | 5 => Input::Alert { channel: channel(script), in_band },
        6 if in_band => Input::Notify { what: script.octet() & 0x7F },
        6 => Input::Progress { in_band },
        7 | 8 => {
            let connected = in_band.then(|| number(script));
            Input::Answer { channel: channel(script), connected }
        }
        9 => Input::MoreDigits { called: number(script), complete: in_band },
        10 => Input::Disconnect { cause: cause(script), location: location(script) },
        11 => Input::Enquire,
        12 => Input::RestartChannel,
        13 => Input::LinkReset,
        14 => Input::LinkDown,
        _ => Input::LinkUp,
    }
}
