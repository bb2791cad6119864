//! What is accepted, as a map of twist and level.

use std::fmt::Write as _;

use crate::detect::dtmf::{self, Sent};

const TWISTS: std::ops::RangeInclusive<i32> = -14..=10;
const LEVELS: [i32; 11] = [0, -4, -8, -12, -16, -20, -24, -28, -32, -36, -40];

/// Two maps side by side, ours and spandsp's; darker is more digits heard. The level is that of the
/// louder group, the twist that of the high group over the low one.
#[must_use]
pub fn acceptance(seeds: u64) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"300\" \
         font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"760\" height=\"300\" \
         fill=\"white\"/>\n",
    );
    for (who, name) in ["ours", "spandsp"].iter().enumerate() {
        let left = 60 + who * 360;
        let _ = writeln!(svg, "<text x=\"{left}\" y=\"20\">{name}: digits of 40 ms heard</text>");
        for (row, level) in LEVELS.iter().enumerate() {
            let y = 30 + row * 20;
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{level}</text>",
                left - 4,
                y + 14
            );
            for (column, twist) in TWISTS.enumerate() {
                let (level, twist) = (f64::from(*level), f64::from(twist));
                let sent = Sent {
                    low: level - twist.max(0.0),
                    high: level + twist.min(0.0),
                    ..Sent::USUAL
                };
                let errors = dtmf::errors(&sent, seeds)[who];
                let all = usize::try_from(seeds).unwrap_or(1) * 16;
                let shade = 245 - 200 * all.saturating_sub(errors) / all.max(1);
                let _ = writeln!(
                    svg,
                    "<rect x=\"{}\" y=\"{y}\" width=\"12\" height=\"20\" \
                     fill=\"rgb({shade},{},{shade})\"/>",
                    left + column * 12,
                    shade + 10,
                );
            }
        }
        for (column, twist) in TWISTS.enumerate().step_by(2) {
            let x = left + column * 12;
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"264\">{twist}</text>");
        }
        let _ = writeln!(
            svg,
            "<text x=\"{left}\" y=\"284\">high over low group, dB; upright: dBm0 of the louder \
             (Q.24: -8 to +4)</text>"
        );
        // What Q.24 asks for.
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"30\" width=\"156\" height=\"200\" fill=\"none\" stroke=\"red\"/>",
            left + 6 * 12
        );
    }
    svg.push_str("</svg>\n");
    svg
}
