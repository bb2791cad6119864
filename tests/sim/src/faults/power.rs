//! Power, core and daemon go and come back.

use hal_card::Counters;
use ringmain_core::control::Heard;

use crate::check::Violation;
use crate::trunk::cable::Told;
use crate::trunk::wire::Wire;
use crate::world::World;

impl World {
    pub(crate) fn power_on(&mut self) -> Result<(), Violation> {
        if self.appliance.control.is_some() {
            return Ok(());
        }
        self.appliance.start(self.now)?;
        self.truth.started(self.now);
        for index in 0..self.trunks.len() {
            for of in 0..self.trunks[index].cables.len() {
                let cable = &mut self.trunks[index].cables[of];
                cable.told = Told::default();
                cable.down = Wire::new();
                // Counted since the card was opened.
                cable.counters = Counters::default();
                let span = cable.span;
                self.heard(Heard::Counters(span, Counters::default()));
            }
            self.tell_layer1(index);
        }
        for index in 0..self.telephones.len() {
            self.telephones[index].told = None;
            if !self.is_gone(self.telephones[index].unit) {
                self.tell_hook(index, self.telephones[index].off_hook);
            }
        }
        self.lines_as_they_are();
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
        self.line_thread.killed();
        self.circuits_stopped(power);
        self.lines_stopped(power);
        // Among them calls that were cleared and wait for what they cost.
        let open = self.truth.offers();
        self.truth.stopped(self.now, power);
        for telephone in &mut self.telephones {
            telephone.box_stopped(power, &open);
        }
        self.daemon.disconnected();
        if power {
            self.tally.count("power-cut");
            for index in 0..self.trunks.len() {
                // What the journal has of them may be older than what they saw.
                let people = self.trunks[index].exchange.people.values();
                let callers = people.filter(|person| person.called.is_some());
                self.truth.lost.extend(callers.map(|person| person.number.clone()));
                self.trunks[index].harmed = true;
            }
            self.daemon.running = false;
            for index in 0..self.trunks.len() {
                self.tell_layer1(index);
            }
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
        if self.daemon.running {
            self.tally.count("daemon-killed");
        }
        self.daemon.running = false;
        self.daemon.disconnected();
        if let Some(control) = &mut self.appliance.control {
            control.daemon_went();
        }
    }
}
