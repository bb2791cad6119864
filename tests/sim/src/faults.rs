//! When what goes wrong, at which trunk, and how it is mended.

pub(crate) mod kinds;
mod layer1;
mod power;

use crate::check::Violation;
use crate::trunk::cable::Cable;
use crate::trunk::circuits::{BOX, EXCHANGE};
use crate::world::{Happening, World};
use kinds::Fault;

/// How long a fault lasts at most, and the pause after it at least, in milliseconds.
struct Times {
    lasts: u64,
    pause: u64,
}

const fn lasting(lasts: u64, pause: u64) -> Times {
    Times { lasts, pause }
}

impl World {
    pub(crate) fn plan_faults(&mut self) {
        let kinds = self.kinds;
        for fault in Fault::all().filter(|fault| kinds.has(*fault)) {
            let after = 3000 + self.random.below(60_000);
            self.later(after, Happening::Begin(fault));
        }
    }

    /// How long one lasts and what follows; `None` for what is over at once and comes again.
    fn times(&mut self, fault: Fault) -> Option<Times> {
        Some(match fault {
            Fault::Noise => lasting(30_000, 10_000),
            Fault::Cut | Fault::Alarms => {
                lasting(if self.random.one_in(4) { 120_000 } else { 8000 }, 30_000)
            }
            Fault::Mute => lasting(20_000, 30_000),
            Fault::Wrong | Fault::Late => lasting(120_000, 1000),
            Fault::Frames => lasting(30_000, 5000),
            Fault::Spoilt => lasting(20_000, 20_000),
            Fault::Daemon => lasting(20_000, 5000),
            Fault::Power => lasting(20_000, 60_000),
            Fault::Core => lasting(1000, 60_000),
            Fault::Card => lasting(if self.random.one_in(2) { 300_000 } else { 10_000 }, 20_000),
            Fault::Errors
            | Fault::Odd
            | Fault::Link
            | Fault::Restart
            | Fault::Clock
            | Fault::Stall
            | Fault::Disk => return None,
        })
    }

    /// A fault begins, at some trunk; its end, or its next time, is planned.
    pub(crate) fn begin(&mut self, fault: Fault) -> Result<(), Violation> {
        if self.evening {
            return Ok(());
        }
        let trunk = usize::try_from(self.random.below(self.trunks.len() as u64)).unwrap_or(0);
        let times = self.times(fault);
        match fault {
            Fault::Clock => self.calendar_is_set(),
            Fault::Stall => {
                let ms = 10 + self.random.below(3000);
                self.line_thread_sleeps(ms);
            }
            Fault::Disk => {
                let ms = 10 + self.random.below(5000);
                self.disk_stands(ms);
            }
            Fault::Daemon => self.daemon_kill(),
            Fault::Power => self.power_off(true),
            Fault::Core => {
                self.tally.count("core-killed");
                self.power_off(false);
            }
            Fault::Card => self.card_goes()?,
            _ => self.begins_at(fault, trunk),
        }
        match times {
            Some(Times { lasts, .. }) => {
                let after = self.random.below(lasts);
                self.later(after, Happening::End(fault, trunk));
            }
            // Often in a burst.
            None => {
                let pause = if self.random.one_in(3) { 500 } else { 30_000 };
                let after = 1 + self.random.below(pause);
                self.later(after, Happening::Begin(fault));
            }
        }
        Ok(())
    }

    fn begins_at(&mut self, fault: Fault, index: usize) {
        let Self { trunks, random, tally, appliance, now, .. } = self;
        let trunk = &mut trunks[index];
        let of = usize::try_from(random.below(trunk.cables.len() as u64)).unwrap_or(0);
        if trunk.exchange.far.is_r2()
            && !matches!(fault, Fault::Cut | Fault::Alarms | Fault::Errors)
        {
            return self.begins_at_circuits(fault, index);
        }
        let apart = trunk.is_apart(of);
        let exchange = &mut trunk.exchange;
        if apart && matches!(fault, Fault::Cut | Fault::Alarms) {
            trunk.cables[of].harmed = true;
        } else {
            trunk.harmed |= !matches!(fault, Fault::Errors | Fault::Link | Fault::Late);
        }
        match fault {
            Fault::Noise => (trunk.line.flip, trunk.line.lose) = (20, 30),
            Fault::Cut => {
                trunk.cables[of].cut = true;
                tally.count(match (of, trunk.backup) {
                    (0, None) => "line-cut",
                    (0, Some(_)) => "d-channel-one-cut",
                    (_, None) => "span-of-group-cut",
                    (_, Some(_)) => "d-channel-two-cut",
                });
                self.tell_layer1(index);
            }
            Fault::Alarms => self.alarms_begin(index, of),
            Fault::Errors => self.errors(index, of),
            Fault::Mute => {
                exchange.mute = true;
                tally.count("exchange-silent");
            }
            Fault::Wrong => exchange.wrong = 12,
            Fault::Late => exchange.late = 6,
            Fault::Frames => {
                let mut some = || if random.one_in(2) { 5 + random.below(20) } else { 0 };
                (trunk.line.drop, trunk.line.double, trunk.line.overtake) =
                    (some(), some(), some());
            }
            Fault::Spoilt => {
                trunk.line.spoil = 10;
                (exchange.confused, exchange.garbled) = (true, true);
            }
            Fault::Odd => exchange.odd(*now),
            Fault::Link => exchange.upset(*now),
            Fault::Restart => {
                let used = trunk.used(&appliance.layout, random);
                trunk.exchange.restart(*now, used);
            }
            // Of the box as a whole.
            Fault::Clock
            | Fault::Stall
            | Fault::Disk
            | Fault::Daemon
            | Fault::Power
            | Fault::Core
            | Fault::Card => {}
        }
    }

    /// The same at a span of R2 circuits.
    fn begins_at_circuits(&mut self, fault: Fault, index: usize) {
        let trunk = &mut self.trunks[index];
        // Flips that do not last, double seizures and blocking must not even be noticed.
        let harmless = matches!(fault, Fault::Noise | Fault::Link | Fault::Restart);
        trunk.harmed |= !harmless;
        trunk.exchange.confused |= !harmless;
        trunk.exchange.garbled |= !harmless;
        match fault {
            Fault::Noise => trunk.circuits.flip = 2,
            Fault::Mute => {
                trunk.exchange.mute = true;
                self.tally.count("exchange-silent");
            }
            Fault::Wrong => trunk.circuits.wrong = 12,
            Fault::Frames => (trunk.circuits.miss, trunk.circuits.double) = (20, 20),
            Fault::Spoilt | Fault::Odd => {
                for to in [BOX, EXCHANGE] {
                    self.wrong_bits(index, to, 2000);
                }
            }
            Fault::Late => trunk.circuits.late = 5,
            Fault::Link => trunk.circuits.meet = true,
            Fault::Restart => self.block_circuit(index),
            // Of all lines, or of the box as a whole.
            Fault::Cut
            | Fault::Alarms
            | Fault::Errors
            | Fault::Clock
            | Fault::Stall
            | Fault::Disk
            | Fault::Daemon
            | Fault::Power
            | Fault::Core
            | Fault::Card => {}
        }
    }

    /// It ends, and will come again.
    pub(crate) fn end(&mut self, fault: Fault, index: usize) -> Result<(), Violation> {
        if self.evening {
            return Ok(());
        }
        let pause = self.times(fault).map_or(0, |times| times.pause);
        let trunk = &mut self.trunks[index];
        match fault {
            Fault::Noise => {
                (trunk.line.flip, trunk.line.lose) = (0, 0);
                trunk.circuits.flip = 0;
            }
            Fault::Cut => {
                trunk.cables.iter_mut().for_each(|cable| cable.cut = false);
                self.tell_layer1(index);
            }
            Fault::Alarms => {
                trunk.cables.iter_mut().for_each(Cable::clear);
                self.tell_layer1(index);
            }
            Fault::Mute => {
                trunk.exchange.mute = false;
                self.look_at_circuits(index);
            }
            Fault::Wrong => (trunk.exchange.wrong, trunk.circuits.wrong) = (0, 0),
            Fault::Late => (trunk.exchange.late, trunk.circuits.late) = (0, 0),
            Fault::Frames => {
                (trunk.line.drop, trunk.line.double, trunk.line.overtake) = (0, 0, 0);
                (trunk.circuits.miss, trunk.circuits.double) = (0, 0);
            }
            Fault::Spoilt => trunk.line.spoil = 0,
            Fault::Daemon => self.daemon_start(),
            Fault::Power => {
                self.power_on()?;
                self.daemon_start();
            }
            Fault::Core => self.power_on()?,
            Fault::Card => self.card_comes(),
            Fault::Errors
            | Fault::Odd
            | Fault::Link
            | Fault::Restart
            | Fault::Clock
            | Fault::Stall
            | Fault::Disk => {}
        }
        let after = pause + self.random.below(60_000);
        self.later(after, Happening::Begin(fault));
        Ok(())
    }

    /// Somebody sets the calendar, or the network's time does: a little or by hours.
    fn calendar_is_set(&mut self) {
        let far = *self.random.pick(&[2000, 500_000, 30_000_000, 4_000_000_000, 40_000_000_000]);
        let far = i64::try_from(self.random.below(far)).unwrap_or(0);
        let forwards = self.random.one_in(2);
        self.tally.count(if forwards { "calendar-forwards" } else { "calendar-back" });
        self.appliance.calendar += if forwards { far } else { -far };
        self.note(|| format!("the calendar is set by {far} us, forwards: {forwards}"));
        // Seen at once, or a while later.
        if self.random.one_in(2) {
            self.look_at_calendar();
        }
    }

    /// The box measures what UTC is.
    pub(crate) fn look_at_calendar(&mut self) {
        let utc = self.appliance.look_at_calendar(self.now);
        if let Some(control) = &mut self.appliance.control {
            control.set_utc(utc);
        }
    }

    /// The disk does nothing for a while.
    pub(crate) fn disk_stands(&mut self, ms: u64) {
        if self.evening {
            return;
        }
        self.tally.count("disk-stands");
        self.appliance.disk.stands_until = self.now + units::Duration::from_millis(ms);
    }

    /// Everything is mended.
    pub(crate) fn mend(&mut self) -> Result<(), Violation> {
        for trunk in &mut self.trunks {
            trunk.mend();
        }
        if self.appliance.control.is_none() {
            self.power_on()?;
        }
        if !self.daemon.running {
            self.daemon_start();
        }
        self.card_comes();
        for trunk in 0..self.trunks.len() {
            self.tell_layer1(trunk);
        }
        self.mend_jacks();
        Ok(())
    }
}
