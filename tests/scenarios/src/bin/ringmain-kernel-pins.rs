//! The core itself with pins, buses and a jack of a real kernel, in a guest.
//!
//! ```text
//!   ringmain-core ─ qemu-x86 ─ gpio-sim: relay, lamp, button    this program is the hardware
//!         │                    i2c-stub: thermometer, memory    behind it, by sysfs and i2c-dev
//!         └─ core.sock         snd-aloop: the jack
//! ```
//!
//! `all`: the core starts without the pins' chip and with a blank memory; each thing is named as a
//! trouble; then they come, and all is well: the relay is petted, the lamp lit. Then the contact
//! sticks, and the jack is pulled out. `bare`: no module is there, each thing is named, and the
//! core runs.
//!
//! `ringmain-kernel test core-pins core-bare`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hal_gpio::Registers as _;
use hal_gpio::chardev::I2cDevice;
use hal_gpio::eeprom::{self, Identity};
use link::{Down, Question, Trouble, Up};
use scenarios::Core;

const CONFIG: &str = "/sys/kernel/config/gpio-sim/box";
const ALOOP: &str = "/sys/bus/platform/drivers/snd_aloop";
/// As boards/qemu-x86.toml numbers them.
const PET: u32 = 0;
const POSITION: u32 = 1;
const STATUS: u32 = 2;
const BUTTON: u32 = 3;
const LINES: u32 = 4;

type Done<T = ()> = Result<T, String>;

fn check(holds: bool, what: impl FnOnce() -> String) -> Done {
    if holds { Ok(()) } else { Err(what()) }
}

fn write(path: impl AsRef<Path>, text: &str) -> Done {
    let path = path.as_ref();
    fs::write(path, text).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// The other side of the simulated chip.
#[derive(Clone)]
struct Chip(PathBuf);

impl Chip {
    fn make() -> Done<Self> {
        let bank = Path::new(CONFIG).join("bank");
        fs::create_dir_all(&bank).map_err(|fault| format!("{CONFIG}: {fault}"))?;
        write(bank.join("num_lines"), &LINES.to_string())?;
        write(bank.join("label"), "gpio-sim")?;
        write(Path::new(CONFIG).join("live"), "1")?;
        let read = |path: PathBuf| {
            fs::read_to_string(&path).map_err(|fault| format!("{}: {fault}", path.display()))
        };
        let (device, chip) =
            (read(Path::new(CONFIG).join("dev_name"))?, read(bank.join("chip_name"))?);
        Ok(Self(Path::new("/sys/devices/platform").join(device.trim()).join(chip.trim())))
    }

    fn high(&self, line: u32) -> bool {
        let path = self.0.join(format!("sim_gpio{line}/value"));
        fs::read_to_string(path).is_ok_and(|text| text.trim() == "1")
    }

    fn pull(&self, line: u32, high: bool) -> Done {
        let text = if high { "pull-up" } else { "pull-down" };
        write(self.0.join(format!("sim_gpio{line}/pull")), text)
    }

    /// Changes of a line while so much time passes.
    fn changes(&self, line: u32, ms: u64) -> u32 {
        let (mut changes, mut last, begin) = (0, self.high(line), Instant::now());
        while begin.elapsed() < Duration::from_millis(ms) {
            let now = self.high(line);
            changes += u32::from(now != last);
            last = now;
            pause(2);
        }
        changes
    }
}

/// The relay behind the pins: its contact is closed while edges come, unless it sticks.
struct Relay {
    stop: Arc<AtomicBool>,
    sticks: Arc<AtomicBool>,
    edges: Arc<AtomicU32>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Relay {
    fn start(chip: Chip) -> Self {
        let (stop, sticks, edges) = <(Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicU32>)>::default();
        let (stopped, stuck, seen) = (stop.clone(), sticks.clone(), edges.clone());
        let thread = std::thread::spawn(move || {
            let (mut last, mut closed, mut edge) = (false, false, None::<Instant>);
            while !stopped.load(Ordering::Relaxed) {
                let level = chip.high(PET);
                if level != last {
                    (last, edge) = (level, Some(Instant::now()));
                    seen.fetch_add(1, Ordering::Relaxed);
                }
                let fresh = edge.is_some_and(|at| at.elapsed() < Duration::from_millis(130));
                let wanted = fresh && !stuck.load(Ordering::Relaxed);
                // A chip that is not there any more moves no contact.
                if wanted != closed && chip.pull(POSITION, wanted).is_ok() {
                    closed = wanted;
                }
                pause(2);
            }
        });
        Self { stop, sticks, edges, thread: Some(thread) }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

/// The core, ended when this is dropped.
struct Ours {
    child: Child,
    core: Core,
    token: u32,
}

impl Ours {
    fn start() -> Done<Self> {
        let mut command = Command::new("ringmain-core");
        command.args(["--board", "/data/boards/qemu-x86.toml", "--card-wait", "1"]);
        for (option, folder) in [("--run", "run"), ("--state", "state"), ("--prompts", "prompts")] {
            let folder = Path::new("/tmp/box").join(folder);
            fs::create_dir_all(&folder).map_err(|fault| fault.to_string())?;
            command.arg(option).arg(folder);
        }
        let child = command.stdin(Stdio::null()).spawn().map_err(|fault| fault.to_string())?;
        let socket = Path::new("/tmp/box/run/core.sock");
        scenarios::wait("the core's socket was not there", || socket.exists())?;
        Ok(Self { child, core: Core::connect(socket)?, token: 0 })
    }

    /// Each socket's trouble, by its label.
    fn troubles(&mut self) -> Done<BTreeMap<String, Option<Trouble>>> {
        self.token += 1;
        let mine = self.token;
        self.core.send(&Down::Ask { token: mine, question: Question::Ports })?;
        let mut found = BTreeMap::new();
        loop {
            let up = self.core.wait("its sockets", |up| match up {
                Up::Port { token, .. } | Up::Done { token, .. } => *token == mine,
                _ => false,
            })?;
            match up {
                Up::Port { status, .. } => {
                    found.insert(status.label.to_string(), status.trouble);
                }
                _ => return Ok(found),
            }
        }
    }

    /// Waits until sockets are as they should be; those that are not named here do not matter.
    fn until(&mut self, what: &str, wanted: &[(&str, Option<Trouble>)]) -> Done {
        let begin = Instant::now();
        loop {
            let found = self.troubles()?;
            if wanted.iter().all(|(label, trouble)| found.get(*label) == Some(trouble)) {
                say(&format!("{what}: {:.1} s", begin.elapsed().as_secs_f32()));
                return Ok(());
            }
            check(begin.elapsed() < Duration::from_secs(20), || format!("{what}: {found:?}"))?;
            pause(100);
        }
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn say(text: &str) {
    use std::io::Write as _;
    // Nobody listens any more: the exit code still tells.
    let _ = writeln!(std::io::stdout(), "pins: {text}");
}

fn text(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}

/// Writes the board's name into the memory.
fn name_board(product: &str) -> Done {
    let identity = Identity {
        vendor: "Ringmain".try_into().map_err(|_| "too long")?,
        product: product.try_into().map_err(|_| "too long")?,
        ..Identity::default()
    };
    let octets = eeprom::build(&identity, &[]).ok_or("too long")?;
    let mut memory = I2cDevice::open(0, 0x50).map_err(text)?;
    for (register, octet) in (0..=u8::MAX).zip(octets) {
        memory.write_byte(register, octet).map_err(text)?;
    }
    Ok(())
}

const MISSING: Option<Trouble> = Some(Trouble::Missing);

fn lamp_and_relay(chip: &Chip, relay: &Relay) -> Done {
    let begin = Instant::now();
    // Lit for longer than a slow lamp would be.
    while chip.changes(STATUS, 1500) > 0 || !chip.high(STATUS) {
        check(begin.elapsed() < Duration::from_secs(20), || "STATUS is not lit".into())?;
    }
    let before = relay.edges.load(Ordering::Relaxed);
    pause(2000);
    let edges = relay.edges.load(Ordering::Relaxed) - before;
    say(&format!("the relay was petted by {edges} edges in 2 s, the lamp is lit"));
    // One each 50 ms.
    check((35..=41).contains(&edges), || format!("{edges} edges in 2 s, not 40"))
}

fn all() -> Done {
    // 25 °C, the octet that comes first on the wire as the low one.
    I2cDevice::open(0, 0x48).map_err(text)?.write_word(0, 25).map_err(text)?;
    let mut ours = Ours::start()?;
    let missing = ["LINES", "STATUS", "RESET", "board memory"].map(|label| (label, MISSING));
    ours.until("what is not there is named", &missing)?;
    ours.until("what is there is not", &[("thermometer", None), ("MUSIC IN", None)])?;
    let chip = Chip::make()?;
    chip.pull(BUTTON, true)?;
    let relay = Relay::start(chip.clone());
    name_board("qemu-x86")?;
    let lines = ["E1 1", "TEL 1", "LINE 1", "thermometer", "MUSIC IN"].map(|label| (label, None));
    ours.until("what has come works", &missing.map(|(label, _)| (label, None)))?;
    ours.until("and so does all else", &lines)?;
    lamp_and_relay(&chip, &relay)?;
    relay.sticks.store(true, Ordering::Relaxed);
    ours.until("a contact that sticks", &[("LINES", Some(Trouble::Contradiction))])?;
    let changes = chip.changes(STATUS, 4200);
    check((3..=5).contains(&changes), || format!("STATUS is not slow: {changes} changes"))?;
    relay.sticks.store(false, Ordering::Relaxed);
    ours.until("it moves again", &[("LINES", None)])?;
    write(format!("{ALOOP}/unbind"), "snd_aloop.0")?;
    ours.until("the jack is pulled out", &[("MUSIC IN", MISSING)])?;
    write(format!("{ALOOP}/bind"), "snd_aloop.0")?;
    ours.until("and plugged in", &[("MUSIC IN", None)])?;
    lamp_and_relay(&chip, &relay)
}

fn bare() -> Done {
    let mut ours = Ours::start()?;
    let labels = ["LINES", "STATUS", "RESET", "board memory", "thermometer", "MUSIC IN"];
    ours.until("each thing is named", &labels.map(|label| (label, MISSING)))?;
    ours.until("and each line", &["E1 1", "TEL 1", "LINE 1"].map(|label| (label, MISSING)))?;
    let ended = ours.child.try_wait().map_err(text)?;
    check(ended.is_none(), || format!("the core ended: {ended:?}"))
}

fn main() -> ExitCode {
    let word = std::env::args().nth(1).unwrap_or_default();
    let done = match word.as_str() {
        "all" => all(),
        "bare" => bare(),
        _ => Err("ringmain-kernel-pins all|bare".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            say(&fault);
            ExitCode::FAILURE
        }
    }
}
