//! The box: the core's control exactly as the product runs it, around it the models of the line
//! thread's engine and of the disk, and its power.
//!
//! Fault model. The core is killed between any two things that it does and starts again: the card
//! keeps the line in frame, nothing on the disk or in the journal is lost, calls go on. Or the
//! power goes, at any moment, and comes back: of the journal each page that was written since the
//! last start is there or not; calls are lost then, and leave a record if the journal can still be
//! believed. Records whose append returned survive both. The box's clock goes on with a journal and
//! begins anew without.

pub(crate) mod cards;
pub(crate) mod disk;
pub(crate) mod jacks;
pub(crate) mod matrix;
pub(crate) mod plant;

use std::collections::BTreeMap;

use board::Layout;
use engine::Clip;
use ha::Journal;
use link::JournalTrouble;
use machine::check::Random;
use ringmain_core::control::{Control, Identity, Keep, Record};
use units::time::UtcMapping;
use units::{BoxId, ContentHash, Instant, Tenant, Utc};

use crate::check::Violation;
use disk::Disk;
use matrix::Matrix;

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
    /// When the core started last, in the world's time.
    pub(crate) awake_since: Instant,
    journal: Option<Journal<Vec<u8>>>,
    /// The journal of a core that is dead.
    memory: Vec<u8>,
    /// What of it the disk surely has.
    written: Vec<u8>,
    power_cut: bool,
    /// Which engine runs.
    life: u16,
    /// How far the calendar was set, in microseconds.
    pub(crate) calendar: i64,
    /// How it was set when the box looked at it, each time that this was news.
    pub(crate) calendars: Vec<i64>,
}

/// Octets of the journal; small, so that it turns to its other area often.
const JOURNAL: usize = 4096 + 2 * 48 * 1024;
/// Octets that reach the disk together.
const PAGE: usize = 4096;

impl Appliance {
    pub(crate) fn new(layout: Layout, prompts: BTreeMap<ContentHash, Clip>) -> Self {
        let matrix = Matrix::new(layout.places.len(), 0);
        Self {
            control: None,
            matrix,
            disk: Disk::new(prompts),
            layout,
            started: Instant::ZERO,
            awake_since: Instant::ZERO,
            journal: None,
            memory: vec![0; JOURNAL],
            written: vec![0; JOURNAL],
            power_cut: true,
            life: 0,
            calendar: 0,
            calendars: vec![0],
        }
    }

    pub(crate) fn start(&mut self, now: Instant) -> Result<(), Violation> {
        let power_cut = self.power_cut;
        self.awake_since = now;
        let opened = Journal::open(std::mem::take(&mut self.memory));
        if !matches!(opened, Ok(Some(_))) {
            self.started = now;
        }
        self.life = self.life.wrapping_add(1);
        self.matrix = Matrix::new(self.layout.places.len(), self.life);
        let identity = Identity { box_id: BoxId(1), tenant: Tenant(1), tests_allowed: true };
        let utc = self.look_at_calendar(now);
        let known = self.disk.start()?;
        let layout = self.layout.clone();
        let mut fetch = |hash| self.disk.fetch(hash);
        let (control, journal) = match opened {
            Ok(Some(opened)) => {
                let records: Vec<Record<'_>> = opened.journal.records().collect();
                let times = (utc, opened.journal.at());
                let control = if power_cut {
                    Control::after_power_cut(identity, layout, &known, times, &records, &mut fetch)
                } else {
                    Control::go_on(identity, layout, &known, utc, &records, &mut fetch)
                };
                let control = control.map_err(|fault| {
                    Violation::new("a journal that is whole is read", fault.to_string())
                })?;
                (control, opened.journal)
            }
            other => {
                let damaged = other.is_err();
                if damaged && !power_cut {
                    let what = "a kill damaged the journal".into();
                    return Err(Violation::new("a kill takes nothing of the journal", what));
                }
                let mut control = Control::new(identity, layout, &known, utc, true, &mut fetch);
                if damaged {
                    control.journal_set_aside(utc.at, JournalTrouble::Damaged);
                }
                // Another file: nothing of the one before comes back into it.
                self.written = vec![0; JOURNAL];
                let fresh = Journal::fresh(vec![0; JOURNAL]);
                let journal = fresh
                    .map_err(|_| Violation::new("a journal has room", format!("{JOURNAL}")))?;
                (control, journal)
            }
        };
        (self.control, self.journal) = (Some(control), Some(journal));
        Ok(())
    }

    /// The core keeps a change.
    pub(crate) fn keep(&mut self, keep: &Keep) -> Result<(), Violation> {
        let (Some(control), Some(journal)) = (&mut self.control, &mut self.journal) else {
            return Ok(());
        };
        let kept = journal.append(keep.at, &keep.transaction);
        kept.map_err(|_| Violation::new("a journal has room", format!("{:?}", journal.sizes())))?;
        control.kept(keep.change);
        // From here on the journal is one of after the power cut.
        self.power_cut = false;
        Ok(())
    }

    pub(crate) fn stop(&mut self, power: bool, random: &mut Random) {
        self.control = None;
        self.life = self.life.wrapping_add(1);
        self.matrix = Matrix::new(self.layout.places.len(), self.life);
        self.memory = self.journal.take().map(Journal::into_memory).unwrap_or_default();
        if power {
            self.power_cut = true;
            for at in (0..self.memory.len()).step_by(PAGE) {
                if random.one_in(3) {
                    let page = at..(at + PAGE).min(self.memory.len());
                    self.memory[page.clone()].copy_from_slice(&self.written[page]);
                }
            }
        }
        self.written.clone_from(&self.memory);
    }

    /// Calls of any machine of the box that its journal holds: those of lines also which have no
    /// channel, and no call of the box.
    pub(crate) fn kept_calls(&self) -> Vec<String> {
        // Kinds of records as the core numbers them; part 0 of a line is the line itself.
        const LINE: u8 = 1;
        const OTHERS: [(u8, &str); 3] = [(2, "call"), (3, "flow"), (5, "leg")];
        let name = |kind, id: u64| match kind {
            LINE if id & 0xFFFF_FFFF > 0 => {
                Some(format!("line {} part {}", id >> 32, id & 0xFFFF_FFFF))
            }
            _ => OTHERS.iter().find(|(of, _)| *of == kind).map(|(_, name)| format!("{name} {id}")),
        };
        let records = self.journal.iter().flat_map(Journal::records);
        records.filter_map(|(key, _)| name(key.kind, key.id)).collect()
    }

    /// What the box's clock says.
    pub(crate) fn clock(&self, now: Instant) -> Instant {
        Instant(now.0.saturating_sub(self.started.0) + START)
    }

    /// The box looks at the calendar.
    pub(crate) fn look_at_calendar(&mut self, now: Instant) -> UtcMapping {
        if self.calendars.last() != Some(&self.calendar) {
            self.calendars.push(self.calendar);
        }
        self.utc(now)
    }

    /// What a time of the calendar may have been in the world.
    pub(crate) fn worlds(&self, utc: i64) -> impl Iterator<Item = Instant> {
        let before = move |set: &i64| u64::try_from(utc - BEGIN - set).ok().map(Instant);
        self.calendars.iter().filter_map(before)
    }

    /// What the calendar says.
    pub(crate) fn utc(&self, now: Instant) -> UtcMapping {
        let utc = BEGIN.saturating_add(i64::try_from(now.0).unwrap_or(i64::MAX));
        UtcMapping { at: self.clock(now), utc: Utc(utc.saturating_add(self.calendar)) }
    }

    /// When the box wants to be woken, in the world's time.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let at = self.control.as_ref()?.poll_timeout()?;
        Some(Instant((at.0 + self.started.0).saturating_sub(START)))
    }
}
