//! The programs of a box, their folders, their ends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::City;

/// How the virtual card's time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As on a wall.
    Real,
    /// As fast as everybody answers.
    Free,
}

/// A program of the rig.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The line hardware.
    Card,
    /// The exchange and the telephone.
    City,
    /// The firmware.
    Core,
    /// The daemon.
    Daemon,
}

impl Program {
    /// The file that cargo builds.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "ringmain-virtual-card",
            Self::City => "ringmain-city",
            Self::Core => "ringmain-core",
            Self::Daemon => "ringmaind",
        }
    }
}

/// What a rig is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How time passes.
    pub pace: Pace,
    /// More arguments of the city.
    pub city: Vec<String>,
    /// Variables of the core's environment.
    pub core_environment: Vec<(String, String)>,
    /// Whether the core obeys what only tests need.
    pub tests_allowed: bool,
    /// Shell commands that a program runs in a mount namespace of its own before it begins; `$DIR`
    /// is the rig's folder.
    pub mounts: Vec<(Program, String)>,
}

impl Settings {
    /// A plain box at this pace.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        Self { pace, city: vec![], core_environment: vec![], tests_allowed: false, mounts: vec![] }
    }
}

/// Milliseconds that a program has for coming up or ending.
const PATIENCE: Duration = Duration::from_secs(20);

/// A box and its city.
pub struct Rig {
    folder: TempDir,
    settings: Settings,
    children: Vec<(Program, Child)>,
}

/// The top of the sources.
fn sources() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap_or_default()
}

/// Where cargo puts programs: beside this one, or above a test's folder.
fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().unwrap_or(Path::new("."));
    if folder.ends_with("deps") { folder.join("..") } else { folder.to_owned() }
}

/// Waits until `ready`, at most [`PATIENCE`].
fn wait(what: &str, mut ready: impl FnMut() -> bool) -> Result<(), String> {
    let begin = Instant::now();
    while !ready() {
        if begin.elapsed() > PATIENCE {
            return Err(format!("{what} within {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

impl Rig {
    /// Folders with the documents of a fresh box; nothing runs yet.
    ///
    /// # Errors
    /// What is missing: the programs or the prompts.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
        let rig = Self { folder, settings, children: vec![] };
        let io = |fault: std::io::Error| fault.to_string();
        for name in ["run", "core", "daemon", "config/flows", "log", "prompts"] {
            std::fs::create_dir_all(rig.path(name)).map_err(io)?;
        }
        for name in ["config.toml", "flows/main.toml"] {
            let from = sources().join("images/default").join(name);
            std::fs::copy(from, rig.path("config").join(name)).map_err(io)?;
        }
        let built = std::fs::read_dir(sources().join("target/prompts"))
            .map_err(|_| "no prompts: cargo xtask prompts")?;
        for prompt in built.flatten() {
            std::fs::copy(prompt.path(), rig.prompts().join(prompt.file_name())).map_err(io)?;
        }
        Ok(rig)
    }

    /// A path in the rig's folder: `run`, `core`, `daemon`, `config`, `log`.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where this box has its prompts.
    #[must_use]
    pub fn prompts(&self) -> PathBuf {
        self.path("prompts")
    }

    /// The file of a prompt.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn prompt(&self, language: &str, name: &str) -> Result<PathBuf, String> {
        let path = self.prompts().join("index.toml");
        let index =
            std::fs::read_to_string(&path).map_err(|f| format!("{}: {f}", path.display()))?;
        let section = index.split('[').find_map(|part| part.strip_prefix(&format!("{language}]")));
        let line = section.into_iter().flat_map(str::lines).find_map(|line| {
            line.strip_prefix(name)?.trim().strip_prefix("= \"")?.strip_suffix('"')
        });
        let hash = line.ok_or(format!("there is no prompt {name} in {language}"))?;
        Ok(self.prompts().join(format!("{hash}.alaw")))
    }

    /// Everything, one program after the other.
    ///
    /// # Errors
    /// What did not come up, with its last words.
    pub fn start(settings: Settings) -> Result<Self, String> {
        let mut rig = Self::new(settings)?;
        for program in [Program::Card, Program::City, Program::Core, Program::Daemon] {
            rig.start_program(program)?;
        }
        rig.wait_until_in_force()?;
        Ok(rig)
    }

    /// Waits until the core routes by the configuration.
    ///
    /// # Errors
    /// It does not come to that.
    pub fn wait_until_in_force(&self) -> Result<(), String> {
        wait("the configuration was not in force", || self.path("core/current").exists())
            .map_err(|fault| format!("{fault}\n{}", self.logs()))
    }

    /// Starts one program and waits until it listens.
    ///
    /// # Errors
    /// It is not built, or does not come up.
    pub fn start_program(&mut self, program: Program) -> Result<(), String> {
        let run = self.path("run");
        let name = program.name();
        let socket = run.join(match program {
            Program::Card => "card.sock",
            Program::City => "city.sock",
            Program::Core => "core.sock",
            Program::Daemon => "console.sock",
        });
        let path = programs().join(name);
        if !path.exists() {
            return Err(format!("{} is not built: cargo build", path.display()));
        }
        // The lock says that nobody lives behind a socket that a killed one left.
        let _ = std::fs::remove_file(&socket);
        let mut command = self.command(program);
        let log = self.path("log").join(name);
        let log = File::options().create(true).append(true).open(log);
        let log = log.map_err(|fault| fault.to_string())?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(|fault| fault.to_string())?)
            .stderr(log)
            .spawn()
            .map_err(|fault| format!("{name}: {fault}"))?;
        self.children.push((program, child));
        wait(&format!("{name} did not come up"), || socket.exists())
            .map_err(|fault| format!("{fault}\n{}", self.logs()))
    }

    /// How a program is started, for those who start it another way.
    #[must_use]
    pub fn command(&self, program: Program) -> Command {
        let path = programs().join(program.name());
        let mounts = self.settings.mounts.iter().find(|(of, _)| *of == program);
        let mut command = match mounts {
            None => Command::new(path),
            Some((_, mounts)) => {
                let mut command = Command::new("unshare");
                let script = format!("{mounts}\nexec \"$0\" \"$@\"");
                command.args(["-m", "sh", "-ec", &script]).arg(path);
                command.env("DIR", self.folder.path());
                command
            }
        };
        self.arguments(program, &mut command);
        command
    }

    fn arguments(&self, program: Program, command: &mut Command) {
        let run = self.path("run");
        match program {
            Program::Card => {
                let pace = if self.settings.pace == Pace::Real { "real" } else { "free" };
                command.arg("--dir").arg(run).args(["--pace", pace, "--spans", "1", "--fxs", "1"]);
            }
            Program::City => {
                command.arg("--dir").arg(run).args(&self.settings.city);
            }
            Program::Core => {
                command.arg("--board").arg(sources().join("boards/virtual.toml"));
                command.arg("--run").arg(run).arg("--state").arg(self.path("core"));
                command.arg("--prompts").arg(self.prompts());
                command.envs(self.settings.core_environment.iter().cloned());
                if self.settings.tests_allowed {
                    command.arg("--allow-tests");
                }
            }
            Program::Daemon => {
                command.arg("--city").arg(run.join("city.sock"));
                command.arg("--run").arg(run).arg("--state").arg(self.path("daemon"));
                command.arg("--config").arg(self.path("config"));
                command.arg("--prompts").arg(self.prompts());
            }
        }
    }

    /// The process of a program that runs.
    #[must_use]
    pub fn pid(&self, program: Program) -> Option<u32> {
        self.children.iter().find(|(of, _)| *of == program).map(|(_, child)| child.id())
    }

    /// Ends a program with a signal and waits until it is gone.
    pub fn end(&mut self, program: Program, signal: Signal) {
        let Some(index) = self.children.iter().position(|(of, _)| *of == program) else { return };
        let (_, mut child) = self.children.remove(index);
        if let Ok(pid) = i32::try_from(child.id()) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
        let _ = child.wait();
    }

    /// A connection to the city's control socket.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn city(&self) -> Result<City, String> {
        City::connect(&self.path("run/city.sock"))
    }

    /// One command on the console: whether it was done, and what it says.
    ///
    /// # Errors
    /// The daemon is not there.
    pub fn console(&self, line: &str) -> Result<(bool, String), String> {
        crate::console(&self.path("run/console.sock"), line)
    }

    /// What all programs have said, for a test that failed.
    #[must_use]
    pub fn logs(&self) -> String {
        let folder = std::fs::read_dir(self.path("log"));
        let mut all = String::new();
        for entry in folder.into_iter().flatten().flatten() {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            let lines: Vec<_> = text.lines().rev().take(20).collect();
            for line in lines.into_iter().rev() {
                all += &format!("{}: {line}\n", entry.file_name().to_string_lossy());
            }
        }
        all
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // The core first: it would take the card's end for a fault.
        for program in [Program::Daemon, Program::Core, Program::City, Program::Card] {
            self.end(program, Signal::SIGKILL);
        }
    }
}
