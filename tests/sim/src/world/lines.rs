//! Exchange lines in the world: what the exchange does, what the box hears of it.

use engine::Command;
use ringmain_core::control::Heard;
use span::Exchange;
use units::{CallTone, PortId};

use crate::exchange_line::{Act, State};
use crate::world::{Happening, World};

impl World {
    fn line_at(&self, port: PortId) -> Option<usize> {
        self.lines.iter().position(|line| line.port == port)
    }

    fn plan_line(&mut self, index: usize, plan: Vec<(u64, Act)>) {
        let generation = self.lines[index].generation;
        for (after, act) in plan {
            self.later(after, Happening::Line(index, generation, act));
        }
    }

    fn tell_line(&mut self, index: usize, exchange: Exchange) {
        let port = self.lines[index].port;
        self.heard(Heard::Exchange(port, exchange));
    }

    /// Ringing current comes or stops, if there is news.
    fn ring_line(&mut self, index: usize, on: bool) {
        if std::mem::replace(&mut self.lines[index].rings, on) != on {
            self.tell_line(index, Exchange::Ringing(on));
        }
    }

    /// The box closes or opens the loop of a line.
    pub(crate) fn loop_ordered(&mut self, port: PortId, closed: bool) {
        let Some(index) = self.line_at(port) else { return };
        let plan = self.lines[index].loop_is(closed);
        self.plan_line(index, plan);
        if self.lines[index].state != State::Rings {
            self.ring_line(index, false);
        }
    }

    /// The box listens to a line, or sends a digit on it.
    pub(crate) fn line_ordered(&mut self, command: Command) {
        match command {
            Command::Exchange(port, ear) => {
                if let Some(index) = self.line_at(port) {
                    self.lines[index].ear = ear;
                }
            }
            Command::Key(port, digit) => {
                if let Some(index) = self.line_at(port) {
                    let plan = self.lines[index].key(digit);
                    self.plan_line(index, plan);
                }
            }
            _ => {}
        }
    }

    pub(crate) fn line_acts(&mut self, index: usize, generation: u32, act: Act) {
        if matches!(act, Act::Call) {
            return self.line_called(index);
        }
        if self.lines[index].generation != generation {
            return;
        }
        match act {
            Act::Call => {}
            Act::Ring(on) => self.ring_line(index, on),
            Act::Announce => self.announce(index),
            Act::GiveUp => {
                if self.lines[index].give_up() {
                    self.ring_line(index, false);
                }
            }
            Act::Current => {
                let (port, flows) = (self.lines[index].port, self.lines[index].looped);
                self.heard(Heard::Hook(port, flows));
            }
            Act::DialTone => self.tone(index, CallTone::Dial),
            Act::Dialled(digits) => {
                let plan = self.lines[index].number(digits);
                self.plan_line(index, plan);
            }
            Act::HangUp { broken } => {
                self.lines[index].over();
                if broken {
                    let port = self.lines[index].port;
                    self.heard(Heard::Hook(port, false));
                }
                self.plan_line(index, vec![(800, Act::Current), (1500, Act::Busy)]);
            }
            // It goes on until the loop is open.
            Act::Busy => {
                self.tone(index, CallTone::Busy);
                self.plan_line(index, vec![(2000, Act::Busy)]);
            }
        }
    }

    fn line_called(&mut self, index: usize) {
        if self.evening {
            return;
        }
        if let Some(plan) = self.lines[index].call() {
            self.tally.count("line-calls");
            self.plan_line(index, plan);
        }
        let after = 5000 + self.random.below(60_000);
        self.later(after, Happening::Line(index, 0, Act::Call));
    }

    fn tone(&mut self, index: usize, tone: CallTone) {
        if self.lines[index].ear == engine::Ear::Tones && !self.line_thread.sleeps() {
            self.tell_line(index, Exchange::Tone(tone));
        }
    }

    /// Who calls, in FSK between two rings.
    fn announce(&mut self, index: usize) {
        let hears = self.lines[index].ear == engine::Ear::Caller
            && self.appliance.control.is_some()
            && !self.line_thread.sleeps();
        if !hears {
            return;
        }
        self.tell_line(index, Exchange::Mark);
        for octet in self.lines[index].message() {
            self.tell_line(index, Exchange::Octet(octet));
        }
        self.tell_line(index, Exchange::Cut);
        if let Some(caller) = self.lines[index].callers.last_mut() {
            caller.told = true;
        }
    }

    /// The core is dead: nobody listens; `power`: the loops are open.
    pub(crate) fn lines_stopped(&mut self, power: bool) {
        for index in 0..self.lines.len() {
            self.lines[index].ear = engine::Ear::Nothing;
            if power {
                let plan = self.lines[index].loop_is(false);
                self.plan_line(index, plan);
            }
        }
    }

    /// A new core is told how the lines are.
    pub(crate) fn lines_as_they_are(&mut self) {
        for index in 0..self.lines.len() {
            let (port, flows) = (self.lines[index].port, self.lines[index].looped);
            self.heard(Heard::Hook(port, flows));
            if self.lines[index].rings {
                self.tell_line(index, Exchange::Ringing(true));
            }
        }
    }

    /// Those who call on lines and those who are called hang up.
    pub(crate) fn lines_go_home(&mut self) {
        for index in 0..self.lines.len() {
            let act = match self.lines[index].state {
                State::Rings => Act::GiveUp,
                State::Talks => Act::HangUp { broken: false },
                State::Quiet | State::Dialled | State::Over => continue,
            };
            let after = self.random.below(5000);
            self.plan_line(index, vec![(after, act)]);
        }
    }
}
