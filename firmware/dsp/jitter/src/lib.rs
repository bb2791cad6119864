//! Sound that comes in packets, each at its own time, made even again.
//!
//! ```text
//!  put: sequence, timestamp, samples ─► lateness ─► histogram ─► target: 97 of 100 are in time
//!            └─► ring of 512 ms by timestamp                        │
//!  get: 2 ms ◄─ concealment ◄─ ring ◄─ next sample ◄── a period more or less, while delay ≠ target
//! ```
//!
//! Lateness is counted from the fastest packet of the last 5 to 10 s, so that a sender's clock may
//! be faster or slower than ours. If nothing is there, what is missing is concealed and the place
//! waits: the delay grows at once by as much, and nothing that is only late is lost. It shrinks in
//! silence, or by single periods of the voice. Storage is in place; no packet is kept as such.
#![no_std]

mod lateness;
mod ring;
#[cfg(test)]
mod tests;

use dsp_plc::{Concealer, PITCH_MAX};
use limits::{JITTER_DELAY_MS, JITTER_PACKET_SAMPLES};
use units::Instant;
use units::media::BLOCK_SAMPLES;

use lateness::Lateness;
use ring::Ring;

/// Microseconds of a sample at 8 kHz.
const SAMPLE_US: i64 = 125;
/// The delay at most.
const DELAY_MAX_US: i64 = JITTER_DELAY_MS as i64 * 1000;
/// The delay is let be if it is so much more than wanted ...
const SLACK_US: i64 = 10_000;
/// ... and cut wherever it can be, without looking for a voice's period, if it is so much more.
const URGENT_US: i64 = 60_000;
/// So much less than wanted is let be.
const SHORT_US: i64 = 4000;
/// Blocks between two changes of the delay: 30 ms.
const REST: u8 = 15;
/// Two periods must be so alike that one of them can be left out or said twice.
const ALIKE: f32 = 0.5;
/// Where the first sample lies: places never become negative.
const BEGIN: i64 = 1 << 40;
/// Sequence numbers that are remembered.
const REMEMBERED: u16 = 64;

/// What came, as it says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// One more with each packet; wraps (RFC 3550 5.1).
    pub sequence: u16,
    /// The place of its first sample, counted in samples; wraps (RFC 3550 5.1).
    pub timestamp: u32,
    /// At 8 kHz: 10, 20 or 30 ms, or any number up to [`JITTER_PACKET_SAMPLES`]; the rest is left.
    pub samples: &'a [i16],
}

/// What was counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Packets that came.
    pub packets: u64,
    /// ... too late to be heard at all.
    pub late: u64,
    /// ... twice.
    pub doubled: u64,
    /// ... behind one that was sent after them.
    pub reordered: u64,
    /// ... with a timestamp far from all others.
    pub strange: u64,
    /// Samples that were made up.
    pub concealed: u64,
    /// Samples that were left out to shorten the delay.
    pub cut: u64,
    /// Samples that were said twice to lengthen it.
    pub repeated: u64,
}

/// How timestamps, places and the clock belong together.
#[derive(Clone, Copy, Debug)]
struct Stream {
    /// When the first packet came.
    since: Instant,
    /// The newest timestamp and its place.
    newest: (u32, i64),
    /// The newest sequence number, and which of those before it came.
    sequence: (u16, u64),
}

/// Makes one stream even.
#[derive(Clone, Debug)]
pub struct Buffer {
    ring: Ring,
    concealer: Concealer,
    lateness: Lateness,
    stream: Option<Stream>,
    /// Where a stream would go on whose first packet was strange.
    elsewhere: Option<u32>,
    /// Samples concealed while the place waited.
    held: i64,
    rest: u8,
    counters: Counters,
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

const fn samples(us: i64) -> i64 {
    us / SAMPLE_US
}

impl Buffer {
    /// Nothing came.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            ring: Ring::new(),
            concealer: Concealer::new(),
            lateness: Lateness::new(),
            stream: None,
            elsewhere: None,
            held: 0,
            rest: 0,
            counters: Counters {
                packets: 0,
                late: 0,
                doubled: 0,
                reordered: 0,
                strange: 0,
                concealed: 0,
                cut: 0,
                repeated: 0,
            },
        }
    }

    /// What was counted.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    /// How much later than the fastest packet brought it the next sample is heard, in microseconds;
    /// that of the concealment (3.75 ms) comes on top. 0 before the first packet.
    #[must_use]
    pub fn delay_us(&self, now: Instant) -> i64 {
        let Some(stream) = &self.stream else { return 0 };
        let fastest = self.lateness.fastest_us();
        (since(now, stream.since) - fastest - (self.ring.at() - BEGIN) * SAMPLE_US).max(0)
    }

    /// The delay that is wanted, in microseconds.
    #[must_use]
    pub fn target_us(&self) -> i64 {
        self.lateness.target_us().min(DELAY_MAX_US)
    }

    /// A packet came now.
    pub fn put(&mut self, now: Instant, packet: Packet<'_>) {
        self.counters.packets += 1;
        let count = packet.samples.len().min(JITTER_PACKET_SAMPLES);
        let packet = Packet { samples: &packet.samples[..count], ..packet };
        let Some(stream) = &mut self.stream else { return self.begin(now, packet) };
        let (stamp, place) = stream.newest;
        let place = place + i64::from(packet.timestamp.wrapping_sub(stamp).cast_signed());
        if !self.ring.reaches(place, packet.samples.len()) {
            return self.strange(now, packet);
        }
        self.elsewhere = None;
        if place > stream.newest.1 {
            stream.newest = (packet.timestamp, place);
        }
        if !remembered(stream, packet.sequence, &mut self.counters) {
            return;
        }
        let transit = since(now, stream.since) - (place - BEGIN) * SAMPLE_US;
        self.lateness.add(now, transit);
        if !self.ring.put(place, packet.samples) {
            self.counters.late += 1;
        }
    }

    /// The first packet of a stream.
    fn begin(&mut self, now: Instant, packet: Packet<'_>) {
        self.elsewhere = None;
        self.held = 0;
        self.lateness.forget_fastest();
        self.lateness.add(now, 0);
        self.ring.begin(BEGIN - samples(self.target_us()));
        self.ring.put(BEGIN, packet.samples);
        let (newest, sequence) = ((packet.timestamp, BEGIN), (packet.sequence, 1));
        self.stream = Some(Stream { since: now, newest, sequence });
    }

    /// Far from all others: by itself it is left out, with another it is a new stream.
    fn strange(&mut self, now: Instant, packet: Packet<'_>) {
        let off = self.elsewhere.map(|to| packet.timestamp.wrapping_sub(to).cast_signed());
        if off.is_some_and(|off| off.unsigned_abs() as usize <= JITTER_PACKET_SAMPLES) {
            return self.begin(now, packet);
        }
        self.counters.strange += 1;
        let count = u32::try_from(packet.samples.len()).unwrap_or(0);
        self.elsewhere = Some(packet.timestamp.wrapping_add(count));
    }

    /// The next 2 ms to be heard.
    pub fn get(&mut self, now: Instant, block: &mut [i16; BLOCK_SAMPLES]) {
        *block = [0; BLOCK_SAMPLES];
        if self.stream.is_none() {
            // The first sample may lie within a word: it is led over to.
            return self.concealer.lost(block);
        }
        self.adapt(now);
        let may_wait = self.delay_us(now) < DELAY_MAX_US;
        let mut rest = &mut block[..];
        while !rest.is_empty() {
            let at = self.ring.at();
            let (there, count) = self.ring.run(rest.len());
            let (piece, others) = rest.split_at_mut(count);
            rest = others;
            if there {
                self.ring.take(piece);
                self.concealer.arrived(piece);
                self.held = 0;
                continue;
            }
            self.concealer.lost(piece);
            let count = i64::try_from(count).unwrap_or(0);
            if at < BEGIN {
                // Before the first packet nothing is missing, but one sent earlier may still come.
                self.ring.skip(count);
                continue;
            }
            self.counters.concealed += piece.len() as u64;
            if may_wait && at >= self.ring.end() {
                self.held += count;
            } else {
                self.ring.skip(count);
            }
        }
    }

    /// Brings the delay nearer to what is wanted.
    fn adapt(&mut self, now: Instant) {
        self.rest = self.rest.saturating_sub(1);
        let (delay, target) = (self.delay_us(now), self.target_us());
        if delay > DELAY_MAX_US {
            // More than there may be: what is oldest goes, to the last sample that is there or on.
            self.cut(samples(delay - DELAY_MAX_US));
        } else if let Some(gap) = self.ring.gap() {
            // What was concealed while it waited is not concealed twice, and a gap in which nothing
            // is heard any more need not be longer than wanted.
            let silent = if self.concealer.is_silent() { samples(delay - target) } else { 0 };
            let skipped = gap.min(self.held.max(silent)).max(0);
            self.ring.skip(skipped);
            self.held = (self.held - skipped).max(0);
        } else if self.rest == 0 && delay > target + SLACK_US {
            self.shorten(delay > target + URGENT_US);
        } else if self.rest == 0 && delay + SHORT_US < target {
            self.lengthen();
        }
    }

    /// Samples of a period that can be left out or repeated, if there is one.
    fn period(&self, urgent: bool) -> Option<usize> {
        let pitch = self.concealer.pitch();
        if pitch.quiet {
            // What comes next must be so too: a word may begin.
            return (urgent || self.ring.is_quiet(PITCH_MAX)).then_some(PITCH_MAX);
        }
        (urgent || pitch.likeness >= ALIKE).then_some(pitch.samples)
    }

    fn shorten(&mut self, urgent: bool) {
        let Some(period) = self.period(urgent) else { return };
        if self.ring.leave_out(period) {
            self.counters.cut += period as u64;
            self.rest = REST;
        }
    }

    fn lengthen(&mut self) {
        let Some(period) = self.period(false) else { return };
        if self.ring.repeat(period) {
            self.counters.repeated += period as u64;
            self.rest = REST;
        }
    }

    /// Leaves so many samples out wherever it is, without a jump where there is sound behind them.
    fn cut(&mut self, count: i64) {
        let count = usize::try_from(count.max(1)).unwrap_or(usize::MAX);
        if !self.ring.leave_out(count) {
            self.ring.skip(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.counters.cut = self.counters.cut.saturating_add(count as u64);
    }
}

/// Microseconds from `before` to `now`, so bounded that nothing that is added overflows.
fn since(now: Instant, before: Instant) -> i64 {
    now.0.wrapping_sub(before.0).cast_signed().clamp(-(1 << 52), 1 << 52)
}

/// Whether a sequence number is seen for the first time, as far as is remembered; counts those that
/// are not, and those behind a later one.
fn remembered(stream: &mut Stream, sequence: u16, counters: &mut Counters) -> bool {
    let (newest, came) = stream.sequence;
    let ahead = sequence.wrapping_sub(newest);
    if ahead != 0 && ahead < 0x8000 {
        let came = came.checked_shl(ahead.into()).unwrap_or(0);
        stream.sequence = (sequence, came | 1);
        return true;
    }
    let behind = newest.wrapping_sub(sequence);
    if behind < REMEMBERED {
        if came >> behind & 1 == 1 {
            counters.doubled += 1;
            return false;
        }
        stream.sequence.1 = came | 1 << behind;
    }
    counters.reordered += 1;
    true
}
