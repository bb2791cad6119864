//! A sound card that is taken away under a tone and given back, as a USB card that is pulled out:
//! its driver is unbound while both PCMs are open.

use std::process::ExitCode;

use hal_alsa::{Event, Fault, Reason};

use crate::line::Line;
use crate::{Arguments, say};

const DRIVER: &str = "/sys/bus/platform/drivers/snd_aloop";
const DEVICE: &str = "snd_aloop.0";
/// Seconds with the card, without it, and with it again.
const PARTS_S: [u64; 3] = [5, 3, 10];

/// Writes the device's name into a file of its driver; the kernel answers when it is done.
fn tell_driver(file: &str) -> Result<(), String> {
    let path = format!("{DRIVER}/{file}");
    std::fs::write(&path, DEVICE).map_err(|fault| format!("{path}: {fault}"))
}

fn prove() -> Result<String, String> {
    let mut line = Line::open(&Arguments::new()?)?;
    line.run(PARTS_S[0]);
    if !matches!(line.events[..], [Event::Up(_)]) {
        return Err(format!("it did not come up: {:?}", line.events));
    }
    // It is done when the worker has let the card go: so not by the thread that ticks.
    let unbind = std::thread::spawn(|| tell_driver("unbind"));
    line.run(PARTS_S[1]);
    unbind.join().map_err(|_| "unbinding panicked")??;
    let gone = Event::Down(Fault { reason: Reason::Missing });
    if line.events.get(1..) != Some(&[gone]) {
        return Err(format!("its loss was not told once: {:?}", line.events));
    }
    tell_driver("bind")?;
    line.run(PARTS_S[2]);
    if !matches!(line.events[..], [_, _, Event::Up(_)]) {
        return Err(format!("it did not come back: {:?}", line.events));
    }
    // Two seconds to open it and fill the way.
    let deaf = usize::try_from(PARTS_S[0] + PARTS_S[1] + 2).unwrap_or(usize::MAX);
    let (worst_db, _) = line.snr_db(deaf);
    let late = line.late;
    if worst_db < 45.0 {
        return Err(format!("after it came back the tone is at {worst_db:.1} dB"));
    }
    Ok(format!("late={late} snr_worst_db={worst_db:.1}"))
}

/// Proves it and says the result.
pub(crate) fn main() -> ExitCode {
    match prove() {
        Ok(figures) => {
            say(&format!("RESULT jack unplug {figures} ok"));
            ExitCode::SUCCESS
        }
        Err(why) => {
            say(&format!("RESULT jack unplug FAILED {why}"));
            ExitCode::FAILURE
        }
    }
}
