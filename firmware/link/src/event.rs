//! What happened, as the daemon learns it.

use bearer::{Presentation, Served};
use heapless::Vec;
use limits::RECORD_PATH;
use serde::{Deserialize, Serialize};
use units::{
    CallId, Category, Cause, Charge, ContentHash, Digits, Finding, LineId, Party, SpanId, Tenant,
    Utc,
};

use crate::port::{Label, Trouble};
use crate::recording::{NotRecorded, Recording, RecordingId};
use bearer::DChannel;

/// One numbered event. Numbers of one core rise by one, across boots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number, from 1.
    pub number: u64,
    /// When it happened.
    pub at: Utc,
    /// What happened.
    pub detail: Detail,
}

/// One step of a call's way through the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PathStep {
    /// It came in on this line.
    Line(LineId),
    /// It entered this flow.
    Flow(ContentHash),
    /// This number was rung.
    Rang(Digits),
    /// This number answered and was connected.
    Connected(Digits),
    /// The core was restarted under the call; its sound was away for a moment.
    Interrupted,
    /// The exchange sent the caller to this number, without the box.
    Deflected(Digits),
    /// The exchange joined both legs without the box.
    Joined,
    /// The exchange noted who calls (malicious call identification).
    Identified,
    /// It entered the conference of this number.
    Conference(Digits),
    /// Who or what was there, by the sound. Since version 5.
    Found(Finding),
}

/// A call from offer to end: what becomes the one row of the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Its identity.
    pub call: CallId,
    /// Whose it is.
    pub tenant: Tenant,
    /// The caller's number, perhaps empty.
    pub caller: Digits,
    /// Whether it may be shown.
    pub presentation: Presentation,
    /// The number called.
    pub called: Digits,
    /// The way through the box, as far as [`RECORD_PATH`] reaches.
    pub path: Vec<PathStep, RECORD_PATH>,
    /// What the caller entered.
    pub digits: Digits,
    /// When it was offered.
    pub offered: Utc,
    /// When it was answered, if it was.
    pub answered: Option<Utc>,
    /// When the caller talked to a person or entered a conference, if that happened.
    pub connected: Option<Utc>,
    /// When it ended.
    pub ended: Utc,
    /// Why.
    pub cause: Cause,
    /// Who ended it.
    pub by: Party,
    /// What the network charges for it, if it tells: for all its legs.
    pub charge: Option<Charge>,
    /// What kind of caller it was, if the line told.
    pub category: Option<Category>,
}

/// Something that an operator should know. Texts in both languages are tables of the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alarm {
    /// A prompt is not in the prompt folder; callers hear nothing instead.
    PromptMissing(ContentHash),
    /// The memory for prompts is full.
    PromptMemoryFull(ContentHash),
    /// A program is missing or refused; its callers are released.
    ProgramMissing(ContentHash),
    /// The core could not write to its state folder (errno).
    StateUnwritable(i32),
    /// Detail events were dropped because the spool ran short.
    SpoolShort {
        /// How many, since the core started.
        dropped: u64,
    },
    /// New calls are refused because the spool is full.
    SpoolFull,
    /// The card stopped answering.
    CardGone,
    /// The card answers again.
    CardBack,
    /// Blocks of sound were lost between card and core.
    BlocksMissing {
        /// How many, since the core started.
        total: u64,
    },
    /// A call was ended because one of its machines broke a rule of its own.
    MachineFault(CallId),
    /// What keeps a socket from working changed.
    Port {
        /// What is printed beside it.
        label: Label,
        /// What it is; `None`: it works again.
        trouble: Option<Trouble>,
    },
    /// A button was held until the end: somebody at the box asks for the factory reset.
    ButtonHeld {
        /// What is printed beside it.
        label: Label,
    },
    /// The journal was not believed and was set aside; the core started without the calls in it.
    JournalSetAside(JournalTrouble),
    /// What goes on does not fit the journal: calls go on, and would not outlive the core.
    JournalFull,
}

/// Why a journal was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JournalTrouble {
    /// Another release wrote it, in a format that this one does not read.
    Format,
    /// It is damaged.
    Damaged,
    /// The core crashed with it again and again.
    Crashes,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detail {
    /// The core started.
    CoreStarted {
        /// How many times it has started in all.
        boot: u32,
    },
    /// The alarms of a span changed.
    Span {
        /// Which.
        span: SpanId,
        /// No signal.
        los: bool,
        /// No frame alignment.
        lof: bool,
        /// All ones come.
        ais: bool,
        /// The far side does not understand us.
        rai: bool,
    },
    /// A data link came up or went down.
    DataLink {
        /// Of which span.
        span: SpanId,
        /// It is up.
        up: bool,
    },
    /// A call was offered.
    CallOffered {
        /// Which.
        call: CallId,
        /// On which line.
        line: LineId,
        /// The caller.
        caller: Digits,
        /// The number called.
        called: Digits,
    },
    /// A call entered a flow.
    CallInFlow {
        /// Which.
        call: CallId,
        /// The program.
        flow: ContentHash,
    },
    /// A call was answered.
    CallAnswered {
        /// Which.
        call: CallId,
    },
    /// The caller hears a prompt from here on.
    PromptStarted {
        /// Which call.
        call: CallId,
        /// The prompt.
        prompt: ContentHash,
    },
    /// The caller pressed a key or entered digits.
    CallDigits {
        /// Which call.
        call: CallId,
        /// What.
        digits: Digits,
    },
    /// A number is being rung for a call.
    CallRinging {
        /// Which call.
        call: CallId,
        /// The number.
        number: Digits,
    },
    /// Caller and called talk.
    CallConnected {
        /// Which call.
        call: CallId,
        /// Whom the caller reached.
        number: Digits,
    },
    /// The exchange did something for a call, or not what it was asked.
    CallServed {
        /// Which call.
        call: CallId,
        /// What.
        service: Served,
        /// It did.
        done: bool,
    },
    /// A call ended.
    CallEnded(CallRecord),
    /// An alarm.
    Alarm(Alarm),
    /// Events before this one are lost: the spool on disk was damaged.
    Gap {
        /// The first number that is not there.
        from: u64,
    },
    /// The core started and went on with the calls of the process before.
    CoreWentOn {
        /// How many times it has started in all.
        boot: u32,
        /// How many calls.
        calls: u16,
    },
    /// What a D channel does changed, in a group that has two.
    DChannel {
        /// Its span.
        span: SpanId,
        /// The span that leads the group.
        lead: SpanId,
        /// What it does now.
        state: DChannel,
    },
    /// A caller entered a conference.
    CallInConference {
        /// Which call.
        call: CallId,
        /// The number of the conference.
        number: Digits,
    },
    /// A caller did not know the pin of a conference, and is released.
    PinRefused {
        /// Which call.
        call: CallId,
        /// The number of the conference.
        number: Digits,
    },
    /// A recording of a call is closed. Told once for each part; the record of the call may come
    /// before it or behind it. Since version 7, as the next.
    CallRecorded(Recording),
    /// A call that was to be recorded goes on without, or its recording is lost.
    CallNotRecorded {
        /// Which part of which call.
        id: RecordingId,
        /// Why.
        why: NotRecorded,
    },
}

impl Detail {
    /// Whether the event is kept when the spool runs short.
    #[must_use]
    pub const fn is_record(&self) -> bool {
        matches!(
            self,
            Self::CallEnded(_)
                | Self::CoreStarted { .. }
                | Self::CoreWentOn { .. }
                | Self::Gap { .. }
                | Self::CallRecorded(_)
                | Self::CallNotRecorded { .. }
        )
    }
}
