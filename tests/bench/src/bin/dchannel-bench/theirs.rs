//! libpri under the same load.

use std::collections::BTreeMap;

use exchange::Error;
use exchange::pri::{CallRef, Pri, PriEvent, Side, Timers, next_text, set_time_us};

use crate::{CHANNELS, End};

pub(crate) struct Theirs {
    pri: Pri,
    places: bool,
    up: bool,
    free: Vec<u8>,
    slots: BTreeMap<CallRef, u8>,
    done: u64,
    lost: u64,
}

impl Theirs {
    pub(crate) fn pair() -> Result<[Self; 2], Error> {
        let one = |side| -> Result<Self, Error> {
            Ok(Self {
                pri: Pri::new(side, false, 0, Timers::default(), false)?,
                places: side == Side::User,
                up: false,
                free: (1..=31).filter(|slot| *slot != 16).take(CHANNELS).collect(),
                slots: BTreeMap::new(),
                done: 0,
                lost: 0,
            })
        };
        Ok([one(Side::User)?, one(Side::Network)?])
    }

    fn ended(&mut self, call: CallRef, well: bool) {
        self.free.extend(self.slots.remove(&call));
        if well {
            self.done += 1;
        } else {
            self.lost += 1;
        }
    }

    fn drain(&mut self) {
        while let Some(event) = self.pri.poll_event() {
            match event {
                PriEvent::Up => self.up = true,
                PriEvent::Down => self.up = false,
                PriEvent::Setup { call, channel, .. } => {
                    let slot = channel.unwrap_or(1);
                    self.pri.proceeding(call, slot);
                    self.pri.alerting(call, slot);
                    self.pri.answer(call, slot);
                }
                PriEvent::Connect(call) => self.pri.hang_up(call, 16),
                PriEvent::Disconnect(call, cause) => self.pri.hang_up(call, cause),
                PriEvent::Released(call, cause) => {
                    self.pri.hang_up(call, cause);
                    self.ended(call, cause == 16);
                }
                PriEvent::Gone(call) => {
                    self.pri.hang_up(call, 16);
                    self.ended(call, true);
                }
                _ => {}
            }
        }
        // What it says of itself is of no use here.
        while next_text().is_some() {}
    }
}

impl End for Theirs {
    fn hear(&mut self, frame: &[u8]) {
        self.pri.receive(0, frame);
        self.drain();
    }

    fn tick(&mut self, now_us: u64) {
        set_time_us(now_us);
        self.pri.run();
        self.drain();
        while self.places && self.up && now_us > 1_000_000 {
            let Some(slot) = self.free.pop() else { return };
            match self.pri.call(slot, "13800001111", "02155559558", "", "") {
                Ok(call) => drop(self.slots.insert(call, slot)),
                Err(_) => self.lost += 1,
            }
        }
    }

    fn frame(&mut self) -> Option<Vec<u8>> {
        self.pri.poll_frame(0)
    }

    fn calls(&self) -> (u64, u64) {
        (self.done, self.lost)
    }
}
