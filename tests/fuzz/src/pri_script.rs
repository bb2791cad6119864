//! A PRI group through a script, against another in the network's role, over a line that loses,
//! doubles and spoils; its process is killed and goes on from the parts that were kept.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bearer::{Access, Calling, Indication, Request, Service};
use machine::Machine;
use q921::Role;
use span::pri::Pri;
use span::pri::check::{group, with_backup};
use span::{Frame, Input, Output};
use units::{Instant, LegId, LineId};

use crate::beside::{Beside, reborn};
use crate::q931_values::{cause, digits};
use crate::script::Script;
use crate::seen;

/// Frames that a whole exchange may take.
const EXCHANGE: usize = 400;
/// Frames that wait on the line; more are lost.
const WAITING: usize = 64;

/// A frame, and whether it is on the backup D channel.
type Carried = (bool, Frame);

/// The near group, whose exchange does what it is asked.
fn near(make: fn(Role, u16) -> Pri, now: Instant, lane: u16) -> Pri {
    let mut pri = make(Role::User, lane);
    pri.configure(now, &Access { deflect: true, transfer: true, ..Access::default() });
    pri
}

/// More than a basic call.
fn service(script: &mut Script<'_>, legs: &[LegId]) -> Service {
    match script.octet() & 3 {
        0 => Service::Identify,
        1 => Service::Deflect(digits(script)),
        2 => Service::Show(digits(script)),
        _ => Service::Join(legs[legs.len() - 1]),
    }
}

struct World {
    /// Makes a group.
    make: fn(Role, u16) -> Pri,
    near: Beside<Pri>,
    far: Pri,
    to_near: VecDeque<Carried>,
    to_far: VecDeque<Carried>,
    /// Legs of the near group that were told and not released.
    legs: BTreeSet<LegId>,
    /// All legs there ever were, of both.
    near_legs: Vec<LegId>,
    far_legs: Vec<LegId>,
    parts: BTreeMap<u32, Vec<u8>>,
    now: Instant,
    minted: u64,
    /// Processes so far: each mints its own ids.
    lives: u16,
    room: Vec<u8>,
}

impl World {
    fn new(make: fn(Role, u16) -> Pri) -> Self {
        Self {
            make,
            near: Beside::new(near(make, Instant::from_millis(1000), 1)),
            far: make(Role::Network, 2),
            to_near: VecDeque::new(),
            to_far: VecDeque::new(),
            legs: BTreeSet::new(),
            near_legs: vec![LegId(7)],
            far_legs: vec![LegId(8)],
            parts: BTreeMap::new(),
            now: Instant::from_millis(1000),
            minted: 1 << 40,
            lives: 2,
            room: vec![0; limits::SNAPSHOT_OCTETS],
        }
    }

    fn near(&mut self, input: Input) {
        let said = self.near.handle(self.now, input);
        self.hear(said);
    }

    /// What the near group said, in the order said; then what changed is kept.
    fn hear(&mut self, said: Vec<Output>) {
        for output in said {
            match output {
                Output::Transmit(frame) if self.to_far.len() < WAITING => {
                    self.to_far.push_back((false, frame));
                }
                Output::TransmitBackup(frame) if self.to_far.len() < WAITING => {
                    self.to_far.push_back((true, frame));
                }
                Output::Indication(Indication::Offered { leg, .. }) => {
                    assert!(self.legs.insert(leg), "{leg:?} is offered once");
                    self.near_legs.push(leg);
                }
                Output::Indication(Indication::Released { leg, .. }) => {
                    assert!(self.legs.remove(&leg), "{leg:?} is released once");
                }
                Output::Indication(told) => {
                    assert!(self.legs.contains(&told.leg()), "{told:?} of a leg that is gone");
                }
                _ => {}
            }
        }
        self.keep();
    }

    fn keep(&mut self) {
        let parts = &mut self.parts;
        let keep = &mut |part, octets: Option<&[u8]>| match octets {
            Some(octets) => drop(parts.insert(part, octets.to_vec())),
            None => drop(parts.remove(&part)),
        };
        self.near.machine.changed(&mut self.room, keep).expect("a part fits");
        let known: BTreeSet<LegId> = self.near.machine.legs().collect();
        assert_eq!(known, self.legs, "legs told, and legs known");
        let usage = self.near.machine.usage();
        assert!(usage.busy + usage.blocked <= usage.channels, "{usage:?}");
        assert!(self.near.machine.calls() <= limits::CALLS_PER_SPAN);
    }

    /// The process is killed; another goes on from what was kept.
    fn kill(&mut self) {
        // One that never told anything tells the group as it is: nothing was left out before.
        let mut silent = reborn(&self.near.machine);
        let parts = &self.parts;
        let tell = &mut |part, octets: Option<&[u8]>| {
            assert_eq!(octets, parts.get(&part).map(Vec::as_slice), "part {part}");
        };
        silent.changed(&mut self.room, tell).expect("a part fits");
        self.lives += 1;
        let mut pri = near(self.make, self.now, self.lives);
        let parts = self.parts.iter().map(|(part, octets)| (*part, octets.as_slice()));
        pri.go_on(self.now, parts).expect("what was kept can be read");
        let legs: BTreeSet<LegId> = pri.legs().collect();
        assert_eq!(legs, self.legs, "legs that go on");
        seen::note(("killed", legs.len(), self.parts.len()));
        let mut said = vec![];
        while let Some(output) = pri.poll_output() {
            said.push(output);
        }
        self.near = Beside::new(pri);
        self.hear(said);
        self.near(Input::Layer1 { of: 0, up: true });
    }

    fn far(&mut self, input: Input) {
        self.far.handle(self.now, input);
        self.drain_far();
    }

    fn drain_far(&mut self) {
        while let Some(output) = self.far.poll_output() {
            match output {
                Output::Transmit(frame) if self.to_near.len() < WAITING => {
                    self.to_near.push_back((false, frame));
                }
                Output::TransmitBackup(frame) if self.to_near.len() < WAITING => {
                    self.to_near.push_back((true, frame));
                }
                Output::Indication(Indication::Offered { leg, .. }) => self.far_legs.push(leg),
                _ => {}
            }
        }
    }

    fn deliver(&mut self, most: usize) {
        for _ in 0..most {
            let (near, far) = (self.to_near.pop_front(), self.to_far.pop_front());
            if near.is_none() && far.is_none() {
                return;
            }
            if let Some(frame) = near {
                self.near(input(frame));
            }
            if let Some(frame) = far {
                self.far(input(frame));
            }
        }
    }

    fn request(&mut self, script: &mut Script<'_>, near: bool) {
        let octet = script.octet();
        let legs = if near { &self.near_legs } else { &self.far_legs };
        // Mostly one of the last few.
        let back = usize::from(octet >> 4).min(legs.len() - 1);
        let leg = legs[legs.len() - 1 - back];
        let request = match octet & 15 {
            0..=4 => {
                self.minted += 1;
                let leg = LegId(self.minted);
                if near {
                    self.near_legs.push(leg);
                    self.legs.insert(leg);
                } else {
                    self.far_legs.push(leg);
                }
                let called = digits(script);
                Request::Place { leg, line: LineId(1), calling: Calling::default(), called }
            }
            5 => Request::MoreDigits { leg },
            6 | 7 => Request::Proceed { leg },
            8 | 9 => Request::Alert { leg },
            10 if octet & 0x10 != 0 => Request::Notify { leg, what: octet & 0x3F },
            10 => Request::Progress { leg },
            11 | 12 => Request::Answer { leg },
            13 if near => Request::Ask { leg, service: service(script, &self.near_legs) },
            13 => {
                self.far.charge(self.now, leg, u32::from(octet));
                return self.drain_far();
            }
            _ => Request::Release { leg, cause: cause(script) },
        };
        if near { self.near(Input::Request(request)) } else { self.far(Input::Request(request)) }
    }

    /// Spoils what waits for the near group, or makes something up.
    fn spoil(&mut self, script: &mut Script<'_>) {
        match script.octet() & 7 {
            0 => drop(self.to_near.pop_front()),
            1 => drop(self.to_far.pop_front()),
            2 => self.to_near.extend(self.to_near.front().cloned()),
            3 => self.to_near.rotate_left(usize::from(!self.to_near.is_empty())),
            4 => {
                let (place, bits) = (script.below(32), script.octet());
                if let Some(octet) = self.to_near.front_mut().and_then(|(_, f)| f.get_mut(place)) {
                    *octet ^= bits;
                }
            }
            5 => {
                // Another message of layer 3 in the place of one.
                let octets = script.some(80);
                let front = self.to_near.front_mut().map(|(_, frame)| frame);
                if let Some(frame) = front.filter(|frame| frame.len() > 4) {
                    frame.truncate(4);
                    let _ = frame.extend_from_slice(octets);
                }
            }
            _ => {
                let octets = script.some(limits::FRAME_OCTETS);
                let two = octets.first().is_some_and(|octet| octet & 1 == 1);
                self.to_near.push_front((two, Frame::from_slice(octets).unwrap_or_default()));
            }
        }
    }

    /// A span comes or goes, at one end; all that is on its D channel is lost with it.
    fn span_is(&mut self, of: u8, near: bool, up: bool) {
        if !up {
            self.to_near.retain(|(two, _)| *two != (of == 1));
            self.to_far.retain(|(two, _)| *two != (of == 1));
        }
        let layer1 = Input::Layer1 { of, up };
        if near { self.near(layer1) } else { self.far(layer1) }
    }

    fn timeout(&mut self, near: bool) {
        if near {
            let next = self.near.machine.poll_timeout();
            self.now = self.now.max(next.unwrap_or(self.now));
            let said = self.near.timeout(self.now);
            self.hear(said);
        } else {
            let next = self.far.poll_timeout();
            self.now = self.now.max(next.unwrap_or(self.now));
            self.far.handle_timeout(self.now);
            self.drain_far();
        }
    }
}

fn input((two, frame): Carried) -> Input {
    if two { Input::FrameBackup(frame) } else { Input::Frame(frame) }
}

/// Two groups and all that can be between them. Every leg is released once, none is forgotten,
/// and a process that goes on has the legs of the one before.
pub fn pri(data: &[u8]) {
    live(data, group);
}

/// The same of groups of two spans, each with a D channel.
pub fn pri_backup(data: &[u8]) {
    live(data, with_backup);
}

fn live(data: &[u8], make: fn(Role, u16) -> Pri) {
    let mut script = Script::new(data);
    let mut world = World::new(make);
    world.keep();
    for _ in 0..200 {
        if script.is_empty() {
            break;
        }
        let op = script.octet();
        if op & 0x80 != 0 && script.octet() & 1 == 0 {
            world.near.twin();
        }
        match op & 0x7F {
            0..=29 => world.deliver(EXCHANGE),
            30..=35 => world.deliver(1),
            36..=55 => world.request(&mut script, true),
            56..=75 => world.request(&mut script, false),
            76..=89 => world.spoil(&mut script),
            90..=97 => world.timeout(true),
            98..=103 => world.timeout(false),
            104..=107 => world.now += script.time(),
            108..=111 => world.near(Input::Layer1 { of: 0, up: true }),
            112 => world.near(Input::Layer1 { of: 0, up: false }),
            113..=116 => world.far(Input::Layer1 { of: 0, up: true }),
            117 => world.near.rebirth(),
            118..=121 => world.kill(),
            122..=124 => {
                let bits = script.octet();
                world.span_is(bits & 1, bits & 2 == 0, bits & 4 == 0);
            }
            _ => {
                for of in 0..2 {
                    world.near(Input::Layer1 { of, up: true });
                    world.far(Input::Layer1 { of, up: true });
                }
                world.deliver(EXCHANGE);
            }
        }
    }
    seen::note((world.legs.len(), world.parts.len(), world.near_legs.len().min(8)));
}
