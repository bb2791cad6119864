//! Alarms and counted errors of layer 1.

use hal_card::Alarms;
use ringmain_core::control::Heard;

use crate::world::World;

impl World {
    /// Alarms in some combination, other ones than before, on a span of a trunk.
    pub(crate) fn alarms_begin(&mut self, index: usize, of: usize) {
        let random = &mut self.random;
        let mut some = || random.one_in(2);
        let (los, lof, ais, rai, lomf) = (some(), some(), some(), some(), some());
        let alarms = Alarms { los, lof, ais, rai, lomf, ..Alarms::default() };
        let unseen = random.one_in(4);
        for (raised, name) in [
            (alarms.los, "alarm-los"),
            (alarms.lof, "alarm-lof"),
            (alarms.ais, "alarm-ais"),
            (alarms.rai, "alarm-rai"),
            (alarms.lomf, "alarm-lomf"),
        ] {
            if raised {
                self.tally.count(name);
            }
        }
        let trunk = &mut self.trunks[index];
        trunk.harmed |= unseen && trunk.backup.is_some();
        let cable = &mut trunk.cables[of];
        (cable.alarms, cable.unseen) = (alarms, unseen);
        self.note(|| format!("{alarms:?}, unseen {unseen}"));
        self.tell_layer1(index);
    }

    /// The card counts errors.
    pub(crate) fn errors(&mut self, index: usize, of: usize) {
        let Self { trunks, random, tally, .. } = self;
        let cable = &mut trunks[index].cables[of];
        let counters = &mut cable.counters;
        let mut more = |name, counter: &mut u64, n| {
            let errors = if random.one_in(2) { random.below(n) } else { 0 };
            if errors > 0 {
                tally.count(name);
            }
            *counter += errors;
        };
        more("code-violations", &mut counters.code_violations, 1000);
        more("crc-errors", &mut counters.crc_errors, 1000);
        more("e-bits", &mut counters.far_crc_errors, 1000);
        more("fas-errors", &mut counters.fas_errors, 30);
        more("slips", &mut counters.slips, 4);
        more("losses-of-frame", &mut counters.losses_of_frame, 2);
        let (span, counters) = (cable.span, *counters);
        self.heard(Heard::Counters(span, counters));
    }

    /// Both ends see which spans of a trunk carry a signal.
    pub(crate) fn tell_layer1(&mut self, index: usize) {
        for of in 0..self.trunks[index].cables.len() {
            self.tell_cable(index, of);
        }
        self.look_at_circuits(index);
    }

    fn tell_cable(&mut self, index: usize, of: usize) {
        let powered = self.appliance.control.is_some();
        let unit = self.trunks[index].cables[of].unit;
        let (gone, silent) = (self.is_gone(unit), self.is_silent(unit));
        let now = self.now;
        let trunk = &mut self.trunks[index];
        let cable = &mut trunk.cables[of];
        let (down_dead, up_dead) = cable.dead(gone);
        let dead = down_dead || up_dead;
        cable.down_since = dead.then(|| cable.down_since.unwrap_or(now));
        // What the box does not hear it tells by RAI; what the exchange does not, it sees.
        let up = powered && cable.far_is_up(gone);
        let (span, alarms) = (cable.span, cable.seen(gone));
        let of = u8::try_from(of).unwrap_or(u8::MAX);
        if (of == 0 && trunk.backup.is_none()) || !trunk.exchange.blind {
            trunk.exchange.far.handle(now, span::Input::Layer1 { of, up });
        }
        // The driver of a whole card that is gone says nothing of its lines.
        if !silent {
            self.heard(Heard::Alarms(span, alarms));
        }
    }
}
