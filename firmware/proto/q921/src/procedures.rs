//! What several states do alike: the procedures that the SDL of Q.921 Annex B gives names to.

use units::Instant;

use crate::event::{Message, Output, Refused};
use crate::fault::MdlError;
use crate::link::{Link, State};
use crate::wire::{MODULUS, Repr, Supervisory};

impl Link {
    pub(crate) fn transmit(&mut self, repr: Repr<'_>) {
        let role = self.config.role;
        self.outputs.write(Output::Transmit(()), |room| repr.write(role, room));
    }

    pub(crate) fn error(&mut self, code: MdlError) {
        self.counters.count(code);
        self.put(Output::Error(code));
    }

    /// The SDL's "clear exception conditions".
    pub(crate) fn clear_exceptions(&mut self) {
        self.peer_busy = false;
        self.own_busy = false;
        self.reject_exception = false;
        self.acknowledge_pending = false;
    }

    pub(crate) fn discard_queue(&mut self) {
        let lost = u32::try_from(self.queue.len()).unwrap_or(u32::MAX);
        self.counters.discarded = self.counters.discarded.saturating_add(lost);
        self.queue.clear();
        self.va = self.vs;
    }

    /// The SDL's "establish data link", and on to state 5.
    pub(crate) fn establish(&mut self, now: Instant, layer3_initiated: bool) {
        self.clear_exceptions();
        self.rc = 0;
        self.layer3_initiated = layer3_initiated;
        self.opposite_pending = false;
        self.transmit(Repr::Sabme { p: true });
        self.timers.start_t200(now, self.config.t200);
        self.state = State::AwaitingEstablishment;
    }

    /// Into state 7 with all numbers at 0.
    pub(crate) fn established(&mut self, now: Instant) {
        self.vs = 0;
        self.va = 0;
        self.vr = 0;
        self.opposite_pending = false;
        self.timers.start_t203(now, self.config.t203);
        self.state = State::MultipleFrameEstablished;
    }

    /// DISC, and on to state 6.
    pub(crate) fn release(&mut self, now: Instant) {
        self.discard_queue();
        self.clear_exceptions();
        self.rc = 0;
        self.opposite_pending = false;
        self.transmit(Repr::Disc { p: true });
        self.timers.start_t200(now, self.config.t200);
        self.state = State::AwaitingRelease;
    }

    /// Into state 4, with what layer 3 is told.
    pub(crate) fn released(&mut self, told: Output<(), ()>) {
        self.discard_queue();
        self.clear_exceptions();
        self.timers.stop();
        self.opposite_pending = false;
        self.layer3_initiated = false;
        self.state = State::TeiAssigned;
        self.put(told);
    }

    /// A DL-DATA request. In 5 it is taken while the link is only reset, in 4 and 6 never.
    pub(crate) fn enqueue(&mut self, message: &[u8]) -> Result<(), Refused> {
        let taken = match self.state {
            State::TeiAssigned | State::AwaitingRelease => false,
            State::AwaitingEstablishment => !self.layer3_initiated && !self.opposite_pending,
            State::MultipleFrameEstablished | State::TimerRecovery => true,
        };
        if !taken {
            return Err(Refused::NotEstablished);
        }
        if message.len() > limits::N201 {
            return Err(Refused::TooLong);
        }
        if self.queue.push_back(Message::new()).is_err() {
            self.counters.full = self.counters.full.saturating_add(1);
            return Err(Refused::Full);
        }
        if let Some(last) = self.queue.back_mut() {
            // Written in its place: a message of ten octets has room for 260, which is not moved.
            let _ = last.extend_from_slice(message);
        }
        Ok(())
    }

    const fn state_of(&self, command: bool, pf: bool) -> Supervisory {
        Supervisory { command, nr: self.vr, pf }
    }

    fn transmit_own_state(&mut self, command: bool, pf: bool) {
        let supervisory = self.state_of(command, pf);
        let busy = self.own_busy;
        self.transmit(if busy { Repr::Rnr(supervisory) } else { Repr::Rr(supervisory) });
        self.acknowledge_pending = false;
    }

    /// The SDL's "transmit enquiry".
    pub(crate) fn enquire(&mut self, now: Instant) {
        self.transmit_own_state(true, true);
        self.timers.start_t200(now, self.config.t200);
    }

    /// The SDL's "enquiry response".
    pub(crate) fn answer_enquiry(&mut self) {
        self.transmit_own_state(false, true);
    }

    /// The SDL's "set / clear own receiver busy".
    pub(crate) fn own_receiver(&mut self, busy: bool) {
        if self.own_busy != busy {
            self.own_busy = busy;
            self.transmit_own_state(false, false);
        }
    }

    /// SABME while the link is up (5.7.1).
    pub(crate) fn peer_resets(&mut self, now: Instant, p: bool) {
        self.clear_exceptions();
        self.transmit(Repr::Ua { f: p });
        self.error(MdlError::F);
        if self.vs != self.va {
            self.discard_queue();
            self.put(Output::EstablishIndication);
        }
        self.established(now);
    }

    /// DISC while the link is up (5.5.3.2).
    pub(crate) fn peer_releases(&mut self, p: bool) {
        self.transmit(Repr::Ua { f: p });
        self.released(Output::ReleaseIndication);
    }

    /// Whether `nr` lies between V(A) and V(S) (3.5.2.4).
    pub(crate) const fn is_valid(&self, nr: u8) -> bool {
        nr < MODULUS && nr.wrapping_sub(self.va) % MODULUS <= self.sent()
    }

    /// V(A) = N(R), for a valid one: what it acknowledges leaves the queue.
    pub(crate) fn acknowledge(&mut self, nr: u8) {
        let count = nr.wrapping_sub(self.va) % MODULUS;
        for _ in 0..count {
            self.queue.pop_front();
        }
        self.va = nr;
    }

    /// The SDL's "N(R) error recovery" (5.8.5).
    pub(crate) fn nr_error(&mut self, now: Instant) {
        self.error(MdlError::J);
        self.establish(now, false);
    }

    /// The SDL's "invoke retransmission": what was sent after V(A) goes again.
    pub(crate) fn retransmit(&mut self) {
        let again = u32::from(self.sent());
        self.counters.retransmitted = self.counters.retransmitted.saturating_add(again);
        self.vs = self.va;
    }

    /// The part of an I frame that state 7 and 8 share: N(S), and whether its information is
    /// delivered, which V(R) tells (5.6.2, 5.8.1).
    pub(crate) fn receive(&mut self, ns: u8, p: bool) {
        if self.own_busy {
            // 5.6.6: the information is discarded; the peer learns of it when it asks.
            if p {
                self.answer_enquiry();
            }
        } else if ns == self.vr {
            self.vr = self.vr.wrapping_add(1) % MODULUS;
            self.reject_exception = false;
            if p {
                self.answer_enquiry();
            } else {
                self.acknowledge_pending = true;
            }
        } else if self.reject_exception {
            if p {
                self.answer_enquiry();
            }
        } else {
            self.reject_exception = true;
            let supervisory = self.state_of(false, p);
            self.transmit(Repr::Rej(supervisory));
            self.acknowledge_pending = false;
        }
    }

    /// The end of every input: I frames that the window allows, then the acknowledgement if no
    /// frame carried it (the SDL's internal events "I frame queued up" and "acknowledge pending").
    pub fn flush(&mut self, now: Instant) {
        if usize::from(self.sent()) < self.queue.len() {
            self.send_i_frames(now);
        }
        if self.acknowledge_pending && self.is_established() {
            self.transmit_own_state(false, false);
        }
    }

    /// A frame came for a link that layer 3 holds in state 4: who invites it is told so with DM
    /// (Q.931 F.2.2).
    pub fn refuse(&mut self, frame: &[u8]) {
        if let Ok(Repr::Sabme { p } | Repr::Disc { p }) =
            Repr::parse(frame, self.config.role.peer())
        {
            self.transmit(Repr::Dm { f: p });
        }
    }

    pub(crate) fn send_i_frames(&mut self, now: Instant) {
        if self.state != State::MultipleFrameEstablished || self.peer_busy {
            return;
        }
        let role = self.config.role;
        while self.sent() < self.config.k {
            let Some(message) = self.queue.get(usize::from(self.sent())) else { break };
            let repr = Repr::I { ns: self.vs, nr: self.vr, p: false, information: message };
            self.outputs.write(Output::Transmit(()), |room| repr.write(role, room));
            self.vs = self.vs.wrapping_add(1) % MODULUS;
            self.acknowledge_pending = false;
            if self.timers.t200.is_none() {
                self.timers.start_t200(now, self.config.t200);
            }
        }
    }
}
