//! What a whole channel costs, and an E1, and a box of sixteen: `cargo xtask bench channel`.
//!
//! Calls between neighbours, each with its hybrid's echo, in the engine as the core makes it.
//! `--run full|e1|box TICKS` runs one of them over so many ticks and measures nothing, for a
//! profiler.
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use dsp_progress::Plan;
use engine::{Command, Ear, Echo, Engine, LineEcho, Octets};
use units::{Gain, Law, PortId};

/// Ticks of a second.
const SECOND: usize = 500;
/// Ticks before anything is measured, and rounds of measured ones.
const WARM: usize = 4 * SECOND;
const ROUND: usize = 2 * SECOND;
const ROUNDS: usize = 5;

/// A box: how many channels talk, and what is done to each.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    about: &'static str,
    channels: u16,
    /// Echo and who is there.
    echo: bool,
    /// Also keys, tones of an exchange, gain, and a tap of both directions.
    full: bool,
}

const SHAPES: [Shape; 4] = [
    Shape {
        name: "switched",
        about: "no canceller: who is there (fax, modem, announcement, speech, music), switched",
        channels: 480,
        echo: false,
        full: false,
    },
    Shape {
        name: "full",
        about: "echo 64 ms, who is there, keys, tones of an exchange, gain, tap",
        channels: 8,
        echo: true,
        full: true,
    },
    Shape { name: "e1", about: TALK, channels: 30, echo: true, full: false },
    Shape { name: "box", about: TALK, channels: 480, echo: true, full: false },
];

const TALK: &str = "echo 64 ms, who is there: calls that talk, as the product has them";

fn made(shape: Shape) -> Engine {
    let ports = || (0..shape.channels).map(PortId);
    let laws = vec![Law::A; usize::from(shape.channels)];
    let mut engine = Engine::new(&laws);
    if shape.echo {
        let echo = |port| (port, Box::new(LineEcho::new(64, false)) as Box<dyn Echo>);
        engine = engine.with_echo(ports().map(echo).collect());
    }
    if shape.full {
        let gain = Gain { coming_tenths: -10, going_tenths: -35 };
        engine = engine
            .with_exchanges(ports(), &Plan::china())
            .with_gains(ports().map(|port| (port, gain)));
    }
    for port in ports().step_by(2) {
        engine.command(Command::Join(port, PortId(port.0 + 1)));
    }
    for port in ports().filter(|_| shape.full) {
        engine.command(Command::Exchange(port, Ear::Tones));
        engine.command(Command::Listen(port, true));
        engine.command(Command::Tap(port, port.0.into()));
    }
    engine
}

/// A hybrid 10 dB down and 3 ms away, in outline.
const HYBRID: [(usize, f32); 6] =
    [(24, 0.06), (26, -0.18), (28, 0.21), (31, -0.12), (35, 0.06), (42, -0.03)];

/// The wires: speech of who is at each, and the echo of what is sent to them.
struct Wires {
    speech: Vec<f32>,
    /// What was sent to each, newest last.
    sent: Vec<Vec<f32>>,
    at: usize,
}

/// The prompts of a fresh box one behind the other, and a pause as long as each.
fn speech() -> Result<Vec<f32>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/prompts");
    let none = |fault| format!("{}: {fault}; cargo xtask prompts makes them", folder.display());
    let mut files: Vec<_> =
        fs::read_dir(&folder).map_err(none)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "alaw"));
    files.sort();
    let mut all = vec![];
    for file in files {
        let octets = fs::read(&file).map_err(none)?;
        all.extend(octets.iter().map(|octet| f32::from(g711::decode_a(*octet))));
        all.extend(octets.iter().map(|_| 0.0));
    }
    if all.len() < 10 * 8000 {
        Err(format!("{}: too few prompts", folder.display()))
    } else {
        Ok(all)
    }
}

impl Wires {
    fn new(channels: u16) -> Result<Self, String> {
        let sent = vec![vec![0.0; 64]; usize::from(channels)];
        Ok(Self { speech: speech()?, sent, at: 0 })
    }

    /// What comes from all of them in a tick.
    fn come(&mut self, rx: &mut [Octets], tx: &[Octets]) {
        for (n, (came, went)) in rx.iter_mut().zip(tx).enumerate() {
            let sent = &mut self.sent[n];
            sent.drain(..16);
            sent.extend(went.map(|octet| f32::from(g711::decode_a(octet))));
            let said = &self.speech;
            // Each somewhere else in what there is to say.
            let from = (self.at + n * 12_345) % (said.len() - 16);
            for (at, octet) in came.iter_mut().enumerate() {
                let newest = sent.len() - 16 + at;
                let echo: f32 = HYBRID.iter().map(|(late, tap)| tap * sent[newest - late]).sum();
                #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
                let sample = (said[from + at] + echo) as i16;
                *octet = g711::encode_a(sample);
            }
        }
        self.at += 16;
    }
}

/// Runs a box; nanoseconds of each tick.
fn run(shape: Shape, ticks: usize) -> Result<Vec<u64>, String> {
    let channels = usize::from(shape.channels);
    let (mut engine, mut wires) = (made(shape), Wires::new(shape.channels)?);
    let idle = [Law::A.idle(); 16];
    let (mut rx, mut tx) = (vec![idle; channels], vec![idle; channels]);
    let mut taken = Vec::with_capacity(ticks);
    for _ in 0..ticks {
        wires.come(&mut rx, &tx);
        let begin = Instant::now();
        engine.tick(&rx, &mut tx);
        let tapped = engine.tapped().map(|tapped| u64::from(tapped.came[0])).sum::<u64>();
        std::hint::black_box(tapped);
        while engine.poll_notice().is_some() {}
        taken.push(u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    Ok(taken)
}

/// Microseconds for 10 ms of one channel: the mean of the quickest of five rounds.
fn microseconds(shape: Shape) -> Result<f64, String> {
    let taken = run(shape, WARM + ROUNDS * ROUND)?.split_off(WARM);
    let rounds = taken.chunks(ROUND).map(|round| round.iter().sum::<u64>());
    #[expect(clippy::cast_precision_loss, reason = "three digits are enough")]
    let mean = rounds.min().unwrap_or(0) as f64 / ROUND as f64;
    Ok(mean / 1000.0 * 5.0 / f64::from(shape.channels))
}

fn all() -> Result<(), String> {
    let mut costs = vec![];
    let mut text = String::from(
        "# What a channel costs\n\nMade by `cargo xtask bench channel`: calls between neighbours, \
         prompts spoken at both ends, each with the echo of a hybrid\n10 dB down, A-law. \
         The engine as the core runs it, tick by tick; the mean of the quickest of five rounds of \
         2 s.\n\n\
         | what | channels | µs for 10 ms of one | of a core |\n|---|---|---|---|\n",
    );
    for shape in SHAPES {
        let cost = microseconds(shape)?;
        let share = cost * f64::from(shape.channels) / 100.0;
        let (name, about, channels) = (shape.name, shape.about, shape.channels);
        println!("{name}: {channels} channels, {cost:.2} us for 10 ms of one, {share:.2} %");
        let _ = writeln!(text, "| {about} | {channels} | {cost:.2} | {share:.2} % |");
        costs.push((cost, share));
    }
    let [_, (full, _), (_, e1), (_, whole)] = costs[..] else { return Err("no figures".into()) };
    let last =
        format!("channel: channel_us={full:.2} e1_core_share={e1:.2}% box_core_share={whole:.2}%");
    let _ = writeln!(text, "\n`{last}`");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bench/channel.md");
    fs::write(&docs, text).map_err(|fault| format!("{}: {fault}", docs.display()))?;
    println!("{last}");
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["--run", name, ticks] => {
            let shape = SHAPES.into_iter().find(|shape| shape.name == name);
            match (shape, ticks.parse()) {
                (Some(shape), Ok(ticks)) => run(shape, ticks).map(drop),
                _ => Err("--run full|e1|box|switched TICKS".into()),
            }
        }
        _ => all(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}
