//! The header of the WAV file (RIFF, Multimedia Programming Interface 1.0; RFC 2361 for the tags of
//! the laws).

use units::Law;

/// Octets before the first sample.
pub const HEADER: usize = 58;

/// WAVE_FORMAT_ALAW and WAVE_FORMAT_MULAW (RFC 2361 A.3, A.4).
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;

const CHANNELS: u16 = 2;
const RATE_HZ: u32 = 8000;

/// What a recording is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The law of its octets.
    pub law: Law,
    /// When it began, in microseconds of UTC.
    pub begun_us: u64,
}

/// The header of a file with so many octets of sound and so many behind it.
pub(crate) fn header(law: Law, sound: u32, behind: u32) -> [u8; HEADER] {
    let tag = match law {
        Law::A => A_LAW,
        Law::Mu => MU_LAW,
    };
    let riff = sound.saturating_add(behind).saturating_add(50);
    let mut octets = [0; HEADER];
    let parts: [&[u8]; 16] = [
        b"RIFF",
        &riff.to_le_bytes(),
        b"WAVEfmt ",
        &18_u32.to_le_bytes(),
        &tag.to_le_bytes(),
        &CHANNELS.to_le_bytes(),
        &RATE_HZ.to_le_bytes(),
        &(RATE_HZ * u32::from(CHANNELS)).to_le_bytes(),
        &CHANNELS.to_le_bytes(),
        &8_u16.to_le_bytes(),
        &0_u16.to_le_bytes(),
        b"fact",
        &4_u32.to_le_bytes(),
        &(sound / u32::from(CHANNELS)).to_le_bytes(),
        b"data",
        &sound.to_le_bytes(),
    ];
    let mut at = 0;
    for part in parts {
        octets[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    octets
}

/// The law and the octets of sound that a header tells; `None`: it is not ours.
pub(crate) fn read_header(octets: &[u8]) -> Option<(Law, u32)> {
    let sound = u32::from_le_bytes(octets.get(54..HEADER)?.try_into().ok()?);
    let told = |law| header(law, sound, 0)[8..] == octets[8..HEADER] && octets[..4] == *b"RIFF";
    [Law::A, Law::Mu].into_iter().find(|law| told(*law)).map(|law| (law, sound))
}
