//! What a span is measured by: seconds of G.826, and the test of its channels with the pattern of
//! O.151.
//!
//! A test takes channels that are free; calls in progress go on. It ends by itself, and with the
//! process: the next core finds the channels free.

use std::collections::BTreeSet;

use engine::{Command, Count};
use hal_card::Counters;
use link::{Outcome, TestStatus, Up};
use span::Line;
use span::performance::Second;
use units::{Instant, PortId, SpanId};

use super::{Control, Key, Order, Said};

/// Frame alignment words with errors in a second that make it a severely errored one, where there
/// is no CRC-4 (M.2100 table A.1).
const SEVERE_FAS: u64 = 28;

/// A test.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) status: TestStatus,
    ports: BTreeSet<PortId>,
    /// Ports that have told this second, and whether one of them had errors.
    told: BTreeSet<PortId>,
    errored: bool,
    locked: u8,
}

impl Test {
    const fn new(status: TestStatus, ports: BTreeSet<PortId>) -> Self {
        Self { status, ports, told: BTreeSet::new(), errored: false, locked: 0 }
    }
}

impl Control {
    /// A second of a span is over.
    pub(super) fn counters(&mut self, now: Instant, span: SpanId, counters: Counters) {
        let utc = self.utc.utc(now);
        let Some(facts) = self.spans.get_mut(&span) else { return };
        let before = std::mem::replace(&mut facts.counters, counters);
        // What was counted before this core began is nobody's second.
        if !std::mem::replace(&mut facts.counted, true) {
            return;
        }
        // Hardware that came back counts from zero.
        let since = |now: u64, before: u64| if now >= before { now - before } else { now };
        let crc = since(counters.crc_errors, before.crc_errors);
        let fas = since(counters.fas_errors, before.fas_errors);
        let lost = since(counters.losses_of_frame, before.losses_of_frame) > 0;
        let near = Second {
            errored_blocks: if crc > 0 { crc } else { fas },
            defect: facts.alarms.down() || lost || (crc == 0 && fas >= SEVERE_FAS),
        };
        let far = Second {
            errored_blocks: since(counters.far_crc_errors, before.far_crc_errors),
            defect: facts.alarms.rai,
        };
        facts.performance.second(utc, near, far, since(counters.slips, before.slips));
    }

    pub(super) fn begin_test(&mut self, token: u32, span: SpanId, seconds: u16) {
        self.end_test();
        if seconds == 0 {
            return self.up(Up::Done { token, outcome: Outcome::Done });
        }
        let (id, of) = self.layout.line_of(span);
        let Some(Line::Pri(group)) = self.lines.get_mut(&id) else {
            return self.up(Up::Done { token, outcome: Outcome::NotFound });
        };
        let ports: BTreeSet<_> = group.begin_test(of).into_iter().collect();
        if ports.is_empty() {
            return self.up(Up::Done { token, outcome: Outcome::Full });
        }
        for port in &ports {
            let order = Said::Order(Order::Engine(Command::Test(*port, true)));
            self.gate.submit(Key::Line(id), order);
        }
        let channels = u8::try_from(ports.len()).unwrap_or(u8::MAX);
        self.test = Some(Test::new(TestStatus::new(span, channels, seconds), ports));
        self.up(Up::Done { token, outcome: Outcome::Done });
    }

    /// Ends the test that runs, if one does; what it came to stays.
    fn end_test(&mut self) {
        let Some(test) = &mut self.test else { return };
        let (line, _) = self.layout.line_of(test.status.span);
        for port in std::mem::take(&mut test.ports) {
            let order = Said::Order(Order::Engine(Command::Test(port, false)));
            self.gate.submit(Key::Line(line), order);
        }
        if let Some(Line::Pri(group)) = self.lines.get_mut(&line) {
            group.end_test();
        }
    }

    /// A second at a port under test.
    pub(super) fn tested(&mut self, port: PortId, count: Count, locked: bool) {
        let Some(test) = &mut self.test else { return };
        let Test { status, ports, told, errored, locked: all_locked } = test;
        if !ports.contains(&port) {
            return;
        }
        status.bits += count.bits;
        status.errors += count.errors;
        status.losses += count.losses;
        *errored |= count.errors > 0 || !locked;
        *all_locked += u8::from(locked);
        told.insert(port);
        if told.len() < ports.len() {
            return;
        }
        told.clear();
        status.passed += 1;
        status.locked = std::mem::take(all_locked);
        status.errored_seconds += u16::from(std::mem::take(errored));
        if status.passed >= status.seconds {
            self.end_test();
        }
    }
}
