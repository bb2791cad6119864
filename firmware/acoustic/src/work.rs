//! The arithmetic of one room: frames of 10 ms through WebRTC.

use webrtc_audio_processing::config::{
    AdaptiveDigital, EchoCanceller, FixedDigital, GainController, GainController2, HighPassFilter,
    NoiseSuppression, NoiseSuppressionLevel,
};
use webrtc_audio_processing::{Config, Processor, Stats};

use units::media::BLOCK_SAMPLES;

use crate::{FRAME_BLOCKS, FRAME_SAMPLES, Fault, Noise, Settings};

pub(crate) type Block = [i16; BLOCK_SAMPLES];

/// What went to a room and what came from it, in one tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) sent: Block,
    pub(crate) heard: Block,
}

/// A frame that fills, and what makes it clean.
pub(crate) struct Work {
    processor: Processor,
    sent: [f32; FRAME_SAMPLES],
    heard: [f32; FRAME_SAMPLES],
    blocks: usize,
    frames: u64,
}

const RATE_HZ: u32 = 8000;
/// Full scale of 16 bits.
const SCALE: f32 = 32_768.0;

fn config(settings: Settings) -> Config {
    let level = match settings.noise {
        Noise::Keep => None,
        Noise::Low => Some(NoiseSuppressionLevel::Low),
        Noise::Moderate => Some(NoiseSuppressionLevel::Moderate),
        Noise::High => Some(NoiseSuppressionLevel::High),
    };
    Config {
        high_pass_filter: Some(HighPassFilter { apply_in_full_band: true }),
        echo_canceller: settings.echo.then(EchoCanceller::default),
        noise_suppression: level
            .map(|level| NoiseSuppression { level, analyze_linear_aec_output: settings.echo }),
        gain_controller: settings.gain.then(|| {
            GainController::GainController2(GainController2 {
                input_volume_controller_enabled: false,
                adaptive_digital: Some(AdaptiveDigital::default()),
                fixed_digital: FixedDigital::default(),
            })
        }),
        ..Config::default()
    }
}

impl Work {
    pub(crate) fn new(settings: Settings) -> Result<Self, Fault> {
        let processor = Processor::new(RATE_HZ).map_err(|fault| Fault(fault.to_string()))?;
        processor.set_config(config(settings));
        let (sent, heard) = ([0.0; FRAME_SAMPLES], [0.0; FRAME_SAMPLES]);
        Ok(Self { processor, sent, heard, blocks: 0, frames: 0 })
    }

    /// Takes a block in; a frame's worth comes back with the last one of it.
    pub(crate) fn take(&mut self, pair: &Pair) -> Option<[Block; FRAME_BLOCKS]> {
        let from = self.blocks * BLOCK_SAMPLES;
        for (at, (sent, heard)) in pair.sent.iter().zip(&pair.heard).enumerate() {
            self.sent[from + at] = f32::from(*sent) / SCALE;
            self.heard[from + at] = f32::from(*heard) / SCALE;
        }
        self.blocks += 1;
        if self.blocks < FRAME_BLOCKS {
            return None;
        }
        self.blocks = 0;
        self.frames += 1;
        // Both can only say that a frame has another length than it has.
        let _ = self.processor.process_render_frame([&mut self.sent[..]]);
        let _ = self.processor.process_capture_frame([&mut self.heard[..]]);
        let mut clean = [[0; BLOCK_SAMPLES]; FRAME_BLOCKS];
        for (block, samples) in clean.iter_mut().zip(self.heard.chunks_exact(BLOCK_SAMPLES)) {
            for (to, sample) in block.iter_mut().zip(samples) {
                *to = to_sample(*sample);
            }
        }
        Some(clean)
    }

    /// What WebRTC says of the room, each tenth frame.
    pub(crate) fn stats(&self) -> Option<Stats> {
        self.frames.is_multiple_of(10).then(|| self.processor.get_stats())
    }
}

/// A sample of 16 bits, saturated; what is no number is silence.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates and makes NaN 0, as wanted")]
pub(crate) fn to_sample(sample: f32) -> i16 {
    (sample * SCALE) as i16
}
