//! A box and a city joined by a span of R2: machines, tone receivers and senders, the law, the
//! multiframe of slot 16, and the blocks of 2 ms in which all of it moves.
//!
//! ```text
//!   R2 ◄─► engine ── octets ──► two blocks on their way ──► octets ── engine ◄─► R2
//!    └──► CasFramer ── slot 16 ─────────────────────────────► CasDeframer ──────┘
//! ```
//!
//! Both ends are ours (agreement with ourselves): it measures line time and finds what two ends
//! that read the Recommendation alike still do wrong. Tones are judged by spandsp elsewhere.
#![expect(clippy::expect_used, reason = "a panic is the verdict")]

use std::collections::VecDeque;

use bearer::{Calling, Indication, Presentation, Request};
use engine::{Command, Engine, Notice, Octets};
use g704::{CasDeframer, CasFramer};
use machine::Machine;
use span::r2::{Config, R2};
use span::{Input, Output};
use units::{
    BoxId, Digits, Duration, Instant, Law, LegId, LineId, MfSignal, Mint, PortId, Timeslot,
};

/// Blocks between what one engine sends and what the other hears: out of one card, into the other.
const WAY_BLOCKS: usize = 2;
/// Circuits.
const CIRCUITS: usize = 30;

/// The variant of a file in `boards/r2`, with so many digits of a called number.
#[must_use]
pub fn variant(name: &str, digits: u8) -> Config {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../boards");
    let text = move |file: &str| match file {
        "x.toml" => Ok(format!(
            "name = \"x\"\ntitle = \"X\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
             [card.a.span.1]\nlabel = \"E1\"\nsignalling = \"cas\"\nr2 = \"{name}\"\n\
             digits = {digits}\n"
        )),
        other => std::fs::read_to_string(format!("{folder}/{other}")).map_err(|f| f.to_string()),
    };
    let layout = board::read(&text, "x").expect("a board").layout();
    ringmain_core::r2::config(&layout.cas[0])
}

/// What one end sends in one block.
struct Block {
    slots: Vec<Octets>,
    sixteen: [u8; 16],
}

/// One end.
pub struct End {
    /// Its circuits.
    pub line: R2,
    engine: Engine,
    framer: CasFramer,
    deframer: CasDeframer,
    sent: Vec<Octets>,
    /// What its calls were told.
    pub told: Vec<(Instant, Indication)>,
    /// When each forward or backward signal began to be sent.
    pub spoken: Vec<(Instant, PortId, MfSignal)>,
}

impl End {
    fn new(config: &Config, lane: u16) -> Self {
        let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D);
        let channels = slots.zip((0..).map(PortId));
        Self {
            line: R2::new(LineId(1), config.clone(), Mint::new(BoxId(1), 1, lane), channels),
            engine: Engine::new(&[Law::A; CIRCUITS]),
            framer: CasFramer::new(0b1001),
            deframer: CasDeframer::new(),
            sent: vec![[Law::A.idle(); 16]; CIRCUITS],
            told: vec![],
            spoken: vec![],
        }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.line.poll_output() {
            match output {
                Output::Cas(port, bits) => self.framer.set(port.0.into(), bits),
                Output::Register(port, way) => self.engine.command(Command::Register(port, way)),
                Output::Mf(port, signal) => {
                    self.spoken.extend(signal.map(|signal| (now, port, signal)));
                    self.engine.command(Command::Mf(port, signal));
                }
                Output::Indication(indication) => self.told.push((now, indication)),
                _ => {}
            }
        }
    }

    fn give(&mut self, now: Instant, input: Input) {
        self.line.handle(now, input);
        self.drain(now);
    }

    /// One tick: what came goes in, what goes out comes back.
    fn tick(&mut self, now: Instant, came: &Block) -> Block {
        self.engine.tick(&came.slots, &mut self.sent);
        let mut bits = vec![];
        for octet in came.sixteen {
            self.deframer.push(octet, |circuit, now| bits.push((circuit, now)));
        }
        for (circuit, bits) in bits {
            let port = PortId(u16::try_from(circuit).expect("thirty"));
            self.give(now, Input::Cas { port, bits });
        }
        while let Some(notice) = self.engine.poll_notice() {
            if let Notice::Mf(port, signal) = notice {
                self.give(now, Input::Mf { port, signal });
            }
        }
        while self.line.poll_timeout().is_some_and(|at| at <= now) {
            self.line.handle_timeout(now);
            self.drain(now);
        }
        let mut sixteen = [0; 16];
        sixteen.fill_with(|| self.framer.pull());
        Block { slots: self.sent.clone(), sixteen }
    }
}

/// A city (0) and a box (1).
pub struct World {
    /// The time of the line.
    pub now: Instant,
    /// Both ends.
    pub ends: [End; 2],
    wire: [VecDeque<Block>; 2],
}

/// Whose end is which.
pub const CITY: usize = 0;
/// The box.
pub const BOX: usize = 1;

impl World {
    /// Both ends up, and all circuits free.
    ///
    /// # Panics
    /// If they do not come up.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let idle = || Block { slots: vec![[Law::A.idle(); 16]; CIRCUITS], sixteen: [0xFF; 16] };
        let wire = || (0..WAY_BLOCKS).map(|_| idle()).collect();
        let mut world = Self {
            now: Instant::from_millis(1000),
            ends: [End::new(config, 1), End::new(config, 2)],
            wire: [wire(), wire()],
        };
        for end in &mut world.ends {
            end.give(world.now, Input::Layer1 { of: 0, up: true });
        }
        world.pass(300);
        for end in &world.ends {
            assert_eq!(end.line.usage().blocked, 0, "all circuits come up");
        }
        world
    }

    /// Lets time pass, in blocks.
    ///
    /// # Panics
    /// Never: a wire holds as many blocks as it did.
    pub fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 2 {
            self.now += Duration::from_millis(2);
            let came = self.wire.each_mut().map(|wire| wire.pop_front().expect("a block"));
            for (end, block) in came.iter().enumerate() {
                let sent = self.ends[end].tick(self.now, block);
                self.wire[1 - end].push_back(sent);
            }
        }
    }

    /// Asks something of an end's line.
    pub fn ask(&mut self, end: usize, request: Request) {
        self.ends[end].give(self.now, Input::Request(request));
    }

    /// Places a call.
    ///
    /// # Panics
    /// If a number is none.
    pub fn place(&mut self, end: usize, leg: u64, called: &str, calling: &str) {
        let digits = |text| Digits::parse(text).expect("digits");
        let calling = Calling {
            number: digits(calling),
            presentation: Presentation::Allowed,
            category: None,
        };
        let (leg, line) = (LegId(leg), LineId(1));
        self.ask(end, Request::Place { leg, line, calling, called: digits(called) });
    }

    /// The offers that an end has had: when, which leg, whom, who.
    #[must_use]
    pub fn offers(&self, end: usize) -> Vec<(Instant, LegId, String, String)> {
        let offers = self.ends[end].told.iter().filter_map(|(at, told)| match told {
            Indication::Offered { leg, calling, called, .. } => {
                Some((*at, *leg, called.to_string(), calling.number.to_string()))
            }
            _ => None,
        });
        offers.collect()
    }

    /// The longest time between the beginnings of two forward signals of one call of the city.
    #[must_use]
    pub fn longest_cycle_ms(&self) -> u64 {
        let spoken = &self.ends[CITY].spoken;
        let mut longest = 0;
        for (index, (at, port, _)) in spoken.iter().enumerate() {
            let next = spoken[index + 1..].iter().find(|(_, other, _)| other == port);
            if let Some((next, ..)) = next {
                longest = longest.max((*next - *at).as_millis());
            }
        }
        u64::try_from(longest).unwrap_or(u64::MAX)
    }
}

/// What a call of five digits, from one of eleven, took.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// The longest compelled cycle.
    pub cycle_ms_max: u64,
    /// From the seizure until all is known at the box.
    pub register_ms: u64,
    /// Both numbers arrived as they were sent.
    pub exact: bool,
}

/// Places `calls` calls at once with five digits called and eleven calling.
#[must_use]
pub fn measure(name: &str, calls: u64) -> Figures {
    let mut world = World::new(&variant(name, 5));
    let begin = world.now;
    for leg in 0..calls {
        world.place(CITY, leg, "95588", "13800138000");
    }
    world.pass(4000);
    let offers = world.offers(BOX);
    let right = |(_, _, called, calling): &(Instant, LegId, String, String)| {
        called == "95588" && calling == "13800138000"
    };
    let exact = offers.iter().all(right) && u64::try_from(offers.len()) == Ok(calls);
    let last = offers.iter().map(|(at, ..)| *at - begin).max().unwrap_or_default();
    let register_ms = u64::try_from(last.as_millis()).unwrap_or(u64::MAX);
    Figures { cycle_ms_max: world.longest_cycle_ms(), register_ms, exact }
}
