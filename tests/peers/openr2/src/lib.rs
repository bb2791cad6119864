//! One R2 circuit between our machines and the common open library (libopenr2, Debian), without a
//! kernel: line bits and sound in blocks of 2 ms, each as the other's card would bring them.
//!
//! ```text
//!   R2 ◄─► engine ── octets ──► two blocks on their way ──► octets ── libopenr2 (its own tones)
//!    └────────────── bits ──────────────────────────────────► bits ──────┘
//! ```
//!
//! The library knows no other world than one channel of one process: calls run one after another.
#![expect(unsafe_code, reason = "libopenr2 is C")]

use std::collections::VecDeque;
use std::ffi::{CString, c_char, c_int};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bearer::{Calling, Indication, Presentation, Request};
use engine::{Command, Engine, Notice, Octets};
use machine::Machine;
use span::r2::{Config, R2};
use span::{Input, Output};
use units::{BoxId, Digits, Duration, Instant, Law, LegId, LineId, Mint, PortId, Timeslot};

unsafe extern "C" {
    fn peer_new(variant: *const c_char, calling: c_int, called: c_int) -> c_int;
    fn peer_delete();
    fn peer_step(came: *const u8, sent: *mut u8, bits: c_int) -> c_int;
    fn peer_call(calling: *const c_char, called: *const c_char) -> c_int;
    fn peer_hang_up() -> c_int;
    fn peer_event(text: *mut c_char, room: c_int) -> c_int;
}

/// The library has one channel.
static ONE: Mutex<()> = Mutex::new(());
/// Blocks between the two.
const WAY_BLOCKS: usize = 2;
const PORT: PortId = PortId(0);

/// Our end, the library's, and the line between.
pub struct Joined {
    /// The time of the line.
    pub now: Instant,
    line: R2,
    engine: Engine,
    bits: u8,
    sent: Vec<Octets>,
    to_peer: VecDeque<(Octets, u8)>,
    to_us: VecDeque<(Octets, u8)>,
    /// What our calls were told.
    pub told: Vec<(Instant, Indication)>,
    /// What the library told.
    pub peer: Vec<(Instant, String)>,
    _one: MutexGuard<'static, ()>,
}

impl Joined {
    /// Both ends of this variant, by our name and by the library's, idle.
    ///
    /// # Panics
    /// If the library makes no channel.
    #[must_use]
    pub fn new(config: Config, variant: &str, calling: usize, called: usize) -> Self {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |n: usize| c_int::try_from(n).unwrap_or(0);
        let variant = CString::new(variant).unwrap_or_default();
        // SAFETY: the string lives through the call; nobody else uses the library now.
        let made = unsafe { peer_new(variant.as_ptr(), count(calling), count(called)) };
        assert_eq!(made, 0, "libopenr2 makes a channel");
        let slot = Timeslot::all().map(|slot| (slot, PORT)).take(1);
        let idle = || ([Law::A.idle(); 16], 0b1001);
        let mut joined = Self {
            now: Instant::from_millis(1000),
            bits: config.code.idle,
            line: R2::new(LineId(1), config, Mint::new(BoxId(1), 1, 1), slot),
            engine: Engine::new(&[Law::A]),
            sent: vec![[Law::A.idle(); 16]],
            to_peer: (0..WAY_BLOCKS).map(|_| idle()).collect(),
            to_us: (0..WAY_BLOCKS).map(|_| idle()).collect(),
            told: vec![],
            peer: vec![],
            _one: one,
        };
        joined.give(Input::Layer1 { of: 0, up: true });
        joined.pass(500);
        joined
    }

    /// Lets time pass, in blocks.
    pub fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 2 {
            self.block();
        }
    }

    fn block(&mut self) {
        self.now += Duration::from_millis(2);
        let idle = ([Law::A.idle(); 16], 0b1001);
        let (came, bits) = self.to_us.pop_front().unwrap_or(idle);
        self.engine.tick(&[came], &mut self.sent);
        self.give(Input::Cas { port: PORT, bits });
        while let Some(notice) = self.engine.poll_notice() {
            if let Notice::Mf(port, signal) = notice {
                self.give(Input::Mf { port, signal });
            }
        }
        while self.line.poll_timeout().is_some_and(|at| at <= self.now) {
            self.line.handle_timeout(self.now);
            self.drain();
        }
        self.to_peer.push_back((self.sent[0], self.bits));
        let (came, bits) = self.to_peer.pop_front().unwrap_or(idle);
        let mut sent = [0; 16];
        // SAFETY: both have 16 octets; nobody else uses the library now.
        let shown = unsafe { peer_step(came.as_ptr(), sent.as_mut_ptr(), bits.into()) };
        self.to_us.push_back((sent, u8::try_from(shown & 0xF).unwrap_or(0)));
        let mut text = [0 as c_char; 80];
        // SAFETY: writes at most 80 octets, with a zero at the end.
        while unsafe { peer_event(text.as_mut_ptr(), 80) } >= 0 {
            let octets = text.iter().map(|c| c.to_ne_bytes()[0]).take_while(|octet| *octet != 0);
            let told = String::from_utf8_lossy(&octets.collect::<Vec<_>>()).into_owned();
            self.peer.push((self.now, told));
        }
    }

    fn give(&mut self, input: Input) {
        self.line.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.line.poll_output() {
            match output {
                Output::Cas(_, bits) => self.bits = bits,
                Output::Register(port, way) => self.engine.command(Command::Register(port, way)),
                Output::Mf(port, signal) => self.engine.command(Command::Mf(port, signal)),
                Output::Indication(indication) => self.told.push((self.now, indication)),
                _ => {}
            }
        }
    }

    /// Our end asks something of its line.
    pub fn ask(&mut self, request: Request) {
        self.give(Input::Request(request));
    }

    /// Our end places a call.
    pub fn place(&mut self, leg: LegId, called: &str, calling: &str) {
        let digits = |text| Digits::parse(text).unwrap_or_default();
        let calling = Calling {
            number: digits(calling),
            presentation: Presentation::Allowed,
            category: None,
        };
        self.ask(Request::Place { leg, line: LineId(1), calling, called: digits(called) });
    }

    /// The library places a call.
    ///
    /// # Panics
    /// If it refuses.
    pub fn peer_calls(&mut self, called: &str, calling: &str) {
        let text = |text: &str| CString::new(text).unwrap_or_default();
        let (calling, called) = (text(calling), text(called));
        // SAFETY: both strings live through the call; the library copies them.
        assert_eq!(unsafe { peer_call(calling.as_ptr(), called.as_ptr()) }, 0, "it calls");
    }

    /// The library hangs up.
    pub fn peer_hangs_up(&mut self) {
        // SAFETY: the channel lives as long as self.
        unsafe { peer_hang_up() };
    }

    /// When the library first told something that begins so, and what.
    #[must_use]
    pub fn peer_said(&self, beginning: &str) -> Option<(Instant, &str)> {
        let found = self.peer.iter().find(|(_, told)| told.starts_with(beginning));
        found.map(|(at, told)| (*at, told.as_str()))
    }

    /// Whether our circuit is free.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let usage = self.line.usage();
        (usage.busy, usage.blocked) == (0, 0)
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and nobody else uses the library while the lock is held.
        unsafe { peer_delete() };
    }
}
