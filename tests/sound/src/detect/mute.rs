//! How much of a digit leaks, and how much speech is lost.

use dsp_dtmf::Muter;
use units::media::BLOCK_SAMPLES;

use crate::detect::dtmf::Sent;

/// Most milliseconds of any digit that a [`Muter`] lets through.
#[must_use]
pub fn leak(seeds: u64) -> f64 {
    let mut most = 0.0_f64;
    for seed in 0..seeds {
        let level = [-3.0, -10.0, -20.0, -30.0][seed as usize % 4];
        let on_ms = [40.0, 70.0, 200.0][seed as usize % 3];
        let sent = Sent { low: level - 2.0, high: level, on_ms, off_ms: 80.0, ..Sent::USUAL };
        let sound = sent.digits(seed);
        let mut muter = Muter::new();
        let mut heard = vec![];
        for block in sound.as_chunks::<BLOCK_SAMPLES>().0 {
            let mut block = *block;
            muter.push(&mut block);
            heard.extend(block);
        }
        // What is louder than the quantising noise of silence, between one pause and the next.
        let (mut run, mut quiet) = (0_u32, 0);
        for sample in heard {
            if sample.unsigned_abs() > 8 {
                run += 1;
                quiet = 0;
            } else {
                quiet += 1;
            }
            if quiet == 160 {
                most = most.max(f64::from(run) / 8.0);
                run = 0;
            }
        }
    }
    most
}

/// Parts of the blocks of these prompts that a [`Muter`] silences, of those that are not silent.
#[must_use]
pub fn lost(prompts: &[Vec<i16>]) -> f64 {
    let (mut all, mut lost) = (0.0, 0.0);
    let mut muter = Muter::new();
    for prompt in prompts {
        for block in prompt.as_chunks::<BLOCK_SAMPLES>().0 {
            let mut out = *block;
            muter.push(&mut out);
            let loud = block.iter().any(|sample| sample.unsigned_abs() > 100);
            all += f64::from(u8::from(loud));
            lost += f64::from(u8::from(loud && out == [0; BLOCK_SAMPLES]));
        }
    }
    lost / f64::max(all, 1.0)
}
