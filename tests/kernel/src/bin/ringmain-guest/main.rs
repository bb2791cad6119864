//! The first program of a guest: mounts, does what its plan says, sends its files, switches off.
//!
//! ```text
//!  mount --> each step of /etc/plan --> RESULT lines --> /out through the second port --> off
//! ```

mod nodes;
mod system;

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use kernel_tests::cpio;
use kernel_tests::plan::{self, Plan, Step};
use nix::sys::signal::{Signal, killpg};
use nix::sys::termios::{self, BaudRate, SetArg};
use nix::unistd::Pid;

/// A line on the console.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(format!("{line}\n").as_bytes());
    let _ = out.flush();
}

fn main() {
    if std::process::id() != 1 {
        return say("This is the first program of a guest; it does nothing elsewhere.");
    }
    // What stands on the console already has no line end.
    say("");
    system::mount_all();
    if let Err(fault) = system::interface_up("lo") {
        say(&format!("KERNEL: lo stays down: {fault}"));
    }
    nodes::watch();
    let text = fs::read_to_string(plan::PATH).unwrap_or_default();
    match Plan::read(&text) {
        Ok(plan) => plan.0.iter().for_each(step),
        Err(fault) => say(&format!("RESULT plan FAILED {fault}")),
    }
    // Not every board can switch itself off; the host does it at this line.
    say(plan::END);
    system::power_off();
}

/// Does one step; what fails and is no program is told as the result of the step.
fn step(step: &Step) {
    let (name, done) = match step {
        Step::Module { name, parameters } => (name.clone(), module(name, parameters)),
        Step::Dynamic { driver, address, channels, timing } => {
            let made = system::dynamic_span(driver, address, *channels, *timing);
            (format!("span {address}"), made.map(|_| ()))
        }
        Step::Interface(name) => (name.clone(), system::interface_up(name)),
        Step::Write { path, text } => {
            (path.clone(), fs::write(path, text).map_err(|fault| fault.to_string()))
        }
        Step::Gpio(lines) => ("gpio".into(), gpio(*lines).map_err(|fault| fault.to_string())),
        Step::Run { name, limit_s, words } => return run(name, *limit_s, words),
        Step::Out(port) => ("out".into(), send(port)),
    };
    if let Err(fault) = done {
        say(&format!("RESULT {name} FAILED {fault}"));
    }
}

fn module(name: &str, parameters: &str) -> Result<(), String> {
    system::load(Path::new(&format!("/lib/modules/{name}.ko")), parameters)?;
    if name == "configfs" {
        system::mount_one("/sys/kernel/config", "configfs");
    }
    Ok(())
}

/// A chip of `gpio-sim`; its lines are set and read below /sys/devices/platform/gpio-sim.0.
fn gpio(lines: u16) -> std::io::Result<()> {
    let chip = "/sys/kernel/config/gpio-sim/chip";
    fs::create_dir(chip)?;
    fs::create_dir(format!("{chip}/bank"))?;
    fs::write(format!("{chip}/bank/num_lines"), lines.to_string())?;
    fs::write(format!("{chip}/live"), "1")
}

fn run(name: &str, limit_s: u32, words: &[String]) {
    nodes::scan();
    say(&format!("KERNEL: begin {name}"));
    let told = match spawn(limit_s, words) {
        Ok(Some(status)) if status.success() => "ok".into(),
        Ok(Some(status)) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("FAILED exit {code}"),
            (_, Some(signal)) => format!("FAILED signal {signal}"),
            _ => "FAILED".into(),
        },
        Ok(None) => format!("FAILED it took longer than {limit_s} s"),
        Err(fault) => format!("FAILED {fault}"),
    };
    say(&format!("RESULT {name} {told}"));
}

/// Runs a program in a group of its own; after its time the whole group ends.
fn spawn(limit_s: u32, words: &[String]) -> std::io::Result<Option<ExitStatus>> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(std::io::ErrorKind::InvalidInput.into());
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/data").stdin(Stdio::null()).process_group(0);
    command.env_clear().env("PATH", "/bin").env("HOME", "/tmp").env("RUST_BACKTRACE", "1");
    let mut child = command.spawn()?;
    let group = i32::try_from(child.id()).map(Pid::from_raw).map_err(std::io::Error::other)?;
    let (to, ended) = sync_channel(1);
    std::thread::spawn(move || to.send(child.wait()));
    let within = ended.recv_timeout(Duration::from_secs(limit_s.into()));
    let _ = killpg(group, Signal::SIGKILL);
    match within {
        Ok(status) => status.map(Some),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Err(std::io::ErrorKind::BrokenPipe.into()),
    }
}

/// Sends the files of `/out` through a serial port.
fn send(port: &str) -> Result<(), String> {
    let say = |fault: &dyn std::fmt::Display| format!("{port}: {fault}");
    let file = File::options().read(true).write(true).open(port).map_err(|f| say(&f))?;
    let mut line = termios::tcgetattr(&file).map_err(|f| say(&f))?;
    termios::cfmakeraw(&mut line);
    termios::cfsetspeed(&mut line, BaudRate::B115200).map_err(|f| say(&f))?;
    termios::tcsetattr(&file, SetArg::TCSANOW, &line).map_err(|f| say(&f))?;
    let mut writer = cpio::Writer::new(BufWriter::new(&file));
    let mut folders = vec![Path::new("/out").to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|f| say(&f))?.flatten() {
            let path = entry.path();
            let name = path.strip_prefix("/out").unwrap_or(&path).to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() => {
                    let data = fs::read(&path).map_err(|f| say(&f))?;
                    writer.file(&name, 0o644, &data).map_err(|f| say(&f))?;
                }
                _ => {}
            }
        }
    }
    writer.finish().map_err(|f| say(&f))?;
    termios::tcdrain(&file).map_err(|f| say(&f))
}
