//! The daemon: the product's plan, records and store around a model of its wiring.
//!
//! Fault model. The daemon is killed at any moment, also between taking events and folding them,
//! between folding and acknowledging; it comes back later or at once. Messages on the link stay in
//! order, take time, and are lost only when one end goes. SQLite keeps a commit that returned.
//! The box must go on without a daemon; the daemon must fold each event exactly once.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use link::{Detail, Down, Event, Question, Up};
use plan::{Actual, Step, Wanted};
use records::{Live, Row};
use store::{Batch, Store};
use units::CallId;

use crate::check::Violation;

/// The daemon and its end of the link.
#[derive(Debug)]
pub(crate) struct Daemon {
    /// The process runs.
    pub(crate) running: bool,
    /// Counts sessions, so that what was under way in one that ended is forgotten.
    pub(crate) session: u32,
    store: Store,
    wanted: Wanted,
    actual: Actual,
    spool: u64,
    live: Live,
    token: u32,
    /// Taken from the link, not folded yet.
    taken: Vec<Event>,
    /// Octets on their way.
    pub(crate) to_daemon: VecDeque<Vec<u8>>,
    pub(crate) to_core: VecDeque<Vec<u8>>,
    /// Everything that was ever folded, to compare a repetition with.
    folded: BTreeMap<u64, Event>,
}

const ORDER: &str = "no event number is lost or doubled in the store";

/// So many events stay comparable when the rest is archived: more than an hour's end leaves open.
const REMEMBERED: u64 = 250;

fn open() -> Result<Store, Violation> {
    Store::open(Path::new(":memory:"))
        .map_err(|fault| Violation::new("the store opens", fault.to_string()))
}

impl Daemon {
    pub(crate) fn new(wanted: Wanted) -> Result<Self, Violation> {
        let store = open()?;
        Ok(Self {
            running: false,
            session: 0,
            store,
            wanted,
            actual: Actual::default(),
            spool: 0,
            live: Live::default(),
            token: 0,
            taken: vec![],
            to_daemon: VecDeque::new(),
            to_core: VecDeque::new(),
            folded: BTreeMap::new(),
        })
    }

    /// Both ends of the link are there: the daemon says hello.
    pub(crate) fn connected(&mut self) {
        self.disconnected();
        self.say(&Down::Hello { oldest: link::OLDEST, newest: link::VERSION });
    }

    /// One end is gone.
    pub(crate) fn disconnected(&mut self) {
        self.session += 1;
        self.taken.clear();
        self.to_daemon.clear();
        self.to_core.clear();
        self.live.clear();
    }

    fn say(&mut self, message: &Down<'_>) {
        let mut room = vec![0; link::chunk::MESSAGE];
        if let Ok(octets) = link::encode(message, &mut room) {
            self.to_core.push_back(octets.to_vec());
        }
    }

    /// Takes all that has arrived; `true` if there is something to fold.
    pub(crate) fn take(&mut self) -> bool {
        for octets in std::mem::take(&mut self.to_daemon) {
            match link::decode_up(&octets) {
                Ok(Up::Hello { spool, table, generation, next_event, .. }) => {
                    self.live.snapshot(next_event);
                    self.spool = spool;
                    self.actual = Actual { table, generation };
                    self.carry_out();
                }
                Ok(Up::Event(event)) => self.taken.push(event),
                Ok(Up::Call { token: 0, status }) => self.live.status(&status),
                // Answers: a step that failed leaves the table out of force, which shows.
                Ok(_) | Err(_) => {}
            }
        }
        !self.taken.is_empty()
    }

    fn carry_out(&mut self) {
        let generation = self.actual.generation + 1;
        for step in plan::plan(&self.wanted, &self.actual) {
            self.token += 1;
            let token = self.token;
            match step {
                Step::Publish(kind, hash, octets) => {
                    self.say(&Down::Publish { token, kind, hash, octets: &octets });
                }
                Step::Apply { table } => self.say(&Down::Apply { token, generation, table }),
            }
        }
    }

    /// Folds what was taken; the number to acknowledge.
    pub(crate) fn fold(&mut self) -> Result<Option<u64>, Violation> {
        let fault = |fault: store::StoreFault| Violation::new("the store folds", fault.to_string());
        let mut newest = self.store.folded(self.spool).map_err(fault)?;
        let events = std::mem::take(&mut self.taken);
        let last = events.iter().map(|event| event.number).max().filter(|last| *last > 0);
        let mut batch = Batch { spool: self.spool, ..Batch::default() };
        for event in events.into_iter().filter(|event| event.number > 0) {
            if event.number <= newest {
                self.repeated(&event)?;
                continue;
            }
            if event.number != newest + 1 {
                let what = format!("{} follows {newest}", event.number);
                return Err(Violation::new(ORDER, what));
            }
            newest = event.number;
            batch.number = newest;
            if let Detail::CallEnded(record) = &event.detail {
                batch.rows.push(Row::new(record, |_| Some("main".into())));
            }
            self.live.event(&event);
            self.folded.insert(newest, event);
        }
        self.store.fold(&batch).map_err(fault)?;
        Ok(last)
    }

    fn repeated(&self, event: &Event) -> Result<(), Violation> {
        match self.folded.get(&event.number) {
            Some(before) if before == event => Ok(()),
            before => {
                let what = format!("number {} was {before:?}, now {event:?}", event.number);
                Err(Violation::new(ORDER, what))
            }
        }
    }

    pub(crate) fn acknowledge(&mut self, number: u64) {
        self.say(&Down::Ack { number });
    }

    /// The operator ends some call that the daemon knows.
    pub(crate) fn clear(&mut self, pick: impl FnOnce(&[CallId]) -> CallId) -> Option<CallId> {
        let calls: Vec<_> = self.live.calls().map(|(id, _)| id).collect();
        let call = (!calls.is_empty()).then(|| pick(&calls))?;
        self.token += 1;
        self.say(&Down::Clear { token: self.token, call });
        Some(call)
    }

    /// What was folded is found in order: it goes into the archive.
    pub(crate) fn archive(&mut self) -> Result<(), Violation> {
        let number = self.folded_up_to(self.spool);
        self.store = open()?;
        let batch = Batch { spool: self.spool, number, ..Batch::default() };
        let fault = |fault: store::StoreFault| Violation::new("the store folds", fault.to_string());
        self.store.fold(&batch).map_err(fault)?;
        // The newest may come again: their acknowledgement can be lost with the core.
        self.folded = self.folded.split_off(&number.saturating_sub(REMEMBERED));
        Ok(())
    }

    /// The operator asks how the spans are.
    pub(crate) fn ask(&mut self) {
        self.token += 1;
        self.say(&Down::Ask { token: self.token, question: Question::Spans });
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        self.store.records(u32::MAX).unwrap_or_default()
    }

    pub(crate) fn folded_up_to(&self, spool: u64) -> u64 {
        self.store.folded(spool).unwrap_or(0)
    }

    pub(crate) fn live_calls(&self) -> usize {
        self.live.calls().count()
    }
}
