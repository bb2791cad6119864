//! What people do: those behind the exchanges, those at telephones, the operator; and when they go
//! home.

use ringmain_core::control::Heard;
use units::{Cause, Digit, LegId};

use crate::appliance::plant;
use crate::check::Violation;
use crate::telephone;
use crate::trunk::exchange;
use crate::world::{Happening, World};

impl World {
    pub(crate) fn person(&mut self, trunk: usize, leg: LegId, act: exchange::Act) {
        let exchange = &mut self.trunks[trunk].exchange;
        if let exchange::Act::Press(key) = act {
            let port = exchange.people.get(&leg).and_then(|person| person.port);
            if let (Some(port), Some(digit)) = (port, Digit::new(key))
                && self.appliance.matrix.listening(port)
                && !self.line_thread.sleeps()
            {
                self.heard(Heard::Digit(port, digit));
            }
            return;
        }
        exchange.act(self.now, leg, act);
    }

    pub(crate) fn telephone_acts(&mut self, index: usize, generation: u32, act: telephone::Act) {
        let unit = self.telephones[index].unit;
        let there = !self.is_gone(unit);
        let (now, lives) = (self.now, self.appliance.control.is_some());
        let telephone = &mut self.telephones[index];
        if generation != telephone.generation {
            return;
        }
        let port = telephone.port;
        match act {
            telephone::Act::Lift if telephone.off_hook || self.evening => {}
            telephone::Act::Lift => {
                let plan = telephone.lift(now, lives);
                let generation = telephone.generation;
                for (after, act) in plan {
                    self.later(after, Happening::Telephone(index, generation, act));
                }
                self.hook_moves(index, true);
            }
            telephone::Act::HangUp => {
                telephone.hang_up(now);
                self.hook_moves(index, false);
            }
            telephone::Act::Bounce(open) => self.hook_moves(index, !open),
            telephone::Act::Press(key) => {
                let hears =
                    self.appliance.matrix.listening(port) && there && !self.line_thread.sleeps();
                if let Some(digit) = Digit::new(key).filter(|_| hears) {
                    if let Some(lifted) = telephone.lifted.last_mut() {
                        lifted.pressed.push(char::from(key));
                    }
                    self.heard(Heard::Digit(port, digit));
                }
            }
        }
    }

    fn hook_moves(&mut self, index: usize, off_hook: bool) {
        if !self.is_gone(self.telephones[index].unit) {
            self.tell_hook(index, off_hook);
        }
    }

    /// Somebody outside calls: a number that exists mostly, some through another span.
    pub(crate) fn call(&mut self) {
        if self.calls_left == 0 || self.evening {
            return;
        }
        self.calls_left -= 1;
        self.calls += 1;
        let random = &mut self.random;
        let below =
            |random: &mut machine::check::Random, n| u16::try_from(random.below(n)).unwrap_or(0);
        let telephone = 1 + below(random, u64::from(self.mix.telephones));
        let span = 1 + below(random, u64::from(self.mix.spans)).to_le_bytes()[0];
        let called = match random.below(16) {
            0 => "9558".into(),
            1 => "955887".into(),
            2 => "444".into(),
            3 => "0123456".into(),
            4..=6 => plant::desk(telephone),
            14 | 15 => plant::MEETING_OUTSIDE.into(),
            7 | 8 => format!("{}{}", plant::prefix(false, span), 50_000_000 + random.below(1000)),
            _ => plant::FLOW.into(),
        };
        let trunk = usize::try_from(random.below(self.trunks.len() as u64)).unwrap_or(0);
        for wish in self.trunks[trunk].exchange.call(self.now, &called) {
            self.exchange_wishes(trunk, wish);
        }
        let pause = if self.random.one_in(4) { 100 } else { self.mix.pause_ms };
        let after = 10 + self.random.below(pause);
        self.later(after, Happening::Call);
        if self.calls_left == 0 {
            self.later(30_000, Happening::Evening);
        }
    }

    pub(crate) fn whim(&mut self, index: usize) {
        if self.evening {
            return;
        }
        let generation = self.telephones[index].generation;
        self.telephone_acts(index, generation, telephone::Act::Lift);
        let after = 5000 + self.random.below(60_000);
        self.later(after, Happening::Whim(index));
    }

    pub(crate) fn operator(&mut self) {
        if self.evening {
            return;
        }
        let random = &mut self.random;
        if self.daemon.running {
            if random.one_in(2) {
                self.daemon.ask();
                self.send_down();
            } else if self.daemon.clear(|calls| *random.pick(calls)).is_some() {
                self.send_down();
            }
        }
        let after = 5000 + self.random.below(40_000);
        self.later(after, Happening::Operator);
    }

    /// Everybody hangs up, everything is mended.
    pub(crate) fn go_home(&mut self) -> Result<(), Violation> {
        self.evening = true;
        self.unrest = self.now;
        self.mend()?;
        for (index, telephone) in self.telephones.iter().enumerate() {
            if telephone.off_hook {
                let (generation, hang_up) = (telephone.generation, telephone::Act::HangUp);
                let at = self.now + units::Duration::from_millis(1000);
                self.serial += 1;
                let act = Happening::Telephone(index, generation, hang_up);
                self.queue.insert((at, self.serial), act);
            }
        }
        self.lines_go_home();
        for trunk in 0..self.trunks.len() {
            let legs: Vec<_> = self.trunks[trunk].exchange.people.keys().copied().collect();
            for leg in legs {
                let after = self.random.below(5000);
                let act = exchange::Act::HangUp(Cause::NORMAL_CLEARING);
                self.later(after, Happening::Person(trunk, leg, act));
            }
        }
        Ok(())
    }
}
