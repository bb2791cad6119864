//! The firmware program of a box.

use std::process::ExitCode;

use ringmain_core::hand_over::{STAND_FOR, stand_for};
use ringmain_core::start::{HELP, Options, run};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("detect") {
        say(&ringmain_core::detect::detect());
        return ExitCode::SUCCESS;
    }
    if std::env::args().nth(1).as_deref() == Some("verify") {
        let Some(path) = std::env::args().nth(2) else {
            complain("verify needs the file of a recording: ringmain-core verify FILE");
            return ExitCode::from(2);
        };
        return match ringmain_core::recordings::verify(path.as_ref()) {
            Ok(verdict) => {
                say(&verdict);
                ExitCode::SUCCESS
            }
            Err(fault) => {
                complain(&fault);
                ExitCode::FAILURE
            }
        };
    }
    if std::env::args().nth(1).as_deref() == Some(STAND_FOR) {
        let pid = std::env::args().nth(2).and_then(|pid| pid.parse().ok());
        return pid.map_or(ExitCode::FAILURE, |pid| ExitCode::from(stand_for(pid)));
    }
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            say(HELP);
            return ExitCode::SUCCESS;
        }
        Err(fault) => {
            complain(&format!("{fault}\nTry: ringmain-core --help"));
            return ExitCode::from(2);
        }
    };
    ringmain_core::guard::end_on_panic();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            complain(&fault);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the answer to --help")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "why the program cannot run")]
fn complain(text: &str) {
    eprintln!("ringmain-core: {text}");
}
