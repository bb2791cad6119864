//! `ringmain-jack-test`: a tone from the line through a jack and back, on snd-aloop, while the
//! sound card's clock drifts.
//!
//! ```text
//!   line (this loop, 2 ms) ─► ring ─► resampler ─► hw:Loopback,0 ─┐  both clocks are shifted
//!   heard and measured     ◄─ ring ◄─ resampler ◄─ hw:Loopback,1 ◄┘  by "PCM Rate Shift"
//! ```
//!
//! With `unplug` as its only word it takes the card away under the tone and gives it back.
//!
//! Ends with one line: `RESULT jack seconds=… slips=… xruns=… ppm=set:capture:playback,… snr_db=…`
//! and `ok`, or with what is wrong and 1. The kernel has the module snd-aloop already.
//!
//! ```text
//! ringmain-kernel run --build jack-test/ringmain-jack-test --module snd-aloop
//!     --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf --limit 660 --host-limit 590
//! ```
//! A minute and a half of it: `-- --seconds 100 --ppm 250`; the card's loss: `-- unplug`.

mod line;
mod shift;
mod unplug;

use std::process::ExitCode;

use hal_alsa::{Counters, Event};
use line::Line;
use shift::RateShift;

/// What the card's clock is shifted to, leg by leg, in ppm; steps of 10.
const LEGS_PPM: &str = "0,200,-200,250,-50,-250";

struct Arguments {
    playback: String,
    capture: String,
    card: String,
    seconds: u64,
    latency_ms: u64,
    legs_ppm: Vec<i32>,
}

/// Numbers with commas between.
fn legs(text: &str) -> Result<Vec<i32>, String> {
    text.split(',').map(|n| n.parse().map_err(|_| format!("{n} is no number of ppm"))).collect()
}

impl Arguments {
    fn new() -> Result<Self, String> {
        Ok(Self {
            playback: "hw:Loopback,0,0".into(),
            capture: "hw:Loopback,1,0".into(),
            card: "hw:Loopback".into(),
            seconds: 600,
            latency_ms: 24,
            legs_ppm: legs(LEGS_PPM)?,
        })
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut found = Arguments::new()?;
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} wants a value"))?;
        let number = || value.parse().map_err(|_| format!("{value} is no number"));
        match name.as_str() {
            "--playback" => found.playback = value,
            "--capture" => found.capture = value,
            "--card" => found.card = value,
            "--seconds" => found.seconds = number()?,
            "--ppm" => found.legs_ppm = legs(&value)?,
            "--latency-ms" => found.latency_ms = number()?,
            _ => return Err(format!("{name}: no such option")),
        }
    }
    Ok(found)
}

fn say(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout();
    // Nobody listens any more: the exit code still tells.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// One leg's result: set, found by capture, found by playback, ppm.
type Leg = (i32, f64, f64);

fn play(arguments: &Arguments) -> Result<(Line, Vec<Leg>), String> {
    let shift = RateShift::open(&arguments.card)?;
    let mut line = Line::open(arguments)?;
    let count = u64::try_from(arguments.legs_ppm.len()).unwrap_or(1).max(1);
    let each = arguments.seconds / count;
    let mut legs = vec![];
    for ppm in arguments.legs_ppm.iter().copied() {
        shift.set(ppm)?;
        line.run(each);
        if let Some(Event::Down(fault)) = line.events.last() {
            return Err(fault.to_string());
        }
        let Counters { capture_ppb, playback_ppb, .. } = line.monitor.counters();
        let of = |ppb| f64::from(ppb) / 1000.0;
        legs.push((ppm, of(capture_ppb), of(playback_ppb)));
        say(&format!(
            "jack: {ppm} ppm set, {} ppb heard, {} ppb played",
            capture_ppb, playback_ppb
        ));
    }
    shift.set(0)?;
    Ok((line, legs))
}

/// How far the drift found may be from the one set. At steps of 250 ppm snd-aloop's period of 4 ms
/// is a whole number of its units; between them it is rounded, so that its clock runs up to 10 ppm
/// wrong for most of a minute and makes good for it within seconds (counted: frames against time).
fn tolerance_ppm(set: i32) -> f64 {
    if set % 250 == 0 { 10.0 } else { 25.0 }
}

/// What is wrong with a result; nothing, if it is good.
fn wrong(counters: Counters, legs: &[Leg], worst_db: f64, median_db: f64) -> Vec<&'static str> {
    let mut wrong = vec![];
    let mut unless = |good: bool, what| {
        if !good {
            wrong.push(what);
        }
    };
    unless(counters.slips == 0, "it slipped");
    unless(counters.xruns == 0, "the card ran dry or over");
    unless(counters.starved == 0, "the line was starved");
    let near = |set: i32, found: f64| (found - f64::from(set)).abs() <= tolerance_ppm(set);
    let found = legs.iter().all(|(set, heard, played)| near(*set, *heard) && near(*set, *played));
    unless(found, "the drift was not found");
    unless(worst_db >= 45.0, "the worst quarter of a second is not clean");
    unless(median_db >= 70.0, "the tone is not clean");
    wrong
}

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|word| word == "unplug") {
        return unplug::main();
    }
    let played = arguments().and_then(|arguments| {
        let (line, legs) = play(&arguments)?;
        Ok((arguments, line, legs))
    });
    let (arguments, line, legs) = match played {
        Ok(played) => played,
        Err(why) => {
            say(&format!("RESULT jack FAILED {why}"));
            return ExitCode::FAILURE;
        }
    };
    let counters = line.monitor.counters();
    let (worst_db, median_db) = line.snr_db(line::DEAF_SECONDS);
    let ppm: Vec<String> =
        legs.iter().map(|(set, heard, played)| format!("{set}:{heard:.1}:{played:.1}")).collect();
    let wrong = wrong(counters, &legs, worst_db, median_db);
    let verdict =
        if wrong.is_empty() { "ok".into() } else { format!("FAILED {}", wrong.join(", ")) };
    say(&format!(
        "RESULT jack seconds={} slips={} xruns={} starved={} dropped={} late={} ppm={} \
         snr_worst_db={worst_db:.1} snr_db={median_db:.1} {verdict}",
        arguments.seconds,
        counters.slips,
        counters.xruns,
        counters.starved,
        counters.dropped,
        line.late,
        ppm.join(",")
    ));
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
