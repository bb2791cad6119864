//! What stands in an element, in words.

use q931::wire::{
    Bearer, CauseElement, ChannelId, DISCRIMINATOR, Kind, Location, Message, NumberPlan,
    NumberType, PartyNumber, Presentation, Progress, Received, RestartClass, Screening, Select, id,
};
use units::{Law, Slots};

use crate::facility::facility;
use crate::text::{hex, quoted};

/// What the core understands of one element.
fn understood(id: u8, content: &[u8]) -> Option<Message> {
    // A message with nothing else in it.
    let mut octets = vec![DISCRIMINATOR, 1, 1, Kind::Notify.code(), id];
    octets.push(u8::try_from(content.len()).ok()?);
    octets.extend(content);
    Received::parse(&octets).ok().map(|received| received.message)
}

/// What is in an element. Octets that say nothing more are told as they are.
pub(crate) fn content(id: u8, content: &[u8]) -> String {
    let Some(message) = understood(id, content) else { return String::new() };
    let known = match id {
        id::SENDING_COMPLETE => Some(String::new()),
        id::BEARER => message.bearer.as_ref().map(bearer),
        id::CAUSE => message.cause.as_ref().map(cause),
        id::CALL_STATE => message.call_state.map(|state| state.0.to_string()),
        id::CHANNEL => message.channel.as_ref().map(channel),
        id::PROGRESS => message.progress.as_ref().map(progress),
        id::NOTIFICATION => message.notification.map(notification),
        id::DISPLAY => message.display.as_ref().map(|text| quoted(text)),
        id::CONNECTED => message.connected.as_ref().map(number),
        id::CALLING => message.calling.as_ref().map(number),
        id::CALLED => message.called.as_ref().map(number),
        id::RESTART => message.restart.map(restart),
        id::FACILITY => facility(content),
        KEYPAD => Some(quoted(content)),
        // Octet 3 is the protocol discriminator: 4 is text.
        USER_USER => match content {
            [4, text @ ..] => Some(quoted(text)),
            _ => None,
        },
        _ => None,
    };
    known.unwrap_or_else(|| hex(content).trim_start().to_owned())
}

const KEYPAD: u8 = 0x2C;
const USER_USER: u8 = 0x7E;

const fn law(law: Option<Law>) -> &'static str {
    match law {
        Some(Law::A) => ", A-law",
        Some(Law::Mu) => ", µ-law",
        None => "",
    }
}

fn bearer(bearer: &Bearer) -> String {
    match bearer {
        Bearer::Speech { law: of } => format!("speech{}", law(*of)),
        Bearer::Audio { law: of } => format!("3.1 kHz audio{}", law(*of)),
        Bearer::Unrestricted => "unrestricted, 64 kbit/s".to_owned(),
        Bearer::Other(octets) => hex(octets).trim_start().to_owned(),
    }
}

const fn location(location: Location) -> &'static str {
    match location {
        Location::User => "the user",
        Location::PrivateLocal => "the private network of the local user",
        Location::PublicLocal => "the public network of the local user",
        Location::Transit => "a transit network",
        Location::PublicRemote => "the public network of the remote user",
        Location::PrivateRemote => "the private network of the remote user",
        Location::International => "the international network",
        Location::Beyond => "a network beyond interworking",
        Location::Reserved => "nobody that Q.850 knows",
    }
}

fn cause(element: &CauseElement) -> String {
    let cause = element.cause;
    let by = location(element.location);
    let about = match &element.diagnostics[..] {
        [] => String::new(),
        octets => format!("; about{}", hex(octets)),
    };
    format!("{}, {}; said by {by}{about}", cause.get(), cause.text())
}

fn slots(slots: Slots) -> String {
    let all: Vec<_> = slots.iter().map(|slot| slot.get().to_string()).collect();
    let word = if all.len() == 1 { "slot" } else { "slots" };
    format!("{word} {}", all.join(", "))
}

fn channel(channel: &ChannelId) -> String {
    let which = match channel.select {
        Select::None => "none".to_owned(),
        Select::Any => "any".to_owned(),
        Select::Slots(named) => slots(named),
    };
    let other = match (channel.select, channel.exclusive) {
        (Select::Slots(_), true) => " and no other",
        (Select::Slots(_), false) => " if it is free",
        _ => "",
    };
    let interface = channel.interface.map_or_else(String::new, |n| format!(" of interface {n}"));
    format!("{which}{interface}{other}")
}

fn progress(progress: &Progress) -> String {
    let what = match progress.description {
        1 => "the call is not end-to-end ISDN".to_owned(),
        2 => "the called address is not ISDN".to_owned(),
        3 => "the calling address is not ISDN".to_owned(),
        4 => "the call has returned to the ISDN".to_owned(),
        5 => "interworking changed the service".to_owned(),
        8 => "tones or announcements are in the channel".to_owned(),
        other => other.to_string(),
    };
    format!("{what}; said by {}", location(progress.location))
}

fn notification(code: u8) -> String {
    match code {
        0 => "the user is suspended".to_owned(),
        1 => "the user is resumed".to_owned(),
        2 => "the bearer service changes".to_owned(),
        0x79 => "on hold".to_owned(),
        0x7A => "retrieved".to_owned(),
        0x7B => "the call is diverted".to_owned(),
        other => other.to_string(),
    }
}

fn restart(class: RestartClass) -> String {
    match class {
        RestartClass::Channels => "the channels named",
        RestartClass::SingleInterface => "one interface",
        RestartClass::AllInterfaces => "all interfaces",
    }
    .to_owned()
}

fn number(number: &PartyNumber) -> String {
    let digits =
        if number.digits.is_empty() { "no digits".to_owned() } else { number.digits.to_string() };
    let kind = match number.kind {
        NumberType::Unknown => "unknown type",
        NumberType::International => "international",
        NumberType::National => "national",
        NumberType::NetworkSpecific => "the network's own",
        NumberType::Subscriber => "subscriber",
        NumberType::Abbreviated => "abbreviated",
    };
    let plan = match number.plan {
        NumberPlan::Unknown => "unknown plan",
        NumberPlan::Isdn => "E.164",
        NumberPlan::Data => "X.121",
        NumberPlan::Telex => "F.69",
        NumberPlan::National => "national plan",
        NumberPlan::Private => "private plan",
    };
    let shown = number.shown.map_or_else(String::new, |(presentation, screening)| {
        let presentation = match presentation {
            Presentation::Allowed => "may be shown",
            Presentation::Restricted => "may not be shown",
            Presentation::Unavailable => "is not available",
        };
        let screening = match screening {
            Screening::UserProvided => "the user said so",
            Screening::Verified => "the user said so and the network found it right",
            Screening::Failed => "the user said so and the network found it wrong",
            Screening::NetworkProvided => "the network said so",
        };
        format!(", {presentation}, {screening}")
    });
    format!("{digits}, {kind}, {plan}{shown}")
}
