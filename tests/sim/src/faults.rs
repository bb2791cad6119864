//! When what goes wrong, and how it is mended. A seed chooses the kinds of faults that its world
//! knows, so that some worlds are peaceful and some combine everything.

use machine::check::Random;

use crate::cards::Which;
use crate::check::Violation;
use crate::wire::Wire;
use crate::world::{Happening, World};

/// The kinds of faults that a world knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Bits are flipped on the line, blocks are lost.
    pub noise: bool,
    /// The line is cut.
    pub cuts: bool,
    /// The exchange stays silent for a while.
    pub mute: bool,
    /// The exchange sends wrong octets.
    pub wrong: bool,
    /// The daemon is killed.
    pub daemon: bool,
    /// The power goes.
    pub power: bool,
    /// The core is killed.
    pub core: bool,
    /// A card goes.
    pub cards: bool,
}

impl Kinds {
    /// What a seed chooses.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0xFA);
        let mut some = |n| random.one_in(n);
        Self {
            noise: some(2),
            cuts: some(3),
            mute: some(4),
            wrong: some(4),
            daemon: some(2),
            power: some(4),
            core: some(5),
            cards: some(3),
        }
    }
}

/// A fault that begins or ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Noise(bool),
    Cut(bool),
    Mute(bool),
    Daemon(bool),
    /// `true`: the power comes; `false`: it goes.
    Power(bool),
    /// The core starts again; or is killed.
    Core(bool),
    /// A card goes; or is there again.
    Card(bool),
}

impl World {
    pub(crate) fn plan_faults(&mut self) {
        let Kinds { noise, cuts, mute, wrong, daemon, power, core, cards } = self.kinds;
        self.exchange.wrong_one_in = if wrong { 12 } else { 0 };
        let faults = [
            (noise, Fault::Noise(true)),
            (cuts, Fault::Cut(true)),
            (mute, Fault::Mute(true)),
            (daemon, Fault::Daemon(false)),
            (power, Fault::Power(false)),
            (core, Fault::Core(false)),
            (cards, Fault::Card(true)),
        ];
        for (_, fault) in faults.into_iter().filter(|(known, _)| *known) {
            let after = 3000 + self.random.below(60_000);
            self.later(after, Happening::Fault(fault));
        }
        self.later(20_000, Happening::Operator);
    }

    pub(crate) fn fault(&mut self, fault: Fault) -> Result<(), Violation> {
        if self.evening {
            return Ok(());
        }
        // How long it lasts at most, and until it comes again at least.
        let (lasts, next, pause) = match fault {
            Fault::Noise(on) => {
                self.line.flip_one_in = if on { 20 } else { 0 };
                self.line.lose_one_in = if on { 30 } else { 0 };
                (30_000, Fault::Noise(!on), 10_000)
            }
            Fault::Cut(on) => {
                self.line.cut = on;
                self.tell_layer1();
                (if self.random.one_in(4) { 120_000 } else { 8000 }, Fault::Cut(!on), 30_000)
            }
            Fault::Mute(on) => {
                self.exchange.mute = on;
                (20_000, Fault::Mute(!on), 30_000)
            }
            Fault::Daemon(true) => {
                self.daemon_start();
                (1, Fault::Daemon(false), 5000)
            }
            Fault::Daemon(false) => {
                self.daemon_kill();
                (20_000, Fault::Daemon(true), 0)
            }
            Fault::Power(true) => {
                self.power_on()?;
                self.daemon_start();
                (1, Fault::Power(false), 60_000)
            }
            Fault::Power(false) => {
                self.power_off(true);
                (20_000, Fault::Power(true), 0)
            }
            Fault::Core(true) => {
                self.power_on()?;
                (1, Fault::Core(false), 60_000)
            }
            Fault::Core(false) => {
                self.power_off(false);
                (1000, Fault::Core(true), 0)
            }
            Fault::Card(true) => {
                self.card_goes()?;
                (if self.random.one_in(2) { 300_000 } else { 10_000 }, Fault::Card(false), 0)
            }
            Fault::Card(false) => {
                self.card_comes();
                (1, Fault::Card(true), 20_000)
            }
        };
        let begins = matches!(fault, Fault::Noise(true) | Fault::Cut(true) | Fault::Mute(true))
            || matches!(fault, Fault::Card(true))
            || matches!(fault, Fault::Daemon(false) | Fault::Power(false) | Fault::Core(false));
        let after =
            if begins { self.random.below(lasts) } else { pause + self.random.below(60_000) };
        self.later(after, Happening::Fault(next));
        Ok(())
    }

    /// Everything is mended.
    pub(crate) fn mend(&mut self) -> Result<(), Violation> {
        self.line = Default::default();
        self.exchange.mute = false;
        self.exchange.wrong_one_in = 0;
        if self.appliance.control.is_none() {
            self.power_on()?;
        }
        if !self.daemon.running {
            self.daemon_start();
        }
        self.card_comes();
        self.tell_layer1();
        self.mend_jacks();
        Ok(())
    }

    pub(crate) fn power_on(&mut self) -> Result<(), Violation> {
        if self.appliance.control.is_some() {
            return Ok(());
        }
        self.appliance.start(self.now)?;
        self.down = Wire::new();
        self.tell_layer1();
        self.hook_told = None;
        if !self.is_gone(Which::Telephone) {
            self.tell_hook(self.telephone.off_hook);
        }
        self.tell_gone();
        self.tell_jacks();
        if self.daemon.running {
            self.connect();
        }
        Ok(())
    }

    /// The box stops; `power`: all of it, or the core alone.
    pub(crate) fn power_off(&mut self, power: bool) {
        if self.appliance.control.is_none() {
            return;
        }
        self.appliance.stop(power, &mut self.random);
        self.appliance.disk.stop(power, &mut self.random);
        self.truth.stopped(power);
        if power {
            // What the journal has of them may be older than what they saw.
            let callers = self.exchange.people.values().filter(|person| person.called.is_some());
            self.truth.lost.extend(callers.map(|person| person.number.clone()));
        }
        self.telephone.box_stopped(power);
        self.daemon.disconnected();
        if power {
            self.daemon.running = false;
            self.tell_layer1();
        }
    }

    pub(crate) fn daemon_start(&mut self) {
        if !self.daemon.running {
            self.daemon.running = true;
            self.connect();
        }
    }

    fn connect(&mut self) {
        let Some(control) = &mut self.appliance.control else { return };
        control.daemon_came();
        self.daemon.connected();
        self.send_down();
    }

    pub(crate) fn daemon_kill(&mut self) {
        self.daemon.running = false;
        self.daemon.disconnected();
        if let Some(control) = &mut self.appliance.control {
            control.daemon_went();
        }
    }
}
