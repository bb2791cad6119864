//! The console: what an administrator sees on serial and SSH.
//!
//! With a terminal it edits lines, completes on Tab and explains on `?`; otherwise it reads
//! commands from standard input or from `-c` and ends with a status that says whether all were
//! done. It knows no command itself: the daemon does.

mod client;
mod terminal;

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use client::Client;

const HELP: &str = "\
ringmain: the console of a Ringmain box

  ringmain [--run DIR]              a console, if standard input is a terminal
  ringmain [--run DIR] -c COMMAND   one command; several -c are carried out in order
  ringmain [--run DIR] < FILE       the commands of a file

  --run DIR   where console.sock of the daemon is (/run/ringmain)

Type ? anywhere for what may come next.";

struct Options {
    run: PathBuf,
    commands: Vec<String>,
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options { run: "/run/ringmain".into(), commands: vec![] };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--run" => options.run = value()?.into(),
            "-c" => options.commands.push(value()?),
            other => return Err(format!("{other} is no option")),
        }
    }
    Ok(Some(options))
}

#[expect(clippy::print_stderr, reason = "why the console cannot go on")]
fn complain(text: &str) {
    eprintln!("ringmain: {text}");
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            show(&format!("{HELP}\n"));
            return ExitCode::SUCCESS;
        }
        Err(fault) => {
            complain(&format!("{fault}\nTry: ringmain --help"));
            return ExitCode::from(2);
        }
    };
    let socket = options.run.join("console.sock");
    let client = match Client::connect(&socket) {
        Ok(client) => client,
        Err(fault) => {
            complain(&format!("{}: {fault}; is ringmaind running?", socket.display()));
            return ExitCode::FAILURE;
        }
    };
    let done = if !options.commands.is_empty() {
        each(client, options.commands.into_iter().map(Ok))
    } else if std::io::stdin().is_terminal() {
        terminal::run(client)
    } else {
        each(client, std::io::stdin().lock().lines())
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            complain(&format!("the daemon is gone: {fault}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output; whoever closed it does not want it.
fn show(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Carries commands out one after the other; `false` if one was not done.
fn each(
    mut client: Client,
    lines: impl Iterator<Item = std::io::Result<String>>,
) -> std::io::Result<bool> {
    let mut all = true;
    for line in lines {
        let line = line?;
        if line.trim() == "quit" {
            break;
        }
        let (ok, text) = client.ask(&line, show)?;
        if ok {
            show(&text);
        } else {
            complain(&text);
            all = false;
        }
    }
    Ok(all)
}
