//! Starting and ending the core: options, folders, cards, threads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use board::Board;
use hal_card::Card;
use hal_socket::Instance;
use heapless::spsc::Queue;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SigSet, Signal};
use units::{BoxId, Duration, Instant, Tenant};

use crate::clock::Clock;
use crate::control::{Heard, Identity, Order};
use crate::control_thread::ControlThread;
use crate::disk::{Disk, Folders};
use crate::hardware::{open_cards, unexpected};
use crate::journal::{Awake, Wanted, wake};
use crate::line_thread::{LineThread, Rings, Shared};
use crate::pins::{self, Ears};
use crate::realtime;
use crate::server::Server;
use crate::task::{Done, Task};
use crate::vitals::Vitals;

/// What `--help` says.
pub const HELP: &str = "\
ringmain-core: the real-time part of a Ringmain box

  ringmain-core --board FILE --run DIR --state DIR --prompts DIR [options]
  ringmain-core detect       proposes a board file from what the kernel shows

  --board FILE     the board file: cards and ports of this box
  --run DIR        sockets and locks: core.sock for the daemon, the card's socket
  --state DIR      what must outlive the process: spool, published documents, captures
  --prompts DIR    prompts by content hash: <hash>.alaw
  --box N          this box's number, 1 to 255 (1)
  --card-wait S    seconds to wait for the card at the start (10)
  --allow-tests    obey commands that only tests need (stall)
  --help           this";

/// How the core was called.
#[derive(Clone, Debug)]
pub struct Options {
    board: PathBuf,
    run: PathBuf,
    folders: Folders,
    box_id: BoxId,
    card_wait: Duration,
    tests_allowed: bool,
}

impl Options {
    /// Reads the command line; `None` if help was asked for.
    ///
    /// # Errors
    /// A sentence that names the option.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut board, mut run, mut state, mut prompts) = (None, None, None, None);
        let (mut box_id, mut wait, mut tests_allowed) = (BoxId(1), 10, false);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--allow-tests" => tests_allowed = true,
                "--board" => board = Some(PathBuf::from(value()?)),
                "--run" => run = Some(PathBuf::from(value()?)),
                "--state" => state = Some(PathBuf::from(value()?)),
                "--prompts" => prompts = Some(PathBuf::from(value()?)),
                "--box" => {
                    let number = value()?.parse().ok().filter(|n| *n > 0);
                    box_id = BoxId(number.ok_or("--box is a number from 1 to 255")?);
                }
                "--card-wait" => {
                    wait = value()?.parse().map_err(|_| "--card-wait is a number of seconds")?;
                }
                other => return Err(format!("{other} is no option")),
            }
        }
        let need = |value: Option<PathBuf>, name| value.ok_or(format!("{name} is missing"));
        Ok(Some(Self {
            board: need(board, "--board FILE")?,
            run: need(run, "--run DIR")?,
            folders: Folders {
                state: need(state, "--state DIR")?,
                prompts: need(prompts, "--prompts DIR")?,
            },
            box_id,
            card_wait: Duration::from_secs(wait),
            tests_allowed,
        }))
    }
}

/// Reads a board file and what it inherits from the files beside it.
fn read_board(path: &Path) -> Result<Board, String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let text = |file: &str| {
        let path = folder.join(file);
        std::fs::read_to_string(&path).map_err(|fault| {
            format!("board file {}: {fault}; --board names a file of boards/", path.display())
        })
    };
    board::read(&text, name).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn bell() -> Result<EventFd, String> {
    EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)
        .map_err(|fault| format!("eventfd: {fault}"))
}

/// Says something to whoever started the core.
#[expect(clippy::print_stderr, reason = "the core's log is its standard error")]
fn log(text: &str) {
    eprintln!("ringmain-core: {text}");
}

fn disk_thread(
    mut disk: Disk,
    tasks: Receiver<Task>,
    done: Sender<Done>,
    bell: Arc<EventFd>,
) -> std::io::Result<()> {
    std::thread::Builder::new().name("disk".into()).spawn(move || {
        loop {
            let task = match tasks.try_recv() {
                Ok(task) => task,
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {
                    disk.settle(|what| drop(done.send(what)));
                    // A full bell has been rung already.
                    let _ = bell.write(1);
                    let Ok(task) = tasks.recv() else { return };
                    task
                }
            };
            disk.perform(task, |what| drop(done.send(what)));
            let _ = bell.write(1);
        }
    })?;
    Ok(())
}

fn line_thread(mut line: LineThread, lockstep: bool) -> std::io::Result<std::thread::Thread> {
    let handle = std::thread::Builder::new().name("line".into()).spawn(move || {
        // In lockstep nobody is late, and a busy real-time thread would keep the others waiting.
        if !lockstep && let Err(fault) = realtime::become_realtime(50) {
            log(&format!("the line thread runs without real-time priority: {fault}"));
        }
        realtime::name_thread(c"line-running");
        line.run();
    })?;
    Ok(handle.thread().clone())
}

/// Ends everything when the system asks.
fn stop_on_signal(shared: Arc<Shared>) -> Result<(), String> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGINT);
    signals.thread_block().map_err(|fault| format!("signals: {fault}"))?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let _ = signals.wait();
            shared.stop.store(true, Ordering::Relaxed);
            let _ = shared.bell.write(1);
        })
        .map_err(|fault| format!("thread: {fault}"))?;
    Ok(())
}

/// Runs the core until a signal ends it.
///
/// # Errors
/// A sentence that says what is missing or wrong.
pub fn run(options: &Options) -> Result<(), String> {
    let board = read_board(&options.board)?;
    std::fs::create_dir_all(&options.run)
        .map_err(|fault| format!("{}: {fault}", options.run.display()))?;
    let instance = Instance::claim(&options.run, "core").map_err(|fault| fault.to_string())?;
    let (disk, known) = Disk::open(options.folders.clone(), Clock::fresh_identity())
        .map_err(|(path, fault)| format!("{}: {fault}", path.display()))?;
    let cards = open_cards(&board, &options.run, options.card_wait, log)?;
    let socket = options.run.join("core.sock");
    let server = Server::bind(&socket, &instance)
        .map_err(|fault| format!("{}: {fault}", socket.display()))?;
    if let Err(fault) = realtime::lock_memory() {
        log(&format!("memory is not locked: {fault}"));
    }
    let shared = Arc::new(Shared {
        blocks: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        dropped: AtomicU64::new(0),
        idle_ticks: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        bell: bell()?,
    });
    stop_on_signal(shared.clone())?;
    let lockstep = cards.first().is_some_and(|card| card.lockstep());
    let identity = Identity {
        box_id: options.box_id,
        tenant: Tenant::default(),
        tests_allowed: options.tests_allowed,
    };
    let wanted = Wanted { identity, layout: board.layout(), known: &known, lockstep };
    let mut fetch = |hash| disk.fetch(hash);
    let Awake { mut control, clock, journal } =
        wake(&options.folders.state, &wanted, &mut fetch, log)
            .map_err(|(path, fault)| format!("{}: {fault}", path.display()))?;
    for what in unexpected(&board) {
        control.unexpected(clock.now(), &what);
    }
    log(&format!("{}: boot {}, next event {}", board.title, known.boot, known.last + 1));
    assemble(Awake { control, clock, journal }, cards, &board, disk, server, shared)
        .map_err(|fault| format!("thread: {fault}"))
}

fn assemble(
    Awake { control, clock, journal }: Awake,
    cards: Vec<Box<dyn Card + Send>>,
    board: &Board,
    disk: Disk,
    server: Server,
    shared: Arc<Shared>,
) -> std::io::Result<()> {
    // The rings live as long as the process.
    let heard: &'static mut Queue<Heard, { limits::LINE_RING }> = Box::leak(Box::default());
    let orders: &'static mut Queue<Order, { limits::COMMAND_RING }> = Box::leak(Box::default());
    let ((to_control, from_line), (to_line, from_control)) = (heard.split(), orders.split());
    let (tasks, work) = channel();
    let (finished, done) = channel();
    let disk_bell = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
    disk_thread(disk, work, finished, disk_bell.clone())?;
    let rings = Rings { heard: to_control, orders: from_control };
    let layout = board.layout();
    let line =
        line_thread(LineThread::new(cards, &layout, shared.clone(), rings), clock.lockstep())?;
    let (heard, from_pins) = channel();
    let vitals = Arc::new(Vitals::default());
    let ears = Ears { heard, shared: shared.clone(), vitals: vitals.clone(), log };
    let panel = pins::start(board, &layout, &ears)?;
    let mut thread = ControlThread {
        control,
        clock,
        journal: Some(journal),
        restored: false,
        well_at: None,
        heard: from_line,
        pins: from_pins,
        vitals,
        orders: to_line,
        tasks,
        done,
        disk_bell,
        shared,
        line: Some(line),
        server,
        backlog: std::collections::VecDeque::new(),
        next_utc: Instant::ZERO,
    };
    thread.run();
    if let Some(panel) = panel {
        // A thread that panicked has said so already.
        let _ = panel.join();
    }
    log("ended");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Option<Options>, String> {
        Options::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn a_missing_or_wrong_option_is_named() {
        assert_eq!(parse(&[]).expect_err("missing"), "--board FILE is missing");
        assert_eq!(parse(&["--bord", "x"]).expect_err("unknown"), "--bord is no option");
        assert_eq!(parse(&["--board"]).expect_err("no value"), "--board needs a value");
        let fault = parse(&["--box", "0"]).expect_err("range");
        assert!(fault.contains("1 to 255"), "{fault}");
        assert!(parse(&["--help"]).expect("help").is_none());
    }
}
