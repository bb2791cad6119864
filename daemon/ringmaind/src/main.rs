//! The management daemon: wiring between the core's link, the store, the documents and consoles.
//! What is decided is decided in the crates that it joins.
//!
//! ```text
//!  core.sock ── CoreLink ──► BoxState ◄── consoles (console.sock, lines of JSON)
//!                 ▲             │
//!                 └── plan ◄────┘
//! ```

mod bert;
mod box_state;
mod city;
mod conference;
mod console_server;
mod core_link;
mod diagnosis;
mod documents;
mod keeping;
mod listen;
mod load;
mod options;
mod own_sounds;
mod recording;
mod session;
mod shared;

use std::process::ExitCode;
use std::rc::Rc;

use hal_socket::Instance;
use store::Store;
use tokio::sync::{Mutex, mpsc};

use box_state::BoxState;
use documents::Folders;
use options::{HELP, Options};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            #[expect(clippy::print_stdout, reason = "the answer to --help")]
            {
                println!("{HELP}");
            }
            return ExitCode::SUCCESS;
        }
        Err(fault) => {
            log(&format!("{fault}\nTry: ringmaind --help"));
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            log(&fault);
            ExitCode::FAILURE
        }
    }
}

/// The daemon's log is its standard error.
#[expect(clippy::print_stderr, reason = "the log")]
fn log(text: &str) {
    eprintln!("ringmaind: {text}");
}

fn run(options: &Options) -> Result<(), String> {
    for folder in [&options.run, &options.state] {
        std::fs::create_dir_all(folder)
            .map_err(|fault| format!("{}: {fault}", folder.display()))?;
    }
    let instance = Instance::claim(&options.run, "daemon").map_err(|fault| fault.to_string())?;
    let path = options.state.join("store.db");
    // SQLite does not say why a file cannot be opened; the system does.
    std::fs::File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|fault| format!("{}: {fault}", path.display()))?;
    let store = Store::open(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let folders = Folders {
        config: options.config.clone(),
        prompts: options.prompts.clone(),
        sounds: options.sounds(),
    };
    let state = BoxState::new(store, folders);
    if let Some(complaint) = &state.complaint {
        let kept =
            if state.documents.is_some() { "; the last good documents stay in force" } else { "" };
        log(&format!("{complaint}{kept}"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| format!("runtime: {fault}"))?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, serve(options, state, &instance))
}

async fn serve(options: &Options, state: BoxState, instance: &Instance) -> Result<(), String> {
    let state = Rc::new(Mutex::new(state));
    let (commands, orders) = mpsc::channel(64);
    let consoles = console_server::listen(options, instance)?;
    let serving = console_server::serve(consoles, options.clone(), state.clone(), commands);
    let keeping = keeping::run(options.recordings.clone(), state.clone());
    let linking = session::run(options.run.join("core.sock"), state, orders);
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .map_err(|fault| format!("signals: {fault}"))?;
    tokio::select! {
        () = serving => {}
        () = linking => {}
        () = keeping => {}
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    log("ended");
    Ok(())
}
