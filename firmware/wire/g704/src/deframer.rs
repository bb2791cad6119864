//! The line to frames.
//!
//! ```text
//!            FAS seen          next frame: bit 2 is 1, then FAS again (G.706 4.1.2)
//!  Search ────────────► Check ───────────────────────────────────────► Aligned
//!    ▲                    │ one of them fails                              │
//!    ├────────────────────┘                                                │
//!    └──────────────────────────────────────────────────────────────────────┘
//!       three wrong FAS or bits 2 in a row (4.1.1), no CRC-4 multiframe in 8 ms (4.2),
//!       915 wrong sub-multiframes of 1000 (4.3.2)
//! ```
//!
//! With CRC-4, frames come out only once the multiframe is found; or, if there is none for 400 ms,
//! without it and with `lomf` told, for the far side may have none.

use crate::monitor::Monitor;
use crate::multiframe::{Multiframe, Step};
use crate::{A_BIT, Alarms, Counters, FAS, FAS_MASK, FRAME, NFAS_BIT};

/// Wrong alignment signals in a row that lose alignment.
const WRONG_SIGNALS: u8 = 3;
/// Equal A bits in a row that are believed (G.775 5.3: 2 to 5).
const A_PERSISTENCE: u8 = 4;
/// Octets in 400 ms.
const PATIENCE_OCTETS: u32 = 102_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Search,
    /// A FAS was seen: the next frame must have bit 2, the one after it FAS.
    Check,
    Aligned,
}

/// Finds frames in a stream of bits.
#[derive(Clone, Debug)]
pub struct Deframer {
    crc4: bool,
    align: Align,
    /// The last two octets of the line.
    window: u16,
    /// Bits of the window younger than the octet of the frame, 0 to 7.
    phase: u8,
    frame: [u8; FRAME],
    fill: usize,
    /// Whether the present frame is an even one, with FAS.
    even: bool,
    wrong_fas: u8,
    wrong_nfas: u8,
    multiframe: Multiframe,
    /// Octets since frame alignment was first found, multiframe or not; full: go on without.
    waited: Option<u32>,
    /// The alignment turned out to be false: the search goes on behind the next first octet.
    suspect: bool,
    /// Whether frames come out.
    in_service: bool,
    rai: bool,
    a_run: u8,
    monitor: Monitor,
    counters: Counters,
}

impl Deframer {
    /// With CRC-4 or without.
    #[must_use]
    pub const fn new(crc4: bool) -> Self {
        Self {
            crc4,
            align: Align::Search,
            window: 0xFFFF,
            phase: 0,
            frame: [0; FRAME],
            fill: 0,
            even: true,
            wrong_fas: 0,
            wrong_nfas: 0,
            multiframe: Multiframe::new(),
            waited: None,
            suspect: false,
            in_service: false,
            rai: false,
            a_run: 0,
            monitor: Monitor::new(),
            counters: Counters {
                crc_errors: 0,
                far_crc_errors: 0,
                fas_errors: 0,
                losses_of_frame: 0,
            },
        }
    }

    /// What the receiver sees now.
    #[must_use]
    pub const fn alarms(&self) -> Alarms {
        let los = self.monitor.los();
        let ais = !los && self.monitor.ais() && !self.in_service;
        Alarms {
            los,
            ais,
            lof: !los && !ais && !self.in_service,
            rai: self.in_service && self.rai,
            lomf: self.crc4 && self.in_service && !self.multiframe.locked(),
        }
    }

    /// What the receiver has counted.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// Whether frames come out.
    #[must_use]
    pub const fn in_service(&self) -> bool {
        self.in_service
    }

    /// Takes octets of the line in and gives each frame that they complete to `sink`.
    pub fn push(&mut self, octets: &[u8], mut sink: impl FnMut(&[u8; FRAME])) {
        for octet in octets {
            if self.octet(*octet) {
                sink(&self.frame);
            }
        }
    }

    /// The time of `octets` octets passes without any signal.
    pub fn push_no_signal(&mut self, octets: usize, mut sink: impl FnMut(&[u8; FRAME])) {
        for _ in 0..octets {
            if self.octet(0) {
                sink(&self.frame);
            }
        }
    }

    /// Whether a frame is complete and to be delivered.
    fn octet(&mut self, octet: u8) -> bool {
        self.monitor.octet(octet);
        self.window = (self.window << 8) | u16::from(octet);
        let signal = !self.monitor.los() && !self.monitor.ais();
        self.waited = self.waited.filter(|_| signal).map(|waited| waited.saturating_add(1));
        if self.align == Align::Search {
            self.search(7);
            return false;
        }
        let [_, now] = (self.window >> self.phase).to_be_bytes();
        if self.fill == 0 && !self.first_octet(now) {
            return false;
        }
        self.frame[self.fill] = now;
        self.fill += 1;
        if self.fill < FRAME {
            return false;
        }
        self.fill = 0;
        let done = self.align == Align::Aligned && self.frame_done();
        self.even = !self.even;
        done
    }

    /// Looks for FAS among the phases of the window not later than `from`, the oldest first.
    fn search(&mut self, from: u8) {
        for phase in (0..=from).rev() {
            let [_, now] = (self.window >> phase).to_be_bytes();
            if now & FAS_MASK == FAS {
                self.align = Align::Check;
                self.phase = phase;
                self.frame[0] = now;
                self.fill = 1;
                self.even = true;
                return;
            }
        }
        self.align = Align::Search;
    }

    fn search_behind(&mut self) {
        self.align = Align::Search;
        if let Some(from) = self.phase.checked_sub(1) {
            self.search(from);
        }
    }

    /// Judges the first octet of a frame; `false` if the search goes on.
    fn first_octet(&mut self, octet: u8) -> bool {
        if core::mem::take(&mut self.suspect) {
            self.search_behind();
            return false;
        }
        let right = if self.even { octet & FAS_MASK == FAS } else { octet & NFAS_BIT != 0 };
        if self.align == Align::Check {
            if !right {
                self.search_behind();
                return false;
            }
            if self.even {
                self.aligned();
            }
            return true;
        }
        if self.even && !right {
            self.counters.fas_errors += u64::from(self.in_service);
        }
        let wrong = if self.even { &mut self.wrong_fas } else { &mut self.wrong_nfas };
        *wrong = if right { 0 } else { *wrong + 1 };
        if *wrong >= WRONG_SIGNALS {
            self.out_of_service();
            self.search_behind();
            return false;
        }
        if !self.even {
            self.a_bit(octet & A_BIT != 0);
        }
        true
    }

    fn aligned(&mut self) {
        self.align = Align::Aligned;
        (self.wrong_fas, self.wrong_nfas) = (0, 0);
        (self.rai, self.a_run) = (false, 0);
        self.multiframe = Multiframe::new();
        self.waited = self.waited.or(Some(0));
        if !self.crc4 {
            self.in_service = true;
        }
    }

    fn out_of_service(&mut self) {
        if self.in_service {
            self.counters.losses_of_frame += 1;
            self.in_service = false;
            self.waited = None;
        }
    }

    fn a_bit(&mut self, now: bool) {
        if now == self.rai {
            self.a_run = 0;
            return;
        }
        self.a_run += 1;
        if self.a_run >= A_PERSISTENCE {
            self.rai = now;
            self.a_run = 0;
        }
    }

    /// A whole frame is in: whether to deliver it.
    fn frame_done(&mut self) -> bool {
        if self.crc4 {
            match self.multiframe.frame(&self.frame, self.even, &mut self.counters) {
                Step::Fine => {}
                Step::NotFound if self.in_service => {}
                Step::NotFound if self.waited.is_some_and(|w| w >= PATIENCE_OCTETS) => {
                    self.in_service = true;
                }
                Step::NotFound => self.suspect = true,
                Step::FalseAlignment => {
                    self.out_of_service();
                    self.suspect = true;
                }
            }
            if self.multiframe.locked() && !self.suspect {
                self.in_service = true;
            }
        }
        self.in_service
    }
}
