//! The daemon's words, and what goes up to it.

use link::{Alarm, Detail, Down, Outcome, Question, Up};
use units::{CallId, Cause, Instant};

use super::{Control, Said, UNSAVED, Work};
use crate::feed::Want;
use crate::task::{Current, Refusal, Task};

/// How long until a record that the disk refused is tried again.
const RETRY: units::Duration = units::Duration::from_secs(5);

impl Control {
    pub(super) fn up(&mut self, message: Up) {
        if self.daemon {
            self.said.push_back(Said::Up(message));
        }
    }

    /// A daemon connected; it says hello first.
    pub fn daemon_came(&mut self) {
        self.daemon = true;
    }

    /// The daemon is gone. Calls go on; events wait in the spool.
    pub fn daemon_went(&mut self) {
        self.daemon = false;
        self.feed.disconnect();
    }

    /// The daemon says something.
    pub fn daemon(&mut self, now: Instant, message: Down<'_>) {
        match message {
            Down::Hello { oldest, newest } => self.hello(now, oldest, newest),
            Down::Ack { number } => {
                self.said.push_back(Said::Task(Task::Acknowledge(number)));
                let want = self.feed.acknowledged(number);
                self.wants(now, want);
            }
            Down::Publish { token, hash, octets, .. } => {
                let octets = octets.to_vec();
                self.said.push_back(Said::Task(Task::Keep { token, hash, octets }));
            }
            Down::Apply { token, generation, table } => {
                let newest = self.current.map_or(0, |current| current.generation);
                if generation <= newest {
                    return self.up(Up::Done { token, outcome: Outcome::Stale });
                }
                self.apply(token, Current { table, generation });
            }
            Down::Ask { token, question } => self.asked(token, question),
            Down::Capture { token, span, on } => {
                if !self.spans.contains_key(&span) {
                    return self.up(Up::Done { token, outcome: Outcome::NotFound });
                }
                let at = self.utc.utc(now);
                self.said.push_back(Said::Task(Task::Capture { span, at, on, token }));
            }
            Down::Clear { token, call } => {
                self.call_asked(token, call, call::Input::Clear(Cause::NORMAL_UNSPECIFIED));
            }
            Down::Identify { token, call } => self.call_asked(token, call, call::Input::Identify),
            Down::Test { token, span, seconds } => self.begin_test(token, span, seconds),
            Down::Block { token, span, slot, on } => self.block(now, token, (span, slot), on),
            Down::Listen { token, at, stamp, seconds } => {
                self.listen(now, token, (at, stamp), seconds);
            }
            Down::Voice { token, call, gain_db, muted } => {
                self.set_voice(token, call, (gain_db, muted));
            }
            Down::Upgrade { token } => self.said.push_back(Said::Upgrade(token)),
            Down::Stall { token, ms } => {
                let allowed = self.identity.tests_allowed;
                let outcome = if allowed { Outcome::Done } else { Outcome::Refused };
                self.up(Up::Done { token, outcome });
                if allowed {
                    self.said.push_back(Said::Stall(ms));
                }
            }
        }
        self.run(now);
        self.commit(now);
    }

    /// What became of an upgrade.
    pub fn upgraded(&mut self, token: u32, ready: bool) {
        let outcome = if ready { Outcome::Done } else { Outcome::Refused };
        self.up(Up::Done { token, outcome });
    }

    fn hello(&mut self, now: Instant, oldest: u16, newest: u16) {
        let version = newest.min(link::VERSION);
        if version < oldest.max(link::OLDEST) {
            let (oldest, newest) = (link::OLDEST, link::VERSION);
            return self.up(Up::Refused { oldest, newest, connected: None });
        }
        self.up(Up::Hello {
            version,
            box_id: self.identity.box_id,
            boot: self.boot,
            spool: self.spool,
            next_event: self.feed.next_number(),
            table: self.current.map(|current| current.table),
            generation: self.current.map_or(0, |current| current.generation),
        });
        self.asked_spans(0);
        self.asked_calls(0);
        self.asked_ports(0);
        self.up(Up::SnapshotEnd);
        self.feed.connect();
        let want = self.feed.more();
        self.wants(now, want);
    }

    fn call_asked(&mut self, token: u32, call: CallId, input: call::Input) {
        let known = self.calls.contains_key(&call);
        self.work.push_back(Work::Call(call, input));
        let outcome = if known { Outcome::Done } else { Outcome::NotFound };
        self.up(Up::Done { token, outcome });
    }

    fn asked(&mut self, token: u32, question: Question) {
        match question {
            Question::Spans => self.asked_spans(token),
            Question::Calls => self.asked_calls(token),
            Question::Ports => self.asked_ports(token),
            Question::Conferences => self.asked_conferences(token),
            Question::Core => self.asked_core(token),
            Question::Span(span) => return self.asked_span(token, span),
            Question::Trace(call) => return self.asked_trace(token, call),
            Question::Sound(at) => return self.asked_sound(token, at),
            Question::Recording(id) => return self.asked_recording(token, id),
            Question::Test => {
                if let Some(status) = self.test.as_ref().map(|test| test.status) {
                    self.up(Up::Test { token, status });
                }
            }
        }
        self.up(Up::Done { token, outcome: Outcome::Done });
    }

    pub(super) fn wants(&mut self, now: Instant, wants: impl IntoIterator<Item = Want>) {
        for want in wants {
            match want {
                Want::Read { from, count } => {
                    self.said.push_back(Said::Task(Task::Read { from, count }));
                }
                Want::Send(event) => self.up(Up::Event(event)),
                Want::Lost(from) => self.event(now, Detail::Gap { from }),
            }
        }
    }

    pub(super) fn room_changed(&mut self, now: Instant, enough: bool) {
        self.room = enough;
        if enough {
            self.save_again();
        } else {
            self.event(now, Detail::Alarm(Alarm::SpoolFull));
        }
    }

    /// A record that the disk refused is kept and tried again; a detail is let go.
    pub(super) fn not_appended(
        &mut self,
        now: Instant,
        (at, detail, origin): (units::Utc, Detail, u64),
        reason: Refusal,
        dropped: u64,
    ) {
        if detail.is_record() && self.unsaved.len() < UNSAVED {
            self.unsaved.push_back((at, detail, origin));
            self.retry = Some(now + RETRY);
        }
        match reason {
            // Told at every doubling, when there is room again.
            Refusal::Short if dropped.is_power_of_two() => {
                self.up_alarm(Alarm::SpoolShort { dropped });
            }
            Refusal::Disk(errno) => self.up_alarm(Alarm::StateUnwritable(errno)),
            Refusal::Short | Refusal::Full => {}
        }
    }

    /// An alarm that cannot be kept goes up as event number 0, which is never acknowledged.
    fn up_alarm(&mut self, alarm: Alarm) {
        let at = self.utc.utc;
        self.up(Up::Event(link::Event { number: 0, at, detail: Detail::Alarm(alarm) }));
    }

    pub(super) fn save_again(&mut self) {
        self.retry = None;
        for (at, detail, origin) in std::mem::take(&mut self.unsaved) {
            self.send_out(at, detail, origin);
        }
    }
}
