//! The words after `run`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kernel_tests::guest::{self, Base, Job, Program};
use kernel_tests::qemu::{Machine, Setup};
use kernel_tests::{Arch, Fault, Outcome};

/// What `help` prints.
pub(crate) const USAGE: &str = "\
ringmain-kernel build
    fetch and build all that guests are made of
ringmain-kernel test [gate | NAME]...
    all tests in guests, or those that `make test` runs, or some
ringmain-kernel pair \"WORDS OF RUN\" \"WORDS OF RUN\"
    two guests with one E1 span between them, each with a program; a program that prints
    \"KERNEL: power off peer\" switches the other guest off, and with \"on\" on again
ringmain-kernel run --program PATH [options] [-- ARGUMENTS]
    run one program in a guest with two E1 spans back to back
    --card PARAMETERS   no such spans but our test card: pairs=4,e1=1
    --bare              no DAHDI at all
    --module NAME[:PARAMETERS]  one more kernel module, Debian's or ours
    --gpio LINES        a simulated GPIO chip
    --also PACKAGE/BIN  one more program for its /bin, built for the guest's machine
    --build PACKAGE/BIN instead of --program: builds it for the guest's machine first
    --arch ARCH         amd64, or arm64, or raspi3b
    --name NAME         of the result and its folder, the program's if not given
    --with PATH[=NAME]  a file for its folder /data (or NAME, if it begins with /)
    --box               all that a box and the city around it need, in /data
    --qemu OPTIONS      more options for QEMU: \"-device i6300esb\"
    --kernel WORDS      more words for the kernel's command line
    --limit SECONDS     of the guest's time, 60 if not given
    --host-limit S      of the host's time, 300 if not given
    --out FOLDER        where the files of /out go
    --inexact           the guest's clock is the host's, not a count of instructions
";

/// How one program is run.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    pub(crate) machine: Machine,
    pub(crate) job: Job,
    pub(crate) out: Option<PathBuf>,
    pub(crate) qemu: Vec<String>,
    pub(crate) kernel: String,
    pub(crate) bare: bool,
    pub(crate) modules: Vec<(String, String)>,
    /// More programs: package and binary.
    pub(crate) also: Vec<(String, String)>,
    pub(crate) gpio: Option<u16>,
    pub(crate) exact: bool,
    pub(crate) host_limit: Duration,
}

impl Arguments {
    /// Whether our card takes the place of the spans.
    pub(crate) fn has_card(&self) -> bool {
        self.modules.iter().any(|(name, _)| name == "ringmain_card")
    }

    /// What the programs are built for.
    pub(crate) fn arch(&self) -> Arch {
        if self.machine == Machine::Q35 { Arch::Amd64 } else { Arch::Arm64 }
    }

    /// Its machine, with what was wished for besides.
    pub(crate) fn setup(&self, base: &Base, folder: &Path) -> Setup {
        let mut setup = guest::machine(base, self.machine, folder);
        setup.exact = self.exact;
        setup.devices.extend(self.qemu.iter().cloned());
        setup.kernel_words = format!("{} {}", setup.kernel_words, self.kernel).trim().to_owned();
        setup
    }

    /// Reads them.
    pub(crate) fn read(words: &[String]) -> Outcome<Self> {
        let job = Job {
            name: String::new(),
            program: Program::File(PathBuf::new()),
            arguments: vec![],
            files: vec![],
            a_box: false,
            limit_s: 60,
        };
        let host_limit = crate::HOST_LIMIT;
        let mut read = Self {
            machine: Machine::Q35,
            job,
            out: None,
            qemu: vec![],
            kernel: String::new(),
            bare: false,
            modules: vec![],
            also: vec![],
            gpio: None,
            exact: true,
            host_limit,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--" => {
                    read.job.arguments = words.cloned().collect();
                    break;
                }
                "--inexact" => read.exact = false,
                "--bare" => read.bare = true,
                "--box" => read.job.a_box = true,
                _ => {
                    let none = || Fault(format!("{word} wants one more word.\n{USAGE}"));
                    read.option(word, words.next().ok_or_else(none)?)?;
                }
            }
        }
        if read.job.name.is_empty() {
            return Err(Fault(format!("--program is missing.\n{USAGE}")));
        }
        Ok(read)
    }

    fn option(&mut self, option: &str, value: &str) -> Outcome {
        let none = || Fault(format!("{value} is no number."));
        let number = || value.parse().map_err(|_| none());
        match option {
            "--program" => {
                let name = Path::new(value).file_name().unwrap_or_default();
                self.call(&name.to_string_lossy());
                self.job.program = Program::File(value.into());
            }
            "--build" => {
                let (package, name) = value.split_once('/').unwrap_or((value, value));
                self.call(name);
                self.job.program = Program::Built(package.to_owned(), name.to_owned());
            }
            "--also" => {
                let (package, name) = value.split_once('/').unwrap_or((value, value));
                self.also.push((package.to_owned(), name.to_owned()));
            }
            "--name" => self.job.name = value.to_owned(),
            "--arch" => {
                self.machine = match value {
                    "amd64" => Machine::Q35,
                    "arm64" => Machine::Virt,
                    "raspi3b" => Machine::Raspi3b,
                    _ => return Err(Fault(format!("{value} is no machine of ours."))),
                }
            }
            "--with" => {
                let (path, name) = value.split_once('=').unwrap_or((value, ""));
                let path = PathBuf::from(path);
                let own = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let name = if name.is_empty() { own } else { name.to_owned() };
                self.job.files.push((path, name));
            }
            "--card" => self.modules.push(("ringmain_card".into(), value.replace(',', " "))),
            "--module" => {
                let (name, parameters) = value.split_once(':').unwrap_or((value, ""));
                self.modules.push((name.to_owned(), parameters.to_owned()));
            }
            "--qemu" => self.qemu.extend(value.split_whitespace().map(str::to_owned)),
            "--kernel" => value.clone_into(&mut self.kernel),
            "--gpio" => self.gpio = Some(value.parse().map_err(|_| none())?),
            "--limit" => self.job.limit_s = number()?,
            "--host-limit" => self.host_limit = Duration::from_secs(number()?.into()),
            "--out" => self.out = Some(value.into()),
            _ => return Err(Fault(format!("{option} is no option.\n{USAGE}"))),
        }
        Ok(())
    }

    /// What the result is called, if nobody says otherwise.
    fn call(&mut self, name: &str) {
        if self.job.name.is_empty() {
            self.job.name = name.to_owned();
        }
    }
}
