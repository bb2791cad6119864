//! What the exchange does for the box beyond basic calls, and tells of them.

use serde_json::json;

use super::City;
use crate::Error;
use crate::pri::{CallRef, PriEvent};

/// The cause with which a call that was sent elsewhere or joined is cleared.
const DONE: u8 = 31;

impl City {
    /// The box asks for something, or shows who answered.
    pub(super) fn asked(&mut self, event: PriEvent) {
        match event {
            PriEvent::Shown { call, number, name } => {
                let id = self.name_of(call);
                self.emit(json!({"event": "shown", "call": id, "number": number, "name": name}));
            }
            PriEvent::Identified(call) => {
                let id = self.name_of(call);
                self.emit(json!({"event": "identified", "call": id}));
            }
            PriEvent::Deflect { call, invoke, to } => {
                let (id, done) = (self.name_of(call), self.offers);
                self.emit(json!({"event": "deflected", "call": id, "to": to, "done": done}));
                if let Ok(pri) = self.pri.isdn() {
                    pri.deflected(call, invoke, done);
                }
                if done {
                    self.end(call);
                }
            }
            PriEvent::Join { calls, invoke } => {
                let (ids, done) = (calls.map(|call| self.name_of(call)), self.offers);
                self.emit(json!({"event": "joined", "calls": ids, "done": done}));
                if let Ok(pri) = self.pri.isdn() {
                    pri.joined(calls[0], invoke, done);
                }
                if done {
                    calls.into_iter().for_each(|call| self.end(call));
                }
            }
            PriEvent::Notified(call, what) => {
                let id = self.name_of(call);
                self.emit(json!({"event": "notified", "call": id, "what": what}));
            }
            _ => {}
        }
    }

    /// Notifies the box of something in a call.
    pub(super) fn notify(&mut self, id: &str, what: u8) -> Result<(), Error> {
        let handle = self.handle_of(id)?;
        self.pri.isdn()?.notify(handle, what)
    }

    fn handle_of(&self, id: &str) -> Result<CallRef, Error> {
        let call = self.calls.iter().find(|call| call.id == id);
        call.and_then(|call| call.handle)
            .ok_or_else(|| Error::new(format!("there is no call {id}")))
    }

    fn name_of(&mut self, handle: CallRef) -> String {
        self.find(handle).map_or_else(String::new, |call| call.id.clone())
    }

    fn end(&mut self, handle: CallRef) {
        if let Some(call) = self.find(handle) {
            call.hung_up = true;
        }
        self.pri.hang_up(handle, DONE);
    }

    /// Shows the box who answers, if there is a name to show.
    pub(super) fn show(&mut self, handle: CallRef) {
        let name = self.incoming.name.clone();
        if let (false, Ok(pri)) = (name.is_empty(), self.pri.isdn()) {
            // A name with a zero is none.
            let _ = pri.show(handle, "", &name);
        }
    }

    /// Tells the box what a call costs.
    pub(super) fn charge(
        &mut self,
        id: &str,
        count: u32,
        currency: &str,
        each_s: u16,
        last: bool,
    ) -> Result<(), Error> {
        let handle = self.handle_of(id)?;
        self.pri.isdn()?.charge(handle, last, each_s, count, currency)?;
        if last {
            self.end(handle);
        }
        Ok(())
    }
}
