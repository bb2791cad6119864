//! How many calls one D channel of 64 kbit/s can set up and clear: two of our groups, and two of
//! libpri, over the same simulated line.
//!
//! ```text
//!   user ── frames ─► flags, zero bits, FCS: 16 octets each 2 ms ─► frames ──► network
//!   all B channels are called at once; a call that is answered is cleared, and another placed
//! ```
//!
//! Time is the line's: what is measured is how well the bits are used, and, for sixteen of our
//! pairs, how much of a processor they take beside the line's time.

mod line;
mod ours;
mod theirs;

use std::io::Write as _;
use std::process::ExitCode;

use bench::own_ns;
use line::{BLOCK_US, Line};
use ours::Ours;
use theirs::Theirs;

/// B channels of a span.
const CHANNELS: usize = 30;
/// What is measured, after what is not: seconds of the line.
const SECONDS: u64 = 60;
const BEFORE: u64 = 3;
/// Of the bits in the busier direction.
const AIM_PERCENT: f64 = 95.0;
const SPANS: usize = 16;
/// Octets that a call may take.
const AIM_OCTETS: usize = 1024;

/// One end of a line.
trait End {
    /// A frame came whole.
    fn hear(&mut self, frame: &[u8]);
    /// A block of time has passed: timers, and calls to place.
    fn tick(&mut self, now_us: u64);
    /// The next frame to send.
    fn frame(&mut self) -> Option<Vec<u8>>;
    /// Calls that it placed: well over, and ended otherwise.
    fn calls(&self) -> (u64, u64);
}

/// Runs a pair until `until_us` of the line's time.
fn run<E: End>(ends: &mut [E; 2], lines: &mut [Line; 2], from_us: u64, until_us: u64) {
    let mut now = from_us;
    while now < until_us {
        now += BLOCK_US;
        for (at, end) in ends.iter_mut().enumerate() {
            end.tick(now);
            let [first, second] = &mut *lines;
            let (out, from_other) = if at == 0 { (first, second) } else { (second, first) };
            for frame in from_other.heard() {
                end.hear(&frame);
            }
            while let Some(frame) = end.frame() {
                out.send(frame);
            }
        }
        lines.iter_mut().for_each(Line::block);
    }
}

struct Figures {
    calls_per_s: f64,
    line_use: f64,
    lost: u64,
}

#[expect(clippy::cast_precision_loss, reason = "some thousand calls, a million bits")]
fn measured<E: End>(mut ends: [E; 2]) -> Figures {
    let mut lines = [Line::new(), Line::new()];
    let begin = BEFORE * 1_000_000;
    let end = begin + SECONDS * 1_000_000;
    run(&mut ends, &mut lines, 0, begin);
    let (before, _) = ends[0].calls();
    lines.iter_mut().for_each(Line::count_anew);
    run(&mut ends, &mut lines, begin, end);
    let (done, lost) = ends[0].calls();
    let busiest = lines.iter().map(Line::in_use).fold(0.0, f64::max);
    Figures {
        calls_per_s: (done - before) as f64 / SECONDS as f64,
        line_use: busiest * 100.0,
        lost: lost + ends[1].calls().1,
    }
}

/// The share of a processor that sixteen spans take, both ends of each.
#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a minute")]
fn sixteen() -> f64 {
    let mut pairs: Vec<_> =
        (0..SPANS).map(|_| (Ours::pair(), [Line::new(), Line::new()])).collect();
    let us = 10_000_000;
    let begin = own_ns();
    for (ends, lines) in &mut pairs {
        run(ends, lines, 0, us);
    }
    (own_ns() - begin) as f64 / (us * 1000) as f64 * 100.0
}

fn main() -> ExitCode {
    let theirs = match Theirs::pair() {
        Ok(pair) => measured(pair),
        Err(fault) => {
            let _ = writeln!(std::io::stdout(), "dchannel: no libpri: {fault}");
            return ExitCode::FAILURE;
        }
    };
    let ours = measured(Ours::pair());
    let share = sixteen();
    let octets = span::pri::CALL_OCTETS;
    let good = ours.lost == 0 && ours.line_use >= AIM_PERCENT && octets <= AIM_OCTETS;
    let _ = writeln!(
        std::io::stdout(),
        "dchannel: calls_per_s={:.1} libpri_calls_per_s={:.1} line_use={:.1}% \
         libpri_line_use={:.1}% lost={} libpri_lost={} octets_a_call={octets} \
         spans16_core_share={share:.2}% aim={}",
        ours.calls_per_s,
        theirs.calls_per_s,
        ours.line_use,
        theirs.line_use,
        ours.lost,
        theirs.lost,
        if good { "met" } else { "missed" },
    );
    ExitCode::SUCCESS
}
