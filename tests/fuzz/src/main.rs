//! `fuzz --target T --executions N [--seed S]`: mutates a target's octets on stable Rust and runs
//! it; what meets something new stays in the pool. A failing input goes to a file.
#![expect(clippy::print_stderr, reason = "what a person at a terminal reads")]

use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use fuzz::{Mutator, TARGETS, Target, seen};

const USAGE: &str = "\
fuzz --target NAME --executions N [--seed S] [--keep N] [--out FOLDER]
fuzz --target NAME --replay FILE
    --keep N     afterwards put the N shortest inputs that met something new into the corpus
    --out FOLDER where a failing input is written (target/fuzz)";

#[derive(Default)]
struct Wanted {
    target: Option<&'static Target>,
    executions: u64,
    seed: u64,
    keep: usize,
    out: PathBuf,
    replay: Option<PathBuf>,
}

fn wanted() -> Result<Wanted, String> {
    let mut wanted = Wanted { out: "target/fuzz".into(), ..Wanted::default() };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} wants a value"))?;
        let number = || value.replace('_', "").parse::<u64>().map_err(|f| format!("{name}: {f}"));
        match name.as_str() {
            "--target" => {
                let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
                let found = fuzz::target(&value);
                wanted.target =
                    Some(found.ok_or_else(|| format!("targets are {}", names.join(", ")))?);
            }
            "--executions" => wanted.executions = number()?,
            "--seed" => wanted.seed = number()?,
            "--keep" => wanted.keep = usize::try_from(number()?).unwrap_or(0),
            "--out" => wanted.out = value.into(),
            "--replay" => wanted.replay = Some(value.into()),
            _ => return Err(format!("there is no option {name}")),
        }
    }
    Ok(wanted)
}

fn corpus(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

fn corpus_octets(target: &Target) -> Vec<Vec<u8>> {
    let files = fs::read_dir(corpus(target)).into_iter().flatten().flatten();
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn fails(target: &Target, octets: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.run)(octets))).is_err()
}

/// Takes parts out as long as it still fails.
fn shortest(target: &Target, mut octets: Vec<u8>) -> Vec<u8> {
    let mut part = octets.len() / 2;
    while part > 0 {
        let mut at = 0;
        while at < octets.len() {
            let mut fewer = octets.clone();
            drop(fewer.drain(at..(at + part).min(fewer.len())));
            if fails(target, &fewer) { octets = fewer } else { at += part }
        }
        part /= 2;
    }
    octets
}

fn name_of(octets: &[u8]) -> String {
    let hash = octets.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, octet| {
        (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("{hash:016x}")
}

fn failed(wanted: &Wanted, target: &Target, octets: Vec<u8>) -> Result<String, String> {
    let octets = shortest(target, octets);
    let path = wanted.out.join(format!("{}-{}", target.name, name_of(&octets)));
    fs::create_dir_all(&wanted.out)
        .and_then(|()| fs::write(&path, &octets))
        .map_err(|fault| format!("{}: {fault}", path.display()))?;
    let path = path.display();
    Err(format!(
        "{} fails on {} octets: {path}\nreplay: fuzz --target {} --replay {path}",
        target.name,
        octets.len(),
        target.name,
    ))
}

/// The shortest inputs that each met something that those before did not.
fn keep(wanted: &Wanted, target: &Target, mut pool: Vec<Vec<u8>>) -> Result<usize, String> {
    let folder = corpus(target);
    fs::create_dir_all(&folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    pool.sort_by_key(Vec::len);
    let mut kept = vec![];
    // A thread of its own has met nothing yet.
    let run = target.run;
    let chosen = std::thread::spawn(move || {
        for octets in pool {
            run(&octets);
            if seen::fresh() {
                kept.push(octets);
            }
        }
        kept
    });
    let chosen = chosen.join().map_err(|_| "an input failed".to_owned())?;
    // Spread over all lengths: the first are short, the last are deep.
    let step = chosen.len().div_ceil(wanted.keep.max(1)).max(1);
    let chosen: Vec<_> = chosen.iter().step_by(step).collect();
    for octets in &chosen {
        let path = folder.join(name_of(octets));
        fs::write(&path, octets).map_err(|fault| format!("{}: {fault}", path.display()))?;
    }
    Ok(chosen.len())
}

fn run() -> Result<String, String> {
    let wanted = wanted()?;
    let target = wanted.target.ok_or("which target? --target NAME")?;
    if let Some(path) = &wanted.replay {
        let octets = fs::read(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
        (target.run)(&octets);
        return Ok(format!("{}: {} octets, all properties hold", target.name, octets.len()));
    }
    std::panic::set_hook(Box::new(|_| {}));
    let begin = Instant::now();
    let first = [(target.seeds)(), corpus_octets(target)].concat();
    for octets in &first {
        if fails(target, octets) {
            return failed(&wanted, target, octets.clone());
        }
    }
    let mut mutator = Mutator::new(wanted.seed, first, target.longest);
    let _ = seen::fresh();
    for _ in 0..wanted.executions {
        let octets = mutator.mutation();
        if fails(target, &octets) {
            return failed(&wanted, target, octets);
        }
        if seen::fresh() {
            mutator.keep(octets);
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let (pool, met) = (mutator.pool().len(), seen::count());
    let kept = if wanted.keep > 0 { keep(&wanted, target, mutator.pool().to_vec())? } else { 0 };
    Ok(format!(
        "fuzz: target={} executions={} seed={} failures=0 met={met} pool={pool} kept={kept} \
         seconds={seconds:.1}",
        target.name, wanted.executions, wanted.seed
    ))
}

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            let _ = writeln!(std::io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{text}\n{}", if text.contains("replay:") { "" } else { USAGE });
            ExitCode::FAILURE
        }
    }
}
