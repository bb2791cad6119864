//! Calls that the box places: their numbers, perhaps in parts, and what becomes of them.

use serde_json::json;

use super::City;
use crate::command::Talk;
use crate::pri::CallRef;
use crate::script::Call;

/// A call of the box whose number is not complete.
pub(super) struct Dialling {
    pub(super) handle: CallRef,
    pub(super) channel: Option<u8>,
    pub(super) calling: String,
    pub(super) called: String,
    pub(super) user: String,
    pub(super) name: String,
}

/// How calls of the box are treated.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub(super) answer_after_ms: Option<u64>,
    pub(super) alerting: bool,
    pub(super) cause: Option<u8>,
    pub(super) talk: Option<Talk>,
    pub(super) by_number: bool,
    pub(super) name: String,
}

impl Incoming {
    /// What the one with this number says and hears.
    pub(super) fn talk_of(&self, called: &str) -> Option<Talk> {
        let digits = called.get(called.len().saturating_sub(3)..);
        let number = digits.and_then(|digits| digits.parse::<u64>().ok());
        let number = number.filter(|_| self.by_number).unwrap_or(0);
        self.talk.map(|talk| Talk {
            send: talk.send.wrapping_add(number),
            expect: talk.expect.wrapping_add(number),
            ..talk
        })
    }
}

impl City {
    /// A number that the box calls, or a part of it.
    pub(super) fn dialled(&mut self, dialling: Dialling) {
        let Dialling { handle, channel, calling, called, user, name } = &dialling;
        if called.len() >= self.settings.wants {
            return self.setup(*handle, *channel, [calling, called, user, name]);
        }
        self.pri.more(*handle, channel.unwrap_or(1));
        self.dialling.push(dialling);
    }

    fn setup(
        &mut self,
        handle: CallRef,
        channel: Option<u8>,
        [calling, called, user, name]: [&str; 4],
    ) {
        let Some(slot) = channel.or_else(|| self.free_slot()) else {
            return self.pri.hang_up(handle, 34);
        };
        self.minted += 1;
        let id = format!("in-{}", self.minted);
        let mut call = Call::new(id.clone(), slot, handle, self.now_us(), Vec::new());
        call.incoming = true;
        call.answer_with = self.incoming.talk_of(called);
        self.emit(json!({"event": "incoming_setup", "call": id, "slot": slot,
            "calling": calling, "called": called, "user": user, "name": name}));
        if let Some(cause) = self.incoming.cause {
            // libpri refuses a SETUP without a word; a call that it has taken it disconnects.
            self.pri.proceeding(handle, slot);
            call.hung_up = true;
            self.calls.push(call);
            return self.pri.hang_up(handle, cause);
        }
        self.pri.proceeding(handle, slot);
        if self.incoming.alerting {
            self.pri.alerting(handle, slot);
        }
        call.answer_at_us = self.incoming.answer_after_ms.map(|ms| self.after(ms));
        self.calls.push(call);
    }
}
