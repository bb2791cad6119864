//! What each happening does.

use hal_card::Alarms;
use machine::Machine;
use ringmain_core::control::Heard as BoxHeard;
use units::{Cause, Digit, Duration, LegId, PortId};

use crate::cards::Which;
use crate::check::Violation;
use crate::plant::SPAN;
use crate::wire::{Heard, LineFaults, Wire};
use crate::world::{Happening, World};
use crate::{exchange, plant, telephone};

impl World {
    pub(crate) fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        match happening {
            Happening::Tick { to_box } => self.tick(to_box),
            Happening::Disk if self.strikes(self.kinds.power, 400) => {
                self.appliance.disk.busy = false;
                self.power_off(true);
            }
            Happening::Disk => {
                self.appliance.disk.busy = false;
                for done in self.appliance.disk.perform() {
                    self.disk_done(done)?;
                }
                self.disk_soon();
            }
            // At the worst of moments: before a fold, or before it is acknowledged.
            Happening::Fold(session) | Happening::Acknowledge(session, _)
                if session == self.daemon.session && self.strikes(self.kinds.daemon, 40) =>
            {
                self.daemon_kill();
            }
            Happening::ToDaemon(session) if session == self.daemon.session => {
                if self.daemon.take() {
                    let micros = self.random.below(5000);
                    self.after(Duration::from_micros(micros), Happening::Fold(session));
                }
                self.send_down();
            }
            Happening::ToCore(session) if session == self.daemon.session => {
                while let Some(octets) = self.daemon.to_core.pop_front() {
                    self.daemon_says(&octets);
                }
            }
            Happening::Fold(session) if session == self.daemon.session => {
                if let Some(number) = self.daemon.fold()? {
                    let micros = self.random.below(5000);
                    let acknowledge = Happening::Acknowledge(session, number);
                    self.after(Duration::from_micros(micros), acknowledge);
                }
            }
            Happening::Acknowledge(session, number) if session == self.daemon.session => {
                self.daemon.acknowledge(number);
                self.send_down();
            }
            // Of a session that is over.
            Happening::ToDaemon(_)
            | Happening::ToCore(_)
            | Happening::Fold(_)
            | Happening::Acknowledge(..) => {}
            Happening::ClipEnd(port, generation) => self.clip_end(port, generation),
            Happening::Person(leg, act) => self.person(leg, act),
            Happening::Telephone(generation, act) => self.telephone_acts(generation, act),
            Happening::Call => self.call(),
            Happening::Whim => self.whim(),
            Happening::Jacks => self.jacks(),
            Happening::Operator => self.operator(),
            Happening::Fault(fault) => self.fault(fault)?,
            // Long enough for what calls on a line that is gone wait for.
            Happening::Evening if self.gone.is_some() && !self.late => {
                self.late = true;
                self.later(150_000, Happening::Evening);
            }
            Happening::Evening => self.go_home()?,
            Happening::Restart => {
                self.power_on()?;
                self.daemon_start();
            }
        }
        Ok(())
    }

    /// Whether a fault of a known kind happens right now, once in `n` times. Its end is planned.
    fn strikes(&mut self, known: bool, n: u64) -> bool {
        let strikes = known && !self.evening && self.random.one_in(n);
        if strikes {
            let after = 10 + self.random.below(5000);
            self.later(after, Happening::Restart);
        }
        strikes
    }

    fn tick(&mut self, to_box: bool) {
        let mut faults = if self.evening { LineFaults::default() } else { self.line };
        faults.cut |= self.is_gone(Which::Line);
        let wire: &mut Wire = if to_box { &mut self.down } else { &mut self.up };
        let (heard, more) = wire.tick(faults, &mut self.random);
        for heard in heard {
            match heard {
                Heard::Frame(_) | Heard::Bad if self.is_gone(Which::Line) => {}
                Heard::Frame(frame) if to_box => self.heard(BoxHeard::Frame(SPAN, frame)),
                Heard::Bad if to_box => self.heard(BoxHeard::BadFrame(SPAN)),
                Heard::Frame(frame) => {
                    self.exchange.pri.handle(self.now, span::Input::Frame(frame));
                }
                Heard::Bad => {}
            }
        }
        if more {
            self.later(2, Happening::Tick { to_box });
        }
    }

    pub(crate) fn send_down(&mut self) {
        if !self.daemon.to_core.is_empty() {
            let micros = 50 + self.random.below(1000);
            let session = self.daemon.session;
            self.after(Duration::from_micros(micros), Happening::ToCore(session));
        }
    }

    fn clip_end(&mut self, port: PortId, generation: u32) {
        let (played, next) = self.appliance.matrix.clip_ended(port, generation);
        if let Some((port, generation, after)) = next {
            self.after(after, Happening::ClipEnd(port, generation));
        }
        if let Some(token) = played {
            self.heard(BoxHeard::Played(port, token));
        }
    }

    fn person(&mut self, leg: LegId, act: exchange::Act) {
        if let exchange::Act::Press(key) = act {
            let port = self.exchange.people.get(&leg).and_then(|person| person.port);
            if let (Some(port), Some(digit)) = (port, Digit::new(key))
                && self.appliance.matrix.listening(port)
            {
                self.heard(BoxHeard::Digit(port, digit));
            }
            return;
        }
        self.exchange.act(self.now, leg, act);
    }

    pub(crate) fn telephone_port(&self) -> PortId {
        self.appliance.layout.telephones().next().map_or(PortId(0), |(_, port)| port)
    }

    fn telephone_acts(&mut self, generation: u32, act: telephone::Act) {
        if generation != self.telephone.generation {
            return;
        }
        let port = self.telephone_port();
        match act {
            telephone::Act::Lift if self.telephone.off_hook || self.evening => {}
            telephone::Act::Lift => {
                let plan = self.telephone.lift();
                let generation = self.telephone.generation;
                for (after, act) in plan {
                    self.later(after, Happening::Telephone(generation, act));
                }
                self.hook_moves(true);
            }
            telephone::Act::HangUp => {
                self.telephone.hang_up();
                self.hook_moves(false);
            }
            telephone::Act::Bounce(open) => self.hook_moves(!open),
            telephone::Act::Press(key) => {
                let hears =
                    self.appliance.matrix.listening(port) && !self.is_gone(Which::Telephone);
                if let Some(digit) = Digit::new(key).filter(|_| hears) {
                    if let Some(lifted) = self.telephone.lifted.last_mut() {
                        lifted.pressed.push(char::from(key));
                    }
                    self.heard(BoxHeard::Digit(port, digit));
                }
            }
        }
    }

    fn hook_moves(&mut self, off_hook: bool) {
        if !self.is_gone(Which::Telephone) {
            self.tell_hook(off_hook);
        }
    }

    /// Somebody outside calls: a number that exists mostly.
    fn call(&mut self) {
        if self.calls_left == 0 || self.evening {
            return;
        }
        self.calls_left -= 1;
        let called = match self.random.below(12) {
            0 => "9558",
            1 => "955887",
            2 => "444",
            3 => "0123456",
            4..=6 => plant::DESK,
            _ => plant::FLOW,
        };
        for wish in self.exchange.call(self.now, called) {
            if let exchange::Wish::Later(after, leg, act) = wish {
                self.later(after, Happening::Person(leg, act));
            }
        }
        let pause = if self.random.one_in(4) { 100 } else { 25_000 };
        let after = 10 + self.random.below(pause);
        self.later(after, Happening::Call);
        if self.calls_left == 0 {
            self.later(30_000, Happening::Evening);
        }
    }

    fn whim(&mut self) {
        if self.evening {
            return;
        }
        let generation = self.telephone.generation;
        self.telephone_acts(generation, telephone::Act::Lift);
        let after = 5000 + self.random.below(60_000);
        self.later(after, Happening::Whim);
    }

    fn operator(&mut self) {
        if self.evening {
            return;
        }
        let random = &mut self.random;
        if self.daemon.running && self.daemon.clear(|calls| *random.pick(calls)).is_some() {
            self.send_down();
        }
        let after = 10_000 + self.random.below(60_000);
        self.later(after, Happening::Operator);
    }

    /// Everybody hangs up, everything is mended.
    fn go_home(&mut self) -> Result<(), Violation> {
        self.evening = true;
        self.unrest = self.now;
        self.mend()?;
        if self.telephone.off_hook {
            let generation = self.telephone.generation;
            self.later(1000, Happening::Telephone(generation, telephone::Act::HangUp));
        }
        let legs: Vec<_> = self.exchange.people.keys().copied().collect();
        for leg in legs {
            let after = self.random.below(5000);
            let act = exchange::Act::HangUp(Cause::NORMAL_CLEARING);
            self.later(after, Happening::Person(leg, act));
        }
        Ok(())
    }

    /// Both ends see whether the line carries a signal.
    pub(crate) fn tell_layer1(&mut self) {
        let los = self.line.cut || self.is_gone(Which::Line);
        self.line_down_since = los.then(|| self.line_down_since.unwrap_or(self.now));
        let up = !los && self.appliance.control.is_some();
        self.exchange.pri.handle(self.now, span::Input::Layer1 { up });
        // The driver of a whole card that is gone says nothing of its line.
        if !self.gone.is_some_and(|gone| gone.card == Which::Line && gone.whole) {
            let alarms = Alarms { los, ..Alarms::default() };
            self.heard(BoxHeard::Alarms(SPAN, alarms));
        }
    }
}
