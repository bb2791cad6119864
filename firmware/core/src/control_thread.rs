//! The control thread: one loop over the line thread's ring, the disk, the daemon and the earliest
//! timer. It owns [`Control`] and decides nothing itself.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::JoinHandle;

use ha::{Full, Journal};
use hal_mapped::Mapped;
use heapless::spsc::{Consumer, Producer};
use link::JournalStatus;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::EventFd;
use units::{Duration, Instant};

use crate::clock::{self, Clock};
use crate::control::{Control, Heard, Keep, Order, Said};
use crate::hand_over::{Progress, Upgrade};
use crate::line_thread::{LineThread, Shared};
use crate::recordings::Take;
use crate::server::{Server, Turn};
use crate::task::{Done, Task};
use crate::vitals::Vitals;

/// What the control thread holds.
pub struct ControlThread {
    /// All machines.
    pub control: Control,
    /// The box's clock.
    pub clock: Clock,
    /// Where changes are kept; `None` without room for it, and once it was full.
    pub journal: Option<Journal<Mapped>>,
    /// The first turn is over.
    pub restored: bool,
    /// When what was restored counts as well.
    pub well_at: Option<Instant>,
    /// From the line thread.
    pub heard: Consumer<'static, Heard>,
    /// From the threads of pins and buses, which ring the line thread's bell.
    pub pins: Receiver<Heard>,
    /// What lamps show.
    pub vitals: Arc<Vitals>,
    /// To the line thread.
    pub orders: Producer<'static, Order>,
    /// To the disk thread.
    pub tasks: Sender<Task>,
    /// To the thread of recordings.
    pub takes: Sender<Take>,
    /// From the disk thread and that of recordings.
    pub done: Receiver<Done>,
    /// Rung by the disk thread.
    pub disk_bell: Arc<EventFd>,
    /// Shared with the line thread.
    pub shared: Arc<Shared>,
    /// The line thread, which waits for us in lockstep.
    pub line: Option<JoinHandle<LineThread>>,
    /// The program of the core, by the name under which it was started.
    pub program: PathBuf,
    /// A new program that shall take over.
    pub upgrade: Option<Upgrade>,
    /// It is ready to.
    pub handing_over: bool,
    /// What is said to whoever started the core.
    pub log: fn(&str),
    /// The daemon's end.
    pub server: Server,
    /// Orders that did not fit into the ring yet, oldest first.
    pub backlog: std::collections::VecDeque<Order>,
    /// When UTC is measured again.
    pub next_utc: Instant,
}

/// The longest sleep: UTC and counters are looked at that often.
const LONGEST: Duration = Duration::from_millis(500);
/// How often the mapping to UTC is measured.
const UTC_EVERY: Duration = Duration::from_secs(60);
/// How long the core must run until what it restored did not make it crash.
const WELL_AFTER: Duration = Duration::from_secs(10);
/// News of pins and buses taken in one turn: more than a board has things.
const PINS_AT_ONCE: usize = 256;

impl ControlThread {
    /// Runs until told to stop.
    pub fn run(&mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) && !self.handing_over {
            self.wait();
            let block = self.shared.blocks.load(Ordering::Acquire);
            let now = self.clock.tick(block);
            self.turn(now);
            self.count_as_restored();
            self.vitals.tell(self.control.health());
            // In lockstep the line thread may go on to the next block now.
            self.shared.taken.store(block, Ordering::Release);
            if self.clock.lockstep()
                && let Some(line) = &self.line
            {
                line.thread().unpark();
            }
        }
        // The daemon hears why this one goes.
        let _ = self.server.flush();
    }

    fn wait(&self) {
        let now = self.clock.now();
        let sleep = match self.control.poll_timeout() {
            Some(at) if !self.clock.lockstep() => (at - now).min(LONGEST),
            _ => LONGEST,
        };
        let sleep = if self.backlog.is_empty() { sleep } else { Duration::from_millis(1) };
        // Rounded up, so that a timer has come when we wake.
        let millis = u16::try_from(sleep.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        let (line, disk): (BorrowedFd<'_>, _) = (self.shared.bell.as_fd(), self.disk_bell.as_fd());
        let mut fds =
            vec![PollFd::new(line, PollFlags::POLLIN), PollFd::new(disk, PollFlags::POLLIN)];
        let behind = self.server.is_behind();
        for fd in self.server.fds() {
            let mut flags = PollFlags::POLLIN;
            flags.set(PollFlags::POLLOUT, behind && fds.len() == 3);
            fds.push(PollFd::new(fd, flags));
        }
        if let Some(upgrade) = &self.upgrade {
            fds.push(PollFd::new(upgrade.as_fd(), PollFlags::POLLIN));
        }
        let _ = poll(&mut fds, PollTimeout::from(millis));
    }

    fn turn(&mut self, now: Instant) {
        // Both bells are non-blocking: silence is no error.
        let _ = self.shared.bell.read();
        let _ = self.disk_bell.read();
        if now >= self.next_utc {
            self.clock.measure_utc();
            self.control.set_utc(self.clock.utc());
            self.control.anchor(now, &self.clock.anchor());
            self.next_utc = now + UTC_EVERY;
        }
        self.count_as_well(now);
        for _ in 0..limits::LINE_RING {
            let Some(heard) = self.heard.dequeue() else { break };
            self.control.heard(now, heard);
            self.carry();
        }
        for _ in 0..PINS_AT_ONCE {
            let Ok(heard) = self.pins.try_recv() else { break };
            self.control.heard(now, heard);
            self.carry();
        }
        while let Ok(done) = self.done.try_recv() {
            self.control.disk(now, done);
            self.carry();
        }
        self.look_at_upgrade();
        self.daemon(now);
        if self.control.poll_timeout().is_some_and(|at| at <= now) {
            self.control.timeout(now);
        }
        self.carry();
    }

    fn daemon(&mut self, now: Instant) {
        if self.server.accept() == Some(Turn::Came) {
            self.control.daemon_came();
        }
        let journal = self.journal.as_ref().map(|journal| {
            let (live, used, room) = journal.sizes();
            let octets = |octets: u64| u32::try_from(octets).unwrap_or(u32::MAX);
            JournalStatus {
                live: octets(live as u64),
                used: octets(used),
                room: octets(room as u64),
                changes: journal.sequence(),
                age_ms: (now - journal.at().min(now)).as_millis().try_into().unwrap_or(u64::MAX),
            }
        });
        self.control.journal_is(journal);
        let control = &mut self.control;
        let went = self.server.receive(|message| control.daemon(now, message));
        let flushed = self.server.flush();
        if went.or(flushed) == Some(Turn::Went) {
            self.control.daemon_went();
        }
    }

    fn keep(&mut self, Keep { change, at, transaction }: &Keep) {
        let kept = self.journal.as_mut().map(|journal| journal.append(*at, transaction));
        match kept {
            Some(Ok(())) | None => self.control.kept(*change),
            Some(Err(Full)) => {
                // What it holds is no longer true: the next process must not go on with it.
                if let Some(journal) = self.journal.take() {
                    drop(Journal::fresh(journal.into_memory()));
                }
                self.control.journal_gone(*at);
            }
        }
    }

    /// What the restore led to is carried out: however often the process is killed from here on,
    /// the journal is not to blame.
    fn count_as_restored(&mut self) {
        if !std::mem::replace(&mut self.restored, true)
            && let Some(journal) = &mut self.journal
        {
            journal.restored();
        }
    }

    fn start_upgrade(&mut self, token: u32) {
        if self.upgrade.is_some() {
            return self.control.upgraded(token, false);
        }
        match Upgrade::start(&self.program, token) {
            Ok(upgrade) => self.upgrade = Some(upgrade),
            Err(fault) => {
                (self.log)(&format!("{} does not start: {fault}", self.program.display()));
                self.control.upgraded(token, false);
            }
        }
    }

    fn look_at_upgrade(&mut self) {
        let Some(upgrade) = &mut self.upgrade else { return };
        match upgrade.look() {
            Progress::Awaited => {}
            Progress::Ready => {
                let token = upgrade.token;
                self.handing_over = true;
                self.control.upgraded(token, true);
            }
            Progress::Failed(why) => {
                let token = upgrade.token;
                upgrade.cancel();
                self.upgrade = None;
                (self.log)(&format!("the new core did not come up: {why}; this one goes on"));
                self.control.upgraded(token, false);
            }
        }
    }

    /// What was restored has not made the core crash for a while.
    fn count_as_well(&mut self, now: Instant) {
        let at = *self.well_at.get_or_insert(now + WELL_AFTER);
        if now >= at
            && let Some(journal) = &mut self.journal
            && journal.troubles() != (0, 0)
        {
            journal.is_well();
        }
    }

    /// Carries what control said to where it belongs.
    pub fn carry(&mut self) {
        while let Some(said) = self.control.poll() {
            match said {
                Said::Keep(keep) => self.keep(&keep),
                Said::Order(order) => self.backlog.push_back(order),
                // A disk thread that is gone ends with the process.
                Said::Task(task) => drop(self.tasks.send(task)),
                Said::Take(take) => drop(self.takes.send(take)),
                Said::Up(message) => {
                    if self.server.send(&message) == Some(Turn::Went) {
                        self.control.daemon_went();
                    }
                }
                Said::Upgrade(token) => self.start_upgrade(token),
                Said::Stall(ms) => clock::pause(Duration::from_millis(ms.into())),
            }
        }
        while let Some(order) = self.backlog.pop_front() {
            if let Err(order) = self.orders.enqueue(order) {
                self.backlog.push_front(order);
                return;
            }
        }
    }
}
