//! Between the calls of Q.931 and the legs that the rest of the house knows.

use bearer::{Calling, Dialling, Elements, Indication, NumberKind, Presentation, Request};
use q931::wire::{Bearer, CallReference, ChannelId, Kind, PartyNumber, Received, Screening};
use q931::{By, Event, Input, Output, SetupParams, Turn};
use units::{Cause, Digits, Instant, LegId, Party};

use super::settings::number_type;
use super::{Key, Place, Pri, State};

/// Causes that say that a person did it, whatever location the network gives (Q.850 2.2.7.1).
const BY_A_PERSON: [Cause; 5] = [
    Cause::NORMAL_CLEARING,
    Cause::USER_BUSY,
    Cause::NO_USER_RESPONDING,
    Cause::NO_ANSWER,
    Cause::CALL_REJECTED,
];

fn party(by: By, cause: Cause) -> Party {
    match by {
        By::Us => Party::Box,
        By::Person => Party::Called,
        By::Network if BY_A_PERSON.contains(&cause) => Party::Called,
        By::Network | By::Timer(_) | By::Protocol => Party::Network,
    }
}

fn calling(number: Option<PartyNumber>) -> Calling {
    use q931::wire::Presentation as Shown;
    let Some(number) = number else {
        return Calling {
            number: Digits::new(),
            presentation: Presentation::Unavailable,
            category: None,
        };
    };
    let presentation = match number.shown {
        None | Some((Shown::Allowed, _)) => Presentation::Allowed,
        Some((Shown::Restricted, _)) => Presentation::Restricted,
        Some((Shown::Unavailable, _)) => Presentation::Unavailable,
    };
    Calling { number: number.digits, presentation, category: None }
}

fn shown(kind: NumberKind, calling: Calling) -> Option<PartyNumber> {
    use q931::wire::Presentation as Shown;
    let presentation = match calling.presentation {
        Presentation::Allowed => Shown::Allowed,
        Presentation::Restricted => Shown::Restricted,
        Presentation::Unavailable => Shown::Unavailable,
    };
    (!calling.number.is_empty()).then(|| PartyNumber {
        shown: Some((presentation, Screening::UserProvided)),
        ..PartyNumber::isdn(number_type(kind), calling.number)
    })
}

impl Pri {
    pub(super) fn every_call(&mut self, now: Instant, input: &Input) {
        for key in self.calls.keys(|_| true) {
            self.call(now, key, input);
        }
    }

    pub(super) fn call(&mut self, now: Instant, key: Key, input: &Input) {
        self.saying(now, key, input, &[]);
    }

    /// Gives a call an input, and what it says of it also says these elements.
    fn saying(&mut self, now: Instant, key: Key, input: &Input, elements: &[u8]) {
        if let Some(turn) = self.turn(now, key) {
            turn.saying(elements).take(now, input);
        }
        self.drain_calls(now);
    }

    /// The turn of a call; what another still has to say goes first. [`Self::drain_calls`] comes
    /// next.
    pub(super) fn turn(&mut self, now: Instant, key: Key) -> Option<Turn<'_>> {
        self.drain_calls(now);
        if self.kept && !self.touched.contains(&key) {
            self.touched.push(key);
        }
        self.calls.turn(key)
    }

    pub(super) fn drain_calls(&mut self, now: Instant) {
        while let Some((key, output)) = self.calls.poll() {
            match output {
                Output::Transmit(message) => {
                    // As `send`, which cannot have the call's octets and the whole group.
                    let _ = self.link.data(now, message);
                    self.drain_link(now);
                }
                Output::Event(event) => self.event(now, key, event),
            }
        }
    }

    /// A message with the reference of a call.
    pub(super) fn hear(&mut self, now: Instant, key: Key, received: &Received) {
        if let Some(mut turn) = self.turn(now, key) {
            turn.message(now, received);
        }
        self.drain_calls(now);
    }

    /// A SETUP for a reference that is free.
    pub(super) fn new_call(&mut self, now: Instant, key: Key, setup: &Received) {
        let reference = setup.message.reference.answered();
        self.calls.insert(key, self.config, reference);
        self.hear(now, key, setup);
    }

    pub(super) fn refuse(&mut self, now: Instant, key: Key, cause: Cause) {
        let location = self.config.location;
        self.call(now, key, &Input::Disconnect { cause, location });
    }

    fn offered(&mut self, now: Instant, key: Key, event: Event) {
        let Event::Offered { bearer, channel, calling: from, called, complete, .. } = event else {
            return;
        };
        if !bearer.is_audible() {
            return self.refuse(now, key, Cause::BEARER_CAPABILITY_NOT_IMPLEMENTED);
        }
        let place = match self.choose(key, channel) {
            Ok(place) => place,
            Err(cause) => return self.refuse(now, key, cause),
        };
        let (Some(port), Some(entry)) = (self.channels.port(place), self.calls.get_mut(key)) else {
            return;
        };
        let leg = self.mint.leg();
        entry.leg = Some(leg);
        entry.place = Some(place);
        self.tell(Indication::Offered {
            leg,
            line: self.line,
            port,
            calling: calling(from),
            called: called.map(|number| number.digits).unwrap_or_default(),
            dialling: if complete { Dialling::Complete } else { Dialling::Overlap },
        });
    }

    /// The channel of a call that comes in (Q.931 5.2.3.1).
    fn choose(&mut self, key: Key, named: Option<ChannelId>) -> Result<Place, Cause> {
        if let Some(channel) = named.filter(|channel| channel.slot().is_some()) {
            let place = self.place(&channel);
            if let Some(place) = place.filter(|place| self.channels.take(*place, key)) {
                return Ok(place);
            }
            if channel.exclusive {
                let exists = place.is_some_and(|place| self.channels.exists(place));
                return Err(if exists {
                    Cause::REQUESTED_CHANNEL_NOT_AVAILABLE
                } else {
                    Cause::CHANNEL_DOES_NOT_EXIST
                });
            }
        }
        self.channels.take_any(key).ok_or(Cause::NO_CHANNEL_AVAILABLE)
    }

    /// The far side named another channel than we had proposed (5.1.2).
    fn moved(&mut self, key: Key, channel: Option<ChannelId>) {
        let Some(place) = channel.and_then(|channel| self.place(&channel)) else { return };
        let Some(entry) = self.calls.get_mut(key) else { return };
        if entry.place == Some(place) || !self.channels.exists(place) {
            return;
        }
        // One that another call has, or that is suspect: this call stays where it is.
        if !self.channels.moves(entry.place, place, key) {
            return;
        }
        entry.place = Some(place);
        if let (Some(leg), Some(port)) = (entry.leg, self.channels.port(place)) {
            self.tell(Indication::Channel { leg, port });
        }
    }

    fn event(&mut self, now: Instant, key: Key, event: Event) {
        let entry = self.calls.get(key);
        let (leg, place) = entry.map_or((None, None), |entry| (entry.leg, entry.place));
        let asked = entry.is_some_and(|entry| entry.asked);
        match event {
            Event::Offered { .. } => return self.offered(now, key, event),
            Event::MoreDigitsWanted { channel, .. } => {
                self.moved(key, channel);
                self.dial(now, key);
            }
            Event::Proceeding { channel, .. } => self.moved(key, channel),
            Event::Alerting { channel, .. } | Event::Answered { channel, .. } => {
                self.moved(key, channel);
            }
            Event::ChannelSuspect => {
                if place.is_some_and(|place| self.channels.suspect(place, key)) {
                    self.group_told = false;
                    self.restart_suspects(now);
                }
            }
            Event::Disconnected { cause, in_band: true, .. } => self.refuse(now, key, cause),
            Event::Released { .. } => {
                if let Some(place) = place {
                    self.channels.free(place, key);
                }
                self.services.forget(key);
                self.calls.remove(key);
            }
            Event::Digits { .. }
            | Event::Progress { .. }
            | Event::Confirmed
            | Event::Notified { .. }
            | Event::Disconnected { .. } => {}
        }
        if let Some(leg) = leg {
            self.tell_of(leg, asked, event);
        }
    }

    fn tell_of(&mut self, leg: LegId, asked: bool, event: Event) {
        self.tell(match event {
            Event::Digits { digits, complete } => Indication::Digits { leg, digits, complete },
            Event::Alerting { in_band, .. } => Indication::Alerting { leg, in_band },
            Event::Progress { in_band: true }
            | Event::Proceeding { in_band: true, .. }
            | Event::MoreDigitsWanted { in_band: true, .. } => Indication::Progress { leg },
            Event::Answered { .. } => Indication::Answered { leg },
            Event::Notified { what } => Indication::Notified { leg, what },
            // The line itself gives up what is on a dead span.
            Event::Released { cause, by: By::Us } if !asked => {
                Indication::Released { leg, cause, by: Party::Network }
            }
            Event::Released { cause, by } => {
                Indication::Released { leg, cause, by: party(by, cause) }
            }
            Event::Offered { .. }
            | Event::Progress { .. }
            | Event::Proceeding { .. }
            | Event::MoreDigitsWanted { .. }
            | Event::Confirmed
            | Event::Disconnected { .. }
            | Event::ChannelSuspect => return,
        });
    }

    pub(super) fn key_of(&self, leg: LegId) -> Option<(Key, Option<ChannelId>)> {
        let (key, entry) = self.calls.of_leg(leg)?;
        Some((key, entry.place.map(|place| self.channel_id(place))))
    }

    pub(super) fn request(&mut self, now: Instant, request: Request) {
        if let Request::Ask { leg, service } = request {
            return self.wish(now, leg, service);
        }
        let leg = request.leg();
        // Only what is asked next may say it.
        match self.to_say.take() {
            Some((of, elements)) if of == leg => self.request_saying(now, leg, request, &elements),
            Some(_) | None => self.request_saying(now, leg, request, &[]),
        }
    }

    /// Elements to say with the next request about a leg.
    pub(super) fn say_next(&mut self, leg: LegId, elements: &[u8]) {
        self.to_say = Elements::from_slice(elements).ok().map(|elements| (leg, elements));
    }

    fn request_saying(&mut self, now: Instant, leg: LegId, request: Request, said: &[u8]) {
        let kind = match request {
            Request::Place { .. } => Kind::Setup,
            Request::Alert { .. } => Kind::Alerting,
            Request::Answer { .. } => Kind::Connect,
            _ => Kind::Information,
        };
        let named = if said.is_empty() { None } else { self.named(said, kind) };
        let said = named.as_deref().unwrap_or(said);
        if let Request::Place { calling, called, .. } = request {
            return self.set_up(now, leg, (calling, called), said);
        }
        if let Request::Digits { digits, complete, .. } = request {
            return self.dial_on(now, leg, digits, complete);
        }
        let Some((key, channel)) = self.key_of(leg) else { return };
        let input = match request {
            Request::Place { .. } | Request::Digits { .. } | Request::Ask { .. } => return,
            Request::MoreDigits { .. } => Input::SetupAck { channel },
            Request::Proceed { .. } => Input::Proceed { channel },
            Request::Alert { .. } => Input::Alert { channel, in_band: false },
            Request::Progress { .. } => Input::Progress { in_band: true },
            Request::Notify { what, .. } => Input::Notify { what },
            Request::Answer { .. } => Input::Answer { channel, connected: self.connected(key) },
            Request::Release { cause, .. } => {
                if let Some(entry) = self.calls.get_mut(key) {
                    entry.asked = true;
                }
                Input::Disconnect { cause, location: self.config.location }
            }
        };
        self.saying(now, key, &input, said);
    }

    /// The number of ours that answers, for the caller (Q.951.5).
    fn connected(&self, key: Key) -> Option<PartyNumber> {
        let number = self.calls.get(key)?.connected.clone();
        shown(self.numbers, Calling { number, ..Calling::default() })
    }

    /// More digits of a number that went out; they wait until the far side asks for them (5.1.3).
    fn dial_on(&mut self, now: Instant, leg: LegId, digits: Digits, complete: bool) {
        let Some((key, _)) = self.key_of(leg) else { return };
        let Some(entry) = self.calls.get_mut(key) else { return };
        for digit in digits.as_slice() {
            let _ = entry.to_dial.0.push(*digit);
        }
        entry.to_dial.1 |= complete;
        if entry.call.call_state() == q931::State::OverlapSending {
            self.dial(now, key);
        }
    }

    fn dial(&mut self, now: Instant, key: Key) {
        let Some(entry) = self.calls.get_mut(key) else { return };
        let (digits, complete) = std::mem::take(&mut entry.to_dial);
        if !digits.is_empty() || complete {
            let called = PartyNumber::isdn(number_type(self.numbers), digits);
            self.call(now, key, &Input::MoreDigits { called, complete });
        }
    }

    fn set_up(
        &mut self,
        now: Instant,
        leg: LegId,
        (calling, called): (Calling, Digits),
        said: &[u8],
    ) {
        let refused = |cause| Indication::Released { leg, cause, by: Party::Network };
        if self.state != State::Up {
            return self.tell(refused(Cause::NETWORK_OUT_OF_ORDER));
        }
        let Some(key) = self.free_key() else {
            return self.tell(refused(Cause::NO_CHANNEL_AVAILABLE));
        };
        let Some(place) = self.channels.take_any(key) else {
            return self.tell(refused(Cause::NO_CHANNEL_AVAILABLE));
        };
        let entry = self.calls.insert(key, self.config, CallReference::new(key.value));
        (entry.leg, entry.place) = (Some(leg), Some(place));
        if let Some(port) = self.channels.port(place) {
            self.tell(Indication::Channel { leg, port });
        }
        let params = SetupParams {
            bearer: q931::wire::bearer(said).unwrap_or(Bearer::SPEECH),
            channel: Some(self.channel_id(place)),
            calling: shown(self.numbers, calling),
            called: Some(PartyNumber::isdn(number_type(self.numbers), called)),
            complete: !self.overlap,
            display: None,
        };
        self.saying(now, key, &Input::Setup(params), said);
    }

    /// A reference value that no call of ours has.
    pub(super) fn free_key(&mut self) -> Option<Key> {
        for _ in 0..=self.most_calls() {
            self.next_value = self.next_value % CallReference::MAX + 1;
            let key = Key { ours: true, value: self.next_value };
            if !self.calls.contains(key) && !self.is_full() {
                return Some(key);
            }
        }
        None
    }
}
