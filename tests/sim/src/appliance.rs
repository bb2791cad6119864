//! The box: the core's control exactly as the product runs it, around it the models of the line
//! thread's engine and of the disk, and its power.
//!
//! Fault model. The power goes at any moment and comes back; or the core alone is killed and
//! starts again (the card then keeps the line in frame, and nothing on the disk is lost). All
//! calls in progress are lost then, in this release. Records whose append returned survive. The
//! clock of each start begins anew.

use board::Layout;
use engine::Clip;
use ringmain_core::control::{Control, Identity};
use std::collections::BTreeMap;
use units::time::UtcMapping;
use units::{BoxId, ContentHash, Instant, Tenant, Utc};

use crate::disk::Disk;
use crate::matrix::Matrix;

/// UTC when the world begins.
const BEGIN: i64 = 1_800_000_000_000_000;
/// What a box's clock says when it starts.
const START: u64 = 1_000_000;

/// The box.
#[derive(Debug)]
pub(crate) struct Appliance {
    /// `None`: no power, or the core is dead.
    pub(crate) control: Option<Control>,
    pub(crate) matrix: Matrix,
    pub(crate) disk: Disk,
    pub(crate) layout: Layout,
    started: Instant,
}

impl Appliance {
    pub(crate) fn new(layout: Layout, prompts: BTreeMap<ContentHash, Clip>) -> Self {
        let matrix = Matrix::new(layout.places.len());
        Self { control: None, matrix, disk: Disk::new(prompts), layout, started: Instant::ZERO }
    }

    pub(crate) fn start(&mut self, now: Instant) {
        self.started = now;
        self.matrix = Matrix::new(self.layout.places.len());
        let identity = Identity { box_id: BoxId(1), tenant: Tenant(1), tests_allowed: true };
        let utc = UtcMapping { at: self.clock(now), utc: utc(now) };
        let known = self.disk.start();
        self.control = Some(Control::new(identity, self.layout.clone(), &known, utc));
    }

    pub(crate) fn stop(&mut self) {
        self.control = None;
        self.matrix = Matrix::new(self.layout.places.len());
    }

    /// What the box's clock says.
    pub(crate) fn clock(&self, now: Instant) -> Instant {
        Instant(now.0.saturating_sub(self.started.0) + START)
    }

    /// When the box wants to be woken, in the world's time.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let at = self.control.as_ref()?.poll_timeout()?;
        Some(Instant((at.0 + self.started.0).saturating_sub(START)))
    }
}

/// What UTC is at a time of the world.
pub(crate) fn utc(now: Instant) -> Utc {
    Utc(BEGIN.saturating_add(i64::try_from(now.0).unwrap_or(i64::MAX)))
}
