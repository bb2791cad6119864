//! The programs of a box, their folders, their ends.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::turns::Turn;

use crate::{City, documents};

/// How the virtual card's time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As on a wall.
    Real,
    /// As on a wall, but never ahead of the programs: sound stays whole on a full machine.
    Steady,
    /// As fast as everybody answers.
    Free,
}

/// A program of the rig.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The line hardware.
    Card,
    /// The exchange of span 1 and the telephones.
    City,
    /// The exchange of another span.
    CityAt(usize),
    /// The firmware.
    Core,
    /// The daemon.
    Daemon,
}

/// What a rig is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How time passes.
    pub pace: Pace,
    /// E1 spans of the virtual board, each with a city.
    pub spans: usize,
    /// The city of the first span has all of them.
    pub group: bool,
    /// The second span of the group has a backup D channel.
    pub backup: bool,
    /// More arguments of every city.
    pub city: Vec<String>,
    /// More arguments of one city, by its span.
    pub cities: Vec<(usize, String)>,
    /// More arguments of the card.
    pub card: Vec<String>,
    /// Variables of the core's environment.
    pub core_environment: Vec<(String, String)>,
    /// Whether the core obeys what only tests need.
    pub tests_allowed: bool,
    /// Shell commands that a program runs in a mount namespace of its own before it begins; `$DIR`
    /// is the rig's folder.
    pub mounts: Vec<(Program, String)>,
    /// Telephones: extensions 801, 802 and so on, and keys of the menu for the first eight.
    pub telephones: usize,
    /// Lines of an exchange, numbered behind the telephones.
    pub lines: usize,
    /// The board file; another one than `virtual` needs no program for its card.
    pub board: String,
    /// A number outside that key 9 of the menu rings.
    pub outside: Option<String>,
    /// What is written behind a document: its name in the rig's folder, and the text.
    pub more: Vec<(String, String)>,
    /// R2 on all spans instead of ISDN: the file of `boards/r2` that the box reads.
    pub r2: Option<String>,
    /// The one that the cities read.
    pub r2_city: Option<String>,
    /// Where `boards`, `images` and `target/prompts` are.
    pub sources: PathBuf,
    /// Where the programs are.
    pub programs: PathBuf,
}

impl Settings {
    /// A plain box at this pace.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        let (city, card, core_environment, mounts) = (vec![], vec![], vec![], vec![]);
        Self {
            pace,
            spans: 1,
            group: false,
            backup: false,
            city,
            cities: vec![],
            card,
            core_environment,
            tests_allowed: false,
            mounts,
            telephones: 1,
            lines: 0,
            board: "virtual".into(),
            outside: None,
            more: vec![],
            r2: None,
            r2_city: None,
            sources: sources(),
            programs: programs(),
        }
    }
}

/// What a program has for coming up or ending, on a disk that others keep busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A box and its city.
pub struct Rig {
    folder: TempDir,
    settings: Settings,
    children: Vec<(Program, Child)>,
    _turn: Turn,
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

/// Where a program is that cargo has built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    programs().join(name)
}

/// Which file a name stands for: another one has another stamp.
fn stamp(path: &Path) -> Option<(u64, i64, i64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.ino(), found.ctime(), found.ctime_nsec()))
}

/// Waits until `ready`, at most [`PATIENCE`].
///
/// # Errors
/// A sentence: what was not, and for how long.
pub fn wait(what: &str, mut ready: impl FnMut() -> bool) -> Result<(), String> {
    let begin = Instant::now();
    while !ready() {
        if begin.elapsed() > PATIENCE {
            return Err(format!("{what} within {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Elsewhere a card and an exchange do not wait for this machine's compilers: in real time their
/// programs come before them. Where that is not allowed they wait, and the sound shows it.
fn as_hardware(pid: u32) {
    schedule(pid, ["--fifo", "40"]);
}

fn schedule(pid: u32, [policy, priority]: [&str; 2]) {
    let mut command = Command::new("chrt");
    command.args([policy, "--all-tasks", "--pid", priority, &pid.to_string()]);
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}

impl Program {
    const fn name(self) -> &'static str {
        match self {
            Self::Card => "ringmain-virtual-card",
            Self::City | Self::CityAt(_) => "ringmain-city",
            Self::Core => "ringmain-core",
            Self::Daemon => "ringmaind",
        }
    }

    /// Elsewhere this is no program of ours.
    const fn is_hardware(self) -> bool {
        matches!(self, Self::Card | Self::City | Self::CityAt(_))
    }

    /// The socket that it offers when it is up.
    fn socket(self) -> String {
        let name = match self {
            Self::CityAt(span) => return format!("city-{span}.sock"),
            Self::Card => "card.sock",
            Self::City => "city.sock",
            Self::Core => "core.sock",
            Self::Daemon => "console.sock",
        };
        name.into()
    }
}

impl Rig {
    /// Folders with the documents of a fresh box; nothing runs yet.
    ///
    /// # Errors
    /// What is missing: the programs or the prompts.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
        let rig = Self { folder, settings, children: vec![], _turn: Turn::take() };
        let io = |fault: std::io::Error| fault.to_string();
        for name in ["run", "core", "daemon", "config/flows", "log", "prompts"] {
            std::fs::create_dir_all(rig.path(name)).map_err(io)?;
        }
        let built = std::fs::read_dir(rig.settings.sources.join("target/prompts"))
            .map_err(|_| "no prompts: cargo xtask prompts")?;
        for prompt in built.flatten() {
            std::fs::copy(prompt.path(), rig.prompts().join(prompt.file_name())).map_err(io)?;
        }
        let wanted = documents::Wanted {
            board: &rig.settings.board,
            spans: rig.settings.spans,
            group: rig.settings.group,
            backup: rig.settings.backup,
            telephones: rig.settings.telephones,
            lines: rig.settings.lines,
            outside: rig.settings.outside.as_deref(),
            r2: rig.settings.r2.as_deref(),
            more: &rig.settings.more,
        };
        documents::write(&rig.path(""), &rig.settings.sources, &wanted).map_err(io)?;
        Ok(rig)
    }

    /// What it is made of.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
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

    /// Everything, one program after the other.
    ///
    /// # Errors
    /// What did not come up, with its last words.
    pub fn start(settings: Settings) -> Result<Self, String> {
        let mut rig = Self::new(settings)?;
        let mut all = vec![Program::City];
        if !rig.settings.group {
            all.extend((2..=rig.settings.spans).map(Program::CityAt));
        }
        all.extend([Program::Core, Program::Daemon]);
        if rig.settings.board == "virtual" {
            all.insert(0, Program::Card);
        }
        for program in all {
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
        let socket = self.path("run").join(program.socket());
        let before = stamp(&socket);
        self.spawn_program(program)?;
        // A socket that a killed one left stands there until the new one replaces it.
        wait(&format!("{} did not come up", program.name()), || {
            let now = stamp(&socket);
            let there = now.is_some() && now != before;
            // The daemon's is there a moment before anybody listens; cores and cards take one
            // connection each, which is not ours.
            there && (program != Program::Daemon || UnixStream::connect(&socket).is_ok())
        })
        .map_err(|fault| format!("{fault}\n{}", self.logs()))
    }

    /// Starts one program.
    ///
    /// # Errors
    /// It is not built.
    pub fn spawn_program(&mut self, program: Program) -> Result<(), String> {
        let log = self.path("log").join(program.name());
        let log = File::options().create(true).append(true).open(log);
        let log = log.map_err(|fault| fault.to_string())?;
        let mut command = self.command(program)?;
        let child = command
            .stdout(log.try_clone().map_err(|fault| fault.to_string())?)
            .stderr(log)
            .spawn()
            .map_err(|fault| format!("{}: {fault}", program.name()))?;
        if self.settings.pace == Pace::Real && program.is_hardware() {
            as_hardware(child.id());
        }
        self.children.push((program, child));
        Ok(())
    }

    /// Runs one program that is expected to end by itself: whether it was content, and what it
    /// said. One that does not end within the usual patience is killed.
    ///
    /// # Errors
    /// It is not built, or goes on.
    pub fn run_program(&mut self, program: Program) -> Result<(bool, String), String> {
        let path = self.path("log").join(format!("{}-once", program.name()));
        let log = File::create(&path).map_err(|fault| fault.to_string())?;
        let mut child = self.command(program)?.stderr(log).spawn().map_err(|e| e.to_string())?;
        let mut status = None;
        let ended = wait(&format!("{} did not end", program.name()), || {
            status = child.try_wait().ok().flatten();
            status.is_some()
        });
        if ended.is_err() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let said = std::fs::read_to_string(&path).unwrap_or_default();
        ended.map_err(|fault| format!("{fault}; it said:\n{said}"))?;
        Ok((status.is_some_and(|status| status.success()), said))
    }

    /// How a program of this rig is started.
    ///
    /// # Errors
    /// It is not built.
    pub fn command(&self, program: Program) -> Result<Command, String> {
        let path = self.settings.programs.join(program.name());
        if !path.exists() {
            return Err(format!("{} is not built: cargo build --workspace --bins", path.display()));
        }
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
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Ok(command)
    }

    fn city_arguments(&self, command: &mut Command) {
        if let Some(name) = &self.settings.r2_city {
            command.args(["--r2", name]).arg("--boards").arg(self.path(""));
        }
        command.args(&self.settings.city);
    }

    fn arguments(&self, program: Program, command: &mut Command) {
        let run = self.path("run");
        match program {
            Program::Card => {
                let pace = match self.settings.pace {
                    Pace::Real => "real",
                    Pace::Steady => "steady",
                    Pace::Free => "free",
                };
                let (spans, telephones) = (self.settings.spans, self.settings.telephones);
                command.arg("--dir").arg(run).args(["--pace", pace, "--spans"]);
                command.arg(spans.to_string()).arg("--fxs").arg(telephones.to_string());
                command.arg("--fxo").arg(self.settings.lines.to_string());
                if self.settings.r2.is_some() {
                    let all: Vec<_> = (1..=spans).map(|span| span.to_string()).collect();
                    command.args(["--cas", &all.join(",")]);
                }
                command.args(&self.settings.card);
            }
            Program::City => {
                let ports = self.settings.telephones.to_string();
                let lines = self.settings.lines.to_string();
                command.arg("--dir").arg(run).args(["--ports", &ports, "--lines", &lines]);
                if self.settings.group {
                    let others: Vec<_> = (2..=self.settings.spans).map(|n| n.to_string()).collect();
                    command.args(["--group", &others.join(",")]);
                    if self.settings.backup {
                        command.args(["--backup", "2"]);
                    }
                }
                self.city_arguments(command);
            }
            Program::CityAt(span) => {
                let span = span.to_string();
                command.arg("--dir").arg(run).args(["--ports", "0", "--span", &span]);
                self.city_arguments(command);
                let own = self.settings.cities.iter().filter(|(at, _)| at.to_string() == span);
                command.args(own.map(|(_, argument)| argument));
            }
            Program::Core => {
                command.arg("--board").arg(self.path("board.toml"));
                command.arg("--run").arg(run).arg("--state").arg(self.path("core"));
                command.arg("--prompts").arg(self.prompts());
                command.arg("--prompts").arg(self.path("daemon/sounds"));
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
                command.arg("--recordings").arg(self.path("core/captures"));
            }
        }
    }

    /// The process of a program that runs.
    #[must_use]
    pub fn pid(&self, program: Program) -> Option<u32> {
        self.children.iter().find(|(of, _)| *of == program).map(|(_, child)| child.id())
    }

    /// The card's pace becomes free, for the core that is started next.
    ///
    /// # Errors
    /// There is no card.
    pub fn free_pace(&mut self) -> Result<(), String> {
        let card = self.pid(Program::Card).and_then(|pid| i32::try_from(pid).ok());
        let card = Pid::from_raw(card.ok_or("there is no card")?);
        kill(card, Signal::SIGUSR1).map_err(|errno| errno.to_string())?;
        self.settings.pace = Pace::Free;
        for (program, child) in &self.children {
            if program.is_hardware() {
                schedule(child.id(), ["--other", "0"]);
            }
        }
        Ok(())
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

    /// Whether a program that was started runs still.
    pub fn runs(&mut self, program: Program) -> bool {
        let child = self.children.iter_mut().find(|(of, _)| *of == program);
        child.is_some_and(|(_, child)| child.try_wait().is_ok_and(|status| status.is_none()))
    }

    /// A connection to the city's control socket.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn city(&self) -> Result<City, String> {
        self.city_at(1)
    }

    /// A connection to the control socket of the city at a span.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn city_at(&self, span: usize) -> Result<City, String> {
        let program = if span == 1 { Program::City } else { Program::CityAt(span) };
        City::connect(&self.path("run").join(program.socket()))
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
        for program in [Program::Daemon, Program::Core] {
            self.end(program, Signal::SIGKILL);
        }
        while let Some((program, _)) = self.children.last() {
            self.end(*program, Signal::SIGKILL);
        }
    }
}
