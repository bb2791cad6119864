//! Loss of signal and all ones, seen in the bits before any framing (G.775).

/// Bits without a pulse that are a loss of signal (G.775 4.2: 10 to 255).
const LOS_BITS: u32 = 255;
/// Ones among 256 bits that end it: a density of 1 in 8.
const LOS_END_ONES: u32 = 32;
/// Bits of the period in which the zeros of an AIS are counted (G.775 5.2.2).
const AIS_OCTETS: u8 = 64;
/// Most zeros in it.
const AIS_ZEROS: u32 = 2;

/// Watches the octets of a line.
#[derive(Clone, Debug)]
pub(crate) struct Monitor {
    zero_run: u32,
    ones: u32,
    octets: u8,
    zeros: u32,
    /// Whether the period before the present one looked like AIS.
    last_ais: bool,
    los: bool,
    ais: bool,
}

impl Monitor {
    /// No signal has come yet.
    pub(crate) const fn new() -> Self {
        Self { zero_run: 0, ones: 0, octets: 0, zeros: 0, last_ais: false, los: true, ais: false }
    }

    pub(crate) const fn los(&self) -> bool {
        self.los
    }

    pub(crate) const fn ais(&self) -> bool {
        self.ais
    }

    /// Takes the next eight bits in.
    pub(crate) fn octet(&mut self, octet: u8) {
        let ones = octet.count_ones();
        if octet == 0 {
            self.zero_run = self.zero_run.saturating_add(8).min(2 * LOS_BITS);
        } else {
            let run = self.zero_run + octet.leading_zeros();
            if run >= LOS_BITS {
                self.los = true;
                self.ones = 0;
            }
            self.zero_run = octet.trailing_zeros();
        }
        if self.zero_run >= LOS_BITS {
            self.los = true;
            self.ones = 0;
        }
        self.ones += ones;
        self.zeros += 8 - ones;
        self.octets += 1;
        if self.octets & 31 == 0 {
            self.los = self.los && self.ones < LOS_END_ONES;
            self.ones = 0;
        }
        if self.octets == AIS_OCTETS {
            let now = self.zeros <= AIS_ZEROS;
            if now == self.last_ais {
                self.ais = now;
            }
            self.last_ais = now;
            self.zeros = 0;
            self.octets = 0;
        }
    }
}
