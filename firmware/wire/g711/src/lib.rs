//! G.711: the two laws that carry a voice in eight bits, to and from 16-bit linear samples.
//!
//! Linear samples are left-justified as everywhere in this house: the 13 bits of A-law times 8,
//! the 14 bits of mu-law times 4. A sine at the largest decoder output value is +3.14 dBm0 in
//! A-law and +3.17 dBm0 in mu-law (G.711 clause 4).
//!
//! ```text
//!  octet  s e e e m m m m   A-law: every second bit inverted (xor 0x55), s = 1 is positive
//!         | segment  step   mu-law: all bits inverted,                   s = 1 is positive
//! ```
#![no_std]

use units::Law;

/// Level of a full-scale A-law sine, in dBm0 (G.711 clause 4 and its table 5).
#[expect(clippy::approx_constant, reason = "decibels, not a circle")]
pub const FULL_SCALE_A_DBM0: f32 = 3.14;
/// Level of a full-scale mu-law sine, in dBm0 (G.711 clause 4 and its table 6).
pub const FULL_SCALE_MU_DBM0: f32 = 3.17;
/// The largest value that A-law decodes to.
pub const PEAK_A: i16 = 32256;
/// The largest value that mu-law decodes to.
pub const PEAK_MU: i16 = 32124;

/// What all 256 octets of A-law mean (G.711 table 1), left-justified.
pub const DECODE_A: [i16; 256] = table(Law::A);
/// What all 256 octets of mu-law mean (G.711 table 2), left-justified.
pub const DECODE_MU: [i16; 256] = table(Law::Mu);

/// What mu-law adds to a magnitude so that every segment starts at a power of two.
const BIAS: i32 = 0x84;

const fn table(law: Law) -> [i16; 256] {
    let mut values = [0; 256];
    let mut index = 0;
    let mut octet = 0;
    while index < 256 {
        values[index] = match law {
            Law::A => expand_a(octet),
            Law::Mu => expand_mu(octet),
        };
        index += 1;
        octet += 1;
    }
    values
}

#[expect(clippy::cast_possible_truncation, reason = "at most 32256, const context has no TryFrom")]
const fn expand_a(octet: i32) -> i16 {
    let bits = octet ^ 0x55;
    let (segment, step) = ((bits >> 4) & 7, bits & 15);
    let magnitude = if segment == 0 { 2 * step + 1 } else { (2 * step + 33) << (segment - 1) };
    (if bits & 0x80 == 0 { -magnitude * 8 } else { magnitude * 8 }) as i16
}

#[expect(clippy::cast_possible_truncation, reason = "at most 32124, const context has no TryFrom")]
const fn expand_mu(octet: i32) -> i16 {
    let bits = octet ^ 0xFF;
    let (segment, step) = ((bits >> 4) & 7, bits & 15);
    let magnitude = (((step << 3) + BIAS) << segment) - BIAS;
    (if bits & 0x80 == 0 { magnitude } else { -magnitude }) as i16
}

/// The sample that an A-law octet means.
#[must_use]
pub const fn decode_a(octet: u8) -> i16 {
    DECODE_A[octet as usize]
}

/// The sample that a mu-law octet means.
#[must_use]
pub const fn decode_mu(octet: u8) -> i16 {
    DECODE_MU[octet as usize]
}

/// The A-law octet of a sample: below the largest decision value every sample has one.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "segment and step are masked to 7 bits")]
pub const fn encode_a(sample: i16) -> u8 {
    // Ones' complement keeps the two halves of the scale symmetric about the decision value 0.
    let (sign, magnitude) =
        if sample < 0 { (0, (!sample) as u16 >> 3) } else { (0x80, sample as u16 >> 3) };
    let bits = if magnitude < 32 {
        magnitude >> 1
    } else {
        let segment = 11 - magnitude.leading_zeros() as u16;
        (segment << 4) | ((magnitude >> segment) & 15)
    };
    (bits as u8 | sign) ^ 0x55
}

/// The mu-law octet of a sample; what lies beyond the scale is clipped.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "segment and step are masked to 7 bits")]
pub const fn encode_mu(sample: i16) -> u8 {
    let wide = sample as i32;
    let (sign, magnitude) = if wide < 0 { (0x80, -wide) } else { (0, wide) };
    let clipped = if magnitude > 32635 { 32635 } else { magnitude };
    let biased = (clipped + BIAS) as u32;
    let segment = 24 - biased.leading_zeros();
    let step = (biased >> (segment + 3)) & 15;
    !(((segment << 4) | step) as u8 | sign)
}

/// The sample that an octet means in `law`.
#[must_use]
pub const fn decode(law: Law, octet: u8) -> i16 {
    match law {
        Law::A => decode_a(octet),
        Law::Mu => decode_mu(octet),
    }
}

/// The octet of a sample in `law`.
#[must_use]
pub const fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::A => encode_a(sample),
        Law::Mu => encode_mu(sample),
    }
}

/// Decodes as many octets as both slices hold.
pub fn decode_block(law: Law, octets: &[u8], samples: &mut [i16]) {
    let table = match law {
        Law::A => &DECODE_A,
        Law::Mu => &DECODE_MU,
    };
    for (sample, octet) in samples.iter_mut().zip(octets) {
        *sample = table[usize::from(*octet)];
    }
}

/// Encodes as many samples as both slices hold.
pub fn encode_block(law: Law, samples: &[i16], octets: &mut [u8]) {
    for (octet, sample) in octets.iter_mut().zip(samples) {
        *octet = encode(law, *sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_then_encode_gives_every_a_law_octet_back() {
        for octet in 0..=255 {
            assert_eq!(encode_a(decode_a(octet)), octet);
        }
    }

    #[test]
    fn decode_then_encode_gives_every_mu_law_octet_but_negative_zero_back() {
        for octet in (0..=255).filter(|octet| *octet != 0x7F) {
            assert_eq!(encode_mu(decode_mu(octet)), octet);
        }
        // Linear samples have one zero, mu-law has two.
        assert_eq!((decode_mu(0x7F), decode_mu(0xFF), encode_mu(0)), (0, 0, 0xFF));
    }

    #[test]
    fn coding_is_monotonic_and_never_off_by_more_than_half_a_step() {
        for law in [Law::A, Law::Mu] {
            let mut last = i16::MIN;
            for sample in i16::MIN..=i16::MAX {
                let value = decode(law, encode(law, sample));
                assert!(value >= last, "{law:?} {sample}");
                let error = (i32::from(value) - i32::from(sample)).abs();
                let half_step = ((i32::from(sample).abs() + BIAS) / 32).max(8);
                let clipped = i32::from(sample).abs() > 32000;
                assert!(error <= half_step || clipped, "{law:?} {sample} -> {value}");
                last = value;
            }
        }
    }

    // G.711 table 1a: quantized value at decoder output for the character signal, before the
    // even bits are inverted.
    #[test]
    fn a_law_agrees_with_table_1() {
        let table = [
            (0b1111_1111, 4032),
            (0b1111_0000, 2112),
            (0b1110_0000, 1056),
            (0b1101_0000, 528),
            (0b1100_0000, 264),
            (0b1011_0000, 132),
            (0b1010_0000, 66),
            (0b1001_0000, 33),
            (0b1000_0000, 1),
        ];
        for (signal, value) in table {
            assert_eq!(decode_a(signal ^ 0x55), value * 8, "positive {signal:08b}");
            assert_eq!(decode_a(signal ^ 0x80 ^ 0x55), -value * 8, "negative {signal:08b}");
        }
    }

    // G.711 table 2a.
    #[test]
    fn mu_law_agrees_with_table_2() {
        let table = [
            (0b1000_0000, 8031),
            (0b1000_1111, 4191),
            (0b1001_1111, 2079),
            (0b1010_1111, 1023),
            (0b1011_1111, 495),
            (0b1100_1111, 231),
            (0b1101_1111, 99),
            (0b1110_1111, 33),
            (0b1111_1110, 2),
            (0b1111_1111, 0),
        ];
        for (signal, value) in table {
            assert_eq!(decode_mu(signal), value * 4, "positive {signal:08b}");
            assert_eq!(decode_mu(signal & 0x7F), -value * 4, "negative {signal:08b}");
        }
    }

    // G.711 table 5: this periodic sequence is a 1 kHz sine of 0 dBm0.
    #[test]
    fn the_sequence_of_table_5_is_a_sine_of_0_dbm0() {
        let octets = [0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4];
        let mut samples = [0i16; 8];
        decode_block(Law::A, &octets, &mut samples);
        let power: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / 8.0;
        // Full scale is 4096 of 13 bits: 32768 here.
        let full = 32768.0_f64.powi(2) / 2.0;
        let db = (power / full).log10() * 10.0 + f64::from(FULL_SCALE_A_DBM0);
        assert!(db.abs() < 0.05, "{db}");
    }

    #[test]
    fn an_idle_channel_is_the_smallest_value() {
        assert_eq!(decode(Law::A, Law::A.idle()), 8);
        assert_eq!(decode(Law::Mu, Law::Mu.idle()), 0);
    }

    #[test]
    fn a_block_codes_as_its_samples_do() {
        let samples = [0, 1000, -1000, 32767, -32768, 5];
        for law in [Law::A, Law::Mu] {
            let mut octets = [0; 6];
            encode_block(law, &samples, &mut octets);
            assert_eq!(octets, samples.map(|sample| encode(law, sample)));
        }
    }
}
