//! Curves for people, as SVG.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 50.0;
const BOTTOM: f64 = 40.0;
const COLOURS: [&str; 4] = ["#0a58ca", "#c0392b", "#2e8b57", "#8a6d3b"];

/// One curve.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// Its name.
    pub name: &'a str,
    /// Places to the right and up.
    pub points: Vec<(f64, f64)>,
}

/// Curves in one frame that goes from nothing to `most` in both directions.
#[must_use]
pub fn chart(title: &str, axes: [&str; 2], most: [f64; 2], curves: &[Curve<'_>]) -> String {
    let x = |value: f64| LEFT + value / most[0] * (WIDTH - LEFT - 20.0);
    let y = |value: f64| HEIGHT - BOTTOM - value.max(0.0) / most[1] * (HEIGHT - BOTTOM - 40.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-size=\"14\">{title}</text>\n"
    );
    for n in 0..=10 {
        let (across, up) = (most[0] * f64::from(n) / 10.0, most[1] * f64::from(n) / 10.0);
        let (x0, x1, y0) = (x(0.0), x(most[0]), y(up));
        let _ = writeln!(
            svg,
            "<path d=\"M{x0:.0} {y0:.0}H{x1:.0}\" stroke=\"#ddd\"/>\
             <text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{up:.0}</text>\
             <text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{across:.1}</text>",
            x0 - 6.0,
            y0 + 4.0,
            x(across),
            HEIGHT - BOTTOM + 16.0
        );
    }
    for (n, curve) in curves.iter().enumerate() {
        let colour = COLOURS[n % COLOURS.len()];
        let points: Vec<String> =
            curve.points.iter().map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b))).collect();
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>\
             <text x=\"{:.0}\" y=\"{:.0}\" fill=\"{colour}\">{}</text>",
            points.join(" "),
            LEFT + 20.0 + 150.0 * f64::from(u32::try_from(n).unwrap_or(0)),
            34.0,
            curve.name
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>\n\
         <text x=\"14\" y=\"{:.0}\" transform=\"rotate(-90 14 {:.0})\" \
         text-anchor=\"middle\">{}</text>\n</svg>",
        WIDTH / 2.0,
        HEIGHT - 6.0,
        axes[0],
        HEIGHT / 2.0,
        HEIGHT / 2.0,
        axes[1]
    );
    svg
}
