//! The echo of rooms, ours beside speexdsp's: `cargo xtask bench room`.
//!
//! Writes docs/bench/room.md and room.svg.
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use sound::room::{Canceller, Figures, ROOMS, Scene, figures};
use sound::svg::{Curve, chart};
use sound::table::Table;

/// Rounds of the clock; the best one counts.
const ROUNDS: usize = 3;

type Make = fn() -> Result<Canceller, String>;
const ALL: [(&str, Make); 3] = [
    ("none", || Ok(Canceller::Nothing)),
    ("ours (AEC3)", Canceller::ours),
    ("speexdsp", Canceller::speex),
];

const ABOUT: &str = "Rooms by mirror images, a sound card of 30 ms, the loudspeaker \
 3 dB below what was sent in the \
microphone, Mandarin speech of −18 dBm0 at both ends, noise\nof −55 dBm0; the near end speaks \
from second 8 to 12. Ours is WebRTC's AEC3 as the product runs it (`firmware/acoustic`), without \
noise\nsuppression and gain control; speexdsp is its MDF of 300 ms with its preprocessor for what \
is left. ERLE counts the noise as echo, so that\n52 dB would be all. Near end: its part of what \
comes out, and all else beside it. Made by `cargo xtask bench room`; the times are of that\nrun \
only, 10 ms of one room at 8 kHz.\n\n";

/// Each canceller on a scene in turn, and its time.
fn side_by_side(scene: &Scene) -> Result<Vec<(&'static str, Figures, f64)>, String> {
    let mut best = [f64::INFINITY; ALL.len()];
    let mut all = vec![];
    for round in 0..ROUNDS {
        for ((name, make), best) in ALL.iter().zip(&mut best) {
            let mut canceller = make()?;
            let start = Instant::now();
            let out = scene.through(&mut canceller);
            #[expect(clippy::cast_precision_loss, reason = "a count of frames")]
            let frames = (out.len() / 80) as f64;
            *best = best.min(start.elapsed().as_secs_f64() * 1e6 / frames);
            if round == 0 {
                all.push((*name, figures(scene, &out)));
            }
        }
    }
    Ok(all.into_iter().zip(best).map(|((name, figures), time)| (name, figures, time)).collect())
}

fn run() -> Result<(), String> {
    let heads = [
        "room",
        "",
        "ERLE, dB",
        "ms to 20 dB",
        "after double talk",
        "near end: level",
        "to all else, dB",
        "delay ms",
        "µs per 10 ms",
    ];
    let (mut table, mut curves) = (Table::new(&heads), vec![]);
    let (mut worst, mut worst_of_speex) = (f64::INFINITY, f64::INFINITY);
    let (mut near, mut cost) = (f64::INFINITY, [0.0f64; 2]);
    for shape in ROOMS {
        let scene = Scene::new(&shape)?;
        for (name, figures, time) in side_by_side(&scene)? {
            let number = |value: f64| format!("{value:.1}");
            table.row(&[
                shape.name.into(),
                name.into(),
                number(figures.erle),
                format!("{:.0}", figures.ms_to_20),
                number(figures.after),
                number(figures.near_level),
                number(figures.near_snr),
                number(figures.delay_ms),
                format!("{time:.2}"),
            ]);
            match name {
                "speexdsp" => {
                    worst_of_speex = worst_of_speex.min(figures.erle);
                    cost[1] = cost[1].max(time);
                }
                "none" => continue,
                _ => {
                    worst = worst.min(figures.erle);
                    near = near.min(figures.near_level);
                    cost[0] = cost[0].max(time);
                }
            }
            if shape.name == ROOMS[1].name {
                curves.push((name, figures.curve));
            }
        }
    }
    let curves: Vec<Curve<'_>> = curves
        .iter()
        .map(|(name, curve)| Curve {
            name,
            points: (0u32..).zip(curve).map(|(n, db)| (f64::from(n) / 10.0, *db)).collect(),
        })
        .collect();
    let title = format!("ERLE in the {}; double talk from 8 to 12 s", ROOMS[1].name);
    let picture = chart(&title, ["s", "dB"], [16.0, 60.0], &curves);
    let text = format!("# The echo of rooms\n\n{ABOUT}{}\n![ERLE](room.svg)\n", table.text());
    println!("{text}");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bench");
    for (name, text) in [("room.md", text), ("room.svg", picture)] {
        fs::write(docs.join(name), text).map_err(|fault| format!("docs/bench/{name}: {fault}"))?;
    }
    println!(
        "room: erle_min={worst:.1} speexdsp_erle_min={worst_of_speex:.1} near_level_min={near:.1} \
         us={:.2} speexdsp_us={:.2}",
        cost[0], cost[1]
    );
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("room-bench: {fault}");
            ExitCode::FAILURE
        }
    }
}
