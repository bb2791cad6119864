//! Spans, calls, records and events in words.

use link::{
    Alarm, CallPhase, CoreStatus, DChannel, Detail, Event, JackRole, JournalStatus, JournalTrouble,
    NotRecorded, Outcome, PortStatus, Served, Socket, SpanStatus, Trouble, Waking,
};
use records::{LiveCall, Row, utc_text};
use units::{CallId, ContentHash};

use crate::texts::{Language, Text, say};

/// What a hash is called by people: a flow or a prompt.
pub trait Names {
    /// The name, or the beginning of the hash.
    fn name(&self, hash: ContentHash) -> String;
}

impl<F: Fn(ContentHash) -> String> Names for F {
    fn name(&self, hash: ContentHash) -> String {
        self(hash)
    }
}

fn condition(status: &SpanStatus, language: Language) -> String {
    let conditions = [
        (status.los, Text::SPAN_LOS),
        (status.lof, Text::SPAN_LOF),
        (status.ais, Text::SPAN_AIS),
        (status.rai, Text::SPAN_RAI),
        (status.lomf, Text::SPAN_LOMF),
        (status.foreign, Text::SPAN_FOREIGN),
        (status.lom, Text::SPAN_LOM),
        (status.rom, Text::SPAN_ROM),
    ];
    // The first condition explains the others.
    let worst = conditions.into_iter().find(|(there, _)| *there);
    say(language, worst.map_or(Text::SPAN_UP, |(_, text)| text), &[])
}

/// What a D channel of two does, in words.
pub(crate) const fn d_channel(state: DChannel) -> Text {
    match state {
        DChannel::Active => Text::D_ACTIVE,
        DChannel::Standby => Text::D_STANDBY,
        DChannel::OutOfService => Text::D_OUT_OF_SERVICE,
        DChannel::MaintenanceBusy => Text::D_MAINTENANCE_BUSY,
    }
}

/// A span in two lines.
#[must_use]
pub fn span_lines(status: &SpanStatus, language: Language) -> String {
    let c = &status.counters;
    let lead = status.lead.map(|lead| lead.0.to_string());
    let link = match (status.cas, status.data_link, &lead) {
        (false, true, None) => Text::LINK_UP,
        (false, true, Some(_)) => Text::LINK_UP_OF,
        (false, false, None) => Text::LINK_DOWN,
        (false, false, Some(_)) => Text::LINK_DOWN_OF,
        (true, true, _) => Text::BITS_UP,
        (true, false, _) => Text::BITS_DOWN,
    };
    let lead = lead.as_deref().unwrap_or_default();
    format!(
        "E1 {}  {}, {}; {}/{} busy, {} blocked{}\n      \
         CRC {} (far {}), FAS {}, code {}, slips {}, losses of frame {}; \
         D: in {}, out {}, bad {}, refused {}\n",
        status.span.0,
        condition(status, language),
        say(language, link, &[lead]),
        status.busy,
        status.channels,
        status.blocked,
        if status.capturing { ", capturing" } else { "" },
        c.crc_errors,
        c.far_crc_errors,
        c.fas_errors,
        c.code_violations,
        c.slips,
        c.losses_of_frame,
        c.frames_in,
        c.frames_out,
        c.bad_frames,
        c.refused_frames,
    )
}

/// What keeps a socket from working, and the remedy.
fn trouble_text(trouble: Option<Trouble>, language: Language) -> String {
    let (text, errno) = match trouble {
        None => (Text::PORT_WORKS, 0),
        Some(Trouble::Missing) => (Text::PORT_MISSING, 0),
        Some(Trouble::Forbidden) => (Text::PORT_FORBIDDEN, 0),
        Some(Trouble::Busy) => (Text::PORT_BUSY, 0),
        Some(Trouble::Refused(errno)) => (Text::PORT_REFUSED, errno),
        Some(Trouble::Overridden) => (Text::PORT_OVERRIDDEN, 0),
        Some(Trouble::Failing(errno)) => (Text::PORT_FAILING, errno),
        Some(Trouble::Silent) => (Text::PORT_SILENT, 0),
        Some(Trouble::Unexpected) => (Text::PORT_UNEXPECTED, 0),
        Some(Trouble::Contradiction) => (Text::PORT_CONTRADICTION, 0),
    };
    say(language, text, &[&errno.to_string()])
}

/// A socket of the box in one line: label, what plugs in, how it does.
#[must_use]
pub fn port_line(status: &PortStatus, span: Option<&SpanStatus>, language: Language) -> String {
    let what = match status.socket {
        Socket::Pri(span) => format!("E1 PRI, span {}", span.0),
        Socket::Cas(span) => format!("E1 CAS, span {}", span.0),
        Socket::Telephone(line) => format!("FXS, {}", line_name(line)),
        Socket::Trunk(line) => format!("FXO, {}", line_name(line)),
        Socket::Relay => "relay".into(),
        Socket::Jack(line, role) => format!("{}, {}", line_name(line), jack_role(role)),
        Socket::Sensor => "board".into(),
    };
    // The alarms of a line that works as a socket are what an installer looks for next.
    let state = match (status.trouble, span) {
        (None, Some(span)) => condition(span, language),
        (trouble, _) => trouble_text(trouble, language),
    };
    let volts = |mv: i32| format!("{}.{}", mv / 1000, (mv % 1000).abs() / 100);
    let measured = status.voltages.map_or_else(String::new, |v| {
        let across = volts((v.tip_mv - v.ring_mv).abs());
        say(language, Text::PORT_VOLTS, &[&across, &volts(v.battery_mv)])
    });
    format!("{:<14} {what:<18} {state}{measured}\n", status.label)
}

/// The core in words: since when it runs, how it woke up, what its journal holds.
#[must_use]
pub fn core_lines(status: &CoreStatus, language: Language) -> String {
    let number = |n: u64| n.to_string();
    let mut lines = say(
        language,
        Text::CORE_RUNS,
        &[&utc_text(status.started), &status.boot.to_string(), &status.calls.to_string()],
    );
    let took = format!("{}.{}", status.waking_us / 1000, status.waking_us % 1000 / 100);
    let woke = match status.waking {
        Waking::Clean => say(language, Text::CORE_CLEAN, &[]),
        Waking::WentOn { calls } => {
            say(language, Text::CORE_RESTORED, &[&calls.to_string(), &took])
        }
        Waking::AfterPowerCut { calls } => {
            say(language, Text::CORE_POWER_CUT, &[&calls.to_string()])
        }
        Waking::SetAside(why) => {
            say(language, Text::ALARM_JOURNAL_ASIDE, &[&journal_trouble(why, language)])
        }
    };
    let journal = match status.journal {
        None => say(language, Text::ALARM_JOURNAL_FULL, &[]),
        Some(JournalStatus { live, used, room, changes, age_ms }) => {
            let (live, used) =
                (number(live.div_ceil(1024).into()), number(used.div_ceil(1024).into()));
            let age = format!("{}.{}", age_ms / 1000, age_ms % 1000 / 100);
            let room = number((room / 1024).into());
            say(language, Text::CORE_JOURNAL, &[&live, &used, &room, &changes.to_string(), &age])
        }
    };
    for line in [woke, journal] {
        lines += "\n";
        lines += &line;
    }
    lines + "\n"
}

/// A call in progress in one line.
#[must_use]
pub fn call_line(id: CallId, call: &LiveCall) -> String {
    let phase = match call.phase {
        CallPhase::Dialling => "dialling",
        CallPhase::InFlow => "in flow",
        CallPhase::Ringing => "ringing",
        CallPhase::Talking => "talking",
        CallPhase::Clearing => "clearing",
        CallPhase::Conference => "in conference",
    };
    let caller = if call.caller.is_empty() { "unknown" } else { &call.caller };
    let since = utc_text(call.offered);
    format!("{id}  {caller} -> {}  {phase} {}  since {since}\n", call.called, call.other)
}

/// Records, a line each.
#[must_use]
pub fn record_lines(rows: &[Row], language: Language) -> String {
    if rows.is_empty() {
        return say(language, Text::NO_RECORDS, &[]) + "\n";
    }
    rows.iter().map(|row| row.sentence() + "\n").collect()
}

/// What became of a command of the core, in words; empty if it was done.
#[must_use]
pub fn outcome(outcome: Outcome, language: Language) -> String {
    let (text, argument) = match outcome {
        Outcome::Done => return String::new(),
        Outcome::WrongHash => (Text::WRONG_HASH, 0),
        Outcome::Refused => (Text::REFUSED, 0),
        Outcome::NotFound => (Text::NOT_FOUND, 0),
        Outcome::Full => (Text::FULL, 0),
        Outcome::Disk(errno) => (Text::DISK, errno),
        Outcome::Stale => (Text::STALE, 0),
    };
    say(language, text, &[&argument.to_string()])
}

fn journal_trouble(why: JournalTrouble, language: Language) -> String {
    let text = match why {
        JournalTrouble::Format => Text::JOURNAL_FORMAT,
        JournalTrouble::Damaged => Text::JOURNAL_DAMAGED,
        JournalTrouble::Crashes => Text::JOURNAL_CRASHES,
    };
    say(language, text, &[])
}

/// An alarm as a sentence.
#[must_use]
pub fn alarm(alarm: &Alarm, names: &impl Names, language: Language) -> String {
    let (text, argument) = match alarm {
        Alarm::PromptMissing(hash) => (Text::ALARM_PROMPT, names.name(*hash)),
        Alarm::PromptMemoryFull(hash) => (Text::ALARM_PROMPT_ROOM, names.name(*hash)),
        Alarm::ProgramMissing(hash) => (Text::ALARM_PROGRAM, names.name(*hash)),
        Alarm::StateUnwritable(errno) => (Text::ALARM_DISK, errno.to_string()),
        Alarm::SpoolShort { dropped } => (Text::ALARM_SHORT, dropped.to_string()),
        Alarm::SpoolFull => (Text::ALARM_FULL, String::new()),
        Alarm::CardGone => (Text::ALARM_CARD_GONE, String::new()),
        Alarm::CardBack => (Text::ALARM_CARD_BACK, String::new()),
        Alarm::BlocksMissing { total } => (Text::ALARM_BLOCKS, total.to_string()),
        Alarm::MachineFault(call) => (Text::ALARM_MACHINE, call.to_string()),
        Alarm::Port { label, trouble } => {
            return say(language, Text::ALARM_PORT, &[label, &trouble_text(*trouble, language)]);
        }
        Alarm::ButtonHeld { label } => (Text::ALARM_BUTTON, label.to_string()),
        Alarm::JournalSetAside(why) => (Text::ALARM_JOURNAL_ASIDE, journal_trouble(*why, language)),
        Alarm::JournalFull => (Text::ALARM_JOURNAL_FULL, String::new()),
    };
    say(language, text, &[&argument])
}

/// That a call goes on without being recorded, or its recording is lost: an alarm.
#[must_use]
pub fn not_recorded(call: CallId, why: NotRecorded, language: Language) -> String {
    let (text, errno) = match why {
        NotRecorded::Full => (Text::NOT_RECORDED_FULL, 0),
        NotRecorded::Disk(errno) => (Text::NOT_RECORDED_DISK, errno),
        NotRecorded::Lost => (Text::NOT_RECORDED_LOST, 0),
    };
    say(language, text, &[&call.to_string(), &errno.to_string()])
}

/// What a jack is for, as the board file writes it.
const fn jack_role(role: JackRole) -> &'static str {
    match role {
        JackRole::Music => "music",
        JackRole::Paging => "paging",
        JackRole::Handset => "handset",
        JackRole::Door => "door",
    }
}

fn line_name(line: units::LineId) -> String {
    match (line.span(), line.analog(), line.jack()) {
        (Some(span), ..) => format!("E1 {}", span.0),
        (_, Some(port), _) => format!("TEL {port}"),
        (_, _, Some(jack)) => format!("audio {jack}"),
        (None, None, None) => line.to_string(),
    }
}

/// An event as a sentence behind its call.
#[must_use]
pub fn narrate(event: &Event, names: &impl Names, language: Language) -> String {
    let of = |call: &CallId, text, arguments: &[&str]| {
        format!("{call}  {}", say(language, text, arguments))
    };
    match &event.detail {
        Detail::CoreStarted { boot } => say(language, Text::CORE_STARTED, &[&boot.to_string()]),
        Detail::CoreWentOn { boot, calls } => {
            say(language, Text::CORE_WENT_ON, &[&boot.to_string(), &calls.to_string()])
        }
        Detail::CallOffered { call, line, caller, called } => {
            let (caller, called) = (caller.to_string(), called.to_string());
            let caller = if caller.is_empty() { "?" } else { &caller };
            of(call, Text::OFFERED, &[caller, &called, &line_name(*line)])
        }
        Detail::CallInFlow { call, flow } => of(call, Text::IN_FLOW, &[&names.name(*flow)]),
        Detail::CallAnswered { call } => of(call, Text::ANSWERED, &[]),
        Detail::PromptStarted { call, prompt } => of(call, Text::PROMPT, &[&names.name(*prompt)]),
        Detail::CallDigits { call, digits } => of(call, Text::PRESSED, &[&digits.to_string()]),
        Detail::CallRinging { call, number } => of(call, Text::RINGING, &[&number.to_string()]),
        Detail::CallConnected { call, number } => of(call, Text::CONNECTED, &[&number.to_string()]),
        Detail::CallInConference { call, number } => {
            of(call, Text::IN_CONFERENCE, &[&number.to_string()])
        }
        Detail::PinRefused { call, number } => of(call, Text::PIN_REFUSED, &[&number.to_string()]),
        Detail::CallServed { call, service, done } => {
            let text = match (service, done) {
                (Served::Identified, true) => Text::IDENTIFIED,
                (Served::Identified, false) => Text::NOT_IDENTIFIED,
                (Served::Deflected, _) => Text::DEFLECTED,
                (Served::Joined, _) => Text::JOINED,
            };
            of(call, text, &[])
        }
        Detail::CallEnded(record) => {
            let cause = record.cause.to_string();
            of(&record.call, Text::ENDED, &[record.by.word(), &cause])
        }
        Detail::CallRecorded(recording) => {
            of(&recording.id.call, Text::RECORDED, &[&recording.seconds.to_string()])
        }
        Detail::CallNotRecorded { id, why } => not_recorded(id.call, *why, language),
        Detail::Alarm(what) => alarm(what, names, language),
        Detail::Gap { from } => say(language, Text::ALARM_GAP, &[&from.to_string()]),
        Detail::DataLink { span, up } => {
            let state = say(language, if *up { Text::LINK_UP } else { Text::LINK_DOWN }, &[]);
            say(language, Text::SPAN_NEWS, &[&span.0.to_string(), &state])
        }
        Detail::DChannel { span, lead, state } => {
            let state = say(language, d_channel(*state), &[]);
            let told = [span.0.to_string(), lead.0.to_string(), state];
            say(language, Text::D_CHANNEL_NEWS, &[&told[0], &told[1], &told[2]])
        }
        Detail::Span { span, los, lof, ais, rai } => {
            let conditions = [
                (*los, Text::SPAN_LOS),
                (*lof, Text::SPAN_LOF),
                (*ais, Text::SPAN_AIS),
                (*rai, Text::SPAN_RAI),
            ];
            let worst = conditions.into_iter().find(|(there, _)| *there);
            let state = say(language, worst.map_or(Text::SPAN_UP, |(_, text)| text), &[]);
            say(language, Text::SPAN_NEWS, &[&span.0.to_string(), &state])
        }
    }
}
