//! A whole box on the kernel's telephony interface, whose core is killed again and again while
//! calls come and go, and upgraded in the end: as `ringmain-kernel-calls`, in the same guest.
//!
//! `ringmain-kernel-kills --sources DIR [--kills N] [--rest SECONDS]`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use hal_dahdi::Kernel;
use scenarios::storm::{Storm, Wish, documents};
use scenarios::{Pace, Rig, Settings};

/// T309 of the exchange; the kernel keeps the line in frame while no core is there.
const T309_MS: &str = "6000";
/// The kernel's number of the span of the box.
const SPAN: i32 = 2;
/// One to the telephone behind the analog port, by way of the menu, and some through the span and
/// out again, two slots each.
const LONG: [(Wish, usize); 2] = [(Wish::Menu, 1), (Wish::Outside, 6)];
/// All of them at once, and those that come and go.
const ALL: [(Wish, usize); 2] = [(Wish::Menu, 1), (Wish::Outside, 10)];

struct Asked {
    sources: PathBuf,
    kills: usize,
    rest: Duration,
}

fn asked() -> Asked {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let place = words.iter().position(|word| word == name)?;
        words.get(place + 1).cloned()
    };
    let number = |name: &str| after(name).and_then(|word| word.parse::<u32>().ok());
    Asked {
        sources: after("--sources").unwrap_or_else(|| "/data".into()).into(),
        kills: number("--kills").and_then(|n| n.try_into().ok()).unwrap_or(20),
        rest: Duration::from_secs(number("--rest").unwrap_or(140).into()),
    }
}

fn settings(sources: PathBuf) -> Settings {
    let city = ["--dahdi-span", "3", "--dahdi-phones", "2", "--t309", T309_MS];
    documents(Settings {
        board: "qemu-x86".into(),
        programs: sources.clone(),
        sources,
        city: city.map(str::to_owned).to_vec(),
        ..Settings::new(Pace::Real)
    })
}

/// What was seen.
struct Seen {
    calls: usize,
    interrupted: usize,
    /// The longest that an end heard nothing for, in milliseconds.
    gap_ms: u64,
}

/// Whether the kernel takes its clock from the span of the box.
fn gives_the_clock() -> Result<bool, String> {
    let system = hal_dahdi::System::new(Path::new("/dev/dahdi"));
    let span = system.span(SPAN).map_err(|errno| format!("span {SPAN}: {errno}"))?;
    Ok(span.clock_source == SPAN)
}

/// A new program takes over; the cards of the kernel are closed and opened for it. By its board
/// file the span gives no clock any more.
fn upgrade(rig: &Rig) -> Result<(), String> {
    rig.console_ready()?;
    let file = rig.path("board.toml");
    let text = std::fs::read_to_string(&file).map_err(|fault| fault.to_string())?;
    std::fs::write(&file, format!("{text}\n[card.a.span.1]\nclock = 0\n"))
        .map_err(|fault| fault.to_string())?;
    if !gives_the_clock()? {
        return Err("the span gives no clock from the first".into());
    }
    let (done, said) = rig.console("upgrade core")?;
    if !done || !said.contains("takes over") {
        return Err(format!("upgrade core: {said}"));
    }
    rig.console_ready()?;
    rig.console_when("show core", |text| text.contains("went on with"))?;
    if gives_the_clock()? {
        return Err("the span gives the clock still".into());
    }
    Ok(())
}

fn act(rig: &mut Rig, asked: &Asked) -> Result<Seen, String> {
    let mut storm = Storm::new(rig, 20_261_122)?;
    storm.keep_mix(&LONG, true)?;
    storm.until("the long calls do not sound", Storm::long_ones_sound)?;
    for _ in 0..asked.kills {
        storm.live_and_kill(rig, [200, 4000], |storm| storm.keep_mix(&ALL, false))?;
    }
    storm.until("the long calls do not sound", Storm::long_ones_sound)?;
    upgrade(rig)?;
    storm.until("the long calls do not sound", Storm::long_ones_sound)?;
    storm.finish(rig)?;
    storm.come_to_rest(rig)?;
    storm.let_pass(u64::try_from(asked.rest.as_micros()).unwrap_or(0))?;
    storm.come_to_rest(rig)?;
    let wrong = storm.wrong_records(&rig.records()?);
    let mut faults = storm.lost();
    faults.extend([wrong.missing, wrong.double, wrong.untrue].concat());
    faults.extend(storm.complaints.iter().map(|(what, times)| format!("{times} times {what}")));
    let interrupted = storm.done.iter().filter(|(_, seen)| seen.interrupted).count();
    if interrupted < asked.kills {
        faults.push(format!("{} kills hit {interrupted} calls", asked.kills));
    }
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    let gap_us = storm.gaps.iter().map(|gap| gap.length_us).max().unwrap_or(0);
    Ok(Seen { calls: storm.done.len(), interrupted, gap_ms: gap_us / 1000 })
}

fn run(asked: &Asked) -> Result<Seen, String> {
    let mut rig = Rig::start(settings(asked.sources.clone()))?;
    act(&mut rig, asked).map_err(|fault| format!("{fault}\n{}", rig.logs()))
}

#[expect(clippy::print_stdout, reason = "the host reads it")]
fn main() -> ExitCode {
    let asked = asked();
    match run(&asked) {
        Ok(Seen { calls, interrupted, gap_ms }) => {
            println!(
                "RESULT kills ok kills={} calls={calls} interrupted={interrupted} \
                 longest_gap_ms={gap_ms}",
                asked.kills
            );
            ExitCode::SUCCESS
        }
        Err(fault) => {
            println!("RESULT kills FAILED {}", fault.lines().next().unwrap_or_default());
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}
