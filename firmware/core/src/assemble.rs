//! The threads of a core and what joins them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

use board::Board;
use hal_card::Card;
use hal_socket::Instance;
use heapless::spsc::Queue;
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SigSet, Signal};
use units::Instant;

use crate::control::{Heard, Order};
use crate::control_thread::ControlThread;
use crate::disk::Disk;
use crate::echo;
use crate::hand_over::{Taking, begin_anew, own_program};
use crate::journal::Awake;
use crate::line_thread::{LineThread, Rings, Shared};
use crate::log::log;
use crate::pins::{self, Ears};
use crate::realtime;
use crate::recordings;
use crate::server::Server;
use crate::task::{Done, Task};
use crate::vitals::Vitals;

/// What the threads work with, beside the machines.
pub(crate) struct Assembly<'a> {
    /// What the box has.
    pub(crate) board: &'a Board,
    /// Its disk.
    pub(crate) disk: Disk,
    /// The daemon's end.
    pub(crate) server: Server,
    /// The program that hands over to this one.
    pub(crate) taking: Option<&'a Taking>,
}

/// The cards of a core, in the order of the board.
pub(crate) type Cards = Vec<Box<dyn Card + Send>>;

fn bell() -> Result<EventFd, String> {
    EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)
        .map_err(|fault| format!("eventfd: {fault}"))
}

fn no_thread(fault: std::io::Error) -> String {
    format!("thread: {fault}")
}

fn disk_thread(
    mut disk: Disk,
    tasks: Receiver<Task>,
    done: Sender<Done>,
    bell: Arc<EventFd>,
) -> std::io::Result<JoinHandle<()>> {
    realtime::thread("disk").spawn(move || {
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
    })
}

fn line_thread(mut line: LineThread, lockstep: bool) -> std::io::Result<JoinHandle<LineThread>> {
    realtime::thread("line").spawn(move || {
        // In lockstep nobody is late, and a busy real-time thread would keep the others waiting.
        if !lockstep && let Err(fault) = realtime::become_realtime(50) {
            log(&format!("the line thread runs without real-time priority: {fault}"));
        }
        realtime::name_thread(c"line-running");
        line.run();
        line
    })
}

/// Ends everything when the system asks.
fn stop_on_signal(shared: Arc<Shared>) -> Result<(), String> {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGINT);
    signals.thread_block().map_err(|fault| format!("signals: {fault}"))?;
    realtime::thread("signals")
        .spawn(move || {
            let _ = signals.wait();
            shared.stop.store(true, Ordering::Relaxed);
            let _ = shared.bell.write(1);
        })
        .map_err(no_thread)?;
    Ok(())
}

/// Runs the threads until a signal ends them or a new program takes over. `cards` opens the cards,
/// last of all: until then another core may use them.
///
/// # Errors
/// A sentence: what the system refused.
pub(crate) fn run(
    Awake { control, clock, journal }: Awake,
    Assembly { board, disk, server, taking }: Assembly<'_>,
    instance: &Instance,
    cards: impl FnOnce() -> Result<Cards, String>,
) -> Result<(), String> {
    let shared = Arc::new(Shared {
        blocks: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        dropped: AtomicU64::new(0),
        idle_ticks: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        hand_over: AtomicBool::new(false),
        bell: bell()?,
    });
    stop_on_signal(shared.clone())?;
    // The rings live as long as the process.
    let heard: &'static mut Queue<Heard, { limits::LINE_RING }> = Box::leak(Box::default());
    let orders: &'static mut Queue<Order, { limits::COMMAND_RING }> = Box::leak(Box::default());
    let ((to_control, from_line), (to_line, from_control)) = (heard.split(), orders.split());
    let (tasks, work) = channel();
    let (finished, done) = channel();
    let disk_bell = Arc::new(bell()?);
    let (captures, recorded) = (disk.captures(), finished.clone());
    let disk = disk_thread(disk, work, finished, disk_bell.clone()).map_err(no_thread)?;
    let (taps, takes, recordings) =
        recordings::start(captures, recorded, disk_bell.clone(), taking.is_none())?;
    let rings = Rings { heard: to_control, orders: from_control, taps };
    let (heard, from_pins) = channel();
    let vitals = Arc::new(Vitals::default());
    let ears = Ears { heard, shared: shared.clone(), vitals: vitals.clone(), log };
    let layout = board.layout();
    let lockstep = clock.lockstep();
    let mut thread = ControlThread {
        control,
        clock,
        journal,
        restored: false,
        well_at: None,
        heard: from_line,
        pins: from_pins,
        vitals,
        orders: to_line,
        tasks,
        takes,
        done,
        disk_bell,
        shared: shared.clone(),
        line: None,
        program: own_program().unwrap_or_else(|_| PathBuf::from("ringmain-core")),
        upgrade: None,
        handing_over: false,
        log,
        server,
        backlog: std::collections::VecDeque::new(),
        next_utc: Instant::ZERO,
    };
    // What goes on is ordered before the first tick.
    thread.carry();
    // Its thread ends with it, when nobody needs the rooms any more.
    let (cancellers, _rooms) = echo::cancellers(&layout, lockstep)?;
    let line = LineThread::new(cards()?, &layout, cancellers, shared, rings);
    thread.line = Some(line_thread(line, lockstep).map_err(no_thread)?);
    if let Some(taking) = taking {
        taking.wait_for_pins();
    }
    let panel = pins::start(board, &layout, &ears).map_err(no_thread)?;
    thread.run();
    // Every file is closed: the core after this one tells what they came to.
    drop(std::mem::replace(&mut thread.takes, channel().0));
    recordings.thread().unpark();
    let _ = recordings.join();
    if thread.handing_over {
        return Err(hand_over(thread, disk, instance));
    }
    if let Some(panel) = panel {
        // A thread that panicked has said so already.
        let _ = panel.join();
    }
    log("ended");
    Ok(())
}

/// Hands over to the new program, which waits for it. Returns only if neither it nor a new start of
/// our own can be.
fn hand_over(thread: ControlThread, disk: JoinHandle<()>, instance: &Instance) -> String {
    let ControlThread { clock, journal, tasks, server, line, shared, program, upgrade, .. } =
        thread;
    let Some(mut upgrade) = upgrade else { return "nobody takes over".into() };
    // All that was kept is in the journal, all that was told is with the disk.
    drop((server, journal, tasks));
    let _ = disk.join();
    let fault = match upgrade.go(clock.lockstep(), instance) {
        Ok(()) => {
            shared.hand_over.store(true, Ordering::Relaxed);
            let line = line.and_then(|line| {
                line.thread().unpark();
                line.join().ok()
            });
            let cards = line.map(LineThread::into_cards).unwrap_or_default();
            upgrade.give(cards, &program)
        }
        Err(fault) => {
            upgrade.cancel();
            fault
        }
    };
    log(&format!("handing over failed: {fault}; starting anew"));
    begin_anew(&program).to_string()
}
