//! Drives a PRI group, against another in the network's role, for the property test over all
//! machines; and makes of a group a far side that does what none should, for the simulated world.

use std::collections::VecDeque;

use bearer::{Access, Calling, Indication, Request, Service};
use machine::Machine;
use machine::check::{Random, Stimulus, Visits, restored_in_company};
use units::{
    BoxId, Cause, Charge, Digits, Duration, Instant, LegId, LineId, Mint, PortId, Timeslot,
};

use q931::InterfaceInput;
use q931::wire::{ChannelId, RestartClass};
use rose::Profile;

use super::{Place, Pri, State};
use crate::event::{Frame, Input, Output};

/// A group of all thirty B channels of a span.
#[must_use]
pub fn group(role: q921::Role, lane: u16) -> Pri {
    let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D);
    let channels = slots.zip((0..).map(PortId));
    Pri::new(LineId(1), role, Mint::new(BoxId(1), 1, lane), channels)
}

/// A group of two spans, the second without a D channel.
fn several(role: q921::Role, lane: u16) -> Pri {
    spans(role, lane, false)
}

/// A group of two spans with a D channel each.
#[must_use]
pub fn with_backup(role: q921::Role, lane: u16) -> Pri {
    spans(role, lane, true).with_backup(1)
}

fn spans(role: q921::Role, lane: u16, backup: bool) -> Pri {
    let bearer = move |span: u8| move |slot: &Timeslot| span > 0 && !backup || *slot != Timeslot::D;
    let of_span = |span: u8| Timeslot::all().filter(bearer(span)).map(move |slot| (span, slot));
    let places = of_span(0).chain(of_span(1)).filter_map(|(span, slot)| Place::new(span, slot));
    let channels = places.zip((0..).map(PortId));
    Pri::new(LineId(1), role, Mint::new(BoxId(1), 1, lane), channels).with_spans(&[0, 1])
}

impl Pri {
    /// Sends these octets as a message of layer 3, whatever they say. `false`: the link is down.
    pub fn say(&mut self, now: Instant, message: &[u8]) -> bool {
        let up = self.state == State::Up;
        if up {
            self.send(now, message);
        }
        up
    }

    /// Sets the data link up anew (Q.921 5.5.1.2), or takes it down. `false`: it is down already.
    pub fn upset(&mut self, now: Instant, down: bool) -> bool {
        let up = self.state == State::Up;
        if up {
            let input =
                if down { q921::Input::ReleaseRequest } else { q921::Input::EstablishRequest };
            self.link(now, input);
        }
        up
    }

    /// Tells what the call of a leg costs so far, as an exchange does. `false`: the link is down,
    /// or there is no such call.
    pub fn charge(&mut self, now: Instant, leg: LegId, units: u32) -> bool {
        let advice = rose::Advice { charge: Some(Charge::Units(units)), last: false };
        let content = rose::write_invoke(Profile::Public, 1, &rose::Service::Charge(advice));
        let key = self.key_of(leg).map(|(key, _)| key);
        let (Some(content), Some(key), State::Up) = (content, key, self.state) else {
            return false;
        };
        self.send_facility(now, key, &content);
        true
    }

    /// Makes a channel idle, or all of them, and wants the far side to (Q.931 5.5.1). `false`: not
    /// now.
    pub fn restart(&mut self, now: Instant, slot: Option<Timeslot>) -> bool {
        if self.state != State::Up || self.restarting {
            return false;
        }
        let (class, channel) = match slot {
            Some(slot) => (RestartClass::Channels, Some(ChannelId::exclusive(slot))),
            None => (RestartClass::SingleInterface, None),
        };
        for idle in self.places(class, channel) {
            if let Some(key) = self.channels.holder(idle) {
                self.call(now, key, &q931::Input::RestartChannel);
                // Restarted again, and again, should this RESTART be lost.
                self.channels.distrust(idle);
            }
        }
        self.restarting = true;
        self.interface(now, InterfaceInput::Restart { class, channel });
        true
    }
}

/// What a call asks about `leg`, one of all kinds.
fn asked(random: &mut Random, leg: LegId, fresh: LegId) -> Input {
    Input::Request(match random.below(15) {
        13 => Request::Notify { leg, what: 0x79 },
        12 => {
            Request::Ask { leg, service: Service::Show(Digits::parse("801").unwrap_or_default()) }
        }
        11 => {
            let to = Digits::parse("13800138000").unwrap_or_default();
            let all = [Service::Identify, Service::Deflect(to), Service::Join(LegId(2))];
            Request::Ask { leg, service: random.pick(&all).clone() }
        }
        10 => {
            let digits = Digits::parse("17").unwrap_or_default();
            Request::Digits { leg, digits, complete: random.one_in(3) }
        }
        9 => return Input::Say { leg, elements: Frame::from_iter([0x28, 1, 65]) },
        0 | 1 => Request::Place {
            leg: fresh,
            line: LineId(1),
            calling: Calling::default(),
            called: Digits::parse("95588").unwrap_or_default(),
        },
        2 => Request::MoreDigits { leg },
        3 => Request::Proceed { leg },
        4 | 5 => Request::Alert { leg },
        6 => Request::Progress { leg },
        7 | 8 => Request::Answer { leg },
        _ => Request::Release { leg, cause: Cause::NORMAL_CLEARING },
    })
}

/// A facility about a call, one of all kinds: told, asked and answered.
fn facility(random: &mut Random, (ours, value): (bool, u16)) -> Vec<u8> {
    let [high, low] = value.to_be_bytes();
    let id = random.octet() & 7;
    let content: Vec<u8> = match random.below(6) {
        0 => vec![0x91, 0xA2, 3, 2, 1, id],
        1 => vec![0x91, 0xA2, 16, 2, 1, id, 0x30, 11, 6, 6, 4, 0, 0x82, 0x71, 1, 4, 2, 1, 9],
        2 => vec![0x91, 0xA3, 6, 2, 1, id, 2, 1, 3],
        3 => vec![
            0x91, 0xA1, 18, 2, 1, id, 2, 1, 34, 0x30, 10, 0xA1, 5, 0x30, 3, 2, 1, id, 0x82, 1, 0,
        ],
        4 => vec![0x91, 0xA1, 6, 2, 1, id, 2, 1, random.octet()],
        _ => (0..random.below(20)).map(|_| random.octet()).collect(),
    };
    let flag = if ours { 0 } else { 0x80 };
    let length = u8::try_from(content.len()).unwrap_or(0);
    [&[8, 2, high | flag, low, 0x62, 0x1C, length][..], &content].concat()
}

/// The far side: a network, and what it has sent that has not arrived.
struct Far {
    pri: Pri,
    sent: VecDeque<Input>,
    legs: Vec<LegId>,
}

impl Far {
    fn drain(&mut self) {
        while let Some(output) = self.pri.poll_output() {
            match output {
                Output::Transmit(frame) => self.sent.push_back(Input::Frame(frame)),
                Output::TransmitBackup(frame) => self.sent.push_back(Input::FrameBackup(frame)),
                Output::Indication(Indication::Offered { leg, .. }) => self.legs.push(leg),
                _ => {}
            }
        }
    }

    fn hear(&mut self, now: Instant, frame: Input) {
        self.pri.handle(now, frame);
        self.drain();
    }

    fn act(&mut self, now: Instant, random: &mut Random) {
        let fresh = LegId(1 << 40 | random.below(1 << 30));
        self.legs.push(fresh);
        let leg = *random.pick(&self.legs);
        self.pri.handle(now, asked(random, leg, fresh));
        if let Some(facility) = self.pri.reference(leg).map(|call| facility(random, call)) {
            self.pri.say(now, &facility);
        }
        if self.pri.poll_timeout().is_some_and(|at| at <= now) {
            self.pri.handle_timeout(now);
        }
        self.drain();
    }
}

/// Runs one group through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let made = [several, group, with_backup, group][usize::try_from(seed % 4).unwrap_or(0)];
    let mut far =
        Far { pri: made(q921::Role::Network, 2), sent: VecDeque::new(), legs: vec![LegId(1)] };
    let mut legs = vec![LegId(2)];
    let mut begun = false;
    // The wire is cut for a while now and then, so that the link fails and is set up again.
    let (mut cut, mut cut_two) = (false, false);
    let mut near = made(q921::Role::User, 1);
    near.configure(Instant::ZERO, &Access { deflect: true, transfer: true, ..Access::default() });
    restored_in_company(near, steps, move |_, now, said| {
        for output in said {
            match output {
                Output::Transmit(frame) if !cut && !random.one_in(40) => {
                    far.hear(now, Input::Frame(frame));
                }
                Output::TransmitBackup(frame) if !cut_two && !random.one_in(40) => {
                    far.hear(now, Input::FrameBackup(frame));
                }
                Output::Indication(Indication::Offered { leg, .. }) => legs.push(leg),
                _ => {}
            }
        }
        if random.one_in(6) {
            far.act(now, &mut random);
        }
        let fresh = LegId(1 << 41 | random.below(1 << 30));
        if !begun && !random.one_in(20) {
            // Before the start only requests come, and a word of layer 1.
            begun = random.one_in(12);
            let leg = *random.pick(&legs);
            return match random.below(8) {
                0 if begun => Stimulus::Input(Input::Layer1 { of: 0, up: true }),
                1 if begun => Stimulus::Input(Input::Layer1 { of: 0, up: true }),
                _ => Stimulus::Input(asked(&mut random, leg, fresh)),
            };
        }
        begun = true;
        cut ^= random.one_in(50);
        cut_two ^= random.one_in(70);
        far.sent.retain(|sent| !matches!(sent, Input::Frame(_)) || !cut);
        far.sent.retain(|sent| !matches!(sent, Input::FrameBackup(_)) || !cut_two);
        if let Some(frame) = far.sent.pop_front().filter(|_| !random.one_in(30)) {
            return Stimulus::Input(frame);
        }
        match random.below(24) {
            0..=12 => {
                legs.push(fresh);
                let leg = *random.pick(&legs);
                Stimulus::Input(asked(&mut random, leg, fresh))
            }
            13 => {
                let octets: Vec<u8> = (0..random.below(20)).map(|_| random.octet()).collect();
                Stimulus::Input(Input::Frame(Frame::from_slice(&octets).unwrap_or_default()))
            }
            14 => {
                let of = u8::from(random.one_in(2));
                Stimulus::Input(Input::Layer1 { of, up: random.one_in(2) })
            }
            15..=17 => Stimulus::Timeout,
            18 | 19 if cut => Stimulus::Timeout,
            20 if random.one_in(12) => Stimulus::Input(Input::Layer1 { of: 0, up: true }),
            _ => Stimulus::Wait(Duration::from_millis(random.below(1500))),
        }
    })
}
