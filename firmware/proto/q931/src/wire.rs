//! Messages as octets (Q.931 clause 4).
//!
//! ```text
//! octet 1 │ protocol discriminator 0x08 │
//!       2 │ 0 0 0 0 │ length of the call reference: 1 or 2 │
//!       3 │ flag │ call reference value ...
//!         │ 0 │ message type
//!         │ elements in ascending order of their identifiers ...
//! ```
//!
//! [`Received::parse`] reads all that Q.931 call control needs, and notes what it did not
//! understand: what becomes of that depends on the call (5.8) and is decided there.

mod bearer;
mod cause;
mod channel;
mod element;
mod kind;
mod number;
mod pass;
mod reference;
mod small;
#[cfg(test)]
mod tests;

use heapless::{Vec, VecView};
use serde::{Deserialize, Serialize};

pub use bearer::Bearer;
pub use cause::{CauseElement, DIAGNOSTICS};
pub use channel::{ChannelId, Select};
pub use element::id;
pub use kind::Kind;
pub use number::{NumberPlan, NumberType, PartyNumber, Presentation, Screening};
pub use pass::{bearer, elements};
pub use reference::CallReference;
pub use small::{CallState, Location, Progress, RestartClass};

pub use element::Element;
use element::{Elements, is_ignored, must_be_comprehended};

/// The protocol discriminator of call control (4.2).
pub const DISCRIMINATOR: u8 = 0x08;

/// A message as octets.
pub type Octets = Vec<u8, { limits::N201 }>;

/// Text to show (4.5.16): up to 80 characters of IA5.
pub type Display = Vec<u8, 80, u8>;

/// Identifiers of elements, the first few of them.
pub type Ids = Vec<u8, 8, u8>;

/// A message: whose, what, and the elements that call control uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Which call.
    pub reference: CallReference,
    /// What it is.
    pub kind: Kind,
    /// All of the number is there.
    pub sending_complete: bool,
    /// What the channel is to carry.
    pub bearer: Option<Bearer>,
    /// Why.
    pub cause: Option<CauseElement>,
    /// The state of a call.
    pub call_state: Option<CallState>,
    /// Which channel.
    pub channel: Option<ChannelId>,
    /// What is heard.
    pub progress: Option<Progress>,
    /// What happened to the other party (4.5.22), 0 to 127.
    pub notification: Option<u8>,
    /// Text to show.
    pub display: Option<Display>,
    /// Who answered.
    pub connected: Option<PartyNumber>,
    /// Who calls.
    pub calling: Option<PartyNumber>,
    /// Whom, or more digits of it.
    pub called: Option<PartyNumber>,
    /// What is restarted.
    pub restart: Option<RestartClass>,
}

/// Why octets are no message for us. They are dropped without a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// Too short for a message type (5.8.2).
    TooShort,
    /// Another protocol (5.8.1).
    Discriminator(u8),
    /// No call reference, a dummy one, or one of an unknown form (5.8.3.1).
    CallReference,
}

/// A message, and what of it was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// What was.
    pub message: Message,
    /// Elements that Q.931 does not know and that may be ignored (5.8.7.1).
    pub unknown: Ids,
    /// Elements that are not known and must not be ignored (4.5.1, 5.8.7.1).
    pub not_comprehended: Ids,
    /// Known elements with contents that have no meaning (5.8.6.2, 5.8.7.2).
    pub invalid: Ids,
    /// It has facility elements: [`Head::facilities`].
    pub for_services: bool,
    /// It has elements for the other side of the call: [`Head::passed_on`].
    pub for_others: bool,
}

impl From<Message> for Received {
    #[inline]
    fn from(message: Message) -> Self {
        Self {
            message,
            unknown: Ids::new(),
            not_comprehended: Ids::new(),
            invalid: Ids::new(),
            for_services: false,
            for_others: false,
        }
    }
}

/// The beginning of a message: whose it is, and what. Enough to find the call that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// Which call.
    pub reference: CallReference,
    /// What it is.
    pub kind: Kind,
    elements: &'a [u8],
}

impl<'a> Head<'a> {
    /// Reads the beginning of a message of layer 3.
    ///
    /// # Errors
    /// [`Ignored`] if it is none for call control.
    pub fn parse(octets: &'a [u8]) -> Result<Self, Ignored> {
        let (discriminator, rest) = octets.split_first().ok_or(Ignored::TooShort)?;
        if *discriminator != DISCRIMINATOR {
            return Err(Ignored::Discriminator(*discriminator));
        }
        if octets.len() < 4 {
            return Err(Ignored::TooShort);
        }
        let (reference, rest) = CallReference::parse(rest).ok_or(Ignored::CallReference)?;
        let (kind, elements) = rest.split_first().ok_or(Ignored::TooShort)?;
        Ok(Self { reference, kind: Kind::from_code(*kind), elements })
    }

    /// Its elements as they stand there, understood or not.
    pub fn elements(&self) -> impl Iterator<Item = Element<'a>> {
        Elements::new(self.elements)
    }

    /// Reads the rest of it.
    #[must_use]
    #[inline]
    pub fn message(&self) -> Received {
        let mut received = Received::from(Message::new(self.reference, self.kind));
        received.take_all(self.elements);
        received
    }
}

impl Received {
    /// Reads one message of layer 3.
    ///
    /// # Errors
    /// [`Ignored`] if it is none for call control.
    pub fn parse(octets: &[u8]) -> Result<Self, Ignored> {
        Head::parse(octets).map(|head| head.message())
    }

    /// Whether every element of it was.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        [&self.unknown, &self.not_comprehended, &self.invalid].iter().all(|ids| ids.is_empty())
    }

    fn take_all(&mut self, elements: &[u8]) {
        for element in Elements::new(elements) {
            self.take(&element);
        }
    }

    fn take(&mut self, element: &Element<'_>) {
        let note = |ids: &mut Ids| {
            if !ids.contains(&element.id) {
                // More than the list holds are of no use in a diagnostic.
                let _ = ids.push(element.id);
            }
        };
        // 4.5.2: elements of other codesets are not for us.
        if element.codeset != 0 {
            return;
        }
        self.for_others |= pass::is_passed_on(element);
        let good = !element.cut_off;
        let content = element.content;
        let message = &mut self.message;
        let understood = match element.id {
            id::SENDING_COMPLETE => {
                message.sending_complete = true;
                true
            }
            id::BEARER => good && first(&mut message.bearer, || Bearer::parse(content)),
            id::CAUSE => good && first(&mut message.cause, || CauseElement::parse(content)),
            id::CALL_STATE => good && first(&mut message.call_state, || CallState::parse(content)),
            id::CHANNEL => good && first(&mut message.channel, || ChannelId::parse(content)),
            id::PROGRESS => good && loudest(&mut message.progress, Progress::parse(content)),
            id::NOTIFICATION => good && first(&mut message.notification, || notification(content)),
            id::DISPLAY => good && first(&mut message.display, || display(content)),
            id::CONNECTED => good && first(&mut message.connected, || PartyNumber::parse(content)),
            id::CALLING => good && first(&mut message.calling, || PartyNumber::parse(content)),
            id::CALLED => good && first(&mut message.called, || PartyNumber::parse(content)),
            id::RESTART => good && first(&mut message.restart, || RestartClass::parse(content)),
            id::FACILITY => return self.for_services |= good,
            unused if is_ignored(unused) => return,
            unknown if must_be_comprehended(unknown) => return note(&mut self.not_comprehended),
            _ => return note(&mut self.unknown),
        };
        if !understood {
            note(&mut self.invalid);
        }
    }
}

/// 5.8.5.2: of an element that comes twice the first counts.
fn first<T>(place: &mut Option<T>, parse: impl FnOnce() -> Option<T>) -> bool {
    if place.is_none() {
        *place = parse();
    }
    place.is_some()
}

/// Two progress indicators are allowed in a message (3.1): the one that opens the ear counts.
fn loudest(place: &mut Option<Progress>, parsed: Option<Progress>) -> bool {
    match (&place, parsed) {
        (Some(before), Some(now)) if !now.is_in_band() || before.is_in_band() => true,
        (_, Some(now)) => {
            *place = Some(now);
            true
        }
        (_, None) => false,
    }
}

fn notification(content: &[u8]) -> Option<u8> {
    content.first().map(|octet| octet & 0x7F)
}

fn display(content: &[u8]) -> Option<Display> {
    // Octets above 0x7F are no IA5: a display type, a character set, or nothing to show.
    let mut text = Display::new();
    for octet in content.iter().filter(|octet| octet.is_ascii()) {
        text.push(*octet).ok()?;
    }
    Some(text)
}

impl Message {
    /// A message without elements.
    #[must_use]
    #[inline]
    pub const fn new(reference: CallReference, kind: Kind) -> Self {
        Self {
            reference,
            kind,
            sending_complete: false,
            bearer: None,
            cause: None,
            call_state: None,
            channel: None,
            progress: None,
            notification: None,
            display: None,
            connected: None,
            calling: None,
            called: None,
            restart: None,
        }
    }

    /// The message as octets. `None` if it is longer than N201 octets: only one with a long list of
    /// channels and a long display can be.
    #[must_use]
    pub fn emit(&self) -> Option<Octets> {
        let mut out = Octets::new();
        self.write(out.as_mut_view())?;
        Some(out)
    }

    /// Appends the message, its elements in ascending order (4.5.1). `None` if it is longer than
    /// N201 octets, or there is no room.
    pub fn write(&self, out: &mut VecView<u8>) -> Option<()> {
        let begin = out.len();
        out.push(DISCRIMINATOR).ok()?;
        self.reference.write(out)?;
        out.push(self.kind.code()).ok()?;
        if self.sending_complete {
            out.push(id::SENDING_COMPLETE).ok()?;
        }
        if let Some(bearer) = &self.bearer {
            element::write(id::BEARER, out, |out| bearer.write(out))?;
        }
        if let Some(cause) = &self.cause {
            element::write(id::CAUSE, out, |out| cause.write(out))?;
        }
        if let Some(state) = self.call_state {
            element::write(id::CALL_STATE, out, |out| out.push(state.emit()).ok())?;
        }
        if let Some(channel) = &self.channel {
            element::write(id::CHANNEL, out, |out| channel.write(out))?;
        }
        if let Some(progress) = &self.progress {
            let content = progress.emit();
            element::write(id::PROGRESS, out, |out| out.extend_from_slice(&content).ok())?;
        }
        if let Some(notification) = self.notification {
            element::write(id::NOTIFICATION, out, |out| out.push(0x80 | notification).ok())?;
        }
        if let Some(display) = &self.display {
            element::write(id::DISPLAY, out, |out| out.extend_from_slice(display).ok())?;
        }
        let numbers = [
            (id::CONNECTED, &self.connected),
            (id::CALLING, &self.calling),
            (id::CALLED, &self.called),
        ];
        for (id, number) in numbers {
            if let Some(number) = number {
                element::write(id, out, |out| number.write(out))?;
            }
        }
        if let Some(restart) = self.restart {
            element::write(id::RESTART, out, |out| out.push(restart.emit()).ok())?;
        }
        (out.len() - begin <= limits::N201).then_some(())
    }
}
