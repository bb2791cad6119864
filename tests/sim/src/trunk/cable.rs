//! The cable and the card of one span.
//!
//! Fault model of layer 1. The receiver of the box sees loss of signal or frame, or AIS: nothing
//! comes in then; or RAI: nothing that the box sends is understood; or it misses the multiframe of
//! CRC-4, which carries calls all the same; in any combination, which changes at any moment. The
//! far side sees it by its own alarms, or by nothing but silence. Errors are counted besides.

use hal_card::{Alarms, Counters};
use units::{Instant, SpanId};

use super::wire::Wire;

/// What the box was told of a span since its core started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) alarms: Option<Alarms>,
    pub(crate) counters: Counters,
    pub(crate) frames: u64,
    pub(crate) bad_frames: u64,
}

/// One span's cable.
#[derive(Debug)]
pub(crate) struct Cable {
    pub(crate) span: SpanId,
    /// Its socket, by the index in the layout.
    pub(crate) unit: usize,
    /// Its wires are cut.
    pub(crate) cut: bool,
    /// What the box's receiver sees beside that.
    pub(crate) alarms: Alarms,
    /// The far side has no alarms of its own.
    pub(crate) unseen: bool,
    /// It has carried nothing, in one direction at least, for cable or card, since then.
    pub(crate) down_since: Option<Instant>,
    /// Something happened to it that may take calls on it.
    pub(crate) harmed: bool,
    /// What its card has counted since it was opened.
    pub(crate) counters: Counters,
    pub(crate) told: Told,
    /// Its D channel, if it has one, to the box.
    pub(crate) down: Wire,
    /// From the box.
    pub(crate) up: Wire,
}

impl Cable {
    pub(crate) fn new(span: SpanId, unit: usize) -> Self {
        Self {
            span,
            unit,
            cut: false,
            alarms: Alarms::default(),
            unseen: false,
            down_since: None,
            harmed: false,
            counters: Counters::default(),
            told: Told::default(),
            down: Wire::new(),
            up: Wire::new(),
        }
    }

    /// What the box's receiver sees.
    pub(crate) fn seen(&self, gone: bool) -> Alarms {
        Alarms { los: self.alarms.los || self.cut || gone, ..self.alarms }
    }

    /// Whether nothing comes in at the box, and whether nothing comes out of it.
    pub(crate) fn dead(&self, gone: bool) -> (bool, bool) {
        let cut = self.cut || gone;
        (cut || self.alarms.down(), cut || self.alarms.rai)
    }

    /// Alarms are over.
    pub(crate) fn clear(&mut self) {
        (self.alarms, self.unseen) = (Alarms::default(), false);
    }

    /// Whether the far side has a signal, or believes so.
    pub(crate) fn far_is_up(&self, gone: bool) -> bool {
        let (down_dead, up_dead) = self.dead(gone);
        !(down_dead || up_dead) || (self.unseen && !self.cut && !gone)
    }
}
