//! Erases recordings, the oldest first, by rule or when the disk runs short of room.
//!
//! ```text
//!   rows that may go, the disk ──► records::keeping ──► erased in the store ──► its file removed
//! ```
//!
//! What is erased stands in the store before its file goes, so that nobody takes a rule for a
//! thief: a daemon killed between the two removes the file when it is back. A recording that is
//! written has no row yet and cannot be chosen.

use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use console::{Language, Text, say};
use records::keeping::{Room, Stored, Terms, erased, floor};
use store::{Store, StoreFault};
use tokio::sync::Mutex;
use units::Utc;

use crate::box_state::BoxState;
use crate::log;

/// Between two looks at the disk.
const EVERY: Duration = Duration::from_secs(5);
/// Recordings looked at in one round.
const AT_ONCE: u32 = 50;
/// What a file of a recording may end in.
const ENDINGS: [&str; 2] = ["wav", "opus"];
const GB: u64 = 1_000_000_000;

/// The folder of the recordings.
pub(crate) trait Shelf {
    /// The disk that it is on; what recordings take of it is counted only if that is asked.
    fn room(&self, counted: bool) -> io::Result<Room>;
    /// Octets of the file of this name, without ending; `None`: there is none.
    fn octets(&self, name: &str) -> Option<u64>;
    /// Removes it, for good when this returns; that it is not there is no fault.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// One on a disk.
struct Folder(PathBuf);

impl Folder {
    fn files(&self, name: &str) -> [PathBuf; 2] {
        ENDINGS.map(|ending| self.0.join(name).with_extension(ending))
    }

    fn used(&self) -> io::Result<u64> {
        let mut used = 0_u64;
        for entry in std::fs::read_dir(&self.0)?.flatten() {
            let path = entry.path();
            let ours = path.extension().is_some_and(|end| ENDINGS.iter().any(|own| end == *own));
            // One that goes away meanwhile takes no room.
            used += entry.metadata().ok().filter(|_| ours).map_or(0, |found| found.len());
        }
        Ok(used)
    }
}

impl Shelf for Folder {
    fn room(&self, counted: bool) -> io::Result<Room> {
        let found = nix::sys::statvfs::statvfs(&self.0)?;
        let octets = |blocks: u64| blocks.saturating_mul(found.fragment_size());
        let used = if counted { self.used()? } else { 0 };
        Ok(Room { free: octets(found.blocks_available()), all: octets(found.blocks()), used })
    }

    fn octets(&self, name: &str) -> Option<u64> {
        self.files(name).iter().find_map(|file| Some(std::fs::metadata(file).ok()?.len()))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        for file in self.files(name) {
            match std::fs::remove_file(file) {
                Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
                _ => {}
            }
        }
        std::fs::File::open(&self.0)?.sync_all()
    }
}

/// What was said of the disk last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Told {
    /// Nothing, or that was long ago.
    #[default]
    Nothing,
    /// Recordings are erased because room is short.
    Erasing,
    /// Room is short and nothing may be erased.
    Stuck,
    /// One cannot be erased.
    Refused,
}

/// Does what is to be done now.
pub(crate) fn round(
    store: &mut Store,
    shelf: &impl Shelf,
    (now, terms): (Utc, Terms),
    (told, language): (Told, Language),
) -> Result<Told, StoreFault> {
    if let Some((number, fault)) = remove(store, shelf)? {
        if told != Told::Refused {
            let words = [number.to_string(), fault.to_string()];
            let text = say(language, Text::ALARM_NOT_ERASED, &[&words[0], &words[1]]);
            store.alarm(now, &text)?;
        }
        return Ok(Told::Refused);
    }
    let Ok(room) = shelf.room(terms.most.is_some()) else { return Ok(told) };
    let mut stored = vec![];
    for row in store.oldest_recordings(AT_ONCE)? {
        match shelf.octets(&row.file()) {
            Some(octets) => {
                stored.push(Stored { number: row.number, begun: Utc(row.begun), octets });
            }
            // Somebody took it away: that is for `verify` to say, and no rule's doing.
            None => store.recording_gone(row.number)?,
        }
    }
    let chosen = erased(&stored, now, terms, room);
    for (number, why) in &chosen {
        store.erase_recording(*number, now, why.name())?;
    }
    remove(store, shelf)?;
    let freed = stored.iter().take(chosen.len()).map(|one| one.octets).sum::<u64>();
    say_so(store, (now, language), (room, freed), told)
}

/// Removes the files of what is erased; the first that cannot be.
fn remove(store: &mut Store, shelf: &impl Shelf) -> Result<Option<(u32, io::Error)>, StoreFault> {
    for row in store.recordings_to_remove()? {
        if let Err(fault) = shelf.remove(&row.file()) {
            return Ok(Some((row.number, fault)));
        }
        store.recording_gone(row.number)?;
    }
    Ok(None)
}

/// An alarm, if room is short in another way than was told.
fn say_so(
    store: &mut Store,
    (now, language): (Utc, Language),
    (room, freed): (Room, u64),
    told: Told,
) -> Result<Told, StoreFault> {
    let floor = floor(room.all);
    if room.free >= floor {
        // At the floor it would be told again and again.
        let calm = told != Told::Erasing || room.free >= 2 * floor;
        return Ok(if calm { Told::Nothing } else { told });
    }
    let enough = room.free.saturating_add(freed) >= floor;
    let (next, text) = if enough {
        (Told::Erasing, Text::ALARM_ERASING)
    } else {
        (Told::Stuck, Text::ALARM_NO_ROOM)
    };
    if next != told {
        let megabytes = |octets: u64| (octets / 1_000_000).to_string();
        let words = [megabytes(room.free), megabytes(limits::RECORDING_RESERVE)];
        store.alarm(now, &say(language, text, &[&words[0], &words[1]]))?;
    }
    Ok(next)
}

fn terms(recordings: config::Recordings) -> Terms {
    let most = recordings.most_gb.map(|most| u64::from(most) * GB);
    Terms { keep_days: recordings.keep_days, most }
}

/// Looks after the recordings for ever; without a folder it only waits.
pub(crate) async fn run(folder: Option<PathBuf>, state: Rc<Mutex<BoxState>>) {
    let Some(folder) = folder.map(Folder) else { return std::future::pending().await };
    let mut told = Told::default();
    loop {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = Utc(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
        {
            let mut state = state.lock().await;
            let language = state.language();
            // Without documents nobody knows what the rules are.
            let rules = state.documents.as_ref().map(|documents| documents.config.recordings);
            if let Some(rules) = rules {
                let when = (now, terms(rules));
                match round(&mut state.store, &folder, when, (told, language)) {
                    Ok(next) => told = next,
                    Err(fault) => log(&format!("recordings: {fault}")),
                }
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

#[cfg(test)]
#[path = "keeping_tests.rs"]
mod tests;
