//! The sum of a conference beside the plainest one: `cargo xtask bench conference`.
#![expect(clippy::print_stdout, reason = "a program's figures")]

use std::hint::black_box;

use dsp_mix::{Block, Mix};
use sound::detect::time::{Timed, compare};
use units::media::BLOCK_SAMPLES;

/// Samples of all parties: two seconds, from which each takes another block.
const SAMPLES: usize = 16_000;

/// What party `party` says in block `at`; all speak at once.
fn said(blocks: &[Block], at: usize, party: usize) -> &Block {
    &blocks[(at + 13 * party) % blocks.len()]
}

fn ours(mix: &mut Mix, blocks: &[Block]) {
    for at in 0..blocks.len() {
        mix.begin(None);
        for party in 0..mix.count() {
            mix.say(party, said(blocks, at, party));
        }
        for party in 0..mix.count() {
            let mut heard = [0; BLOCK_SAMPLES];
            mix.hear(party, &mut heard);
            black_box(&heard);
        }
    }
}

/// The sum of all, less one's own, cut off at 16 bits: without gains, without a limit that rises.
fn plain(parties: usize, blocks: &[Block]) {
    for at in 0..blocks.len() {
        let mut sum = [0i32; BLOCK_SAMPLES];
        for party in 0..parties {
            for (sum, sample) in sum.iter_mut().zip(said(blocks, at, party)) {
                *sum += i32::from(*sample);
            }
        }
        for party in 0..parties {
            let own = said(blocks, at, party);
            let heard: Block = std::array::from_fn(|n| {
                let others = (sum[n] - i32::from(own[n])).clamp(-32768, 32767);
                i16::try_from(others).unwrap_or(0)
            });
            black_box(&heard);
        }
    }
}

/// Noise of so many values on both sides of zero, the same in each run.
fn noise(most: i32) -> Vec<i16> {
    let mut state = 1u32;
    let mut sample = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let value = i32::try_from(state >> 16).unwrap_or(0) % (2 * most) - most;
        i16::try_from(value).unwrap_or(0)
    };
    (0..SAMPLES).map(|_| sample()).collect()
}

fn main() {
    println!("conference_us: µs for 10 ms of all parties, the fastest of 15 rounds in turns");
    for (how, most) in [("nothing is too loud", 300), ("all shout, all are limited", 20_000)] {
        let sound = noise(most);
        for parties in [3, 30, 64] {
            let mut mix = Mix::new();
            for _ in 0..parties {
                mix.join();
            }
            let blocks = |sound: &[i16]| sound.as_chunks::<BLOCK_SAMPLES>().0.to_vec();
            let all = blocks(&sound);
            let mut timed: [Timed<'_>; 2] = [
                ("ours", Box::new(|_: &[i16]| ours(&mut mix, &all))),
                ("plain", Box::new(|_: &[i16]| plain(parties, &all))),
            ];
            let us = compare(&sound, &mut timed);
            println!("{parties:>3} parties, {how}: ours {:.2}, plain sum {:.2}", us[0], us[1]);
        }
    }
}
