//! The project's own commands: `cargo xtask help` lists them. One file for each; a new one adds a
//! line to [`COMMANDS`].

mod acoustic;
mod bench;
mod instructions;
mod kernel;
mod nostd;
mod prompts;
mod rooms;
mod run;
mod rust;
mod setup;
mod spec;
mod test;
mod tidy;
mod tree;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

/// What a command found wrong, one sentence each; nothing if all is well.
type Outcome = Result<(), Vec<String>>;

struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command { name: "help", about: "this list", run: help },
    Command { name: "acoustic", about: "WebRTC, for rooms: target/acoustic", run: acoustic::run },
    Command { name: "bench", about: "figures: bench first-call", run: bench::run },
    Command { name: "check", about: "before each commit", run: test::check },
    Command { name: "docs", about: "write what is made from the code", run: test::docs },
    Command { name: "make-help", about: "the targets of make", run: test::make_help },
    Command { name: "prompts", about: "speak the prompts: target/prompts", run: prompts::run },
    Command { name: "kernel", about: "real kernel interfaces, in QEMU", run: kernel::run },
    Command { name: "nostd", about: "the crates below the machines need no std", run: nostd::run },
    Command { name: "rooms", about: "which crate may import which", run: rooms::run },
    Command { name: "run", about: "a box on the virtual board, with one call", run: run::run },
    Command { name: "setup", about: "install the packages that all this needs", run: setup::run },
    Command { name: "spec", about: "clauses and promises name tests that exist", run: spec::run },
    Command { name: "tables", about: "what machines do: docs/machines", run: test::tables },
    Command { name: "test", about: "everything that this machine can prove", run: test::all },
    Command { name: "tidy", about: "sizes, heads and ends of files", run: tidy::run },
];

fn help(_: &[String]) -> Outcome {
    let mut text = String::new();
    for command in COMMANDS {
        let _ = writeln!(text, "cargo xtask {:9} {}", command.name, command.about);
    }
    say(&text);
    Ok(())
}

/// Text for the person at the terminal. One who closed it does not want to read.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = arguments.split_first().map_or(("help", &[][..]), |(n, r)| (n.as_str(), r));
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        say(&format!("There is no command \"{name}\": cargo xtask help lists them.\n"));
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => {
            for fault in &faults {
                say(&format!("{fault}\n"));
            }
            say(&format!("xtask {name}: {} to mend\n", faults.len()));
            ExitCode::FAILURE
        }
    }
}
