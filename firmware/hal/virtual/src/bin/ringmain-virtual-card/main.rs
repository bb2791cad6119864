//! The virtual card: a program that is hardware.
//!
//! ```text
//!  tick n:  take the far ends' answers to block n-1 ─► deframer ─► slip buffer ─┐
//!           take the core's answer to block n-1 ──┐                             │
//!           send block n to the far ends ◄─ framer┘   send block n to the core ◄┘
//!           wait: 2 ms (real), until all have answered block n (free), or both (steady)
//! ```

mod analog;
mod args;
mod endpoint;
mod exchange;
mod hardware;
mod pace;
mod port;
mod span;

use hal_socket::Instance;
use std::io::Write;
use std::process::ExitCode;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use args::{Args, Asked};
use hardware::Hardware;

fn main() -> ExitCode {
    match args::read(std::env::args().skip(1)) {
        Ok(Asked::Help) => {
            let _ = std::io::stdout().write_all(args::HELP.as_bytes());
            ExitCode::SUCCESS
        }
        Ok(Asked::Run(args)) => match run(&args) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                say(&why);
                ExitCode::FAILURE
            }
        },
        Err(why) => {
            say(&format!("{why}; --help tells more"));
            ExitCode::from(2)
        }
    }
}

/// Tells the one who started the card.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "ringmain-virtual-card: {what}");
}

fn run(args: &Args) -> Result<(), String> {
    std::fs::create_dir_all(&args.dir)
        .map_err(|error| format!("cannot make the directory {}: {error}", args.dir.display()))?;
    let instance = Instance::claim(&args.dir, "card").map_err(|fault| fault.to_string())?;
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGUSR1);
    signals.thread_block().map_err(|errno| format!("cannot block signals: {errno}"))?;
    let stop = SignalFd::with_flags(&signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
        .map_err(|errno| format!("cannot wait for signals: {errno}"))?;
    Hardware::open(args, &instance)?.run(&stop)
}
