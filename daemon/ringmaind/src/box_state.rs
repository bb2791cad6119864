//! What the daemon knows: documents, store, what the core told. Everything that happens goes
//! through here, one thing after the other.

use std::collections::{BTreeMap, HashMap};

use console::{Language, Text, alarm, narrate, not_recorded, say};
use link::{
    CoreStatus, Detail, Event, Outcome, PortStatus, RecordingStatus, SeatStatus, Served,
    SoundStatus, SpanDetail, SpanStatus, TestStatus, Traced, Up,
};
use plan::{Actual, Step, plan};
use records::{Live, RecordingRow, Row};
use store::{Batch, Store, StoreFault};
use tokio::sync::{broadcast, oneshot};
use units::{CallId, ContentHash, SpanId};

use crate::documents::{Documents, Folders, at, check, prompts, read};
use crate::log;
use crate::own_sounds;

/// Sentences that wait for a slow console; the oldest are dropped.
const NARRATED: usize = 1024;

/// What a command of ours waits for.
pub(crate) type Answer = oneshot::Sender<Outcome>;

/// The state of the daemon.
pub(crate) struct BoxState {
    pub(crate) store: Store,
    pub(crate) folders: Folders,
    pub(crate) documents: Option<Documents>,
    /// Why the documents on disk are not in force.
    pub(crate) complaint: Option<String>,
    /// Why the store cannot take events.
    pub(crate) ill: Option<String>,
    pub(crate) live: Live,
    pub(crate) spans: HashMap<SpanId, SpanStatus>,
    pub(crate) ports: BTreeMap<u16, PortStatus>,
    pub(crate) core: Option<CoreStatus>,
    pub(crate) span: Option<SpanDetail>,
    pub(crate) test: Option<TestStatus>,
    pub(crate) sound: Option<SoundStatus>,
    pub(crate) recording: Option<RecordingStatus>,
    /// The messages of a call that were asked for last, and the question.
    pub(crate) traced: (u32, Vec<Traced>),
    /// Who is in conferences, as it was asked last.
    pub(crate) seats: (u32, Vec<SeatStatus>),
    /// Whether the exchange noted who calls, since it was asked last.
    pub(crate) identified: HashMap<CallId, bool>,
    pub(crate) narration: broadcast::Sender<String>,
    pub(crate) connected: bool,
    actual: Actual,
    spool: u64,
    next_token: u32,
    waiting: HashMap<u32, Answer>,
}

/// What came of a batch of messages.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The highest event that is durable now.
    pub(crate) acknowledge: Option<u64>,
    /// The core has said hello: what it should do can be planned.
    pub(crate) hello: bool,
}

impl BoxState {
    pub(crate) fn new(store: Store, folders: Folders) -> Self {
        let (narration, _) = broadcast::channel(NARRATED);
        let mut state = Self {
            store,
            folders,
            documents: None,
            complaint: None,
            ill: None,
            live: Live::default(),
            spans: HashMap::new(),
            ports: BTreeMap::new(),
            core: None,
            span: None,
            test: None,
            sound: None,
            recording: None,
            traced: (0, vec![]),
            seats: (0, vec![]),
            identified: HashMap::new(),
            narration,
            connected: false,
            actual: Actual::default(),
            spool: 0,
            next_token: 0,
            waiting: HashMap::new(),
        };
        if let Err(fault) = state.read().and_then(|documents| state.put(documents)) {
            state.complaint = Some(fault);
            state.last_good();
        } else if let Some(documents) = &state.documents {
            own_sounds::tidy(&state.folders.sounds, &documents.prompts.own().collect());
        }
        state
    }

    pub(crate) fn language(&self) -> Language {
        match self.documents.as_ref().map(|documents| documents.config.this_box.language) {
            Some(config::Language::Zh) | None => Language::Zh,
            Some(config::Language::En) => Language::En,
        }
    }

    /// Makes documents the wanted ones.
    pub(crate) fn put(&mut self, documents: Documents) -> Result<(), String> {
        let programs: Vec<_> =
            documents.flows.iter().map(|(name, flow)| (flow.hash, name.clone())).collect();
        self.store.put_in_force(&documents.texts, &programs).map_err(|fault| fault.to_string())?;
        self.documents = Some(documents);
        self.complaint = None;
        Ok(())
    }

    /// Reads and checks the documents on disk.
    pub(crate) fn read(&self) -> Result<Documents, String> {
        let prompts = prompts(&self.folders.prompts)?;
        let waiting = self.store.waiting().map_err(|fault| fault.to_string())?;
        let documents = check(read(&self.folders)?, prompts, &waiting)?;
        self.check_sockets(&documents)?;
        Ok(documents)
    }

    /// Whether the box has what the documents name, as soon as that is known.
    fn check_sockets(&self, documents: &Documents) -> Result<(), String> {
        if self.ports.is_empty() {
            return Ok(());
        }
        let Some((file, text)) = documents.texts.iter().find(|(file, _)| file == "config.toml")
        else {
            return Ok(());
        };
        let found = config::check_jacks(&documents.config, text, self.ports.values());
        found.map_err(|fault| at(file, &fault))
    }

    /// The documents that were good when they were put in force.
    fn last_good(&mut self) {
        let texts = self.store.documents().unwrap_or_default();
        let prompts = prompts(&self.folders.prompts).unwrap_or_default();
        let waiting = self.store.waiting().unwrap_or_default();
        self.documents = check(texts, prompts, &waiting).ok();
    }

    /// Messages wait for the telephone with this number, or do not any more; `false` if there is
    /// none. The documents in force stay what they are.
    pub(crate) fn set_waiting(&mut self, number: &str, on: bool) -> Result<bool, String> {
        let Some(documents) = &self.documents else { return Ok(false) };
        let own = |one: &config::Extension| one.number == number && one.telephone.is_some();
        if !documents.config.extension.iter().any(own) {
            return Ok(false);
        }
        let fault = |fault: StoreFault| fault.to_string();
        self.store.set_waiting(number, on).map_err(fault)?;
        let waiting = self.store.waiting().map_err(fault)?;
        let (texts, prompts) = (documents.texts.clone(), documents.prompts.clone());
        self.documents = Some(check(texts, prompts, &waiting)?);
        Ok(true)
    }

    /// What the core has to be told.
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.documents.as_ref().map(|d| plan(&d.wanted, &self.actual)).unwrap_or_default()
    }

    /// A generation for a plan that the core will take as newer.
    pub(crate) fn generation(&mut self) -> Result<u64, StoreFault> {
        self.store.next_generation(self.actual.generation + 1)
    }

    /// A token for a command, and who waits for its answer.
    pub(crate) fn expect(&mut self, answer: Answer) -> u32 {
        // 0 is the snapshot's.
        self.next_token = self.next_token.wrapping_add(1).max(1);
        self.waiting.insert(self.next_token, answer);
        self.next_token
    }

    /// The table that was applied is in force.
    pub(crate) fn applied(&mut self, table: ContentHash, generation: u64) {
        self.actual = Actual { table: Some(table), generation };
    }

    /// The core is gone: nobody answers what was asked.
    pub(crate) fn core_gone(&mut self) {
        self.connected = false;
        self.waiting.clear();
        self.live.clear();
        self.spans.clear();
        self.ports.clear();
    }

    /// What a flow or a prompt is called.
    pub(crate) fn name(&self, hash: ContentHash) -> String {
        let prompt = self.documents.as_ref().and_then(|documents| {
            documents.prompts.name(hash).map(|(name, language)| format!("{name} ({language})"))
        });
        prompt
            .or_else(|| self.store.program(hash).ok().flatten())
            .unwrap_or_else(|| format!("{hash:?}"))
    }

    /// Takes messages of the core; events are on disk when this returns.
    pub(crate) fn heard(&mut self, messages: Vec<Up>) -> Result<Heard, String> {
        let mut heard = Heard::default();
        let mut events = vec![];
        for message in messages {
            match message {
                Up::Hello { spool, table, generation, next_event, .. } => {
                    self.connected = true;
                    self.spool = spool;
                    self.actual = Actual { table, generation };
                    self.live.snapshot(next_event);
                    self.spans.clear();
                    self.ports.clear();
                    heard.hello = true;
                }
                Up::Refused { oldest, newest, connected } => {
                    return Err(match connected {
                        Some(pid) => format!("the core talks to another daemon, process {pid}"),
                        None => format!("the core speaks versions {oldest} to {newest} only"),
                    });
                }
                Up::Span { status, .. } => {
                    self.spans.insert(status.span, status);
                }
                Up::Port { status, .. } => {
                    self.ports.insert(status.index, status);
                }
                Up::Core { status, .. } => self.core = Some(status),
                Up::SpanDetail { detail, .. } => self.span = Some(detail),
                Up::Traced { token, traced } => {
                    if self.traced.0 != token {
                        self.traced = (token, vec![]);
                    }
                    self.traced.1.push(traced);
                }
                Up::Seat { token, status } => self.seat(token, status),
                Up::Test { status, .. } => self.test = Some(status),
                Up::Sound { status, .. } => self.sound = Some(status),
                Up::Recording { status, .. } => self.recording = Some(status),
                Up::Call { token: 0, status } => self.live.status(&status),
                Up::SnapshotEnd => {
                    // Documents that were read while nobody knew the box.
                    let checked = self.documents.as_ref().map(|d| self.check_sockets(d));
                    if let Some(Err(fault)) = checked {
                        log(&fault);
                        self.complaint = Some(fault);
                    }
                }
                Up::Call { .. } => {}
                Up::Event(event) => events.push(event),
                Up::Done { token, outcome } => {
                    if let Some(answer) = self.waiting.remove(&token) {
                        // Whoever asked may have gone.
                        let _ = answer.send(outcome);
                    }
                }
            }
        }
        match self.fold(&events) {
            Ok(acknowledge) => {
                heard.acknowledge = acknowledge;
                if !events.is_empty() {
                    self.ill = None;
                }
                Ok(heard)
            }
            Err(fault) => {
                // The core sends them again to a link that is made anew.
                let ill = say(self.language(), Text::STORE_ILL, &[&fault.to_string()]);
                self.ill = Some(ill.clone());
                Err(ill)
            }
        }
    }

    /// One of those in conferences; of another answer than those before, it is the first.
    fn seat(&mut self, token: u32, status: SeatStatus) {
        if self.seats.0 != token {
            self.seats = (token, vec![]);
        }
        self.seats.1.push(status);
    }

    /// Folds events into the store, each number once, then tells them.
    fn fold(&mut self, events: &[Event]) -> Result<Option<u64>, StoreFault> {
        if events.is_empty() {
            return Ok(None);
        }
        let folded = self.store.folded(self.spool)?;
        let language = self.language();
        let mut batch = Batch { spool: self.spool, ..Batch::default() };
        // Number 0 is an alarm that could not be kept: told, not counted.
        let fresh: Vec<_> = events.iter().filter(|e| e.number == 0 || e.number > folded).collect();
        for event in &fresh {
            batch.number = batch.number.max(event.number);
            match &event.detail {
                Detail::CallEnded(record) => {
                    batch.rows.push(Row::new(record, |flow| self.store.program(flow).ok()?));
                }
                Detail::CallRecorded(recording) => {
                    batch.recordings.push(RecordingRow::closed(recording));
                }
                Detail::CallNotRecorded { id, why } => {
                    batch.recordings.push(RecordingRow::none(*id, event.at));
                    let text = not_recorded(id.call, *why, language);
                    batch.alarms.push((event.at, text));
                }
                Detail::Alarm(what) => {
                    let text = alarm(what, &|hash| self.name(hash), language);
                    batch.alarms.push((event.at, text));
                }
                Detail::Gap { from } => {
                    let text = say(language, Text::ALARM_GAP, &[&from.to_string()]);
                    batch.alarms.push((event.at, text));
                }
                _ => {}
            }
        }
        self.store.fold(&batch)?;
        for event in fresh {
            if let Detail::CallServed { call, service: Served::Identified, done } = event.detail {
                self.identified.insert(call, done);
            }
            self.live.event(event);
            // Nobody may be watching.
            let _ = self.narration.send(narrate(event, &|hash| self.name(hash), language));
        }
        let last = events.iter().map(|event| event.number).max().unwrap_or(0);
        Ok((last > 0).then_some(last))
    }
}
