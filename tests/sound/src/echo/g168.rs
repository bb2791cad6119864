//! The tests of G.168 clause 6.4, with its models and signals: what each asks, and what is reached.
//!
//! Levels are root mean squares over 35.8 ms (6.4.1.2.1), the worst one counts. Where a test runs
//! on several lines the worst line counts. Distances from a limit are in decibels.

use dsp_echo::{Canceller, Tail};

use super::measure::{decibels, difference, energy, level};
use super::peers::{Cancels, linear, whole};
use super::signals::{SECOND, band_noise, css, css_near, hoth, levelled, tones};
use super::{MODELS, Path, Sound};

/// What one test came to.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number in the Recommendation.
    pub test: &'static str,
    /// What is measured.
    pub what: &'static str,
    /// The limit.
    pub limit: f64,
    /// What was reached; the limit is not to be exceeded.
    pub reached: f64,
    /// Of what.
    pub unit: &'static str,
}

impl Row {
    /// Whether the limit is kept.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.reached <= self.limit
    }
}

/// Level of the far end in most tests.
const FAR: f64 = -15.0;
/// Loss of the lines.
const LOSS: f64 = 10.0;
/// Samples of the window of levels.
const WINDOW: usize = 286;

/// The highest level of a window, in dBm0.
fn peak(samples: &[f64]) -> f64 {
    samples.windows(WINDOW).step_by(16).map(level).fold(-100.0, f64::max)
}

/// What may be left without a suppressor, in dBm0: (25/30) of what is sent, less 30 (6.4.2.3.2).
fn residual(sent: &[f64]) -> f64 {
    25.0 / 30.0 * peak(sent).min(0.0) - 30.0
}

struct Bench {
    canceller: Canceller,
    path: Path,
}

impl Bench {
    fn new(model: usize, canceller: Canceller) -> Self {
        Self { canceller, path: Path::new(&MODELS[model], 10, LOSS) }
    }

    /// Sends and hears; what is left.
    fn run(&mut self, far: &[f64], near: &[f64]) -> Vec<f64> {
        let mut sound = Sound::default();
        sound.push(&mut self.path, far, near);
        let canceller: &mut dyn Cancels = &mut self.canceller;
        sound.through(canceller)
    }

    /// Far above the rule without learning any more: decibels above it.
    fn above(&mut self) -> f64 {
        self.canceller.freeze(true);
        let far = css(SECOND, FAR);
        let left = self.run(&far, &[]);
        self.canceller.freeze(false);
        peak(&left) - residual(&far)
    }
}

fn quiet(seconds: usize) -> Vec<f64> {
    vec![0.0; seconds * SECOND]
}

/// The worst of a test on several lines.
fn worst(models: &[usize], mut run: impl FnMut(usize) -> f64) -> f64 {
    models.iter().map(|model| run(*model)).fold(f64::NEG_INFINITY, f64::max)
}

/// Lines of the short tests.
const SOME: [usize; 3] = [0, 3, 7];
const EVERY: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

fn row(test: &'static str, what: &'static str, limit: f64, reached: f64) -> Row {
    Row { test, what, limit, reached, unit: "dB" }
}

/// 2: convergence and what is left.
#[must_use]
pub fn convergence() -> Vec<Row> {
    let far = css(3 * SECOND, FAR);
    let behind_1s = |left: &[f64]| peak(&left[SECOND..]);
    let first =
        worst(&EVERY, |model| behind_1s(&Bench::new(model, whole(Tail::Ms64)).run(&far, &[])));
    let again = worst(&EVERY, |model| {
        let mut bench = Bench::new((model + 1) % 8, whole(Tail::Ms64));
        bench.run(&far, &[]);
        bench.path = Path::new(&MODELS[model], 10, LOSS);
        behind_1s(&bench.run(&far, &[]))
    });
    let plain = worst(&EVERY, |model| {
        let left = Bench::new(model, linear(Tail::Ms64)).run(&far, &[]);
        peak(&left[SECOND..]) - residual(&far)
    });
    let plain_again = worst(&EVERY, |model| {
        let mut bench = Bench::new((model + 1) % 8, linear(Tail::Ms64));
        bench.run(&far, &[]);
        bench.path = Path::new(&MODELS[model], 10, LOSS);
        peak(&bench.run(&far, &[])[SECOND..]) - residual(&far)
    });
    let noise = hoth(5 * SECOND, -40.0, 3);
    let noisy = worst(&SOME, |model| {
        let mut bench = Bench::new(model, linear(Tail::Ms64));
        bench.run(&css(5 * SECOND, FAR), &noise);
        bench.canceller.freeze(true);
        peak(&bench.run(&far, &[])) - peak(&noise)
    });
    let dbm0 = |mut row: Row| {
        row.unit = "dBm0";
        row
    };
    vec![
        dbm0(row("2A", "returned echo after 1 s, with suppressor", -65.0, first)),
        dbm0(row("2A", "the same 1 s after the line changed", -65.0, again)),
        row("2B", "residual echo after 1 s above (25/30)·L − 30", 0.0, plain),
        row("2B", "the same 1 s after the line changed", 0.0, plain_again),
        row("2C", "residual echo above room noise of −40 dBm0, learned in it", 0.0, noisy),
    ]
}

/// 3: both ends speak.
#[must_use]
pub fn double_talk() -> Vec<Row> {
    let both = css(5 * SECOND, FAR);
    let weak = css_near(5 * SECOND, FAR - 15.0);
    let loud = css_near(5 * SECOND, FAR);
    let learned = worst(&SOME, |model| {
        let mut bench = Bench::new(model, linear(Tail::Ms64));
        bench.run(&both, &weak);
        bench.above()
    });
    let kept = worst(&SOME, |model| {
        let mut bench = Bench::new(model, linear(Tail::Ms64));
        bench.run(&both, &[]);
        bench.run(&both, &loud);
        bench.above() - 10.0
    });
    let kept_weak = worst(&SOME, |model| {
        let mut bench = Bench::new(model, linear(Tail::Ms64));
        bench.run(&both, &[]);
        bench.run(&both, &css_near(5 * SECOND, FAR - 6.0));
        bench.above() - 10.0
    });
    let talk = worst(&SOME, |model| {
        let mut bench = Bench::new(model, whole(Tail::Ms64));
        bench.run(&both, &css_near(5 * SECOND + 4800, FAR)[..5 * SECOND]);
        let left = bench.run(&css(2 * SECOND, FAR), &[]);
        peak(&left[SECOND..])
    });
    vec![
        row(
            "3A",
            "residual echo learned under a near end 15 dB weaker, above the rule",
            0.0,
            learned,
        ),
        row(
            "3B",
            "the same behind a near end as loud as the far one, above the rule + 10",
            0.0,
            kept,
        ),
        row("3B", "the same behind one 6 dB weaker, above the rule + 10", 0.0, kept_weak),
        Row {
            unit: "dBm0",
            ..row("3C", "returned echo 1 s after a conversation, with suppressor", -65.0, talk)
        },
    ]
}

/// 4 to 8: what must not be unlearned, nor learned.
#[must_use]
pub fn stability(leak_seconds: usize) -> Vec<Row> {
    let ready = |model: usize| {
        let mut bench = Bench::new(model, linear(Tail::Ms64));
        bench.run(&css(4 * SECOND, FAR), &[]);
        bench
    };
    let leak = worst(&SOME, |model| {
        let mut bench = ready(model);
        let before = bench.above();
        for _ in 0..leak_seconds / 10 {
            bench.run(&quiet(10), &[]);
        }
        bench.above() - before
    });
    let open = worst(&SOME, |model| {
        let mut bench = ready(model);
        bench.path = Path::open();
        peak(&bench.run(&css(2 * SECOND, FAR), &[])[SECOND..])
    });
    let pairs = [
        [697.0, 0.0],
        [941.0, 0.0],
        [1336.0, 0.0],
        [1633.0, 0.0],
        [697.0, 1209.0],
        [770.0, 1336.0],
        [852.0, 1477.0],
        [941.0, 1633.0],
    ];
    let narrow = worst(&SOME, |model| {
        let mut bench = ready(model);
        let before = bench.above();
        pairs.iter().for_each(|hz| drop(bench.run(&tones(SECOND, *hz, FAR), &[])));
        bench.above() - before
    });
    let stable = worst(&SOME, |model| {
        let mut bench = Bench::new(model, linear(Tail::Ms64));
        let tone = tones(5 * SECOND, [1004.0, 0.0], -10.0);
        let left = bench.run(&tone, &[]);
        peak(&left) - (peak(&tone) - LOSS + 6.0)
    });
    let signalling = worst(&SOME, |_| {
        // Q.24 and R2 as they pass both ways at once: nothing but they themselves comes back.
        let mut bench = ready(0);
        let (there, back) =
            (tones(SECOND, [2400.0, 2600.0], -12.0), tones(SECOND, [1980.0, 2280.0], -12.0));
        bench.path = Path::open();
        let left = bench.run(&there, &back);
        decibels(difference(&left, &back), energy(&back))
    });
    vec![
        row("4", "residual echo more than before 2 min of silence", 10.0, leak),
        Row {
            unit: "dBm0",
            ..row("5", "returned sound 1 s after the line was opened", -37.0, open)
        },
        row("6", "residual echo more than before one and two sines", 10.0, narrow),
        row("7", "output above what the hybrid gives back, a sine on a new line", 0.0, stable),
        row("8", "signalling of the other side changed by", 0.0, signalling),
    ]
}

/// 9, 10, 14 and 15: noise, fax, modems, a constant.
#[must_use]
pub fn services() -> Vec<Row> {
    let noise = |seconds: usize, dbm0: f64| levelled(band_noise(seconds * SECOND, 9), dbm0);
    let comfort = worst(&SOME, |model| {
        let mut bench = Bench::new(model, whole(Tail::Ms64));
        let mut off = 0.0_f64;
        for dbm0 in [-45.0, -50.0] {
            bench.run(&quiet(8), &noise(8, dbm0));
            let left = bench.run(&css(2 * SECOND, FAR), &noise(2, dbm0));
            off = off.max((level(&left[SECOND..]) - dbm0).abs());
        }
        off
    });
    // V.21 with 300 bit/s of reversals, both ways: CED of the called side, then the flags.
    let fax = worst(&SOME, |model| {
        let mut bench = Bench::new(model, whole(Tail::Ms64));
        let answer = levelled(reversed(3 * SECOND), FAR);
        bench.run(&quiet(3), &answer);
        let modem = levelled(fsk(2 * SECOND, [1650.0, 1850.0]), FAR);
        let left = bench.run(&quiet(2), &modem);
        decibels(difference(&left, &modem), energy(&modem)) + 30.0
    });
    let data = worst(&SOME, |model| {
        let mut bench = Bench::new(model, whole(Tail::Ms64));
        bench.run(&levelled(reversed(3 * SECOND), FAR), &[]);
        let low = levelled(fsk(3 * SECOND, [980.0, 1180.0]), FAR);
        let high = levelled(fsk(3 * SECOND, [1650.0, 1850.0]), FAR);
        bench.path = Path::open();
        let left = bench.run(&low, &high);
        decibels(difference(&left, &high), energy(&high)) + 30.0
    });
    let offset = worst(&SOME, |model| {
        let mut bench = Bench::new(model, linear(Tail::Ms64));
        let far = css(4 * SECOND, FAR);
        let left = bench.run(&far, &vec![64.0; far.len()]);
        peak(&left[3 * SECOND..]) - residual(&far)
    });
    vec![
        row(
            "9",
            "comfort noise off the noise of the near end, −45 and then −50 dBm0",
            2.0,
            comfort,
        ),
        row("10", "fax of the near end behind its answer tone, changed by, above −30", 0.0, fax),
        row("14", "V.21 of the near end behind an answer tone, changed by, above −30", 0.0, data),
        row("15", "residual echo beside a constant of 64, above the rule", 0.0, offset),
    ]
}

/// 2100 Hz, its phase turned every 450 ms.
fn reversed(samples: usize) -> Vec<f64> {
    let mut tone = tones(samples, [2100.0, 0.0], 0.0);
    for part in tone.chunks_mut(3600).skip(1).step_by(2) {
        part.iter_mut().for_each(|sample| *sample = -*sample);
    }
    tone
}

/// Two frequencies in turn, as bits drawn by lot say, 300 a second.
fn fsk(samples: usize, hz: [f64; 2]) -> Vec<f64> {
    let (mut random, mut angle, mut now) = (progress_test::Random(4), 0.0_f64, hz[0]);
    (0..samples)
        .map(|n| {
            if n % 27 == 0 {
                now = *random.one(&hz);
            }
            angle += std::f64::consts::TAU * now / 8000.0;
            angle.sin()
        })
        .collect()
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Row> {
    [convergence(), double_talk(), stability(120), services()].concat()
}
