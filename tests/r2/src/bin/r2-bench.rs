//! The figures of R2, in line time: `cargo xtask bench r2`.
#![expect(clippy::print_stdout, reason = "what it is for")]

use r2_city::measure;

fn main() {
    let (mut cycle, mut exact) = (0, true);
    let mut china = 0;
    for name in ["itu", "cn", "br", "mx", "ar"] {
        for calls in [1, 30] {
            let figures = measure(name, calls);
            println!(
                "{name}, {calls} at once: longest cycle {} ms, all known after {} ms, exact {}",
                figures.cycle_ms_max, figures.register_ms, figures.exact
            );
            cycle = cycle.max(figures.cycle_ms_max);
            exact &= figures.exact;
            if name == "cn" {
                china = china.max(figures.register_ms);
            }
        }
    }
    println!("r2: cycle_ms_max={cycle} register_ms_5_11={china} calling_exact={exact}");
}
