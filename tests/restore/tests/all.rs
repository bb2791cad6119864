//! The one property over all machines: restored after any event, a machine goes on as if nothing
//! had happened. `cargo test -p restore-property -- --nocapture` prints every pair of state and
//! input that was met; `(pair)` is declared unreachable with its reason beside the machine,
//! `!pair` is reachable and was not met, which is red.
//!
//! What came of each pair is `docs/machines`; a machine that does something else there is red until
//! `cargo xtask tables` has written it down and somebody has read the difference.
//!
//! A new machine adds one line to `MACHINES`. Seeds here differ from those that each crate runs.

mod table;

use std::path::Path;

use machine::Survey;
use machine::check::Visits;
use table::table;

/// A machine, its name, how it is driven, how many seeds and how many steps each.
struct Driven {
    name: &'static str,
    visit: fn(u64, usize) -> Result<Visits, String>,
    report: fn(&Visits, &str) -> (String, Vec<String>),
    table: fn(&Visits, &str) -> String,
    seeds: u64,
    steps: usize,
}

const fn driven<M: Survey>(
    name: &'static str,
    visit: fn(u64, usize) -> Result<Visits, String>,
    seeds: u64,
    steps: usize,
) -> Driven {
    Driven { name, visit, report: Visits::report::<M>, table: table::<M>, seeds, steps }
}

const MACHINES: &[Driven] = &[
    driven::<q921::Link>("q921 link", q921::check::visit, 60, 1500),
    driven::<q931::Alone>("q931 call", q931::check::visit, 120, 3000),
    driven::<q931::Interface>("q931 interface", q931::check::visit_interface, 40, 1000),
    driven::<q421::Circuit>("q421 circuit", q421::check::visit, 800, 800),
    driven::<q441::Outgoing>("q441 outgoing", q441::check::visit_outgoing, 400, 150),
    driven::<q441::Incoming>("q441 incoming", q441::check::visit_incoming, 1200, 150),
    driven::<analog::Fxs>("analog fxs", analog::check::visit, 50, 200),
    driven::<analog::fxo::Fxo>("analog fxo", analog::check::visit_fxo, 150, 200),
    driven::<span::telephone::Telephone>("telephone", span::telephone::check::visit, 100, 200),
    driven::<span::trunk::Trunk>("exchange line", span::trunk::check::visit, 150, 300),
    driven::<span::jack::Jack>("jack", span::jack::check::visit, 100, 200),
    driven::<span::pri::Pri>("pri group", span::pri::check::visit, 240, 400),
    driven::<span::r2::R2>("r2 span", span::r2::check::visit, 100, 300),
    driven::<call::Call>("call", call::check::visit, 800, 120),
    driven::<ivr::Flow>("ivr flow", ivr::check::visit, 200, 200),
];

/// Seeds of this test, away from those of the crates' own.
const FIRST_SEED: u64 = 1_000_000;

/// Whether this run writes the tables instead of comparing them: `cargo xtask tables`.
const WRITE: &str = "RINGMAIN_WRITE_TABLES";

/// The checked-in table of a machine is what its machine does.
fn in_step(driven: &Driven, visits: &Visits) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/machines");
    let path = folder.join(format!("{}.md", driven.name.replace(' ', "-")));
    let table = (driven.table)(visits, driven.name);
    if std::env::var_os(WRITE).is_some() {
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, table));
        return written.err().map(|fault| format!("{}: {fault}", path.display()));
    }
    let same = std::fs::read_to_string(&path).is_ok_and(|found| found == table);
    (!same).then(|| format!("{} is not what the machine does: cargo xtask tables", driven.name))
}

fn one(driven: &Driven) -> (String, Vec<String>) {
    let (visits, table, faults) = visited(driven);
    let differs = in_step(driven, &visits);
    (table, faults.into_iter().chain(differs).collect())
}

fn visited(driven: &Driven) -> (Visits, String, Vec<String>) {
    let mut visits = Visits::default();
    let mut faults = vec![];
    for seed in FIRST_SEED..FIRST_SEED + driven.seeds {
        match (driven.visit)(seed, driven.steps) {
            Ok(visit) => visits.join(&visit),
            Err(fault) => faults.push(format!("{}: seed {seed}: {fault}", driven.name)),
        }
    }
    let (table, wrong) = (driven.report)(&visits, driven.name);
    faults.extend(wrong);
    (visits, table, faults)
}

#[test]
fn restored_after_any_event_every_machine_goes_on_as_if_nothing_had_happened() {
    let threads: Vec<_> = MACHINES.iter().map(|m| std::thread::spawn(|| one(m))).collect();
    let mut faults = vec![];
    for thread in threads {
        let (table, wrong) = thread.join().expect("a machine panicked");
        println!("{table}");
        faults.extend(wrong);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_pair_that_nobody_met_is_red() {
    let few = Driven { seeds: 1, steps: 3, ..driven::<ivr::Flow>("flow", ivr::check::visit, 1, 3) };
    let (visits, table, faults) = visited(&few);
    let whole = std::env::var_os(WRITE).is_some() || in_step(&few, &visits).is_some();
    assert!(whole, "a table of a machine that was hardly driven is not its table");
    assert!(table.contains(" !"), "{table}");
    assert!(faults.iter().any(|fault| fault.contains("reachable, not visited")), "{faults:?}");
}
