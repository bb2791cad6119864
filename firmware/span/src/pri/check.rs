//! Drives a PRI group, against another in the network's role, for the property test over all
//! machines; and makes of a group a far side that does what none should, for the simulated world.

use std::collections::VecDeque;

use bearer::{Calling, Elements, Indication, Request};
use machine::Machine;
use machine::check::{Random, Stimulus, Visits, restored_in_company};
use units::{BoxId, Cause, Digits, Duration, Instant, LegId, LineId, Mint, PortId, Timeslot};

use q931::InterfaceInput;
use q931::wire::{ChannelId, RestartClass};

use super::{Pri, State};
use crate::event::{Frame, Input, Output};

/// A group of all thirty B channels of a span.
#[must_use]
pub fn group(role: q921::Role, lane: u16) -> Pri {
    let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D);
    let channels = slots.zip((0..).map(PortId));
    Pri::new(LineId(1), role, Mint::new(BoxId(1), 1, lane), channels)
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

    /// Makes a channel idle, or all of them, and wants the far side to (Q.931 5.5.1). `false`: not
    /// now.
    pub fn restart(&mut self, now: Instant, slot: Option<Timeslot>) -> bool {
        if self.state != State::Up || self.restarting {
            return false;
        }
        for idle in Timeslot::all().filter(|idle| slot.is_none_or(|slot| slot == *idle)) {
            if let Some(key) = self.channels.holder(idle) {
                self.call(now, key, &q931::Input::RestartChannel);
                // Restarted again, and again, should this RESTART be lost.
                self.channels.distrust(idle);
            }
        }
        let (class, channel) = match slot {
            Some(slot) => (RestartClass::Channels, Some(ChannelId::exclusive(slot))),
            None => (RestartClass::SingleInterface, None),
        };
        self.restarting = true;
        self.interface(now, InterfaceInput::Restart { class, channel });
        true
    }
}

/// A request about `leg`, one of all kinds.
fn request(random: &mut Random, leg: LegId, fresh: LegId) -> Request {
    match random.below(12) {
        10 => {
            let digits = Digits::parse("17").unwrap_or_default();
            Request::Digits { leg, digits, complete: random.one_in(3) }
        }
        9 => Request::Say { leg, line: LineId(1), elements: Elements::from_iter([0x28, 1, 65]) },
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
    }
}

/// The far side: a network, and what it has sent that has not arrived.
struct Far {
    pri: Pri,
    sent: VecDeque<Frame>,
    legs: Vec<LegId>,
}

impl Far {
    fn drain(&mut self) {
        while let Some(output) = self.pri.poll_output() {
            match output {
                Output::Transmit(frame) => self.sent.push_back(frame),
                Output::Indication(Indication::Offered { leg, .. }) => self.legs.push(leg),
                _ => {}
            }
        }
    }

    fn hear(&mut self, now: Instant, frame: Frame) {
        self.pri.handle(now, Input::Frame(frame));
        self.drain();
    }

    fn act(&mut self, now: Instant, random: &mut Random) {
        let fresh = LegId(1 << 40 | random.below(1 << 30));
        self.legs.push(fresh);
        let leg = *random.pick(&self.legs);
        self.pri.handle(now, Input::Request(request(random, leg, fresh)));
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
    let mut far =
        Far { pri: group(q921::Role::Network, 2), sent: VecDeque::new(), legs: vec![LegId(1)] };
    let mut legs = vec![LegId(2)];
    let mut begun = false;
    // The wire is cut for a while now and then, so that the link fails and is set up again.
    let mut cut = false;
    restored_in_company(group(q921::Role::User, 1), steps, move |_, now, said| {
        for output in said {
            match output {
                Output::Transmit(frame) if !cut && !random.one_in(40) => far.hear(now, frame),
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
                0 if begun => Stimulus::Input(Input::Layer1 { up: true }),
                1 if begun => Stimulus::Input(Input::Layer1 { up: true }),
                _ => Stimulus::Input(Input::Request(request(&mut random, leg, fresh))),
            };
        }
        begun = true;
        cut ^= random.one_in(50);
        if cut {
            far.sent.clear();
        }
        if let Some(frame) = far.sent.pop_front().filter(|_| !random.one_in(30)) {
            return Stimulus::Input(Input::Frame(frame));
        }
        match random.below(24) {
            0..=12 => {
                legs.push(fresh);
                let leg = *random.pick(&legs);
                Stimulus::Input(Input::Request(request(&mut random, leg, fresh)))
            }
            13 => {
                let octets: Vec<u8> = (0..random.below(20)).map(|_| random.octet()).collect();
                Stimulus::Input(Input::Frame(Frame::from_slice(&octets).unwrap_or_default()))
            }
            14 => Stimulus::Input(Input::Layer1 { up: random.one_in(2) }),
            15..=17 => Stimulus::Timeout,
            18 | 19 if cut => Stimulus::Timeout,
            20 if random.one_in(12) => Stimulus::Input(Input::Layer1 { up: true }),
            _ => Stimulus::Wait(Duration::from_millis(random.below(1500))),
        }
    })
}
