//! Sound files that people bring (announcements of their own, music on hold) as the line plays
//! them.
//!
//! ```text
//!  WAV, MP3, FLAC, Ogg Vorbis ─► symphonia ─► mean of the channels ─► rubato ─► 8 kHz
//!                                                       level ─► A-law, a clip of the core ◄─┘
//! ```
//!
//! Pure: octets in, octets out. A file is read packet by packet, so that only what the line plays
//! of it is held.

mod decode;
mod rate;
#[cfg(test)]
mod tests;

use g711::encode;
use limits::{PROMPT_OCTETS, SECOND_OCTETS};
use thiserror::Error;
use units::{Dbm0, Law};

use crate::decode::Decoded;
use crate::rate::To8kHz;

/// What a sound is brought to: 2 dB below the box's own announcements, since music has no pauses.
/// A circuit carries −15 dBm0 in the mean of a long time (G.223).
pub const LEVEL: Dbm0 = Dbm0(-18.0);
/// The endings of files that are understood.
pub const ENDINGS: [&str; 4] = ["wav", "mp3", "flac", "ogg"];
/// What a clip of the core holds.
const MINUTES: usize = PROMPT_OCTETS / SECOND_OCTETS / 60;
/// The shortest sound, in samples: a tenth of a second.
const SHORTEST: usize = 800;

/// Why a file is no sound of the box.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Its format is none that is understood.
    #[error("{0}; bring it as WAV, MP3, FLAC or Ogg Vorbis")]
    Format(String),
    /// It ends too soon.
    #[error("shorter than a tenth of a second; bring a longer one")]
    Short,
    /// It lasts too long.
    #[error("longer than {MINUTES} minutes; cut it into several files")]
    Long,
    /// Nothing can be heard.
    #[error("nothing is to be heard in it; record it again")]
    Silent,
}

/// A file as the line plays it: A-law, 8000 octets a second, at [`LEVEL`]. The ending of its name
/// helps to see what it is.
///
/// # Errors
/// [`Fault`].
pub fn a_law(file: Vec<u8>, ending: &str) -> Result<Vec<u8>, Fault> {
    let mut decoded = Decoded::new(file, ending)?;
    let mut rate = To8kHz::new(decoded.rate_hz())?;
    let mut samples = vec![];
    while let Some(mono) = decoded.next()? {
        rate.push(mono, &mut samples)?;
        if samples.len() > PROMPT_OCTETS {
            return Err(Fault::Long);
        }
    }
    rate.end(&mut samples)?;
    match samples.len() {
        0..SHORTEST => return Err(Fault::Short),
        SHORTEST..=PROMPT_OCTETS => {}
        _ => return Err(Fault::Long),
    }
    let gain = dsp_level::gain_to(&samples, LEVEL).ok_or(Fault::Silent)?;
    Ok(samples.iter().map(|sample| encode(Law::A, dsp_level::amplified(*sample, gain))).collect())
}
