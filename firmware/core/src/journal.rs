//! The journal's file, and how the core wakes up with it.
//!
//! ```text
//!  state/journal ── believed, readable ──► Control::go_on
//!        │  after a start of the machine ──► Control::after_power_cut
//!        │  damaged, of another format, or the core crashed with it again and again
//!        └──────► state/journal.aside      Control::new, and an alarm
//! ```

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

use board::Layout;
use ha::{Journal, Refusal};
use hal_mapped::Mapped;
use link::{JournalTrouble, Waking};
use machine::SnapshotFault;
use units::ContentHash;

use crate::clock::{Anchor, Clock, monotonic};
use crate::control::{Control, Identity, Record, calls, read_anchor};
use crate::event_log::errno;
use crate::task::Known;

/// Crashes after which a journal is not tried again.
const CRASHES: u8 = 2;
/// Restores that did not come to their end, whatever ended them, after which it is not tried again.
const UNFINISHED: u8 = 8;

const OCTETS: NonZeroUsize = match NonZeroUsize::new(limits::JOURNAL_OCTETS) {
    Some(octets) => octets,
    None => NonZeroUsize::MIN,
};

/// The core, awake.
pub struct Awake {
    /// Its machines.
    pub control: Control,
    /// Its time.
    pub clock: Clock,
    /// Where changes are kept; `None` if there is no room or right for it.
    pub journal: Option<Journal<Mapped>>,
}

/// What the machines of a core are made of.
pub struct Wanted<'a> {
    /// Who it is.
    pub identity: Identity,
    /// What it drives.
    pub layout: Layout,
    /// What the disk knew.
    pub known: &'a Known,
    /// Whether time moves only by blocks.
    pub lockstep: bool,
}

fn map(path: &Path) -> io::Result<Mapped> {
    let mapped = Mapped::open(path, OCTETS)?;
    hal_mapped::count_crashes(&mapped, Journal::<Mapped>::crash_mark())?;
    Ok(mapped)
}

fn too_small(_: ha::Full) -> io::Error {
    io::Error::other("the journal is too small")
}

/// An empty journal; the one that is there is kept as `journal.aside`, in place of the last such.
fn fresh(path: &Path, aside: bool) -> io::Result<Journal<Mapped>> {
    if aside {
        std::fs::rename(path, path.with_extension("aside"))?;
    }
    Journal::fresh(map(path)?).map_err(too_small)
}

/// Wakes up with the journal in the state folder. `log` hears what became of it. A journal that
/// cannot be made is an alarm: the box works, and calls would not outlive the core.
pub fn wake(
    state: &Path,
    wanted: &Wanted<'_>,
    fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    log: fn(&str),
) -> Awake {
    let path = state.join("journal");
    match wake_with(&path, wanted, fetch, log) {
        Ok(awake) => awake,
        Err(fault) => {
            log(&format!(
                "{}: {fault}; calls would not outlive the core; give the folder {} MiB more",
                path.display(),
                limits::JOURNAL_OCTETS >> 20
            ));
            let clock = Clock::start(wanted.lockstep);
            let Wanted { identity, layout, known, .. } = wanted;
            let mut control =
                Control::new(*identity, layout.clone(), known, clock.utc(), false, fetch);
            control.without_journal(clock.now(), errno(&fault));
            Awake { control, clock, journal: None }
        }
    }
}

fn wake_with(
    path: &Path,
    wanted: &Wanted<'_>,
    fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    log: fn(&str),
) -> io::Result<Awake> {
    let begun = monotonic();
    let opened = Journal::open(map(path)?);
    let trouble = match opened {
        Ok(None) => None,
        Ok(Some(opened)) => {
            if opened.torn {
                log("the last change in the journal was torn; it was never acted on");
            }
            match go_on(opened.journal, wanted, fetch, log) {
                Ok((mut awake, how)) => {
                    awake.control.woke(how, monotonic() - begun);
                    return Ok(awake);
                }
                Err(trouble) => trouble,
            }
        }
        Err((_, refusal)) => {
            log(&format!("the journal is set aside: {refusal}"));
            Some(match refusal {
                Refusal::Format { .. } => JournalTrouble::Format,
                Refusal::Damaged | Refusal::TooSmall => JournalTrouble::Damaged,
            })
        }
    };
    let journal = fresh(path, trouble.is_some())?;
    let clock = Clock::start(wanted.lockstep);
    let Wanted { identity, layout, known, .. } = wanted;
    let mut control = Control::new(*identity, layout.clone(), known, clock.utc(), true, fetch);
    if let Some(trouble) = trouble {
        control.journal_set_aside(clock.now(), trouble);
    }
    control.woke(trouble.map_or(Waking::Clean, Waking::SetAside), monotonic() - begun);
    Ok(Awake { control, clock, journal: Some(journal) })
}

/// Why it is to be set aside; `None` for a journal that nothing was written to yet.
fn go_on(
    mut journal: Journal<Mapped>,
    wanted: &Wanted<'_>,
    fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    log: fn(&str),
) -> Result<(Awake, Waking), Option<JournalTrouble>> {
    let (crashes, unfinished) = journal.troubles();
    if crashes >= CRASHES || unfinished >= UNFINISHED {
        log(&format!(
            "the journal is set aside: {crashes} crashes and {unfinished} unfinished starts with it"
        ));
        return Err(Some(JournalTrouble::Crashes));
    }
    journal.restoring();
    let records: Vec<Record<'_>> = journal.records().collect();
    let anchor: Option<Anchor> = read_anchor(&records);
    let Some(anchor) = anchor else { return Err(None) };
    let clock = Clock::go_on(wanted.lockstep, &anchor, journal.at());
    let Wanted { identity, layout, known, .. } = wanted;
    let (utc, last) = (clock.utc(), journal.at());
    let control = if anchor.is_of_this_machine_start() {
        Control::go_on(*identity, layout.clone(), known, utc, &records, fetch)
    } else {
        let times = (utc, last);
        Control::after_power_cut(*identity, layout.clone(), known, times, &records, fetch)
    };
    let calls = u16::try_from(calls(&records)).unwrap_or(u16::MAX);
    let how = if anchor.is_of_this_machine_start() {
        Waking::WentOn { calls }
    } else {
        Waking::AfterPowerCut { calls }
    };
    match control {
        Ok(control) => Ok((Awake { control, clock, journal: Some(journal) }, how)),
        Err(unreadable) => {
            log(&format!("the journal is set aside: {unreadable}"));
            Err(Some(match unreadable.fault {
                SnapshotFault::Version { .. } => JournalTrouble::Format,
                _ => JournalTrouble::Damaged,
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use link::{Alarm, Detail};
    use units::{BoxId, Tenant};

    use super::*;
    use crate::control::Said;
    use crate::task::Task;

    fn woken(state: &Path) -> Awake {
        let identity = Identity { box_id: BoxId(1), tenant: Tenant(1), tests_allowed: false };
        let text = "name = \"b\"\ntitle = \"B\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
                    telephone = { 1 = { label = \"A\" } }\n";
        let layout = board::read(&|_: &str| Ok(text.into()), "b").expect("a board").layout();
        let known = Known::default();
        let wanted = Wanted { identity, layout, known: &known, lockstep: false };
        wake(state, &wanted, &mut |_| None, |_| {})
    }

    /// Keeps what is to be kept; which alarms are told.
    fn alarms(awake: &mut Awake) -> Vec<Alarm> {
        let mut alarms = vec![];
        while let Some(said) = awake.control.poll() {
            match said {
                Said::Keep(keep) => {
                    let journal = awake.journal.as_mut().expect("a journal");
                    journal.append(keep.at, &keep.transaction).expect("room");
                    awake.control.kept(keep.change);
                }
                Said::Task(Task::Append { detail: Detail::Alarm(alarm), .. }) => alarms.push(alarm),
                _ => {}
            }
        }
        alarms
    }

    #[test]
    fn a_journal_with_which_the_core_crashed_twice_is_set_aside_with_an_alarm() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, aside) = (folder.path().join("journal"), folder.path().join("journal.aside"));
        let mut first = woken(folder.path());
        let (now, anchor) = (first.clock.now(), first.clock.anchor());
        first.control.anchor(now, &anchor);
        assert_eq!(alarms(&mut first), []);
        drop(first);
        for crashes in [1, 2] {
            let mut octets = std::fs::read(&path).expect("the journal");
            octets[Journal::<Mapped>::crash_mark()] = crashes;
            std::fs::write(&path, octets).expect("written");
            let told = alarms(&mut woken(folder.path()));
            let trouble = Alarm::JournalSetAside(JournalTrouble::Crashes);
            assert_eq!(told.contains(&trouble), crashes == 2, "{crashes} crashes: {told:?}");
            assert_eq!(aside.exists(), crashes == 2, "{crashes} crashes");
        }
    }
}
