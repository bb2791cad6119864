//! The city exchange as a program.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use exchange::city::{City, HELP, R2Settings, Settings};
use exchange::pri::{Side, Timers};
use units::Timeslot;

fn main() -> ExitCode {
    let run = match settings(std::env::args().skip(1)) {
        Ok(None) => {
            let _ = std::io::stdout().write_all(HELP.as_bytes());
            return ExitCode::SUCCESS;
        }
        Ok(Some(settings)) => City::open(settings).map(City::run).map_err(|e| e.to_string()),
        Err(why) => Err(format!("{why}; --help tells more")),
    };
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "ringmain-city: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the command line; `None` asks for help.
fn settings(mut words: impl Iterator<Item = String>) -> Result<Option<Settings>, String> {
    let mut dir = None;
    let (mut span, mut ports, mut bit_offset, mut seed, mut debug) = (1, 1, 0, 1, 0);
    let (mut lines, mut data, mut group) = (0, Timeslot::D, vec![]);
    let (mut crc4, mut qsig, mut side) = (true, false, Side::Network);
    let (mut timers, mut backup) = (Timers::default(), None);
    let (mut kernel, mut phones) = (None, vec![]);
    let (mut r2, mut boards, mut digits) = (None, None, 0);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--dir" => dir = Some(PathBuf::from(value()?)),
            "--span" => span = number(&word, &value()?)?,
            "--group" => group = numbers(&word, &value()?)?,
            "--backup" => backup = Some(number(&word, &value()?)?),
            "--d-slot" => data = slot(&word, &value()?)?,
            "--ports" => ports = number(&word, &value()?)?,
            "--lines" => lines = number(&word, &value()?)?,
            "--bit-offset" => bit_offset = number(&word, &value()?)?,
            "--seed" => seed = number(&word, &value()?)?,
            "--libpri-debug" => debug = number(&word, &value()?)?,
            "--t203" => timers.t203_ms = Some(number(&word, &value()?)?),
            "--t309" => timers.t309_ms = Some(number(&word, &value()?)?),
            "--dahdi-span" => kernel = Some(number(&word, &value()?)?),
            "--dahdi-phones" => phones = numbers(&word, &value()?)?,
            "--r2" => r2 = Some(value()?),
            "--boards" => boards = Some(PathBuf::from(value()?)),
            "--digits" => digits = number(&word, &value()?)?,
            "--no-crc4" => crc4 = false,
            "--qsig" => qsig = true,
            "--user-side" => side = Side::User,
            other => return Err(format!("unknown option {other}")),
        }
    }
    if bit_offset > 7 || ports > limits::ANALOG_PORTS || lines > limits::ANALOG_PORTS {
        return Err("--bit-offset is 0 to 7, --ports and --lines 0 to 64".to_owned());
    }
    check_group(&group, backup, kernel.is_some())?;
    let dir = dir.ok_or("--dir is missing")?;
    if kernel.is_some() {
        ports = phones.len();
    }
    let kernel = kernel.map(|span| (span, phones));
    let r2 = match (r2, boards) {
        (None, _) => None,
        (Some(name), Some(boards)) => Some(R2Settings { boards, name, digits }),
        (Some(_), None) => return Err("--r2 needs --boards".to_owned()),
    };
    let wants = if r2.is_none() { digits.into() } else { 0 };
    Ok(Some(Settings {
        dir,
        span,
        data,
        group,
        backup,
        ports,
        lines,
        bit_offset,
        crc4,
        qsig,
        side,
        seed,
        debug,
        timers,
        kernel,
        r2,
        wants,
    }))
}

fn check_group(group: &[usize], backup: Option<usize>, kernel: bool) -> Result<(), String> {
    if group.len() >= limits::GROUP_SPANS || (kernel && !group.is_empty()) {
        return Err("--group names 7 more spans of the virtual card at most".to_owned());
    }
    if backup.is_some_and(|span| !group.contains(&span)) {
        return Err("--backup is one of --group".to_owned());
    }
    Ok(())
}

fn slot(option: &str, value: &str) -> Result<Timeslot, String> {
    Timeslot::new(number(option, value)?).ok_or(format!("{option} is 1 to 31"))
}

fn numbers<T: std::str::FromStr>(option: &str, values: &str) -> Result<Vec<T>, String> {
    values.split(',').map(|value| number(option, value)).collect()
}

fn number<T: std::str::FromStr>(option: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{option} needs a number, not {value}"))
}
