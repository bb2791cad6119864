//! What R2 circuits carry, and what goes wrong with it on the way.

use engine::Command;
use ringmain_core::control::Heard;
use units::{Duration, MfSignal, PortId};

use crate::trunk::circuits::{BOX, EXCHANGE};
use crate::world::{Happening, World};

/// Below the persistence of Q.422 3.2.1, with what lies between two looks at the line.
const SHORT_MS: u64 = 12;

impl World {
    /// An end of a trunk shows other bits.
    pub(crate) fn bits_shown(&mut self, trunk: usize, from: usize, port: PortId, bits: u8) {
        // Seizure in any of the codes: a and b are 0.
        let seizes = from == BOX && bits & 0b1100 == 0;
        let Self { trunks, random, tally, .. } = self;
        let circuits = &mut trunks[trunk].circuits;
        circuits.show(from, port, bits);
        let mut after = 2 + random.below(4);
        if circuits.late > 0 && random.one_in(circuits.late) {
            tally.count("r2-bits-late");
            after += random.below(3000);
        }
        let flips = circuits.flip > 0 && random.one_in(circuits.flip);
        let meets = seizes && std::mem::take(&mut circuits.meet);
        let to = 1 - from;
        self.later(after, Happening::Bits { trunk, to, port });
        if flips {
            self.wrong_bits(trunk, to, SHORT_MS);
        }
        if meets {
            self.tally.count("r2-both-seize");
            for wish in self.trunks[trunk].exchange.call(self.now, "95588") {
                self.exchange_wishes(trunk, wish);
            }
        }
    }

    /// Any bits at any circuit of an end, for so long at most.
    pub(crate) fn wrong_bits(&mut self, trunk: usize, to: usize, most_ms: u64) {
        // Where nothing comes no wrong bits come: they would stay, because the right ones do not.
        if self.deaf(trunk, to) {
            return;
        }
        let ports = self.trunks[trunk].ports.clone();
        let (port, bits) = (*self.random.pick(&ports), 1 + self.random.octet() % 15);
        let short = most_ms <= SHORT_MS;
        self.tally.count(if short { "r2-bits-flipped" } else { "r2-bits-wrong" });
        if let Some(bits) = self.trunks[trunk].circuits.tell_bits(to, port, bits) {
            self.tell_bits(trunk, to, port, bits);
        }
        let after = 1 + self.random.below(most_ms);
        self.later(after, Happening::Bits { trunk, to, port });
    }

    fn tell_bits(&mut self, trunk: usize, to: usize, port: PortId, bits: u8) {
        if to == BOX {
            self.heard(Heard::Cas(port, bits));
        } else {
            let input = span::Input::Cas { port, bits };
            self.trunks[trunk].exchange.far.handle(self.now, input);
        }
    }

    /// An end looks at the bits of a circuit.
    pub(crate) fn bits_come(&mut self, trunk: usize, to: usize, port: PortId) {
        if self.deaf(trunk, to) {
            return;
        }
        if let Some(bits) = self.trunks[trunk].circuits.bits(to, port) {
            self.note(|| format!("bits {bits:04b} of {port} at end {to}"));
            self.tell_bits(trunk, to, port, bits);
        }
    }

    /// Nothing of a trunk comes to this end.
    fn deaf(&self, trunk: usize, to: usize) -> bool {
        let cable = self.trunks[trunk].first();
        let (down_dead, up_dead) = cable.dead(self.is_gone(cable.unit));
        if to == BOX { down_dead || self.trunks[trunk].exchange.mute } else { up_dead }
    }

    /// An end sends another tone, or falls silent.
    pub(crate) fn tone_sent(
        &mut self,
        trunk: usize,
        from: usize,
        port: PortId,
        signal: Option<MfSignal>,
    ) {
        self.trunks[trunk].circuits.send(from, port, signal);
        self.tone_soon(trunk, 1 - from, port);
    }

    fn tone_soon(&mut self, trunk: usize, to: usize, port: PortId) {
        // Both ends recognise what begins and ends within some blocks (Q.454).
        let mut after = 16 + self.random.below(12);
        let late = self.trunks[trunk].circuits.late;
        if late > 0 && self.random.one_in(late * 4) {
            self.tally.count("r2-tone-late");
            after += self.random.below(20_000);
        }
        self.later(after, Happening::Tone { trunk, to, port });
    }

    /// A register comes to a port of an end, or goes.
    pub(crate) fn listens(&mut self, trunk: usize, end: usize, port: PortId, on: bool) {
        self.trunks[trunk].circuits.listen(end, port, on);
        for to in [BOX, EXCHANGE] {
            self.tone_soon(trunk, to, port);
        }
    }

    /// An end listens what there is at a port.
    pub(crate) fn tone_comes(&mut self, trunk: usize, to: usize, port: PortId) {
        if to == BOX && self.line_thread.sleeps() {
            // Blocks of a line thread that is late are lost: a tone is found when it is back.
            return self.later(20, Happening::Tone { trunk, to, port });
        }
        let deaf = self.deaf(trunk, to);
        let Self { trunks, random, tally, .. } = self;
        let circuits = &mut trunks[trunk].circuits;
        let Some(mut tone) = circuits.tone(to, port, deaf) else { return };
        let strikes = |n: u64, random: &mut machine::check::Random| n > 0 && random.one_in(n);
        if tone.is_some() && strikes(circuits.miss, random) {
            tally.count("r2-tone-missed");
            circuits.tell_tone(to, port, None);
            return;
        }
        if tone.is_some() && strikes(circuits.wrong, random) {
            tally.count("r2-tone-wrong");
            tone = MfSignal::new(1 + random.octet() % 15);
            circuits.tell_tone(to, port, tone);
        }
        let twice = tone.is_some() && strikes(circuits.double, random);
        self.note(|| format!("tone {tone:?} of {port} at end {to}"));
        self.tell_tone(trunk, to, port, tone);
        if twice {
            self.tally.count("r2-tone-doubled");
            if let Some(none) = self.trunks[trunk].circuits.tell_tone(to, port, None) {
                self.tell_tone(trunk, to, port, none);
            }
            self.tone_soon(trunk, to, port);
        }
    }

    fn tell_tone(&mut self, trunk: usize, to: usize, port: PortId, signal: Option<MfSignal>) {
        if to == BOX {
            self.heard(Heard::Mf(port, signal));
        } else {
            let input = span::Input::Mf { port, signal };
            self.trunks[trunk].exchange.far.handle(self.now, input);
        }
    }

    /// What the box orders of the registers at its ports.
    pub(crate) fn register_ordered(&mut self, command: Command) {
        match command {
            Command::Register(port, way) => {
                if let Some(trunk) = self.trunk_at(port) {
                    self.listens(trunk, BOX, port, way.is_some());
                }
            }
            Command::Mf(port, signal) => {
                if let Some(trunk) = self.trunk_at(port) {
                    self.tone_sent(trunk, BOX, port, signal);
                }
            }
            _ => {}
        }
    }

    /// A line is alive again, or its receiver began anew: all is looked at.
    pub(crate) fn look_at_circuits(&mut self, trunk: usize) {
        if !self.trunks[trunk].exchange.far.is_r2() {
            return;
        }
        for to in [BOX, EXCHANGE] {
            self.trunks[trunk].circuits.forget(to);
            for port in self.trunks[trunk].ports.clone() {
                self.after(Duration::from_millis(4), Happening::Bits { trunk, to, port });
                self.after(Duration::from_millis(30), Happening::Tone { trunk, to, port });
            }
        }
    }

    /// The core is dead; `power`: the card too.
    pub(crate) fn circuits_stopped(&mut self, power: bool) {
        for trunk in 0..self.trunks.len() {
            if self.trunks[trunk].exchange.far.is_r2() {
                self.trunks[trunk].circuits.box_stopped(power);
                for port in self.trunks[trunk].ports.clone() {
                    self.tone_soon(trunk, EXCHANGE, port);
                    let to = EXCHANGE;
                    self.later(2, Happening::Bits { trunk, to, port });
                }
            }
        }
    }

    /// An exchange takes a circuit out of service for a while.
    pub(crate) fn block_circuit(&mut self, trunk: usize) {
        let used = self.trunks[trunk].used(&self.appliance.layout, &mut self.random);
        let any = units::Timeslot::new(31 - self.random.octet() % 4);
        let Some(slot) = (if self.random.one_in(2) { used } else { any }) else { return };
        self.tally.count("r2-blocked");
        let now = self.now;
        if let Some(r2) = self.trunks[trunk].exchange.far.r2() {
            r2.block(now, slot, true);
        }
        let after = 50 + self.random.below(20_000);
        self.later(after, Happening::Unblock(trunk, slot));
    }

    /// And puts it back.
    pub(crate) fn unblock_circuit(&mut self, trunk: usize, slot: units::Timeslot) {
        let now = self.now;
        if let Some(r2) = self.trunks[trunk].exchange.far.r2() {
            r2.block(now, slot, false);
        }
    }
}
