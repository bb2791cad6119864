//! What of a group outlives the process, and how it goes on.
//!
//! ```text
//!  part 0      channels under suspicion, a RESTART in progress
//!  part 1 + k  one call, by its reference
//! ```
//!
//! The data link is not kept, only which of two D channels was in use: it is set up again at once,
//! which the far side takes for a reset (Q.931 5.8.8) that keeps active calls and those being set
//! up. Messages may have been lost with it, so every call is audited (5.8.10). If the link does not
//! come, it is as when it failed (5.8.9): active calls wait for it with T309.

use machine::SnapshotFault;
use serde::{Deserialize, Serialize};
use units::{Cause, Duration, Instant};

use super::channels::Key;
use super::place::Place;
use super::table::Entry;
use super::{Pri, State};
use q931::Interface;

/// The version of the parts, and the oldest that is read.
const VERSION: u16 = 1;
/// How long a group that goes on waits for layer 1 before it is as if the link had failed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Part 0.
#[derive(Serialize, Deserialize)]
struct Group {
    suspects: Vec<u8>,
    interface: Interface,
    restarting: bool,
    restart_at: Option<Instant>,
    /// The backup D channel is in use.
    on_two: bool,
}

fn part(key: Key) -> u32 {
    1 + (u32::from(key.ours) << 15 | u32::from(key.value & 0x7FFF))
}

fn key(part: u32) -> Option<Key> {
    let reference = u16::try_from(part.checked_sub(1)?).ok()?;
    Some(Key { ours: reference & 0x8000 != 0, value: reference & 0x7FFF })
}

impl Pri {
    /// Tells what changed since it was last asked: each part as it is now, `None` for one that is
    /// gone. `room` holds one part at a time.
    ///
    /// # Errors
    /// [`SnapshotFault::Full`] if a part is larger than `room`.
    pub fn changed(
        &mut self,
        room: &mut [u8],
        keep: &mut dyn FnMut(u32, Option<&[u8]>),
    ) -> Result<(), SnapshotFault> {
        if !std::mem::replace(&mut self.kept, true) {
            // Asked for the first time: whoever asks knows of none.
            self.touched = self.calls.keys(|_| true);
        }
        for key in self.touched.drain(..) {
            match self.calls.get(key) {
                Some(entry) => keep(part(key), Some(machine::snapshot(VERSION, entry, room)?)),
                None => keep(part(key), None),
            }
        }
        if self.group_told {
            return Ok(());
        }
        let group = Group {
            suspects: self.channels.suspects().map(u8::from).collect(),
            interface: self.interface.clone(),
            restarting: self.restarting,
            restart_at: self.restart_at,
            on_two: self.is_on_two(),
        };
        keep(0, Some(machine::snapshot(VERSION, &group, room)?));
        self.group_told = true;
        Ok(())
    }

    /// A fresh group goes on where the one before left these parts.
    ///
    /// # Errors
    /// [`SnapshotFault::Version`] or [`SnapshotFault::Malformed`].
    pub fn go_on<'a>(
        &mut self,
        now: Instant,
        parts: impl Iterator<Item = (u32, &'a [u8])>,
    ) -> Result<(), SnapshotFault> {
        let mut homeless = vec![];
        for (part, octets) in parts {
            let Some(key) = key(part) else {
                self.group_goes_on(machine::restore(VERSION, VERSION, octets)?);
                continue;
            };
            let mut entry: Box<Entry> = machine::restore(VERSION, VERSION, octets)?;
            entry.call.go_on(now, self.config);
            let lost = entry.place.is_some_and(|place| !self.channels.take(place, key));
            if lost {
                homeless.push(key);
            }
            self.calls.insert_read(key, entry);
        }
        (self.resumed, self.kept) = (true, true);
        self.state = State::Waiting { until: now + PATIENCE };
        // The board has changed under them.
        for key in homeless {
            self.refuse(now, key, Cause::REQUESTED_CHANNEL_NOT_AVAILABLE);
        }
        Ok(())
    }

    fn group_goes_on(&mut self, group: Group) {
        self.group_told = false;
        for place in group.suspects.into_iter().filter_map(|place| Place::try_from(place).ok()) {
            self.channels.distrust(place);
        }
        self.interface = group.interface;
        self.restarting = group.restarting;
        self.restart_at = group.restart_at;
        if let Some(backup) = &mut self.backup {
            backup.go_on(group.on_two);
        }
    }

    /// The legs of all its calls.
    pub fn legs(&self) -> impl Iterator<Item = units::LegId> {
        self.calls.iter().filter_map(|(_, entry)| entry.leg)
    }

    /// Layer 1 or the data link did not come in time after the group went on.
    pub(super) fn resume_failed(&mut self, now: Instant) {
        self.every_call(now, &q931::Input::LinkDown);
        self.interface(now, q931::InterfaceInput::LinkDown);
    }
}
