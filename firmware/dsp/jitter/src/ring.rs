//! Samples by their place, which of them are there, and the one that is heard next.

use limits::JITTER_SAMPLES;

/// Samples that were heard and are kept: a period of the voice is taken from them.
const PAST: i64 = 512;
/// Samples ahead of the next one that there is room for.
const AHEAD: i64 = JITTER_SAMPLES as i64 - PAST;
/// Samples of a crossfade at most: 5 ms.
const FADE: usize = 40;

/// An idle line: A-law has 8 and -8, and some noise.
const QUIET: u16 = 64;

#[derive(Clone, Debug)]
pub(crate) struct Ring {
    samples: [i16; JITTER_SAMPLES],
    there: [u64; JITTER_SAMPLES / 64],
    /// The place that is heard next.
    at: i64,
    /// Behind the last that is there.
    end: i64,
    /// What lies before this place was not heard in its order.
    mended: i64,
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder")]
const fn slot(place: i64) -> usize {
    place.rem_euclid(JITTER_SAMPLES as i64) as usize
}

impl Ring {
    pub(crate) const fn new() -> Self {
        let there = [0; JITTER_SAMPLES / 64];
        Self { samples: [0; JITTER_SAMPLES], there, at: 0, end: 0, mended: 0 }
    }

    /// Empty, and this place is heard next.
    pub(crate) const fn begin(&mut self, at: i64) {
        self.there = [0; JITTER_SAMPLES / 64];
        (self.at, self.end, self.mended) = (at, at, at);
    }

    pub(crate) const fn at(&self) -> i64 {
        self.at
    }

    pub(crate) const fn end(&self) -> i64 {
        self.end
    }

    /// Whether a place is near enough to what is heard: there is room, or it is a little late.
    pub(crate) const fn reaches(&self, place: i64, count: usize) -> bool {
        place >= self.at - JITTER_SAMPLES as i64 && place + (count as i64) < self.at + AHEAD
    }

    const fn has(&self, place: i64) -> bool {
        let slot = slot(place);
        self.there[slot / 64] >> (slot % 64) & 1 == 1
    }

    fn has_all(&self, from: i64, count: i64) -> bool {
        from >= self.at - PAST
            && from + count <= self.end
            && (from..from + count).all(|place| self.has(place))
    }

    /// Whether the next samples are there and hardly louder than an idle line.
    pub(crate) fn is_quiet(&self, count: usize) -> bool {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let soft = |place: i64| self.samples[slot(place)].unsigned_abs() <= QUIET;
        self.has_all(self.at, count) && (self.at..self.at + count).all(soft)
    }

    /// Keeps what is not heard yet; `false` if all of it would have been.
    pub(crate) fn put(&mut self, place: i64, samples: &[i16]) -> bool {
        let mut some = samples.is_empty();
        for (place, sample) in (place..).zip(samples).filter(|(place, _)| *place >= self.at) {
            let slot = slot(place);
            self.samples[slot] = *sample;
            self.there[slot / 64] |= 1 << (slot % 64);
            self.end = self.end.max(place + 1);
            some = true;
        }
        some
    }

    /// Whether the next sample is there, and of how many, at most `most`, the same is true.
    pub(crate) fn run(&self, most: usize) -> (bool, usize) {
        let there = self.has(self.at);
        let count = (self.at..).take(most).take_while(|place| self.has(*place) == there).count();
        (there, count)
    }

    /// How many are missing before the next one that is there; `None` if none is missing or none is
    /// there.
    pub(crate) fn gap(&self) -> Option<i64> {
        let first = (self.at..self.end).find(|place| self.has(*place))?;
        (first > self.at).then_some(first - self.at)
    }

    /// The next ones, all of which are there.
    pub(crate) fn take(&mut self, into: &mut [i16]) {
        for sample in into {
            *sample = self.samples[slot(self.at)];
            self.skip(1);
        }
    }

    /// Goes on, not farther than what is kept reaches at once.
    pub(crate) fn skip(&mut self, count: i64) {
        for place in self.at..self.at.saturating_add(count.min(JITTER_SAMPLES as i64)) {
            let slot = slot(place + AHEAD);
            self.there[slot / 64] &= !(1 << (slot % 64));
        }
        self.at += count;
        self.end = self.end.max(self.at);
    }

    /// From one place over to another: what is heard there begins as the first goes on.
    #[expect(clippy::cast_possible_truncation, reason = "between two samples")]
    fn fade(&mut self, from: i64, to: i64, count: usize) {
        let length = i32::try_from(count).unwrap_or(1) + 1;
        for (n, share) in (0..).zip(1..length) {
            let (a, b) = (self.samples[slot(from + n)], self.samples[slot(to + n)]);
            let sum = i32::from(a) * (length - share) + i32::from(b) * share;
            self.samples[slot(to + n)] = (sum / length) as i16;
        }
    }

    /// Leaves so many samples out, without a jump; `false` if not all is there that is needed.
    pub(crate) fn leave_out(&mut self, count: usize) -> bool {
        let (by, fade) = (i64::try_from(count).unwrap_or(i64::MAX), count.min(FADE));
        if by > AHEAD || !self.has_all(self.at, by + fade as i64) {
            return false;
        }
        self.fade(self.at, self.at + by, fade);
        self.skip(by);
        self.mended = self.at;
        true
    }

    /// Says the last so many samples once more; `false` if not all is there that is needed.
    pub(crate) fn repeat(&mut self, count: usize) -> bool {
        let (by, fade) = (i64::try_from(count).unwrap_or(i64::MAX), count.min(FADE));
        if self.at - by < self.mended || !self.has_all(self.at - by, by + fade as i64) {
            return false;
        }
        self.fade(self.at, self.at - by, fade);
        self.mended = self.at;
        self.at -= by;
        true
    }
}
