//! The core of a box with a hundred calls is killed again and again: what the far ends lose, how
//! long they hear nothing, and what is left over an hour later.
//!
//! ```text
//!  four spans, 120 slots     44 calls to telephones   44 slots ┐ a hundred calls
//!                            28 calls through the box 56 slots ┘ of the exchanges are up
//!                            10 that ring             10 slots
//!                            10 in the menu           10 slots
//! ```
//!
//! Of each kind some come and go, so that kills hit set-ups and clearings too. Half of the kills
//! are made with T309 at 6 s at the exchanges, half with 90 s. All this in real time; then the
//! card's pace becomes free, and an hour of the line's time passes.

use std::io::Write;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use scenarios::storm::{Killed, Storm, Wish, documents};
use scenarios::{Pace, Rig, Settings, program};

/// Kills, unless the command line says otherwise.
const KILLS: usize = 200;
/// Calls that stay from the first kill to the last.
const LONG: [(Wish, usize); 2] = [(Wish::Outside, 24), (Wish::Desk, 34)];
/// Calls at once, those that stay included.
const ALL: [(Wish, usize); 4] =
    [(Wish::Outside, 28), (Wish::Desk, 44), (Wish::Menu, 10), (Wish::Ringing, 10)];
/// All slots of a span.
const SLOTS: usize = 30;
/// Whoever listens to the menu has time to come to its end, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a caller listens to the menu at most.
const MENU_MS: u64 = 60_000;
/// How long the line's time goes on after the last call, in microseconds.
const HOUR_US: u64 = 3_600_000_000;
/// And then with the telephones back at their ports.
const MINUTE_US: u64 = 60_000_000;
/// What a gap may begin earlier than the kill that it is counted for: blocks on their way.
const EARLY_US: i64 = 100_000;

/// What came of all kills.
#[derive(Debug, Default)]
struct Sum {
    kills: usize,
    calls: usize,
    answered: usize,
    interrupted: usize,
    lost: usize,
    left_over: usize,
    missing: usize,
    double: usize,
    untrue: usize,
    /// Lengths of gaps, in microseconds.
    gaps: Vec<u64>,
    /// From the start of a new process until an end heard the other again, in microseconds.
    back: Vec<u64>,
    /// And until the bench knew it.
    told: Vec<u64>,
    /// From the signal until the old process was gone, in microseconds.
    took: Vec<u64>,
    /// Gaps that no kill explains.
    slips: usize,
    /// Calls for which an exchange had no slot left.
    without_slot: usize,
    complaints: Vec<String>,
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The value that so many in a hundred do not exceed, in milliseconds.
fn percentile(values: &mut [u64], percent: usize) -> f64 {
    values.sort_unstable();
    let index = (values.len() * percent / 100).min(values.len().saturating_sub(1));
    #[expect(clippy::cast_precision_loss, reason = "microseconds of seconds")]
    values.get(index).map_or(f64::NAN, |value| *value as f64 / 1000.0)
}

fn storm(seed: u64, t309_ms: u64, kills: usize, sum: &mut Sum) -> Result<(), String> {
    let settings = documents(Settings {
        telephones: limits::ANALOG_PORTS,
        spans: 4,
        city: vec!["--t309".into(), t309_ms.to_string()],
        ..Settings::new(Pace::Real)
    });
    let mut rig = Rig::start(settings)?;
    let done = kill_often(&mut rig, seed, t309_ms, kills, sum);
    done.map_err(|fault| format!("{fault}\n{}", rig.logs()))
}

/// Fills the box: calls that stay, then those that come and go.
fn fill(storm: &mut Storm) -> Result<(), String> {
    let begin = Instant::now();
    let sound = |storm: &Storm| {
        LONG.iter().all(|(wish, wanted)| {
            storm.count(|call| call.long && wish.is(call.kind) && call.sounds()) == *wanted
        })
    };
    while !sound(storm) {
        if begin.elapsed() > Duration::from_secs(60) {
            return Err("the box did not fill within 60 s".into());
        }
        storm.keep_mix(&LONG, true)?;
        storm.pump()?;
    }
    storm.keep_mix(&ALL, false)
}

fn kill_often(
    rig: &mut Rig,
    seed: u64,
    t309_ms: u64,
    kills: usize,
    sum: &mut Sum,
) -> Result<(), String> {
    let mut storm = Storm::new(rig, seed)?;
    (storm.most_slots, storm.menu_ms, storm.patience) = (SLOTS, MENU_MS, PATIENCE);
    fill(&mut storm)?;
    let mut kills_made = vec![];
    for number in 1..kills {
        let busy = |storm: &mut Storm| storm.keep_mix(&ALL, false);
        kills_made.push(storm.live_and_kill(rig, [60, 1500], busy)?);
        if number % 20 == 0 {
            let up = storm.count(|call| call.answered && call.passed_us.is_none());
            let over = storm.done.len();
            say(&format!("T309 {t309_ms} ms: {number} kills, {up} answered, {over} are over"));
        }
    }
    storm.until("the long calls do not sound", Storm::long_ones_sound)?;
    gaps(&storm, &kills_made, sum);
    // From the last kill on time passes as fast as all answer.
    rig.free_pace()?;
    storm.kill(rig)?;
    storm.until("the long calls do not sound", Storm::long_ones_sound)?;
    storm.finish(rig)?;
    storm.come_to_rest(rig)?;
    let begin = Instant::now();
    say("an hour of the line's time begins");
    storm.telephones(false)?;
    storm.let_pass(HOUR_US)?;
    storm.telephones(true)?;
    storm.let_pass(MINUTE_US)?;
    say(&format!("T309 {t309_ms} ms: an hour of the line in {} s", begin.elapsed().as_secs()));
    sum.kills += kills;
    judge(rig, &mut storm, sum)
}

/// Gaps that a kill explains, and how soon after the last start each was over.
///
/// By the line's clock, to the sample: where sound stopped at most ends the old core died, and the
/// new one was started by what the kill took later, or earlier than that if it died late. When the
/// bench came to read of a gap is told besides: it is the later the more there is to read.
fn gaps(storm: &Storm, kills: &[Killed], sum: &mut Sum) {
    let mut of_kill = vec![vec![]; kills.len()];
    for gap in &storm.gaps {
        let from_us = gap.told_us - i64::try_from(gap.length_us).unwrap_or(i64::MAX) - EARLY_US;
        let last = kills.iter().rposition(|kill| kill.started_us <= gap.told_us);
        match last.filter(|last| kills[*last].started_us >= from_us) {
            Some(kill) => of_kill[kill].push(gap),
            None => sum.slips += 1,
        }
    }
    for (kill, gaps) in kills.iter().zip(&mut of_kill) {
        gaps.sort_unstable_by_key(|gap| gap.from_us);
        let Some(middle) = gaps.get(gaps.len() / 2) else { continue };
        let took_us = u64::try_from(kill.started_us - kill.signalled_us).unwrap_or(0);
        let start_us = middle.from_us + took_us;
        sum.took.push(took_us);
        for gap in gaps.iter() {
            sum.gaps.push(gap.length_us);
            sum.back.push((gap.from_us + gap.length_us).saturating_sub(start_us));
            sum.told.push(u64::try_from(gap.told_us - kill.started_us).unwrap_or(0));
        }
    }
}

fn judge(rig: &Rig, storm: &mut Storm, sum: &mut Sum) -> Result<(), String> {
    let lost = storm.lost();
    let wrong = storm.wrong_records(&rig.records()?);
    for text in lost.iter().chain(&wrong.missing).chain(&wrong.double).chain(&wrong.untrue) {
        say(text);
    }
    sum.left_over += storm.left_over(rig)?;
    sum.lost += lost.len();
    sum.missing += wrong.missing.len();
    sum.double += wrong.double.len();
    sum.untrue += wrong.untrue.len();
    sum.calls += storm.done.len();
    sum.without_slot += storm.without_slot;
    sum.answered += storm.done.iter().filter(|(_, seen)| seen.answered).count();
    sum.interrupted += storm.done.iter().filter(|(_, seen)| seen.interrupted).count();
    let complaints = storm.complaints.iter().map(|(what, times)| format!("{times} times {what}"));
    sum.complaints.extend(complaints);
    Ok(())
}

/// What five hundred calls cost, from the bench that has no far ends.
fn wake() -> Result<String, String> {
    let out =
        Command::new(program("wake-bench")).output().map_err(|e| format!("wake-bench: {e}"))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    say(text.trim_end());
    let last = text.lines().last().and_then(|line| line.split_once("wake: calls=500 "));
    last.map(|(_, figures)| figures.to_owned()).ok_or_else(|| "wake-bench told no figures".into())
}

fn run(kills: usize) -> Result<bool, String> {
    let mut sum = Sum::default();
    storm(20_261_122, 6_000, kills / 2, &mut sum)?;
    storm(20_261_123, 90_000, kills - kills / 2, &mut sum)?;
    let figures = wake()?;
    let Sum { calls, answered, interrupted, untrue, slips, without_slot, .. } = sum;
    for complaint in &sum.complaints {
        say(&format!("an exchange complains: {complaint}"));
    }
    say(&format!(
        "calls={calls} answered={answered} interrupted={interrupted} records_untrue={untrue} \
         without_slot={without_slot} \
         gaps={} gaps_without_a_kill={slips} back_after_start_ms_p50={:.1} p99={:.1} (aim 100) \
         told_after_start_ms_p50={:.1} p99={:.1} kill_took_ms_p50={:.1} p99={:.1}",
        sum.gaps.len(),
        percentile(&mut sum.back, 50),
        percentile(&mut sum.back, 99),
        percentile(&mut sum.told, 50),
        percentile(&mut sum.told, 99),
        percentile(&mut sum.took, 50),
        percentile(&mut sum.took, 99),
    ));
    say("aims: restore 50 ms, 5 us a change");
    say(&format!(
        "restart: kills={} answered_lost={} left_over={} records_lost={} records_double={} \
         audio_gap_ms_p50={:.1} audio_gap_ms_p99={:.1} {figures}",
        sum.kills,
        sum.lost,
        sum.left_over,
        sum.missing,
        sum.double,
        percentile(&mut sum.gaps, 50),
        percentile(&mut sum.gaps, 99),
    ));
    let faults = [sum.lost, sum.left_over, sum.missing, sum.double, sum.untrue];
    Ok(faults.iter().sum::<usize>() + sum.complaints.len() == 0)
}

fn main() -> ExitCode {
    let kills = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(KILLS);
    match run(kills) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            say(&format!("restart: not measured: {fault}"));
            ExitCode::FAILURE
        }
    }
}
