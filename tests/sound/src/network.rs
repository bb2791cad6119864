//! A network that is late, and what a buffer of packets makes of it.

use dsp_jitter::{Buffer, Counters, Packet};
use progress_test::Random;
use units::Instant;
use units::media::BLOCK_SAMPLES;

/// Samples of a packet: 20 ms.
const PACKET: usize = 160;

/// How late packets come, on top of what all need.
#[derive(Clone, Copy, Debug)]
pub enum Profile {
    /// All alike.
    Constant,
    /// From none to so many ms, all equally likely.
    Uniform(f64),
    /// Up to 5 ms, and every five seconds nothing comes for so many ms.
    Spikes(f64),
    /// Up to 5 ms, and the sender's clock is so many millionths fast.
    Drift(f64),
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Of what is heard behind the first five seconds: mean and most delay, in ms, those of
    /// packets and of concealment (20 and 3.75 ms) left out.
    pub mean_ms: f64,
    /// See before.
    pub most_ms: f64,
    /// Share of samples that were made up, of all.
    pub concealed: f64,
    /// All that was counted.
    pub counters: Counters,
}

/// When each packet comes, in microseconds, in its order of coming.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "microseconds")]
fn coming(profile: Profile, packets: u32) -> Vec<(u64, u32)> {
    let mut random = Random(5);
    let one = |n: u32| {
        let sent = f64::from(n) * 20.0;
        let late = match profile {
            Profile::Constant => 0.0,
            Profile::Uniform(most) => random.between(0.0, most),
            Profile::Spikes(length) => {
                let behind = sent % 5000.0;
                random.between(0.0, 5.0).max(length - behind)
            }
            Profile::Drift(millionths) => random.between(0.0, 5.0) - sent * millionths / 1e6,
        };
        (((1000.0 + sent + late) * 1000.0) as u64, n)
    };
    let mut all: Vec<_> = (0..packets).map(one).collect();
    all.sort_unstable();
    all
}

/// Sends this sound through, as often as it takes for so many packets of 20 ms.
#[must_use]
pub fn through(sound: &[i16], profile: Profile, packets: u32) -> Outcome {
    let coming = coming(profile, packets);
    let (mut buffer, mut next) = (Buffer::new(), 0);
    let (mut sum, mut count, mut most) = (0.0, 0.0_f64, 0.0_f64);
    let pieces = sound.as_chunks::<PACKET>().0;
    let last = coming.last().map_or(0, |(at, _)| *at);
    for now in (1_000_000..last).step_by(2000) {
        while let Some((at, number)) = coming.get(next).filter(|(at, _)| *at <= now) {
            let place = usize::try_from(*number).unwrap_or(0);
            let sequence = u16::try_from(number & 0xFFFF).unwrap_or(0);
            let samples = &pieces[place % pieces.len()];
            buffer.put(Instant(*at), Packet { sequence, timestamp: number * 160, samples });
            next += 1;
        }
        if now > 6_000_000 {
            let delay = f64::from(i32::try_from(buffer.delay_us(Instant(now))).unwrap_or(0)) / 1e3;
            sum += delay;
            count += 1.0;
            most = most.max(delay);
        }
        buffer.get(Instant(now), &mut [0; BLOCK_SAMPLES]);
    }
    let counters = buffer.counters();
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let concealed = counters.concealed as f64 / (f64::from(packets) * 160.0);
    Outcome { mean_ms: sum / count, most_ms: most, concealed, counters }
}
