//! A guest that runs: QEMU as a child process, its console as lines, its files at the end.
//!
//! With `exact` time the guest's clock counts instructions: a run is the same each time and no
//! octet is late, however busy the host is. Guests that talk with each other share no such clock.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::{Fault, Outcome, about, cpio};

/// Ends at a panic, and leaves out at the start what only costs time in an emulated machine.
const QUICK: &str = "quiet panic=-1 tsc=reliable mitigations=off audit=0 cryptomgr.notests";

/// What boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// A PC.
    Q35,
    /// QEMU's own 64-bit ARM board.
    Virt,
    /// A Raspberry Pi 3B.
    Raspi3b,
}

/// A guest to be.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The board.
    pub machine: Machine,
    /// The kernel's image.
    pub kernel: PathBuf,
    /// The first file system.
    pub initramfs: PathBuf,
    /// The board's description, where the kernel does not find it itself.
    pub device_tree: Option<PathBuf>,
    /// Whether the guest's clock counts instructions.
    pub exact: bool,
    /// MiB; the Pi has its own.
    pub memory_mib: u32,
    /// More devices, as QEMU's options.
    pub devices: Vec<String>,
    /// More words for the kernel.
    pub kernel_words: String,
    /// A folder of its own for the console's record and files in transit.
    pub folder: PathBuf,
}

impl Setup {
    /// The port that files come back through, as the guest sees it.
    #[must_use]
    pub const fn out_port(&self) -> &'static str {
        match self.machine {
            Machine::Q35 | Machine::Raspi3b => "/dev/ttyS1",
            Machine::Virt => "/dev/ttyS0",
        }
    }

    fn command(&self) -> Command {
        let program = match self.machine {
            Machine::Q35 => "qemu-system-x86_64",
            Machine::Virt | Machine::Raspi3b => "qemu-system-aarch64",
        };
        let mut command = Command::new(program);
        let (board, console) = match self.machine {
            Machine::Q35 => (["-M", "q35", "-cpu", "qemu64,+rdrand"], "ttyS0"),
            Machine::Virt => (["-M", "virt", "-cpu", "cortex-a53"], "ttyAMA0"),
            Machine::Raspi3b => (["-M", "raspi3b", "-cpu", "cortex-a53"], "ttyAMA0"),
        };
        command.args(board);
        command.args(["-accel", if self.exact { "tcg,thread=single" } else { "tcg" }]);
        if self.exact {
            command.args(["-icount", "shift=1,sleep=off", "-seed", "1"]);
        }
        if self.machine != Machine::Raspi3b {
            command.arg("-m").arg(self.memory_mib.to_string());
        }
        command.args(["-nographic", "-nodefaults", "-no-reboot", "-serial", "stdio"]);
        let out = self.folder.join("out.cpio");
        command.arg("-chardev").arg(format!("file,id=out,path={}", out.display()));
        match self.machine {
            Machine::Q35 | Machine::Raspi3b => command.args(["-serial", "chardev:out"]),
            Machine::Virt => command.args(["-device", "pci-serial,chardev=out"]),
        };
        command.args(&self.devices);
        if let Some(tree) = &self.device_tree {
            command.arg("-dtb").arg(tree);
        }
        let words = format!("console={console},115200 {QUICK} {}", self.kernel_words);
        command.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(&self.initramfs);
        command.arg("-append").arg(words.trim_end());
        command
    }

    /// Starts it.
    ///
    /// # Errors
    /// QEMU cannot be run, or its folder cannot be made.
    pub fn start(&self) -> Outcome<Guest> {
        fs::create_dir_all(&self.folder).map_err(about(&self.folder))?;
        let record = self.folder.join("console.txt");
        let mut file = fs::File::create(&record).map_err(about(&record))?;
        let errors = self.folder.join("qemu.txt");
        let errors = fs::File::create(&errors).map_err(about(&errors))?;
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        let mut child =
            command.spawn().map_err(|fault| Fault(format!("QEMU cannot be run: {fault}")))?;
        let (to, lines) = sync_channel(10_000);
        if let Some(console) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(console).split(b'\n').map_while(Result::ok) {
                    let _ = file.write_all(&line).and_then(|()| file.write_all(b"\n"));
                    let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
                    if to.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Guest { child, lines, folder: self.folder.clone(), begin: Instant::now() })
    }
}

/// A guest that runs; it ends with this value.
#[derive(Debug)]
pub struct Guest {
    child: Child,
    lines: Receiver<String>,
    folder: PathBuf,
    begin: Instant,
}

impl Guest {
    /// The next line of its console, or nothing when the guest has ended.
    ///
    /// # Errors
    /// There is none within this time.
    pub fn line(&mut self, limit: Duration) -> Outcome<Option<String>> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(Fault(format!(
                "The guest has said nothing for {} s; its console: {}",
                limit.as_secs(),
                self.folder.join("console.txt").display()
            ))),
        }
    }

    /// How long it has been running.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Pulls its plug.
    pub fn power_off(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The files that it sent at its end; call it when [`Self::line`] has returned nothing.
    ///
    /// # Errors
    /// What came is cut off.
    pub fn files(&mut self) -> Outcome<Vec<(String, Vec<u8>)>> {
        let _ = self.child.wait();
        let path = self.folder.join("out.cpio");
        let data = fs::read(&path).map_err(about(&path))?;
        // The kernel may try the port before; that leaves an octet or two.
        let begin = data.iter().take(64).position(|&octet| octet == b'0').unwrap_or(0);
        if data.is_empty() { Ok(vec![]) } else { cpio::read(&data[begin..]) }
    }

    /// What QEMU itself complained about.
    #[must_use]
    pub fn complaints(&self) -> String {
        fs::read_to_string(self.folder.join("qemu.txt")).unwrap_or_default()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.power_off();
    }
}
