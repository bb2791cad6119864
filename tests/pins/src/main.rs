//! `ringmain-pins-test`: the appliance's pins on a real kernel, in the guest.
//!
//! ```text
//!   linux   gpio-sim (made here through configfs): lamp, relay, button by the character device
//!           i2c-stub with chips at 0x48 and 0x50: thermometer, fan, the board's memory
//!           a spidev whose out is joined to its in: the octets of a subscriber-line chip
//!   rppal   the pins of a Raspberry Pi by /dev/gpiomem (the machine raspi3b of QEMU)
//! ```
//!
//! The kernel has the modules gpio-sim, i2c-dev, i2c-stub (`chip_addr=0x48,0x50`) and spidev
//! already. Each proof prints one line, `RESULT pins <name> ok`; one that failed says why, and the
//! program ends with 1.
//!
//! ```text
//! ringmain-kernel run --build pins-test/ringmain-pins-test --module configfs --module gpio-sim
//!     --module i2c-dev --module i2c-stub:chip_addr=0x48,0x50 --module spi_loopback
//! ringmain-kernel run --arch raspi3b --build pins-test/ringmain-pins-test -- rppal
//! ```

mod bench;
mod buses;
mod lines;
mod pi;

use std::process::ExitCode;

/// One proof: its name, and what it does.
type Proof = (&'static str, fn() -> Result<(), String>);

const LINUX: &[Proof] = &[
    ("led", lines::led),
    ("relay", lines::relay),
    ("button", lines::button),
    ("busy", lines::busy),
    ("temperature", buses::temperature),
    ("fan", buses::fan),
    ("eeprom", buses::eeprom),
    ("no-answer", buses::no_answer),
    ("spi", buses::spi),
    ("slic", buses::slic),
];

const PI: &[Proof] = &[
    ("rppal-function", pi::function),
    ("rppal-output", pi::output),
    ("rppal-input", pi::input),
    ("rppal-busy", pi::busy),
];

/// Says one line at once, so that a guest that dies has said it.
fn say(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout();
    // Nobody listens any more: the exit code still tells.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn run(proofs: &[Proof], only: &[String]) -> bool {
    let mut well = true;
    for (name, proof) in proofs {
        if !only.is_empty() && !only.iter().any(|wanted| wanted == name) {
            continue;
        }
        match proof() {
            Ok(()) => say(&format!("RESULT pins {name} ok")),
            Err(why) => {
                say(&format!("RESULT pins {name} FAILED {why}"));
                well = false;
            }
        }
    }
    well
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (proofs, only) = match arguments.split_first() {
        None => (LINUX, &[][..]),
        Some((what, only)) if what == "linux" => (LINUX, only),
        Some((what, only)) if what == "rppal" => (PI, only),
        Some(_) => {
            say("ringmain-pins-test [linux|rppal] [PROOF...]");
            return ExitCode::from(2);
        }
    };
    if run(proofs, only) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
