//! Opus itself (RFC 6716), which is libopus; without the feature `opus` there is none, and what
//! was to be Opus becomes WAV.

/// Samples of a packet and channel: 20 ms.
pub(crate) const FRAME: usize = 160;
/// Octets of a packet at most: fifty such packets fit a page.
#[cfg(feature = "opus")]
const MOST: usize = 1000;
/// Bits a second of both channels.
#[cfg(feature = "opus")]
const BITRATE: i32 = 32_000;
/// A packet that says nothing, for what cannot be coded: 20 ms of narrow band in stereo without
/// octets (RFC 6716 3.1), which a player makes up for.
#[cfg(feature = "opus")]
const NOTHING: u8 = 0x0c;

/// Makes packets.
#[cfg(feature = "opus")]
#[derive(Debug)]
pub(crate) struct Coder(::opus::Encoder);

#[cfg(feature = "opus")]
impl Coder {
    /// One, and the samples of 8 kHz by which what it makes is late. `None`: the library refuses.
    pub(crate) fn new() -> Option<(Self, usize)> {
        use ::opus::{Application, Bitrate, Channels, Encoder};
        let mut coder = Encoder::new(8000, Channels::Stereo, Application::Audio).ok()?;
        coder.set_bitrate(Bitrate::Bits(BITRATE)).ok()?;
        let late = usize::try_from(coder.get_lookahead().ok()?).ok()?;
        Some((Self(coder), late))
    }

    /// The packet of a frame: left and right in turn.
    pub(crate) fn packet(&mut self, samples: &[i16; 2 * FRAME]) -> Vec<u8> {
        self.0.encode_vec(samples, MOST).unwrap_or_else(|_| vec![NOTHING])
    }
}

/// Makes none.
#[cfg(not(feature = "opus"))]
#[derive(Debug)]
pub(crate) enum Coder {}

#[cfg(not(feature = "opus"))]
impl Coder {
    pub(crate) const fn new() -> Option<(Self, usize)> {
        None
    }

    pub(crate) const fn packet(&mut self, _: &[i16; 2 * FRAME]) -> Vec<u8> {
        match *self {}
    }
}
