//! What circuits are doing, for the person at the box; and taking them out of service.

use q421::Condition;
use serde::{Deserialize, Serialize};
use units::{Instant, LegId, Timeslot};

use super::R2;

/// What a span of circuits has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Seizures that the far end did not acknowledge in time (Q.422 3.2.3.1).
    pub unacknowledged: u32,
    /// Both ends seized at once (Q.422 3.2.4).
    pub double_seizures: u32,
    /// Registers that had all they wanted.
    pub registers: u32,
    /// Registers that were met with silence, with a signal that has no meaning, or left alone.
    pub failed_registers: u32,
    /// So many of them since the last one that had all it wanted.
    pub failed_in_a_row: u16,
}

impl Counts {
    pub(super) const fn register(&mut self, understood: bool) {
        if understood {
            self.registers = self.registers.saturating_add(1);
            self.failed_in_a_row = 0;
        } else {
            self.failed_registers = self.failed_registers.saturating_add(1);
            self.failed_in_a_row = self.failed_in_a_row.saturating_add(1);
        }
    }
}

impl R2 {
    /// What it has counted.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Every circuit, by its slot: what it is doing, and for which leg.
    pub fn circuits(&self) -> impl Iterator<Item = (Timeslot, Condition, Option<LegId>)> {
        self.circuits.iter().map(|circuit| (circuit.slot, circuit.condition(), circuit.leg()))
    }

    /// Circuits whose far end shows bits that the country's code does not have.
    #[must_use]
    pub fn strange(&self) -> usize {
        self.circuits.iter().filter(|circuit| circuit.is_strange()).count()
    }

    /// Sends the far end a unit of charge for its call, where the country has them: what the end
    /// that is called does, an exchange. Whether it was sent.
    pub fn meter(&mut self, now: Instant, leg: LegId) -> bool {
        let mut sent = false;
        if let Some(index) = self.circuits.iter().position(|c| c.leg() == Some(leg)) {
            self.act(now, index, |circuit, out| sent = circuit.meter(now, out));
        }
        sent
    }

    /// Lets no call come on a circuit when it is free, or lets them come again; `false`: there is
    /// no such circuit.
    pub fn block(&mut self, now: Instant, slot: Timeslot, on: bool) -> bool {
        let found = self.circuits.iter().position(|circuit| circuit.slot == slot);
        if let Some(index) = found {
            self.act(now, index, |circuit, out| circuit.block(now, on, out));
        }
        found.is_some()
    }
}
