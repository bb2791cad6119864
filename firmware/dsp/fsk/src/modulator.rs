//! Sends octets, each with a start and a stop bit, behind a seizure and a mark.

use core::f32::consts::TAU;

use heapless::Vec;
use units::Dbm0;

use crate::{BIT_RATE, Standard};

/// Octets of one transmission at most: type, length, 255 octets and a checksum.
pub const OCTETS: usize = 258;
/// Level of a sine of amplitude 32768 (G.711 clause 4).
#[expect(clippy::approx_constant, reason = "decibels, not a circle")]
const FULL_SCALE_DBM0: f32 = 3.14;
/// A sample is 3/20 of a bit: 1200 of 8000.
const PARTS_A_SAMPLE: u8 = 3;
const PARTS: u8 = 20;
const _: () = assert!(BIT_RATE == 1200.0, "3/20 of 8000");

/// What goes before the octets and behind them, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    /// Alternating 0 and 1, beginning with 0 and ending with 1.
    pub seizure: u16,
    /// 1 after them.
    pub mark: u16,
    /// 1 behind the last stop bit.
    pub tail: u16,
}

impl Framing {
    /// To a telephone on hook (EN 300 659-1 6.2.1 and 6.2.2: 300 and 180 within 25).
    pub const ON_HOOK: Self = Self { seizure: 300, mark: 180, tail: 5 };
    /// To one off hook, after an alerting tone (EN 300 659-1 6.2.2: 80 within 25, no seizure).
    pub const OFF_HOOK: Self = Self { seizure: 0, mark: 80, tail: 5 };
}

/// More than [`OCTETS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Sends one transmission after another.
#[derive(Clone, Debug)]
pub struct Modulator {
    standard: Standard,
    amplitude: f32,
    octets: Vec<u8, OCTETS>,
    framing: Framing,
    /// The bit that is being sent, and all there are.
    bit: u32,
    bits: u32,
    /// How many parts of it have been sent.
    part: u8,
    /// In turns, 0 to 1.
    phase: f32,
}

impl Modulator {
    /// Silent.
    #[must_use]
    pub fn new(standard: Standard, level: Dbm0) -> Self {
        let amplitude = 32_768.0 * libm::powf(10.0, (level.0 - FULL_SCALE_DBM0) / 20.0);
        Self {
            standard,
            amplitude: amplitude.min(32_767.0),
            octets: Vec::new(),
            framing: Framing { seizure: 0, mark: 0, tail: 0 },
            bit: 0,
            bits: 0,
            part: 0,
            phase: 0.0,
        }
    }

    /// Sends these octets from the next sample on, instead of what it was sending.
    ///
    /// # Errors
    /// [`TooLong`]; then it goes on with what it was sending.
    pub fn send(&mut self, octets: &[u8], framing: Framing) -> Result<(), TooLong> {
        self.octets = Vec::from_slice(octets).map_err(|_| TooLong)?;
        let count: u32 = self.octets.iter().map(|_| 10).sum();
        let around = [framing.seizure, framing.mark, framing.tail];
        self.framing = framing;
        self.bits = count + around.into_iter().map(u32::from).sum::<u32>();
        (self.bit, self.part, self.phase) = (0, 0, 0.0);
        Ok(())
    }

    /// Whether everything has been sent.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        self.bit >= self.bits
    }

    /// The bit at a place of the transmission.
    fn at(&self, place: u32) -> bool {
        let (seizure, mark) = (u32::from(self.framing.seizure), u32::from(self.framing.mark));
        if place < seizure {
            // The last one before the mark is a 1, whatever the count.
            return (seizure - place) % 2 == 1;
        }
        let Some(place) = place.checked_sub(seizure + mark) else { return true };
        let octet = usize::try_from(place / 10).ok().and_then(|n| self.octets.get(n));
        match (octet, place % 10) {
            (Some(_), 0) => false,
            (Some(octet), bit @ 1..=8) => octet >> (bit - 1) & 1 == 1,
            _ => true,
        }
    }

    /// The next samples, linear at 8 kHz; silence behind the end.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = self.sample();
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a sine of at most 32767")]
    fn sample(&mut self) -> i16 {
        if self.is_silent() {
            return 0;
        }
        let (mark, space) = (self.standard.mark_hz(), self.standard.space_hz());
        let now = libm::sinf(self.phase * TAU) * self.amplitude;
        // The phase goes on through the change: a sample in which a bit ends turns by its share of
        // both.
        let hz = |bit| if self.at(bit) { mark } else { space };
        let this = f32::from(PARTS_A_SAMPLE.min(PARTS - self.part)) / f32::from(PARTS_A_SAMPLE);
        let turn = (hz(self.bit) * this + hz(self.bit + 1) * (1.0 - this)) / 8000.0;
        self.phase += turn;
        self.phase -= libm::floorf(self.phase);
        self.part += PARTS_A_SAMPLE;
        if self.part >= PARTS {
            self.part -= PARTS;
            self.bit += 1;
        }
        libm::roundf(now) as i16
    }
}
