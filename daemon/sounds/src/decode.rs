//! A file of any format that is understood, as one channel of samples.

use std::io::{Cursor, ErrorKind};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::Fault;

/// A file while it is read.
pub(crate) struct Decoded {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    rate_hz: u32,
    frames: Vec<f32>,
    mono: Vec<f32>,
}

/// What symphonia says, without its own full stop.
fn format(fault: &Error) -> Fault {
    Fault::Format(fault.to_string())
}

fn nothing(what: &str) -> Fault {
    Fault::Format(what.to_owned())
}

impl Decoded {
    pub(crate) fn new(file: Vec<u8>, ending: &str) -> Result<Self, Fault> {
        let mut hint = Hint::new();
        hint.with_extension(ending);
        let source = MediaSourceStream::new(
            Box::new(Cursor::new(file)),
            MediaSourceStreamOptions::default(),
        );
        let reader = symphonia::default::get_probe()
            .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
            .map_err(|fault| format(&fault))?;
        let track = reader.default_track(TrackType::Audio).ok_or_else(|| nothing("no sound"))?;
        let id = track.id;
        let parameters = track.codec_params.as_ref().and_then(|codec| codec.audio());
        let parameters = parameters.ok_or_else(|| nothing("no sound that is understood"))?;
        let rate_hz = parameters.sample_rate.ok_or_else(|| nothing("no sampling rate"))?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|fault| format(&fault))?;
        let (frames, mono) = (vec![], vec![]);
        Ok(Self { decoder, track: id, rate_hz, frames, mono, format: reader })
    }

    /// Samples a second.
    pub(crate) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// The next samples, from −1 to 1, the mean of all channels; `None` at the end. A piece that is
    /// broken is left out, as players do.
    pub(crate) fn next(&mut self) -> Result<Option<&[f32]>, Fault> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(None),
                // Cut off, or a length that was not known when the head was written.
                Err(Error::IoError(why)) if why.kind() == ErrorKind::UnexpectedEof => {
                    return Ok(None);
                }
                Err(fault) => return Err(format(&fault)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let decoded = match self.decoder.decode(&packet) {
                Ok(decoded) => decoded,
                Err(Error::DecodeError(_)) => continue,
                Err(fault) => return Err(format(&fault)),
            };
            let channels = decoded.num_planes();
            self.frames.resize(decoded.samples_interleaved(), 0.0);
            decoded.copy_to_slice_interleaved(&mut self.frames);
            #[expect(clippy::cast_precision_loss, reason = "a handful of channels")]
            let share = 1.0 / channels.max(1) as f32;
            let mean = |frame: &[f32]| frame.iter().sum::<f32>() * share;
            self.mono.clear();
            self.mono.extend(self.frames.chunks_exact(channels.max(1)).map(mean));
            return Ok(Some(&self.mono));
        }
    }
}
