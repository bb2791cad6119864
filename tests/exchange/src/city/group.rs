//! Several spans under one D channel: their lines beside the one that carries it.
//!
//! A channel is a number of eight bits: the slot in the low five, the span in the group above.

use serde_json::json;

use super::{City, Settings};
use crate::command::FaultKind;
use crate::line::{Frame, Line};
use crate::signalling::is_in_alarm;
use crate::{BLOCK, Error};

/// The lines of the spans beside the first.
pub(super) fn lines(settings: &Settings) -> Vec<Line> {
    let Settings { bit_offset, crc4, seed, .. } = *settings;
    let line = |span: &usize| {
        let path = settings.dir.join(format!("e1-{span}.sock"));
        let data = (settings.backup == Some(*span)).then(|| settings.data.get().into());
        Line::new(path, bit_offset, crc4, seed + *span as u64).with_data(data)
    };
    settings.group.iter().map(line).collect()
}

impl City {
    /// Whether there is such a channel.
    pub(super) fn has(&self, channel: u8) -> bool {
        let (of, slot) = (usize::from(channel >> 5), channel & 31);
        slot != 0 && of <= self.others.len()
    }

    /// The lowest channel that carries no call.
    pub(super) fn free_slot(&self) -> Option<u8> {
        let data = self.settings.data.get();
        let backup = self.backup().and_then(|index| u8::try_from((index + 1) << 5).ok());
        let taken = [Some(data), backup.map(|span| span | data)];
        let free = |channel: &u8| {
            !taken.contains(&Some(*channel)) && self.calls.iter().all(|call| call.slot != *channel)
        };
        (1..=u8::MAX).filter(|channel| self.has(*channel)).find(free)
    }

    /// Which of the other spans has the backup D channel.
    fn backup(&self) -> Option<usize> {
        let backup = self.settings.backup?;
        self.settings.group.iter().position(|span| *span == backup)
    }

    /// What came on the other spans, answered.
    pub(super) fn other_lines(&mut self) {
        let backup = self.backup();
        for index in 0..self.others.len() {
            self.others[index].connect();
            while let Some(sequence) = self.others[index].receive() {
                let alarm = is_in_alarm(self.others[index].alarms());
                if let (Ok(pri), true) = (self.pri.isdn(), backup == Some(index)) {
                    pri.set_alarm(1, alarm);
                }
                while let Some(frame) = self.others[index].poll_frame() {
                    if let (Ok(pri), true) = (self.pri.isdn(), backup == Some(index)) {
                        pri.receive(1, &frame);
                    }
                }
                self.pri_events();
                let mut out = [[0xD5; g704::FRAME]; BLOCK];
                self.span_block(index + 1, self.base + sequence, &mut out);
                if let (Ok(pri), true) = (self.pri.isdn(), backup == Some(index)) {
                    while let Some(frame) = pri.poll_frame(1) {
                        self.others[index].send_frame(frame);
                    }
                }
                let now_us = self.now_us();
                self.others[index].send(sequence, now_us, &out);
            }
        }
    }

    /// Sound and scripts of the calls on a span.
    pub(super) fn span_block(&mut self, of: usize, block: u64, out: &mut [Frame; BLOCK]) {
        let heard = match of.checked_sub(1) {
            None => *self.line.heard(),
            Some(other) => *self.others[other].heard(),
        };
        for index in 0..self.calls.len() {
            if usize::from(self.calls[index].slot >> 5) == of {
                self.call_block(index, block, &heard, out);
            }
        }
    }

    /// Disturbs the line of another span than the first.
    pub(super) fn fault_of(
        &mut self,
        of: usize,
        kind: FaultKind,
        ms: u64,
        rate: Option<f64>,
    ) -> Result<(), Error> {
        let until = self.after(ms);
        let line = of.checked_sub(1).and_then(|other| self.others.get_mut(other));
        line.ok_or_else(|| Error::new("there is no such span"))?.fault(kind, until, rate);
        self.emit(json!({"event": "fault", "kind": format!("{kind:?}"), "ms": ms, "of": of}));
        Ok(())
    }
}
