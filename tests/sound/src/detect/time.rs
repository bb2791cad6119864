//! How long things take, as shares of one run: a shared machine is slower in one second than in
//! the next, so that what is compared runs in turns and the fastest round of each counts.

use std::time::Instant;

/// Rounds.
const ROUNDS: usize = 15;

/// What can be timed: it takes sound in.
pub type Timed<'a> = (&'a str, Box<dyn FnMut(&[i16]) + 'a>);

/// Microseconds that each takes for 10 ms of this sound.
pub fn compare(sound: &[i16], all: &mut [Timed<'_>]) -> Vec<f64> {
    let mut best = vec![f64::MAX; all.len()];
    for _ in 0..ROUNDS {
        for ((_, run), best) in all.iter_mut().zip(&mut best) {
            let begin = Instant::now();
            run(sound);
            *best = best.min(begin.elapsed().as_secs_f64());
        }
    }
    let blocks = f64::from(u32::try_from(sound.len() / 80).unwrap_or(1));
    best.into_iter().map(|seconds| seconds * 1e6 / blocks).collect()
}
