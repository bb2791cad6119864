//! The CRC-4 multiframe: found, checked, counted (G.706 4.2 and 4.3).

use crate::{BIT_1, Counters, FRAME, MFAS, crc};

/// Odd frames in 8 ms: within them two alignment signals must be found.
const SEARCH_NFAS: u8 = 32;
/// Sub-multiframes in a second, the period in which errors are judged.
const JUDGED: u16 = 1000;
/// Errors in that second that say the frame alignment is a false one.
const FALSE_ALIGNMENT: u16 = 915;

/// What a frame did to the multiframe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing to act on.
    Fine,
    /// No multiframe within 8 ms.
    NotFound,
    /// So many CRC errors that the frame alignment must be false.
    FalseAlignment,
}

/// State of the multiframe within one frame alignment.
#[derive(Clone, Debug)]
pub(crate) struct Multiframe {
    locked: bool,
    /// Bit 1 of the odd frames, the youngest in bit 0.
    history: u32,
    searched: u8,
    /// Number of the next frame, when locked.
    number: u8,
    register: u8,
    /// Whether `register` has the sub-multiframe from its first bit.
    whole: bool,
    /// CRC computed over the last sub-multiframe.
    last: Option<u8>,
    /// CRC that the line says it had, bit by bit.
    said: u8,
    judged: u16,
    wrong: u16,
}

impl Multiframe {
    pub(crate) const fn new() -> Self {
        Self {
            locked: false,
            history: 0,
            searched: 0,
            number: 0,
            register: 0,
            whole: false,
            last: None,
            said: 0,
            judged: 0,
            wrong: 0,
        }
    }

    pub(crate) const fn locked(&self) -> bool {
        self.locked
    }

    /// Takes a whole frame in.
    pub(crate) fn frame(
        &mut self,
        frame: &[u8; FRAME],
        even: bool,
        counters: &mut Counters,
    ) -> Step {
        let bit = u8::from(frame[0] & BIT_1 != 0);
        if self.locked { self.check(frame, even, bit, counters) } else { self.search(even, bit) }
    }

    fn search(&mut self, even: bool, bit: u8) -> Step {
        if even {
            return Step::Fine;
        }
        self.history = (self.history << 1) | u32::from(bit);
        self.searched += 1;
        let signal = |ago: u32| (self.history >> ago) & 0x3F == MFAS;
        // Eight odd frames are 2 ms: the signals lie 2, 4 or 6 ms apart.
        if signal(0) && [8, 16, 24].into_iter().any(signal) {
            *self = Self { locked: true, number: 12, ..Self::new() };
            return Step::Fine;
        }
        if self.searched < SEARCH_NFAS {
            return Step::Fine;
        }
        self.searched = 0;
        Step::NotFound
    }

    fn check(&mut self, frame: &[u8; FRAME], even: bool, bit: u8, counters: &mut Counters) -> Step {
        let number = self.number;
        self.number = (number + 1) & 15;
        self.register = crc::frame(self.register, frame, even);
        if even {
            self.said = (self.said << 1) | bit;
        } else if number >= 13 && bit == 0 {
            counters.far_crc_errors += 1;
        }
        if number & 7 == 7 { self.sub_multiframe(counters) } else { Step::Fine }
    }

    fn sub_multiframe(&mut self, counters: &mut Counters) -> Step {
        let said = core::mem::take(&mut self.said);
        let wrong = self.last.is_some_and(|last| last != said);
        let register = core::mem::take(&mut self.register);
        self.last = self.whole.then_some(register);
        self.whole = true;
        self.judged += 1;
        if wrong {
            counters.crc_errors += 1;
            self.wrong += 1;
        }
        // G.706 4.3.2.
        if self.wrong >= FALSE_ALIGNMENT {
            return Step::FalseAlignment;
        }
        if self.judged == JUDGED {
            (self.judged, self.wrong) = (0, 0);
        }
        Step::Fine
    }
}
