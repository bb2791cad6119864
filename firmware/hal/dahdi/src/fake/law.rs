//! A-law as the kernel has it: a sample is the lower end of its step, and there is one zero.

/// The sample of an octet.
pub(crate) fn expand(octet: u8) -> i16 {
    let bits = octet ^ 0x55;
    let (segment, step) = (i16::from(bits >> 4 & 7), i16::from(bits & 15) << 4);
    let magnitude = if segment == 0 { step } else { (step + 256) << (segment - 1) };
    if bits & 0x80 == 0 { -magnitude } else { magnitude }
}

/// The octet of a sample; its two lowest bits do not count.
pub(crate) fn compress(sample: i16) -> u8 {
    let sample = i32::from(sample & !3);
    let magnitude = sample.unsigned_abs().min(0x7FFF) >> 4;
    let segment = (magnitude.max(8).ilog2() + 1).saturating_sub(4);
    let step = magnitude >> segment.saturating_sub(1) & 15;
    let sign = if sample < 0 { 0 } else { 0x80 };
    u8::try_from(sign | segment << 4 | step).unwrap_or(0) ^ 0x55
}
