//! How the exchange signals: libpri's ISDN, or R2 of our own; one set of words for both.

use crate::line::Frame;
use crate::pri::{self, CallRef, Pri, PriEvent};
use crate::r2::Circuits;
use crate::trunk::Trunk;
use crate::{BLOCK, Error};

/// Whether an exchange leaves a D channel for what layer 1 says.
pub(crate) const fn is_in_alarm(alarms: g704::Alarms) -> bool {
    alarms.los || alarms.lof || alarms.ais || alarms.rai
}

/// The signalling of the span.
pub enum Signalling {
    /// Messages on slot 16.
    Pri(Pri),
    /// Bits on slot 16, tones in the others.
    R2(Box<Circuits>),
}

impl Signalling {
    /// Sets the time, takes in what the line brought with this block, and runs timers.
    pub fn hear(&mut self, line: &mut Trunk, now_us: u64) {
        match self {
            Self::Pri(pri) => {
                pri::set_time_us(now_us);
                pri.set_alarm(0, is_in_alarm(line.alarms()));
                while let Some(frame) = line.poll_frame() {
                    pri.receive(0, &frame);
                }
                pri.run();
            }
            Self::R2(circuits) => {
                circuits.set_time_us(now_us);
                circuits.layer1(line.has_bits());
                while let Some((circuit, bits)) = line.poll_bits() {
                    circuits.bits_came(circuit, bits);
                }
                circuits.hear(line.heard());
                circuits.run();
            }
        }
    }

    /// Gives the line what is to be sent; tones stand in for what calls say.
    pub fn speak(&mut self, line: &mut Trunk, out: &mut [Frame; BLOCK]) {
        match self {
            Self::Pri(pri) => {
                while let Some(frame) = pri.poll_frame(0) {
                    line.send_frame(frame);
                }
            }
            Self::R2(circuits) => {
                circuits.speak(out);
                while let Some((circuit, bits)) = circuits.poll_bits() {
                    line.set_bits(circuit, bits);
                }
            }
        }
    }

    /// What happened, oldest first.
    pub fn poll_event(&mut self) -> Option<PriEvent> {
        match self {
            Self::Pri(pri) => pri.poll_event(),
            Self::R2(circuits) => circuits.poll_event(),
        }
    }

    /// Places a call; its slot. R2 chooses its circuit itself and has no `user` information.
    ///
    /// # Errors
    /// It cannot be placed.
    pub fn call(
        &mut self,
        slot: u8,
        calling: &str,
        called: &str,
        [user, name]: [&str; 2],
    ) -> Result<(CallRef, u8), Error> {
        match self {
            Self::Pri(pri) => pri.call(slot, calling, called, user, name).map(|call| (call, slot)),
            Self::R2(circuits) => circuits.call(calling, called),
        }
    }

    /// The number is complete. R2 says so with what it says next.
    pub fn proceeding(&mut self, call: CallRef, slot: u8) {
        if let Self::Pri(pri) = self {
            pri.proceeding(call, slot);
        }
    }

    /// The number is not complete. R2 asks for digits until it is.
    pub fn more(&mut self, call: CallRef, slot: u8) {
        if let Self::Pri(pri) = self {
            pri.more(call, slot);
        }
    }

    /// The called party's telephone rings.
    pub fn alerting(&mut self, call: CallRef, slot: u8) {
        match self {
            Self::Pri(pri) => pri.alerting(call, slot),
            Self::R2(circuits) => circuits.alerting(call),
        }
    }

    /// It is answered.
    pub fn answer(&mut self, call: CallRef, slot: u8) {
        match self {
            Self::Pri(pri) => pri.answer(call, slot),
            Self::R2(circuits) => circuits.answer(call),
        }
    }

    /// Clears the call one step on.
    pub fn hang_up(&mut self, call: CallRef, cause: u8) {
        match self {
            Self::Pri(pri) => pri.hang_up(call, cause),
            Self::R2(circuits) => circuits.hang_up(call, cause),
        }
    }

    /// Forgets the call without a word, as RESTART asks.
    pub fn destroy(&mut self, call: CallRef) {
        if let Self::Pri(pri) = self {
            pri.destroy(call);
        }
    }

    /// Restarts one channel.
    ///
    /// # Errors
    /// There is no such message.
    pub fn restart(&mut self, slot: u8) -> Result<(), Error> {
        match self {
            Self::Pri(pri) => pri.restart(slot),
            Self::R2(_) => Err(Error::new("R2 has no RESTART")),
        }
    }

    /// The D channel, for what only ISDN can.
    ///
    /// # Errors
    /// There is none.
    pub fn isdn(&mut self) -> Result<&mut Pri, Error> {
        match self {
            Self::Pri(pri) => Ok(pri),
            Self::R2(_) => Err(Error::new("R2 has no such thing")),
        }
    }

    /// The circuits.
    ///
    /// # Errors
    /// There are none.
    pub fn circuits(&mut self) -> Result<&mut Circuits, Error> {
        match self {
            Self::R2(circuits) => Ok(circuits),
            Self::Pri(_) => Err(Error::new("ISDN has no such thing")),
        }
    }
}
