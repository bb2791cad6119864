//! The states, one function each: Q.921 Annex B (SDL) and Annex D (tables), state 4 to 8.

use units::Instant;

use crate::event::Output;
use crate::fault::MdlError;
use crate::link::{Event, Link, State};
use crate::wire::{Repr, Supervisory};

impl Link {
    /// State 4.
    pub(crate) fn tei_assigned(&mut self, now: Instant, event: Event) {
        match event {
            Event::EstablishRequest => self.establish(now, true),
            Event::ReleaseRequest => self.put(Output::ReleaseConfirm),
            Event::Sabme { p } => {
                self.clear_exceptions();
                self.transmit(Repr::Ua { f: p });
                self.put(Output::EstablishIndication);
                self.established(now);
            }
            Event::Disc { p } => self.transmit(Repr::Dm { f: p }),
            Event::Ua { f: true } => self.error(MdlError::C),
            Event::Ua { f: false } => self.error(MdlError::D),
            // 5.4.5: the peer asks for the link.
            Event::Dm { f: false } => self.establish(now, true),
            // 5.8.5: outside multiple frame operation the frame is only told of.
            Event::Rejected(code) => self.error(code),
            Event::Dm { f: true }
            | Event::Frmr
            | Event::I { .. }
            | Event::Rr(_)
            | Event::Rnr(_)
            | Event::Rej(_)
            | Event::ReceiverBusy
            | Event::ReceiverReady
            | Event::PersistentDeactivation
            | Event::T200
            | Event::T203 => {}
        }
    }

    /// State 5. With `opposite_pending` it is 5.2 of Annex D: released as soon as it is up.
    pub(crate) fn awaiting_establishment(&mut self, now: Instant, event: Event) {
        match event {
            Event::EstablishRequest => {
                self.discard_queue();
                self.layer3_initiated = true;
                self.opposite_pending = false;
            }
            Event::ReleaseRequest => {
                self.discard_queue();
                self.opposite_pending = true;
            }
            Event::Sabme { p } => self.transmit(Repr::Ua { f: p }),
            Event::Disc { p } => self.transmit(Repr::Dm { f: p }),
            Event::Ua { f: true } => self.establishment_answered(now),
            Event::Ua { f: false } => self.error(MdlError::D),
            Event::Dm { f: true } => self.establishment_failed(),
            Event::T200 => {
                if self.rc >= self.config.n200 {
                    self.error(MdlError::G);
                    self.establishment_failed();
                } else {
                    self.rc = self.rc.saturating_add(1);
                    self.transmit(Repr::Sabme { p: true });
                    self.timers.start_t200(now, self.config.t200);
                }
            }
            Event::PersistentDeactivation => self.establishment_failed(),
            Event::Rejected(code) => self.error(code),
            Event::Dm { f: false }
            | Event::Frmr
            | Event::I { .. }
            | Event::Rr(_)
            | Event::Rnr(_)
            | Event::Rej(_)
            | Event::ReceiverBusy
            | Event::ReceiverReady
            | Event::T203 => {}
        }
    }

    fn establishment_answered(&mut self, now: Instant) {
        if self.opposite_pending {
            return self.release(now);
        }
        if self.layer3_initiated {
            self.layer3_initiated = false;
            self.put(Output::EstablishConfirm);
        } else if self.vs != self.va {
            // 5.7.3: what was sent and not acknowledged is lost, and layer 3 must know.
            self.discard_queue();
            self.put(Output::EstablishIndication);
        }
        self.established(now);
    }

    fn establishment_failed(&mut self) {
        let told =
            if self.opposite_pending { Output::ReleaseConfirm } else { Output::ReleaseIndication };
        self.released(told);
    }

    /// State 6. With `opposite_pending` the link is established again as soon as it is down.
    pub(crate) fn awaiting_release(&mut self, now: Instant, event: Event) {
        match event {
            Event::EstablishRequest => self.opposite_pending = true,
            Event::ReleaseRequest => self.opposite_pending = false,
            Event::Sabme { p } => self.transmit(Repr::Dm { f: p }),
            Event::Disc { p } => self.transmit(Repr::Ua { f: p }),
            Event::Ua { f: true } | Event::Dm { f: true } => self.release_answered(now),
            Event::Ua { f: false } => self.error(MdlError::D),
            Event::T200 => {
                if self.rc >= self.config.n200 {
                    self.error(MdlError::H);
                    self.release_answered(now);
                } else {
                    self.rc = self.rc.saturating_add(1);
                    self.transmit(Repr::Disc { p: true });
                    self.timers.start_t200(now, self.config.t200);
                }
            }
            Event::PersistentDeactivation => self.released(Output::ReleaseConfirm),
            Event::Rejected(code) => self.error(code),
            Event::Dm { f: false }
            | Event::Frmr
            | Event::I { .. }
            | Event::Rr(_)
            | Event::Rnr(_)
            | Event::Rej(_)
            | Event::ReceiverBusy
            | Event::ReceiverReady
            | Event::T203 => {}
        }
    }

    fn release_answered(&mut self, now: Instant) {
        let again = self.opposite_pending;
        self.released(Output::ReleaseConfirm);
        if again {
            self.establish(now, true);
        }
    }

    /// State 7.
    pub(crate) fn multiple_frame_established(&mut self, now: Instant, event: Event) {
        match event {
            Event::EstablishRequest => {
                self.discard_queue();
                self.establish(now, true);
            }
            Event::ReleaseRequest => self.release(now),
            Event::ReceiverBusy => self.own_receiver(true),
            Event::ReceiverReady => self.own_receiver(false),
            Event::PersistentDeactivation => self.released(Output::ReleaseIndication),
            // 5.6.7: ask for the peer's state rather than repeat the last I frame.
            Event::T200 | Event::T203 => {
                self.rc = 0;
                self.enquire(now);
                self.state = State::TimerRecovery;
            }
            Event::Sabme { p } => self.peer_resets(now, p),
            Event::Disc { p } => self.peer_releases(p),
            Event::Ua { f: true } => self.error(MdlError::C),
            Event::Ua { f: false } => self.error(MdlError::D),
            Event::Dm { f: true } => self.error(MdlError::B),
            Event::Dm { f: false } => {
                self.error(MdlError::E);
                self.establish(now, false);
            }
            Event::Frmr => {
                self.error(MdlError::K);
                self.establish(now, false);
            }
            Event::Rejected(code) => {
                self.error(code);
                self.establish(now, false);
            }
            Event::I { ns, nr, p } => {
                self.receive(ns, p);
                self.i_frame_acknowledges(now, nr);
            }
            Event::Rr(s) => self.receive_ready(now, s, false),
            Event::Rej(s) => self.receive_ready(now, s, true),
            Event::Rnr(s) => self.receive_not_ready(now, s),
        }
    }

    /// N(R) of an I frame in state 7.
    fn i_frame_acknowledges(&mut self, now: Instant, nr: u8) {
        if !self.is_valid(nr) {
            return self.nr_error(now);
        }
        if self.peer_busy {
            return self.acknowledge(nr);
        }
        self.acknowledged_in_7(now, nr);
    }

    /// Timers after a valid N(R) of an RR or I frame in state 7 (5.6.3.2).
    fn acknowledged_in_7(&mut self, now: Instant, nr: u8) {
        let progress = nr != self.va;
        self.acknowledge(nr);
        if nr == self.vs {
            self.timers.start_t203(now, self.config.t203);
        } else if progress {
            self.timers.start_t200(now, self.config.t200);
        }
    }

    fn polled_in_7(&mut self, s: Supervisory) {
        if s.command && s.pf {
            self.answer_enquiry();
        } else if !s.command && s.pf {
            self.error(MdlError::A);
        }
    }

    /// RR or, with `reject`, REJ in state 7 (5.6.3, 5.6.4).
    fn receive_ready(&mut self, now: Instant, s: Supervisory, reject: bool) {
        self.polled_in_7(s);
        self.peer_busy = false;
        if !self.is_valid(s.nr) {
            return self.nr_error(now);
        }
        if reject {
            self.acknowledge(s.nr);
            self.timers.start_t203(now, self.config.t203);
            self.retransmit();
        } else {
            self.acknowledged_in_7(now, s.nr);
        }
    }

    /// RNR in state 7 (5.6.5).
    fn receive_not_ready(&mut self, now: Instant, s: Supervisory) {
        self.polled_in_7(s);
        self.peer_busy = true;
        if !self.is_valid(s.nr) {
            return self.nr_error(now);
        }
        self.acknowledge(s.nr);
        self.timers.start_t200(now, self.config.t200);
    }

    /// State 8.
    pub(crate) fn timer_recovery(&mut self, now: Instant, event: Event) {
        match event {
            Event::EstablishRequest => {
                self.discard_queue();
                self.establish(now, true);
            }
            Event::ReleaseRequest => self.release(now),
            Event::ReceiverBusy => self.own_receiver(true),
            Event::ReceiverReady => self.own_receiver(false),
            Event::PersistentDeactivation => self.released(Output::ReleaseIndication),
            Event::T200 => {
                if self.rc >= self.config.n200 {
                    self.error(MdlError::I);
                    self.establish(now, false);
                } else {
                    self.rc = self.rc.saturating_add(1);
                    self.enquire(now);
                }
            }
            Event::Sabme { p } => self.peer_resets(now, p),
            Event::Disc { p } => self.peer_releases(p),
            Event::Ua { f: true } => self.error(MdlError::C),
            Event::Ua { f: false } => self.error(MdlError::D),
            Event::Dm { f } => {
                self.error(if f { MdlError::B } else { MdlError::E });
                self.establish(now, false);
            }
            Event::Frmr => {
                self.error(MdlError::K);
                self.establish(now, false);
            }
            Event::Rejected(code) => {
                self.error(code);
                self.establish(now, false);
            }
            Event::I { ns, nr, p } => {
                self.receive(ns, p);
                if self.is_valid(nr) {
                    self.acknowledge(nr);
                } else {
                    self.nr_error(now);
                }
            }
            Event::Rr(s) | Event::Rej(s) => self.recover(now, s, false),
            Event::Rnr(s) => self.recover(now, s, true),
            Event::T203 => {}
        }
    }

    /// RR, REJ or RNR in state 8 (5.6.7).
    fn recover(&mut self, now: Instant, s: Supervisory, busy: bool) {
        self.peer_busy = busy;
        if s.command && s.pf {
            self.answer_enquiry();
        }
        if !self.is_valid(s.nr) {
            return self.nr_error(now);
        }
        self.acknowledge(s.nr);
        if !s.command && s.pf {
            if busy {
                self.timers.start_t200(now, self.config.t200);
            } else {
                self.timers.start_t203(now, self.config.t203);
            }
            self.retransmit();
            self.state = State::MultipleFrameEstablished;
        }
    }
}
