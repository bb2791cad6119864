//! The data link that messages go over: frames, messages, and what of it becomes known to calls.

use machine::Machine;
use q931::InterfaceInput;
use units::Instant;

use super::table::Entry;
use super::{PERSISTENT, Pri, RETRY, State};
use crate::event::Output;

impl Pri {
    pub(super) fn connect(&mut self, now: Instant) {
        self.state = State::Connecting;
        self.link(now, q921::Input::EstablishRequest);
    }

    pub(super) fn link(&mut self, now: Instant, input: q921::Input) {
        self.link.handle(now, input);
        self.drain_link(now);
    }

    /// Sends a message of layer 3. One that is not taken is counted by the link, and repeated or
    /// cleared by layer 3's timers.
    pub(super) fn send(&mut self, now: Instant, message: &[u8]) {
        let _ = self.link.data(now, message);
        self.drain_link(now);
    }

    /// A frame came whole.
    pub(super) fn frame(&mut self, now: Instant, frame: &[u8]) {
        if let Some(message) = self.link.frame(now, frame) {
            if self.backup.is_some() {
                self.answered_by_far(now, message);
            }
            self.message(now, message);
            // What no answer has acknowledged.
            self.link.flush(now);
        }
        self.drain_link(now);
    }

    /// Acts on news of the link. If there is none, frames stay where they are until [`Self::poll`].
    pub(super) fn drain_link(&mut self, now: Instant) {
        if !self.link.has_news() {
            return;
        }
        loop {
            let on_two = self.is_on_two();
            let Some(output) = self.link.poll() else { break };
            match output {
                q921::Output::Transmit(frame) if on_two => {
                    self.outputs.put(Output::TransmitBackup(frame));
                }
                q921::Output::Transmit(frame) => self.outputs.put(Output::Transmit(frame)),
                q921::Output::EstablishIndication | q921::Output::EstablishConfirm => {
                    self.link_is_up(now);
                }
                q921::Output::ReleaseIndication | q921::Output::ReleaseConfirm => {
                    self.link_is_down(now);
                }
                // Errors are counted by the link; what follows from one comes as its own output.
                // Messages are given back by `Link::frame`, and refused by `Link::data`.
                q921::Output::Error(_)
                | q921::Output::Data(_)
                | q921::Output::Full
                | q921::Output::NotEstablished => {}
            }
        }
    }

    /// Layer 1 of a span came or went.
    pub(super) fn layer1_is(&mut self, now: Instant, of: u8, up: bool) {
        self.span_is(now, of, up);
        let (used, other) = self.spans_of_links();
        if other == Some(of) {
            return self.other_layer1(now, up);
        }
        if of != used {
            return;
        }
        if up != self.layer1 {
            let has_link = self.state != State::Stopped;
            self.gone_at = (!up && has_link).then(|| now + PERSISTENT);
        }
        self.layer1 = up;
        if up && matches!(self.state, State::Waiting { .. } | State::Stopped) {
            self.connect(now);
        }
    }

    pub(super) fn link_is_up(&mut self, now: Instant) {
        if self.must_answer(now) {
            return;
        }
        self.goes_on(now);
        self.agree(now);
    }

    /// Messages can be exchanged again, or were lost.
    pub(super) fn goes_on(&mut self, now: Instant) {
        let reset = self.state == State::Up;
        self.state = State::Up;
        if !reset {
            self.outputs.put(Output::DataLink { up: true });
        }
        if std::mem::take(&mut self.resumed) || reset {
            // Q.931 5.8.8
            self.every_call(now, &q931::Input::LinkReset);
            // A T309 that ran before the restart has done its duty.
            self.every_call(now, &q931::Input::LinkUp);
            self.audit(now);
        } else {
            // Q.931 5.8.9
            self.every_call(now, &q931::Input::LinkUp);
        }
        self.restart_suspects(now);
    }

    /// Q.931 5.8.10: what was a reset for us may have been a failure for the far side, and it may
    /// have given up calls meanwhile; or a message was lost that took a call further. Clearing
    /// messages are repeated by their timers.
    pub(super) fn audit(&mut self, now: Instant) {
        use q931::State as At;
        let audited = |entry: &Entry| match entry.call.call_state() {
            At::Active
            | At::CallInitiated
            | At::OutgoingProceeding
            | At::CallDelivered
            | At::IncomingProceeding
            | At::CallReceived
            | At::ConnectRequest => true,
            At::Null
            | At::OverlapSending
            | At::CallPresent
            | At::OverlapReceiving
            | At::DisconnectRequest
            | At::DisconnectIndication
            | At::ReleaseRequest => false,
        };
        for key in self.calls.keys(audited) {
            self.call(now, key, &q931::Input::Enquire);
        }
    }

    pub(super) fn link_is_down(&mut self, now: Instant) {
        let was_up = self.state == State::Up;
        self.state = State::Waiting { until: now + RETRY };
        if was_up {
            self.outputs.put(Output::DataLink { up: false });
            self.every_call(now, &q931::Input::LinkDown);
            self.interface(now, InterfaceInput::LinkDown);
        }
        if self.falls_back(now, was_up) {
            return;
        }
        if std::mem::take(&mut self.resumed) {
            self.resume_failed(now);
        }
        // 5.8.9: at once; the pause is for attempts that fail.
        if was_up && self.layer1 {
            self.connect(now);
        }
    }
}
