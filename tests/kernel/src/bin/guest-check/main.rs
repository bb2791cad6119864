//! Runs in a guest and checks the guest itself: that its lines carry octets and signals, that its
//! buses answer. `guest-check spans|card|buses|pi|hello`.

mod buses;
mod dahdi;
mod lines;
mod pi;

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let what = std::env::args().nth(1).unwrap_or_default();
    let done = match what.as_str() {
        "spans" => lines::spans(),
        "card" => lines::card(),
        "buses" => buses::all(),
        "pi" => pi::all(),
        "hello" => Ok(()),
        _ => Err(std::io::Error::other("there is no such check")),
    };
    let told = match &done {
        Ok(()) => format!("guest-check {what}: all is well\n"),
        Err(fault) => format!("guest-check {what}: {fault}\n"),
    };
    let _ = std::io::stdout().write_all(told.as_bytes());
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
