//! Supplementary services beside the calls of a group: what facility elements tell of a call, and
//! what the far side is asked to do (Q.932; EN 300 182-1, 130-1, 207-1, 369-1; ECMA-164).
//!
//! ```text
//!   Identify, Deflect ── invoke ──► result, error, reject, or nothing for 5 s ──► Served
//!   Join ── link id of one call ──► its number ── transfer of the other ──► … ──► Served
//! ```
//!
//! A name (QSIG) goes from leg to leg as the display element that other interfaces have for it.

use bearer::{Elements, Indication, Service as Wish};
use heapless::VecView;
use q931::State;
use q931::wire::{CallReference, Head, Kind, Message, Received};
use rose::{Component, Name, Problem, Profile, Service, Shown};
use serde::{Deserialize, Serialize};
use units::{Digits, Duration, Instant, LegId};

use super::Pri;
use super::channels::Key;
use crate::event::Output;

/// How long the far side has for an answer: the shortest of the services' timers (EN 300 207-1:
/// T-Deflection 5 s).
const ANSWER: Duration = Duration::from_secs(5);
/// Identifiers of elements (Q.931 table 4-3).
const FACILITY: u8 = 0x1C;
const DISPLAY: u8 = 0x28;
/// What the network side of the box does not do for a private exchange (EN 300 196-1:
/// notImplemented).
const NOT_IMPLEMENTED: i32 = 4;

/// What was asked, and is not answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    Identify,
    Deflect(Digits),
    /// A number for the call, that the other is to be joined with.
    Link {
        of: Key,
    },
    /// To be joined.
    Transfer {
        with: Key,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Asked {
    key: Key,
    id: i32,
    what: What,
    until: Instant,
}

/// What a group knows of services.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Services {
    /// The far end is an exchange of a private network (QSIG).
    pub(super) private: bool,
    /// Callers may be sent elsewhere by the far side.
    pub(super) deflects: bool,
    /// Two calls may be joined by the far side.
    pub(super) joins: bool,
    last_id: i32,
    asked: Vec<Asked>,
}

impl Services {
    fn profile(&self) -> Profile {
        if self.private { Profile::Private } else { Profile::Public }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.asked.iter().map(|asked| asked.until).min()
    }

    /// Nothing is answered in a call that is gone.
    pub(super) fn forget(&mut self, key: Key) {
        let about = |asked: &Asked| asked.key == key || asked.what == What::Link { of: key };
        self.asked.retain(|asked| !about(asked));
    }
}

impl Pri {
    /// What the facility elements of a message say. Before the message itself: the cost of a call
    /// comes with its end.
    fn facilities(&mut self, now: Instant, key: Key, head: &Head<'_>) {
        for element in head.facilities() {
            let Some(components) = rose::components(element) else { continue };
            for component in components {
                self.component(now, key, head.kind, component);
            }
        }
    }

    fn component(&mut self, now: Instant, key: Key, kind: Kind, component: Component) {
        match component {
            Component::Invoke { id, service } => self.invoked(now, key, kind, id, service),
            Component::Result { id, number } => self.answered(now, key, id, Some(number)),
            Component::Error { id, .. } | Component::Reject { id: Some(id) } => {
                self.answered(now, key, id, None);
            }
            Component::Reject { id: None } => {}
        }
    }

    fn invoked(&mut self, now: Instant, key: Key, kind: Kind, id: i32, service: Option<Service>) {
        let profile = self.services.profile();
        let answer = match service {
            Some(Service::Charge(advice)) => {
                let leg = self.calls.get(key).and_then(|entry| entry.leg);
                if let (Some(leg), Some(charge)) = (leg, advice.charge) {
                    self.tell(Indication::Charge { leg, charge });
                }
                return;
            }
            Some(
                Service::Tariff(_)
                | Service::Transferred { .. }
                | Service::CallingName(_)
                | Service::CalledName(_)
                | Service::ConnectedName(_),
            ) => return,
            Some(
                Service::Identify | Service::Deflect(_) | Service::LinkId | Service::Transfer(_),
            ) => rose::write_error(profile, id, NOT_IMPLEMENTED),
            Some(Service::Unknown) => {
                rose::write_reject(profile, Some(id), Problem::UnrecognisedOperation)
            }
            None => rose::write_reject(profile, Some(id), Problem::MistypedArgument),
        };
        // Nobody is there any more to hear an answer.
        let over = matches!(kind, Kind::Release | Kind::ReleaseComplete);
        if let Some(answer) = answer.filter(|_| !over) {
            self.send_facility(now, key, &answer);
        }
    }

    /// Sends a facility in a message of its own, which changes no state (Q.932 6.2).
    pub(super) fn send_facility(&mut self, now: Instant, key: Key, content: &[u8]) {
        let Some(entry) = self.calls.get(key) else { return };
        if entry.call.call_state() == State::Null {
            return;
        }
        let own = CallReference::new(key.value);
        let reference = if key.ours { own } else { own.answered() };
        let message = Message::new(reference, Kind::Facility);
        let mut element = Elements::new();
        let mut octets = q931::wire::Octets::new();
        let written = put(&mut element, FACILITY, content)
            .and_then(|()| message.write_with(&element, octets.as_mut_view()));
        if written.is_some() {
            self.send(now, &octets);
        }
    }

    fn ask(&mut self, now: Instant, key: Key, what: What, service: &Service) -> bool {
        let id = self.services.last_id % 0x7FFF + 1;
        let Some(content) = rose::write_invoke(self.services.profile(), id, service) else {
            return false;
        };
        self.services.last_id = id;
        self.services.asked.push(Asked { key, id, what, until: now + ANSWER });
        self.send_facility(now, key, &content);
        true
    }

    /// A call wants something of the far side. Answered by `Served`, at once where the far side is
    /// none that could.
    pub(super) fn wish(&mut self, now: Instant, leg: LegId, wish: Wish) {
        let Some((key, _)) = self.key_of(leg) else { return };
        if let Wish::Show(number) = wish {
            if let Some(entry) = self.calls.get_mut(key) {
                entry.connected = number;
            }
            return;
        }
        if !self.may(key, &wish) || !self.carry_out(now, key, &wish) {
            self.tell(Indication::Served { leg, service: wish, done: false });
        }
    }

    /// Whether the far side can be asked at all, now.
    fn may(&self, key: Key, wish: &Wish) -> bool {
        let state = self.calls.get(key).map(|entry| entry.call.call_state());
        let as_it_is = match (wish, state) {
            (Wish::Identify, Some(State::Active)) => true,
            (Wish::Join(_), Some(State::Active)) => self.services.joins,
            (Wish::Deflect(_), Some(State::CallReceived | State::IncomingProceeding)) => {
                self.services.deflects
            }
            _ => false,
        };
        as_it_is && !self.services.private && self.config.role == q931::Role::User
    }

    fn carry_out(&mut self, now: Instant, key: Key, wish: &Wish) -> bool {
        match wish {
            Wish::Identify => self.ask(now, key, What::Identify, &Service::Identify),
            Wish::Deflect(to) => {
                self.ask(now, key, What::Deflect(to.clone()), &Service::Deflect(to.clone()))
            }
            Wish::Join(with) => {
                let Some((other, _)) = self.key_of(*with) else { return false };
                self.ask(now, other, What::Link { of: key }, &Service::LinkId)
            }
            Wish::Show(_) => false,
        }
    }

    /// The far side has answered: with a number or without, or not done it (`None`).
    fn answered(&mut self, now: Instant, key: Key, id: i32, result: Option<Option<i32>>) {
        let is = |asked: &Asked| asked.key == key && asked.id == id;
        let Some(at) = self.services.asked.iter().position(is) else { return };
        let asked = self.services.asked.remove(at);
        if let (What::Link { of }, Some(Some(link))) = (&asked.what, result)
            && self.ask(now, *of, What::Transfer { with: key }, &Service::Transfer(link))
        {
            return;
        }
        let done = result.is_some() && !matches!(asked.what, What::Link { .. });
        self.served(asked, done);
    }

    fn served(&mut self, asked: Asked, done: bool) {
        let leg = |key: Key| self.calls.get(key).and_then(|entry| entry.leg);
        let (of, service) = match asked.what {
            What::Identify => (leg(asked.key), Some(Wish::Identify)),
            What::Deflect(to) => (leg(asked.key), Some(Wish::Deflect(to))),
            What::Link { of } => (leg(of), leg(asked.key).map(Wish::Join)),
            What::Transfer { with } => (leg(asked.key), leg(with).map(Wish::Join)),
        };
        if let Some((leg, service)) = of.zip(service) {
            self.tell(Indication::Served { leg, service, done });
        }
    }

    /// What was not answered in time was not done.
    pub(super) fn services_late(&mut self, now: Instant) {
        while let Some(at) = self.services.asked.iter().position(|asked| asked.until <= now) {
            let asked = self.services.asked.remove(at);
            self.served(asked, false);
        }
    }

    /// What a message of a call carries that is none of call control's business. A service may be
    /// about the call before the message is.
    pub(super) fn beside(&mut self, now: Instant, key: Key, head: &Head<'_>, received: &Received) {
        if received.for_services {
            self.facilities(now, key, head);
        }
        if !received.for_others && !received.for_services {
            return;
        }
        let leg = self.calls.get(key).and_then(|entry| entry.leg);
        if let Some((leg, elements)) = leg.zip(self.says(head, received)) {
            self.outputs.put(Output::Said { leg, elements: &elements });
        }
    }

    /// What a message says for the other side of its call, a name among it.
    fn says(&self, head: &Head<'_>, received: &Received) -> Option<Elements> {
        let name = self.services.private.then(|| name_in(head)).flatten();
        if !head.kind.carries_others() || (name.is_none() && !received.for_others) {
            return None;
        }
        let elements = head.passed_on();
        let Some(name) = name else { return Some(elements) };
        among(&elements, DISPLAY, &name)
    }

    /// What is said to the far side of a private network: the display of others is a name there.
    pub(super) fn named(&self, said: &[u8], with: Kind) -> Option<Elements> {
        if !self.services.private {
            return None;
        }
        let display = q931::wire::elements(said).find(|element| element.id == DISPLAY)?;
        let length = display.content.len().min(Name::new().capacity());
        let name = Name::from_slice(display.content.get(..length)?).ok()?;
        let name = Shown::Allowed(name);
        let service = match with {
            Kind::Setup => Service::CallingName(name),
            Kind::Alerting => Service::CalledName(name),
            Kind::Connect => Service::ConnectedName(name),
            _ => return None,
        };
        let content = rose::write_invoke(Profile::Private, 1, &service)?;
        among(said, FACILITY, &content)
    }
}

/// The name that a message of a private network gives.
fn name_in(head: &Head<'_>) -> Option<Name> {
    let components = head.facilities().filter_map(rose::components).flatten();
    components.into_iter().find_map(|component| match component {
        Component::Invoke {
            service:
                Some(
                    Service::CallingName(Shown::Allowed(name))
                    | Service::CalledName(Shown::Allowed(name))
                    | Service::ConnectedName(Shown::Allowed(name)),
                ),
            ..
        } => Some(name),
        _ => None,
    })
}

/// Elements without their display, with another one in its order among them.
fn among(elements: &[u8], id: u8, content: &[u8]) -> Option<Elements> {
    let others = || q931::wire::elements(elements).filter(|element| element.id != DISPLAY);
    let mut all = Elements::new();
    for element in others().filter(|element| element.id < id) {
        put(&mut all, element.id, element.content)?;
    }
    put(&mut all, id, content)?;
    for element in others().filter(|element| element.id > id) {
        // What has no room is left out.
        let _ = put(&mut all, element.id, element.content);
    }
    Some(all)
}

/// Appends an element whole, or nothing.
fn put(out: &mut Elements, id: u8, content: &[u8]) -> Option<()> {
    let out: &mut VecView<u8, u8> = out.as_mut_view();
    if content.len() + 2 > out.capacity() - out.len() {
        return None;
    }
    out.extend_from_slice(&[id, u8::try_from(content.len()).ok()?]).ok()?;
    out.extend_from_slice(content).ok()
}
