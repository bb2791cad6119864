//! Our group under load.

use bearer::{Calling, Indication, Request};
use machine::Machine;
use span::pri::Pri;
use span::{Input, Output};
use units::{BoxId, Cause, Digits, Instant, LegId, LineId, Mint, PortId, Timeslot};

use crate::{CHANNELS, End};

pub(crate) struct Ours {
    line: Pri,
    id: LineId,
    places: bool,
    now: Instant,
    frames: std::collections::VecDeque<Vec<u8>>,
    out: usize,
    next_leg: u64,
    done: u64,
    lost: u64,
    calling: Calling,
    called: Digits,
}

impl Ours {
    /// A user that places calls and a network that answers them.
    pub(crate) fn pair() -> [Self; 2] {
        [q921::Role::User, q921::Role::Network].map(|role| {
            let id = LineId(if role == q921::Role::User { 1 } else { 2 });
            let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D);
            let mint = Mint::new(BoxId(1), 0, id.0);
            let number = Digits::parse("13800001111").unwrap_or_default();
            let mut ours = Self {
                line: Pri::new(id, role, mint, slots.zip((0..).map(PortId))),
                id,
                places: role == q921::Role::User,
                now: Instant::ZERO,
                frames: std::collections::VecDeque::new(),
                out: 0,
                next_leg: 1 << 40,
                done: 0,
                lost: 0,
                calling: Calling { number, ..Calling::default() },
                called: Digits::parse("02155559558").unwrap_or_default(),
            };
            ours.input(Input::Layer1 { of: 0, up: true });
            ours
        })
    }

    fn input(&mut self, input: Input<&[u8]>) {
        self.line.take(self.now, input);
        self.drain();
    }

    fn ask(&mut self, request: Request) {
        self.input(Input::Request(request));
    }

    fn drain(&mut self) {
        let mut told = vec![];
        while let Some(output) = self.line.poll() {
            match output {
                Output::Transmit(frame) => self.frames.push_back(frame.to_vec()),
                Output::Indication(indication) => told.push(indication),
                _ => {}
            }
        }
        for indication in told {
            let cause = Cause::NORMAL_CLEARING;
            match indication {
                Indication::Offered { leg, .. } => {
                    self.ask(Request::Proceed { leg });
                    self.ask(Request::Alert { leg });
                    self.ask(Request::Answer { leg });
                }
                Indication::Answered { leg } => self.ask(Request::Release { leg, cause }),
                Indication::Released { cause: why, .. } => {
                    self.out = self.out.saturating_sub(1);
                    if why == cause { self.done += 1 } else { self.lost += 1 }
                }
                _ => {}
            }
        }
    }
}

impl End for Ours {
    fn hear(&mut self, frame: &[u8]) {
        self.input(Input::Frame(frame));
    }

    fn tick(&mut self, now_us: u64) {
        self.now = Instant::from_millis(now_us / 1000);
        if self.line.poll_timeout().is_some_and(|at| at <= self.now) {
            self.line.handle_timeout(self.now);
            self.drain();
        }
        // Until the link is up there is nobody to call.
        while self.places && self.now > Instant::from_millis(1000) && self.out < CHANNELS {
            self.out += 1;
            self.next_leg += 1;
            let (leg, line) = (LegId(self.next_leg), self.id);
            let (calling, called) = (self.calling.clone(), self.called.clone());
            self.ask(Request::Place { leg, line, calling, called });
        }
    }

    fn frame(&mut self) -> Option<Vec<u8>> {
        self.frames.pop_front()
    }

    fn calls(&self) -> (u64, u64) {
        (self.done, self.lost)
    }
}
