//! Tests of a whole jack between two clocks: line, rings, both resamplers, a simulated card whose
//! out is joined to its in.

use jack_test::tone::{self, Tone};
use units::{Duration, LinearBlock};

use super::*;
use crate::ends::{Counters, LineEnd, Monitor, ends};
use crate::simulated::Card;

const TARGET: f64 = 128.0;

struct Bench {
    line: LineEnd,
    end: WorkerEnd,
    monitor: Monitor,
    card: Card,
    capture: Capture<Card>,
    playback: Playback<Card>,
    now: Instant,
    wake: Instant,
    tone: Tone,
    heard: Vec<i16>,
    alive: bool,
    seed: u64,
}

impl Bench {
    fn new(rate_hz: u32) -> Self {
        let (line, end, monitor) = ends();
        let card = Card::new(rate_hz);
        Self {
            line,
            end,
            monitor,
            capture: Capture::new(card.clone(), TARGET).unwrap(),
            playback: Playback::new(card.clone(), TARGET).unwrap(),
            card,
            now: Instant::from_millis(1000),
            wake: Instant::from_millis(1000),
            tone: Tone::new(),
            heard: vec![],
            alive: true,
            seed: 7,
        }
    }

    fn random_us(&mut self, most: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.seed >> 33) % most
    }

    /// Half a millisecond at a time; the worker wakes each 4 to 5 ms.
    fn run(&mut self, seconds: f64, card_ppm: f64) {
        let end = self.now + Duration::from_secs_f64(seconds);
        while self.now < end {
            if self.now.0.is_multiple_of(2000) && self.alive {
                let block = LinearBlock { samples: self.tone.block(), ..LinearBlock::SILENCE };
                self.heard.extend(self.line.exchange(self.now, &block).samples);
            }
            self.card.pass(0.0005, card_ppm);
            self.now += Duration::from_micros(500);
            if self.now >= self.wake {
                let now = self.now;
                let _ = self.capture.step(|| now, self.alive, &mut self.end);
                let _ = self.playback.step(|| now, self.alive, &mut self.end);
                self.wake = self.now + Duration::from_micros(4000 + self.random_us(1000));
            }
        }
    }

    fn counters(&self) -> Counters {
        self.monitor.counters()
    }

    /// The worst and the median of the last seconds.
    fn snr_db(&self, seconds: usize) -> (f64, f64) {
        let last = &self.heard[self.heard.len() - seconds * 8000..];
        let mut each: Vec<f64> = last.chunks_exact(tone::WINDOW).map(tone::snr_db).collect();
        each.sort_by(f64::total_cmp);
        (each[0], each[each.len() / 2])
    }
}

#[test]
fn a_tone_goes_round_a_drifting_card_clean_and_without_a_slip() {
    for (rate_hz, card_ppm) in [(48_000, 200.0), (44_100, -200.0), (48_000, 0.0)] {
        let mut bench = Bench::new(rate_hz);
        bench.run(100.0, card_ppm);
        let counters = bench.counters();
        assert_eq!((counters.slips, counters.xruns, counters.starved), (0, 0, 0));
        assert_eq!(counters.dropped, 0);
        for found in [counters.capture_ppb, counters.playback_ppb] {
            assert!((f64::from(found) / 1000.0 - card_ppm).abs() < 5.0, "{found} ppb");
        }
        let (worst, median) = bench.snr_db(40);
        assert!(worst > 70.0 && median > 80.0, "{worst:.1} dB, {median:.1} dB");
    }
}

#[test]
fn an_underrun_is_counted_and_survived() {
    let mut bench = Bench::new(48_000);
    bench.run(5.0, 50.0);
    // The worker sleeps longer than the latency.
    bench.wake = bench.now + Duration::from_millis(60);
    bench.run(5.0, 50.0);
    let counters = bench.counters();
    assert_eq!(counters.xruns, 1, "the card ran dry once");
    assert!(counters.starved > 0 && counters.slips >= 1, "the line too: {counters:?}");
    bench.run(5.0, 50.0);
    assert_eq!(
        bench.counters(),
        Counters {
            capture_ppb: bench.counters().capture_ppb,
            playback_ppb: bench.counters().playback_ppb,
            ..counters
        }
    );
    assert!(bench.snr_db(2).0 > 60.0, "{:?}", bench.snr_db(2));
}

#[test]
fn an_overrun_is_counted_and_survived() {
    let mut bench = Bench::new(48_000);
    bench.run(5.0, 0.0);
    bench.wake = bench.now + Duration::from_millis(200);
    bench.run(10.0, 0.0);
    assert_eq!(bench.counters().xruns, 2, "dry on one side, over on the other");
    assert!(bench.snr_db(2).0 > 60.0, "{:?}", bench.snr_db(2));
}

#[test]
fn a_line_that_stops_is_no_fault_and_comes_back() {
    let mut bench = Bench::new(48_000);
    bench.run(5.0, 0.0);
    bench.alive = false;
    bench.run(3.0, 0.0);
    bench.alive = true;
    bench.run(10.0, 0.0);
    let counters = bench.counters();
    assert_eq!((counters.xruns, counters.slips), (0, 0), "{counters:?}");
    assert!(bench.snr_db(2).0 > 60.0, "{:?}", bench.snr_db(2));
}

#[test]
fn clocks_that_are_too_far_apart_slip_and_are_heard_all_the_same() {
    let mut bench = Bench::new(48_000);
    bench.run(120.0, 1500.0);
    let counters = bench.counters();
    // 1000 ppm remain: 8 samples a second each way, 64 samples a slip.
    assert!((20..=40).contains(&counters.slips), "{counters:?}");
    assert_eq!(counters.xruns, 0);
}

#[test]
fn a_card_that_is_pulled_out_is_told_by_both_ways() {
    let mut bench = Bench::new(48_000);
    bench.run(1.0, 0.0);
    bench.card.pull_out(true);
    let (now, gone) = (bench.now, Trouble::Gone(crate::Reason::Missing.into()));
    assert_eq!(bench.capture.step(|| now, true, &mut bench.end), Err(gone));
    assert_eq!(bench.playback.step(|| now, true, &mut bench.end), Err(gone));
    bench.card.pull_out(false);
    bench.run(10.0, 0.0);
    assert!(bench.snr_db(2).0 > 60.0, "{:?}", bench.snr_db(2));
}
