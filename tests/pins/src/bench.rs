//! The bench around the pins: a gpio-sim chip with its other side, and the time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hal_gpio::{Level, chardev};
use units::Instant;

const CONFIG: &str = "/sys/kernel/config";
const LINES: u32 = 16;

/// Time since the first question.
pub(crate) fn now() -> Instant {
    static BEGIN: OnceLock<std::time::Instant> = OnceLock::new();
    let passed = BEGIN.get_or_init(std::time::Instant::now).elapsed();
    Instant::from_millis(1000) + passed
}

/// Calls `step` each millisecond for `ms` milliseconds, with the time.
pub(crate) fn each_millisecond(
    ms: u64,
    mut step: impl FnMut(Instant) -> Result<(), String>,
) -> Result<(), String> {
    let end = now().as_millis() + ms;
    while now().as_millis() < end {
        step(now())?;
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    Ok(())
}

pub(crate) fn check(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// What went wrong, with the path.
fn at(path: &Path) -> impl Fn(std::io::Error) -> String {
    let path = path.display().to_string();
    move |fault| format!("{path}: {fault}")
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(at(path))
}

fn read(path: &Path) -> Result<String, String> {
    Ok(fs::read_to_string(path).map_err(at(path))?.trim().to_owned())
}

/// A chip whose other side is in sysfs: what we drive is read there, what we read is pulled there.
#[derive(Clone, Debug)]
pub(crate) struct Chip {
    /// Its number.
    pub(crate) number: u8,
    folder: PathBuf,
}

impl Chip {
    /// The one of this program, made at the first question.
    pub(crate) fn get() -> Result<Self, String> {
        static CHIP: OnceLock<Result<Chip, String>> = OnceLock::new();
        CHIP.get_or_init(Self::make).clone()
    }

    fn make() -> Result<Self, String> {
        const LABEL: &str = "ringmain-sim";
        if !Path::new(CONFIG).join("gpio-sim").exists() {
            let flags = nix::mount::MsFlags::empty();
            let none: Option<&str> = None;
            nix::mount::mount(none, CONFIG, Some("configfs"), flags, none)
                .map_err(|errno| format!("{CONFIG}: {errno}; is the module gpio-sim loaded?"))?;
        }
        let device = Path::new(CONFIG).join("gpio-sim/ringmain");
        let bank = device.join("bank0");
        if !bank.exists() {
            fs::create_dir_all(&bank).map_err(at(&bank))?;
            write(&bank.join("num_lines"), &LINES.to_string())?;
            write(&bank.join("label"), LABEL)?;
            write(&device.join("live"), "1")?;
        }
        let (chip, platform) = (read(&bank.join("chip_name"))?, read(&device.join("dev_name"))?);
        let number = chardev::find_chip(LABEL).ok_or("no chip has the label of gpio-sim")?;
        check(chip == format!("gpiochip{number}"), "another chip has our label")?;
        Ok(Self { number, folder: Path::new("/sys/devices/platform").join(platform).join(chip) })
    }

    fn line(&self, line: u32, file: &str) -> PathBuf {
        self.folder.join(format!("sim_gpio{line}")).join(file)
    }

    /// The level that the kernel says the line has.
    pub(crate) fn level(&self, line: u32) -> Result<Level, String> {
        Ok(Level::from(read(&self.line(line, "value"))? == "1"))
    }

    /// Pulls an input from outside.
    pub(crate) fn pull(&self, line: u32, level: Level) -> Result<(), String> {
        write(&self.line(line, "pull"), if level.is_high() { "pull-up" } else { "pull-down" })
    }
}
