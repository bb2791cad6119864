//! Guests with real kernel interfaces: Debian's kernel and DAHDI's modules in QEMU, and our own
//! programs in them. The host side builds and judges; `ringmain-guest` is the guest's `/init`.
//!
//! ```text
//!  packages --> tree --> modules ----+
//!  program, files --> libraries -----+--> initramfs --> QEMU --> console: lines, RESULT
//!  plan -----------------------------+                    \---> second port: the files of /out
//! ```

pub mod cpio;
pub mod cross;
pub mod elf;
pub mod guest;
pub mod initramfs;
pub mod libraries;
pub mod modules;
pub mod packages;
pub mod pair;
pub mod plan;
pub mod qemu;

use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What went wrong, one sentence for the person who reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// What most of this returns.
pub type Outcome<T = ()> = Result<T, Fault>;

/// A fault about a file.
pub fn about(path: &Path) -> impl FnOnce(std::io::Error) -> Fault {
    let path = path.display().to_string();
    move |fault| Fault(format!("{path}: {fault}"))
}

/// Text for the person at the terminal. One who closed it does not want to read.
pub fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Says what begins, does it, and says how long it took if that was long.
///
/// # Errors
/// Those of what is done.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let begin = Instant::now();
    say(&format!("kernel: {what}\n"));
    let done = work()?;
    let took = begin.elapsed().as_secs_f32();
    if took >= 2.0 {
        say(&format!("kernel: {what}: {took:.1} s\n"));
    }
    Ok(done)
}

/// Runs a program of the host to its end and returns what it said on standard output.
///
/// # Errors
/// The program cannot be run or fails; the fault carries the end of what it said.
pub fn tool(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = command.output().map_err(|fault| Fault(format!("{name} cannot be run: {fault}")))?;
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    if out.status.success() {
        return Ok(said);
    }
    let all = format!("{said}{}", String::from_utf8_lossy(&out.stderr));
    let lines: Vec<_> = all.lines().collect();
    let end = lines[lines.len().saturating_sub(20)..].join("\n");
    Err(Fault(format!("{name}: {}\n{end}", out.status)))
}

/// What a guest is made of and runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// A PC: QEMU's q35.
    Amd64,
    /// 64-bit ARM: QEMU's virt, or a Raspberry Pi 3B.
    Arm64,
}

impl Arch {
    /// As Debian calls it.
    #[must_use]
    pub const fn debian(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// As compilers and library folders call it.
    #[must_use]
    pub const fn triplet(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64-linux-gnu",
            Self::Arm64 => "aarch64-linux-gnu",
        }
    }

    /// As the kernel's build calls it.
    #[must_use]
    pub const fn kernel(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}
