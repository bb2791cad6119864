//! `ringmain-jack-test`: a tone from the line through a jack and back, on snd-aloop, while the
//! sound card's clock drifts.
//!
//! ```text
//!   line (this loop, 2 ms) ─► ring ─► resampler ─► hw:Loopback,0 ─┐  both clocks are shifted
//!   heard and measured     ◄─ ring ◄─ resampler ◄─ hw:Loopback,1 ◄┘  by "PCM Rate Shift"
//! ```
//!
//! Ends with one line: `RESULT jack seconds=… slips=… xruns=… ppm=set:capture:playback,… snr_db=…`
//! and `ok`, or with what is wrong and 1. The kernel has the module snd-aloop already.

mod shift;

use std::process::ExitCode;
use std::time::{Duration, Instant as Host};

use hal_alsa::{Counters, Event, LineEnd, Monitor, Settings};
use jack_test::tone::{self, Tone};
use shift::RateShift;
use units::{Instant, LinearBlock};

/// What the card's clock is shifted to, leg by leg, in ppm; steps of 10.
const LEGS_PPM: &str = "0,200,-200,250,-50,-250";
/// Not listened to at the beginning: the way is empty.
const DEAF_SECONDS: usize = 3;

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

fn arguments() -> Result<Arguments, String> {
    let mut found = Arguments {
        playback: "hw:Loopback,0,0".into(),
        capture: "hw:Loopback,1,0".into(),
        card: "hw:Loopback".into(),
        seconds: 600,
        latency_ms: 24,
        legs_ppm: legs(LEGS_PPM)?,
    };
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

/// The line, a tone on it, and what comes back.
struct Line {
    begin: Host,
    ticks: u64,
    /// Ticks that began more than a block late.
    late: u64,
    line: LineEnd,
    monitor: Monitor,
    tone: Tone,
    heard: Vec<i16>,
}

impl Line {
    fn run(&mut self, seconds: u64) -> Result<(), String> {
        for _ in 0..seconds * 500 {
            self.ticks += 1;
            let due =
                self.begin + Duration::from_millis(2) * u32::try_from(self.ticks).unwrap_or(0);
            std::thread::sleep(due.saturating_duration_since(Host::now()));
            self.late += u64::from(due.elapsed() > Duration::from_millis(2));
            let block = LinearBlock { samples: self.tone.block(), ..LinearBlock::SILENCE };
            let heard = self.line.exchange(now(self.begin), &block);
            self.heard.extend(heard.samples);
            while let Some(event) = self.monitor.poll_event() {
                say(&format!("jack: {event:?}"));
                if let Event::Down(fault) = event {
                    return Err(fault.to_string());
                }
            }
        }
        Ok(())
    }
}

fn now(begin: Host) -> Instant {
    Instant::from_millis(1000) + begin.elapsed()
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
    let begin = Host::now();
    let settings = Settings {
        capture: Some(arguments.capture.clone()),
        playback: Some(arguments.playback.clone()),
        latency: Duration::from_millis(arguments.latency_ms),
    };
    let opened = hal_alsa::open(settings, move || now(begin));
    let (line, monitor) = opened.map_err(|fault| fault.to_string())?;
    let (tone, heard) = (Tone::new(), Vec::new());
    let mut line = Line { begin, ticks: 0, late: 0, line, monitor, tone, heard };
    let count = u64::try_from(arguments.legs_ppm.len()).unwrap_or(1).max(1);
    let each = arguments.seconds / count;
    let mut legs = vec![];
    for ppm in arguments.legs_ppm.iter().copied() {
        shift.set(ppm)?;
        line.run(each)?;
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

/// The worst and the median window, dB.
fn snr_db(heard: &[i16]) -> (f64, f64) {
    let heard = heard.get(DEAF_SECONDS * 8000..).unwrap_or(&[]);
    let mut each: Vec<f64> = heard.chunks_exact(tone::WINDOW).map(tone::snr_db).collect();
    each.sort_by(f64::total_cmp);
    let median = each.get(each.len() / 2).copied().unwrap_or(0.0);
    (each.first().copied().unwrap_or(0.0), median)
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
    let (worst_db, median_db) = snr_db(&line.heard);
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
