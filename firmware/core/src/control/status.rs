//! Spans and calls as they are now.

use call::{Call, Phase};
use link::{
    CallPhase, CallStatus, CasStatus, ChannelStatus, ChannelUse, CircuitState, CoreStatus,
    JournalStatus, LinkState, LinkStatus, Outcome, QUARTERS_TOLD, Socket, SpanCounters, SpanDetail,
    SpanStatus, Up, Waking,
};
use span::pri::detail::Channel;
use span::pri::{Place, Pri};
use span::q421::Condition;
use span::r2::R2;
use span::{Line, Usage};
use units::{CallId, Duration, LegId, LineId, SpanId, Timeslot, Utc};

use super::{Control, SpanFacts};
use crate::vitals::{Health, Mood};

/// How the core woke up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Woke {
    how: Waking,
    took_us: u32,
    started: Utc,
}

impl Control {
    pub(super) fn asked_spans(&mut self, token: u32) {
        let all: Vec<_> =
            self.spans.iter().map(|(span, facts)| self.span_status(*span, facts)).collect();
        for status in all {
            self.up(Up::Span { token, status });
        }
    }

    pub(super) fn asked_calls(&mut self, token: u32) {
        let all: Vec<_> = self.calls_now().collect();
        for status in all {
            self.up(Up::Call { token, status });
        }
    }

    pub(super) fn asked_ports(&mut self, token: u32) {
        for index in 0..self.sockets.len() {
            let Some(status) = self.sockets.status(index) else { continue };
            self.up(Up::Port { token, status });
        }
    }

    pub(super) fn asked_core(&mut self, token: u32) {
        let status = CoreStatus {
            boot: self.boot,
            started: self.woke.started,
            calls: u16::try_from(self.calls.len()).unwrap_or(u16::MAX),
            waking: self.woke.how,
            waking_us: self.woke.took_us,
            journal: self.journal,
        };
        self.up(Up::Core { token, status });
    }

    /// How the core woke up, and how long that took.
    pub fn woke(&mut self, how: Waking, took: Duration) {
        let took_us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.woke = Woke { how, took_us, started: self.utc.utc };
    }

    /// What the journal holds, for who asks.
    pub const fn journal_is(&mut self, journal: Option<JournalStatus>) {
        self.journal = journal;
    }

    /// What lamps show of the box.
    #[must_use]
    pub fn health(&self) -> Health {
        let down = |facts: &SpanFacts| facts.alarms.mute();
        let troubled = self.sockets.all().any(|socket| socket.trouble.is_some())
            || self.spans.values().any(down);
        let lines = self.sockets.all().filter_map(|socket| match socket.socket {
            Socket::Pri(span) | Socket::Cas(span) => {
                Some(socket.trouble.is_none() && !self.spans.get(&span).is_some_and(down))
            }
            Socket::Telephone(_) | Socket::Trunk(_) => Some(socket.trouble.is_none()),
            Socket::Relay | Socket::Jack(..) | Socket::Sensor => None,
        });
        let (mut all, mut some) = (true, false);
        for carries in lines {
            all &= carries;
            some |= carries;
        }
        Health {
            status: if troubled { Mood::Trouble } else { Mood::Well },
            lines: match (some, all) {
                (true, true) => Mood::Well,
                (true, false) => Mood::Trouble,
                (false, _) => Mood::Out,
            },
        }
    }

    /// Every call as it is now, ended ones excepted.
    pub fn calls_now(&self) -> impl Iterator<Item = CallStatus> {
        self.calls.values().filter_map(|call| self.call_status(call))
    }

    /// How much of each line is in use.
    pub fn usage(&self) -> impl Iterator<Item = (LineId, Usage)> {
        self.lines.iter().map(|(id, line)| (*id, line.usage()))
    }

    fn span_status(&self, span: SpanId, facts: &SpanFacts) -> SpanStatus {
        let (id, of) = self.layout.line_of(span);
        let line = self.lines.get(&id);
        let cas = matches!(line, Some(Line::R2(_)));
        let line = match line {
            Some(Line::Pri(group)) => group.usage_of(of),
            other => other.map(Line::usage).unwrap_or_default(),
        };
        // Of a group it is the D channel of all its spans.
        let lead = id.span().unwrap_or(span);
        let data_link = self.spans.get(&lead).is_some_and(|facts| facts.data_link);
        let (alarms, counted) = (facts.alarms, facts.counters);
        let d_channel = |of: u8| match self.lines.get(&id) {
            Some(Line::Pri(group)) => group.d_channel(of),
            _ => None,
        };
        let group = self.layout.group_of(id);
        let other = group.and_then(|group| if of == 0 { group.backup } else { Some(0) });
        let is_down = |of: &u8| d_channel(*of).is_some_and(|state| !state.is_up());
        let down = other.filter(is_down).and_then(|of| group.and_then(|group| group.span(of)));
        SpanStatus {
            span,
            los: alarms.los,
            lof: alarms.lof,
            ais: alarms.ais,
            rai: alarms.rai,
            lomf: alarms.lomf,
            cas,
            lom: alarms.lom,
            rom: alarms.rom,
            foreign: alarms.foreign,
            data_link,
            busy: line.busy,
            channels: line.channels,
            blocked: line.blocked,
            capturing: facts.capturing,
            counters: SpanCounters {
                code_violations: counted.code_violations,
                crc_errors: counted.crc_errors,
                far_crc_errors: counted.far_crc_errors,
                fas_errors: counted.fas_errors,
                slips: counted.slips,
                losses_of_frame: counted.losses_of_frame,
                bad_frames: facts.bad_frames,
                refused_frames: line.refused_frames,
                frames_in: facts.frames_in,
                frames_out: facts.frames_out,
            },
            lead: (of > 0).then_some(lead),
            d_channel: d_channel(of),
            other_down: d_channel(of).and(down),
        }
    }

    fn call_status(&self, call: &Call) -> Option<CallStatus> {
        let (calling, called) = call.parties();
        let (offered, answered) = call.times();
        let (port, other) = call.ports();
        let phase = match call.phase() {
            Phase::New | Phase::Ended => return None,
            Phase::Routing | Phase::Dialling { .. } | Phase::Overlap => CallPhase::Dialling,
            Phase::InFlow | Phase::Asking => CallPhase::InFlow,
            Phase::Ringing { .. } | Phase::Deflecting { .. } => CallPhase::Ringing,
            Phase::Talking => CallPhase::Talking,
            Phase::Pin { .. } | Phase::Conferring => CallPhase::Conference,
            Phase::Clearing { .. } | Phase::Howling { .. } => CallPhase::Clearing,
        };
        Some(CallStatus {
            call: call.id(),
            line: call.line()?,
            port,
            other,
            caller: calling.number.clone(),
            called: called.clone(),
            phase,
            offered: self.utc.utc(offered),
            answered: answered.map(|at| self.utc.utc(at)),
        })
    }
}

const fn link_state(state: q921::State) -> LinkState {
    match state {
        q921::State::TeiAssigned => LinkState::TeiAssigned,
        q921::State::AwaitingEstablishment => LinkState::AwaitingEstablishment,
        q921::State::AwaitingRelease => LinkState::AwaitingRelease,
        q921::State::MultipleFrameEstablished => LinkState::Established,
        q921::State::TimerRecovery => LinkState::TimerRecovery,
    }
}

fn link_status(group: &Pri, of: u8) -> LinkStatus {
    let (state, counters, waiting) = group.data_link(of);
    LinkStatus {
        state: link_state(state),
        unacknowledged: u8::try_from(waiting).unwrap_or(u8::MAX),
        errors: q921::MdlError::ALL.map(|code| counters.error(code)),
        invalid: counters.invalid,
        other_sapi: counters.other_sapi,
        other_tei: counters.other_tei,
        retransmitted: counters.retransmitted,
        mirrored: counters.mirrored,
    }
}

const fn circuit_state(condition: Condition) -> CircuitState {
    match condition {
        Condition::Idle => CircuitState::Idle,
        Condition::FarBlocked => CircuitState::FarBlocked,
        Condition::Blocked => CircuitState::Blocked,
        Condition::Seizing => CircuitState::Seizing,
        Condition::Unacknowledged => CircuitState::Unacknowledged,
        Condition::DoubleSeizure => CircuitState::DoubleSeizure,
        Condition::Seized => CircuitState::Seized,
        Condition::Answered => CircuitState::Answered,
        Condition::ClearedBack => CircuitState::ClearedBack,
        Condition::Clearing => CircuitState::Clearing,
        Condition::SeizedIn => CircuitState::SeizedIn,
        Condition::AnsweredIn => CircuitState::AnsweredIn,
        Condition::ClearedBackIn => CircuitState::ClearedBackIn,
        Condition::Guard => CircuitState::Guard,
    }
}

fn cas_status(r2: &R2) -> CasStatus {
    let counts = r2.counts();
    CasStatus {
        strange: u8::try_from(r2.strange()).unwrap_or(u8::MAX),
        unacknowledged: counts.unacknowledged,
        double_seizures: counts.double_seizures,
        registers: counts.registers,
        failed_registers: counts.failed_registers,
        failed_in_a_row: counts.failed_in_a_row,
    }
}

type Channels = heapless::Vec<ChannelStatus, 31>;

impl Control {
    fn call_of(&self, leg: Option<LegId>) -> Option<CallId> {
        leg.and_then(|leg| self.legs.get(&leg)).map(|leg| leg.call)
    }

    fn channels(&self, group: &Pri, of: u8) -> Channels {
        let role = group.role();
        let status = |(place, channel): (Place, Channel)| ChannelStatus {
            slot: place.slot().get(),
            used: match channel {
                Channel::Free => ChannelUse::Free,
                Channel::Blocked => ChannelUse::Blocked,
                Channel::Tested => ChannelUse::Tested,
                Channel::Off => ChannelUse::Off,
                Channel::Held => ChannelUse::Held,
                Channel::Call(state, leg) => {
                    ChannelUse::Call { state: state.number(role).0, call: self.call_of(leg) }
                }
            },
        };
        group.channels().filter(|(place, _)| place.span() == of).map(status).collect()
    }

    fn circuits(&self, r2: &R2) -> Channels {
        let status = |(slot, condition, leg): (Timeslot, Condition, Option<LegId>)| ChannelStatus {
            slot: slot.get(),
            used: ChannelUse::Circuit { state: circuit_state(condition), call: self.call_of(leg) },
        };
        r2.circuits().map(status).collect()
    }

    pub(super) fn asked_span(&mut self, token: u32, span: SpanId) {
        let Some(facts) = self.spans.get(&span) else {
            return self.up(Up::Done { token, outcome: Outcome::NotFound });
        };
        let (id, of) = self.layout.line_of(span);
        let (link, cas, channels) = match self.lines.get(&id) {
            Some(Line::Pri(group)) => {
                (Some(link_status(group, of)), None, self.channels(group, of))
            }
            Some(Line::R2(r2)) => (None, Some(cas_status(r2)), self.circuits(r2)),
            _ => (None, None, heapless::Vec::new()),
        };
        let performance = &facts.performance;
        let skip = performance.intervals().count().saturating_sub(QUARTERS_TOLD);
        let detail = SpanDetail {
            status: self.span_status(span, facts),
            available: performance.is_available(),
            quarters: performance.intervals().skip(skip).collect(),
            day: performance.day(),
            link,
            cas,
            channels,
        };
        self.up(Up::SpanDetail { token, detail });
        self.up(Up::Done { token, outcome: Outcome::Done });
    }
}
