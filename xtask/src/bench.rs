//! `cargo xtask bench WHICH`: figures, each beside what it is compared with.

use std::collections::BTreeMap;

use crate::run::{cargo, cargo_prints};
use crate::{Outcome, instructions, prompts, say, setup};

const RELEASE: [&str; 5] = ["run", "--quiet", "--release", "--package", "scenarios"];

/// `cargo xtask bench WHICH`
pub(crate) fn run(arguments: &[String]) -> Outcome {
    match arguments.first().map(String::as_str) {
        Some("first-call") => first_call(),
        Some("engine") => engine(),
        Some("card") => card(),
        Some("pri") => pri(),
        Some("dchannel") => dchannel(),
        Some("restart") => restart(),
        Some("r2") => r2(),
        Some("progress") => progress(),
        Some("echo") => echo(),
        Some("detect") => detect(),
        Some("channel") => channel(),
        Some("instructions") => instructions::run(),
        Some("sound") => sound(),
        Some("conference") => conference(),
        Some("plc") => plc(),
        Some("recordings") => recordings(),
        Some("room") => room(),
        _ => Err(vec![
            "cargo xtask bench first-call   SETUP to greeting, delay through the box".into(),
            "cargo xtask bench engine       sixteen E1 bridged in pairs".into(),
            "cargo xtask bench pri          Q.921 and Q.931 beside libpri, journal off and on"
                .into(),
            "cargo xtask bench dchannel     calls over one D channel, beside libpri".into(),
            "cargo xtask bench restart      the core killed 200 times with a hundred calls up"
                .into(),
            "cargo xtask bench r2           registers of R2: cycles, and five digits with eleven"
                .into(),
            "cargo xtask bench progress     two hours of speech and music, and a thousand tones"
                .into(),
            "cargo xtask bench echo         line echo beside speexdsp's, and the tests of G.168"
                .into(),
            "cargo xtask bench detect       digits, fax, voice beside spandsp: docs/bench/detect.md"
                .into(),
            "cargo xtask bench channel      a whole channel, an E1, sixteen of them".into(),
            "cargo xtask bench instructions a channel in instructions, here and on arm64".into(),
            "cargo xtask bench sound        echo, detect and channel, and the line of them all"
                .into(),
            "cargo xtask bench conference   the sum for 3, 30 and 64 parties beside a plain one"
                .into(),
            "cargo xtask bench plc          what stands in place of lost packets, beside spandsp"
                .into(),
            "cargo xtask bench recordings   64 at once on the disk here, in WAV and in Opus".into(),
            "cargo xtask bench room         the echo of simulated rooms beside speexdsp's".into(),
            "cargo xtask bench card         four spans of the kernel, in a guest".into(),
        ]),
    }
}

fn build() -> Outcome {
    setup::run(&[])?;
    cargo(&["build", "--workspace", "--bins", "--quiet", "--release"])
}

fn first_call() -> Outcome {
    build()?;
    prompts::run(&[])?;
    cargo(&[&RELEASE[..], &["--bin", "first-call-bench"]].concat())
}

fn restart() -> Outcome {
    build()?;
    prompts::run(&[])?;
    cargo(&[&RELEASE[..], &["--bin", "restart-bench"]].concat())
}

fn engine() -> Outcome {
    build()?;
    cargo(&["run", "--quiet", "--release", "--package", "bench", "--bin", "engine-bench"])
}

fn card() -> Outcome {
    build()?;
    cargo(&[
        "run",
        "--quiet",
        "--package",
        "kernel-tests",
        "--bin",
        "ringmain-kernel",
        "--",
        "run",
        "--program",
        "target/release/card-bench",
    ])
}

fn r2() -> Outcome {
    cargo(&["run", "--quiet", "--release", "--package", "openr2-peer", "--bin", "r2-bench"])
}

fn progress() -> Outcome {
    setup::run(&[])?;
    cargo(&["run", "--quiet", "--release", "--package", "progress-test", "--bin", "progress-bench"])
}

const CHANNEL: [&str; 5] = ["run", "--quiet", "--release", "--package", "channel-bench"];
const SOUND: [&str; 6] = ["run", "--quiet", "--release", "--package", "sound", "--bin"];

fn channel() -> Outcome {
    setup::run(&[])?;
    prompts::run(&[])?;
    cargo(&CHANNEL)
}

/// Each bench of sound, and what the last lines of all say in one.
fn sound() -> Outcome {
    setup::run(&[])?;
    let mut figures = BTreeMap::new();
    prompts::run(&[])?;
    let of_sound = |bench| [&SOUND[..], &[bench]].concat();
    let benches = [
        ("echo", of_sound("echo-bench")),
        ("detect", of_sound("detect-bench")),
        ("channel", CHANNEL.to_vec()),
    ];
    for (name, bench) in benches {
        let printed = cargo_prints(&bench)?;
        let last = printed.lines().rfind(|line| line.starts_with(&format!("{name}: ")));
        let pairs = last.into_iter().flat_map(|line| line.split(' ').skip(1));
        let pairs = pairs.filter_map(|pair| pair.split_once('='));
        figures.extend(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
    let wanted = [
        "echo_erle_min",
        "echo_us",
        "echo_vs_speexdsp",
        "dtmf_vs_spandsp",
        "falsehits",
        "channel_us",
        "e1_core_share",
    ];
    let missing = |key: &str| vec![format!("no bench told {key}")];
    let mut line = "sound:".to_owned();
    for key in wanted {
        let value = figures.get(key).ok_or_else(|| missing(key))?;
        line += &format!(" {key}={value}");
    }
    say(&format!("{line}\n"));
    Ok(())
}

fn echo() -> Outcome {
    setup::run(&[])?;
    cargo(&[&SOUND[..], &["echo-bench"]].concat())
}

fn detect() -> Outcome {
    setup::run(&[])?;
    cargo(&[&SOUND[..], &["detect-bench"]].concat())
}

fn conference() -> Outcome {
    let bin = ["--package", "sound", "--bin", "conference-bench"];
    cargo(&[&["run", "--quiet", "--release"][..], &bin].concat())
}

fn plc() -> Outcome {
    setup::run(&[])?;
    cargo(&[&SOUND[..], &["plc-bench"]].concat())
}

fn recordings() -> Outcome {
    setup::run(&[])?;
    prompts::run(&[])?;
    let bin = ["--package", "bench", "--bin", "recordings-bench"];
    cargo(&[&["run", "--quiet", "--release"][..], &bin].concat())
}

fn room() -> Outcome {
    setup::run(&[])?;
    cargo(&[&SOUND[..], &["room-bench"]].concat())
}

fn dchannel() -> Outcome {
    setup::run(&[])?;
    cargo(&["run", "--quiet", "--release", "--package", "bench", "--bin", "dchannel-bench"])
}

fn pri() -> Outcome {
    setup::run(&[])?;
    cargo(&["run", "--quiet", "--release", "--package", "bench", "--bin", "pri-bench"])
}
