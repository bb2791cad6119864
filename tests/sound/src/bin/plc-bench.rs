//! What stands in place of lost packets, beside spandsp: `cargo xtask bench plc`.
//!
//! Writes docs/bench/plc.md.
#![expect(clippy::print_stdout, reason = "a program's figures")]

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use sound::detect::time::{Timed, compare};
use sound::loss::{self, Losses};
use sound::network::{self, Profile};
use sound::table::Table;

const RATES: [f64; 4] = [0.01, 0.03, 0.05, 0.1];

const ABOUT: &str = "Prompts of Debian in five languages, one of 20, and Mandarin of espeak-ng; \
frames of 10 ms are lost, each by itself or three in a row in the mean,\nthe same for all. \
Signal to noise: of frames that are lost, each between −10 and 35 dB. \
Spectrum: root mean square of the\ndifference in dB between 200 and 3400 Hz, of each 32 ms that \
a loss touches. Ours has a delay of 3.75 ms, which was taken out; spandsp has none.\nMade by \
`cargo xtask bench plc`; the times are of that run only.\n\n";

fn concealment(all: &[Vec<i16>], line: &mut String) -> Table {
    let mut table = Table::new(&[
        "lost",
        "SNR, ours dB",
        "spandsp",
        "silence",
        "spectrum off, ours dB",
        "spandsp",
        "silence",
    ]);
    for losses in [Losses::Random, Losses::Bursts] {
        for rate in RATES {
            let found = loss::distances(all, rate, losses);
            let how = if losses == Losses::Random { "by itself" } else { "in bursts" };
            let mut cells = vec![format!("{:.0} % {how}", rate * 100.0)];
            cells.extend(found.iter().map(|found| format!("{:.2}", found.snr_db())));
            cells.extend(found.iter().map(|found| format!("{:.2}", found.spectral_db())));
            table.row(&cells);
            if rate == 0.1 {
                let [ours, theirs, _] = found.map(|found| found.snr_db());
                let name = if losses == Losses::Random { "random" } else { "bursts" };
                *line += &format!(" snr_{name}={ours:.2} spandsp_{name}={theirs:.2}");
            }
        }
    }
    table
}

const ABOUT_BUFFER: &str = "## The buffer of packets\n\nTen minutes of the same speech in \
packets of 20 ms, read every 2 ms. Delay: behind the fastest packet, from second 5 on, without \
the 20 ms\nof a packet and the 3.75 ms of the concealment. Nothing was lost on the way: what is \
made up was late, or was waited for.\n\n";

fn buffer(sound: &[i16], line: &mut String) -> Table {
    let heads =
        ["network", "mean delay ms", "most", "made up %", "too late", "cut ms", "repeated ms"];
    let mut table = Table::new(&heads);
    for (name, profile) in [
        ("even", Profile::Constant),
        ("0 to 10 ms late", Profile::Uniform(10.0)),
        ("0 to 40 ms late", Profile::Uniform(40.0)),
        ("200 ms of nothing every 5 s", Profile::Spikes(200.0)),
        ("clock 100 millionths fast", Profile::Drift(100.0)),
        ("clock 100 millionths slow", Profile::Drift(-100.0)),
    ] {
        let found = network::through(sound, profile, 30_000);
        let counted = found.counters;
        table.row(&[
            name.into(),
            format!("{:.1}", found.mean_ms),
            format!("{:.1}", found.most_ms),
            format!("{:.2}", found.concealed * 100.0),
            counted.late.to_string(),
            (counted.cut / 8).to_string(),
            (counted.repeated / 8).to_string(),
        ]);
        if let Profile::Uniform(40.0) = profile {
            *line += &format!(" delay_40={:.1} made_40={:.4}", found.mean_ms, found.concealed);
        }
    }
    table
}

/// µs for 10 ms that arrive, and that are lost, of ours and of spandsp.
fn times(sound: &[i16]) -> [Vec<f64>; 2] {
    [0.0, 0.1].map(|rate| {
        let which = loss::lost(sound.len() / loss::FRAME, rate, Losses::Random, 7);
        let mut all: [Timed<'_>; 2] = [
            ("ours", Box::new(|sound| drop(black_box(loss::ours(sound, &which))))),
            ("spandsp", Box::new(|sound| drop(black_box(loss::theirs(sound, &which))))),
        ];
        compare(sound, &mut all)
    })
}

fn run() -> Result<(), String> {
    let all = loss::speeches(20)?;
    let mut line = "plc:".to_owned();
    let table = concealment(&all, &mut line);
    let even = buffer(&all.concat(), &mut line);
    let [whole, holes] = times(&all.concat());
    let mut time = Table::new(&["lost", "ours, µs for 10 ms", "spandsp"]);
    for (name, us) in [("nothing", &whole), ("10 % by itself", &holes)] {
        time.row(&[name.into(), format!("{:.2}", us[0]), format!("{:.2}", us[1])]);
    }
    line += &format!(" us={:.2} spandsp_us={:.2}", holes[0], holes[1]);
    let bytes = size_of::<dsp_plc::Concealer>();
    let text = format!(
        "# Lost packets\n\n{ABOUT}{}\n{}\nOurs keeps {bytes} octets.\n\n{ABOUT_BUFFER}{}",
        table.text(),
        time.text(),
        even.text()
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bench/plc.md");
    std::fs::write(path, &text).map_err(|fault| format!("docs/bench/plc.md: {fault}"))?;
    println!("{text}\n{line}");
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}
