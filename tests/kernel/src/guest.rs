//! Making a guest and judging what runs in it: what the command line and the tests share.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::cross::Cross;
use crate::initramfs::Contents;
use crate::modules::{Dahdi, Index, dahdi, own};
use crate::packages::{Cache, Kernel, kernel, repository};
use crate::plan::{END, Plan, Step};
use crate::qemu::{Guest, Machine, Setup};
use crate::{Arch, Fault, Outcome, about, tool};

/// Modules that we build, and the folder below `modules/` that each comes from.
const OWN: &[(&str, &str)] = &[
    ("ringmain_card", "ringmain_card"),
    ("spi_loopback", "spi_loopback"),
    ("gpio_sim", "gpio_sim"),
    ("i2c_stub", "i2c_stub"),
];

/// What every guest of a machine is made of.
pub struct Base {
    /// Where all is kept.
    pub cache: Cache,
    /// The kernel.
    pub kernel: Kernel,
    /// DAHDI's modules.
    pub dahdi: Dahdi,
    /// What builds programs for another machine than the host.
    pub cross: Option<Cross>,
    /// The guest's first program.
    pub init: PathBuf,
    /// Where libraries come from.
    pub roots: Vec<PathBuf>,
}

impl Base {
    /// Fetches and builds what is not there yet.
    ///
    /// # Errors
    /// apt's and the compilers'.
    pub fn new(arch: Arch) -> Outcome<Self> {
        let cache = Cache::open()?;
        let kernel = kernel(&cache, arch)?;
        let dahdi = dahdi(&cache, &kernel)?;
        let cross = if arch == Arch::Arm64 { Some(Cross::new(&cache)?) } else { None };
        let init = build(cross.as_ref(), "kernel-tests", "ringmain-guest")?;
        let roots = vec![cross.as_ref().map_or("/".into(), |cross| cross.sysroot.clone())];
        Ok(Self { cache, kernel, dahdi, cross, init, roots })
    }

    /// Builds a program of the workspace for this machine.
    ///
    /// # Errors
    /// The compiler's.
    pub fn program(&self, package: &str, name: &str) -> Outcome<PathBuf> {
        build(self.cross.as_ref(), package, name)
    }

    /// Puts modules into a guest, with those that they depend on; each is its name and its
    /// parameters. Returns the steps that load them. Ours are built if they have changed.
    ///
    /// # Errors
    /// One is not there, or the compiler's.
    pub fn modules(&self, contents: &mut Contents, wanted: &[(&str, &str)]) -> Outcome<Vec<Step>> {
        let mut folders = vec![self.kernel.modules(), self.dahdi.modules.clone()];
        for (module, source) in OWN {
            // Debian's kernel for the PC brings it.
            let brought = *module == "i2c_stub" && self.kernel.arch == Arch::Amd64;
            if !brought && wanted.iter().any(|(name, _)| name.replace('-', "_") == *module) {
                folders.push(own(&self.cache, &self.kernel, &self.dahdi, source)?);
            }
        }
        let names: Vec<_> = wanted.iter().map(|(name, _)| *name).collect();
        let found = Index::new(&folders).closure(&names)?;
        Ok(contents.add_modules(&found, wanted))
    }

    /// The beginning of a guest's contents.
    #[must_use]
    pub fn contents(&self) -> Contents {
        let mut contents = Contents::new(self.kernel.arch, self.roots.clone());
        contents.add("/init", &self.init);
        contents
    }
}

/// Builds a program of the workspace, for the host as cargo does for this one, and returns its
/// path.
fn build(cross: Option<&Cross>, package: &str, name: &str) -> Outcome<PathBuf> {
    if let Some(cross) = cross {
        return cross.program(package, name);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "-q", "--package", package, "--bin", name]);
    tool(command.current_dir(repository()))?;
    let own = std::env::current_exe().map_err(|fault| Fault(fault.to_string()))?;
    let folder = own.parent().unwrap_or(Path::new("."));
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(folder.join(name))
}

/// Two E1 spans back to back: 31 channels each, numbers 1 to 31 and 32 to 62.
#[must_use]
pub fn two_spans() -> Vec<Step> {
    let end = |address: &str| Step::Dynamic {
        driver: "loc".into(),
        address: address.into(),
        channels: 31,
        // Without one to lead, DAHDI's own timer moves both; else nothing would.
        timing: 0,
    };
    vec![end("1:0"), end("1:1")]
}

/// Where a program comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// A file.
    File(PathBuf),
    /// A package of the workspace and its binary, built for the guest's machine.
    Built(String, String),
}

/// A program for a guest, and what it needs.
#[derive(Debug, Clone)]
pub struct Job {
    /// What its result is called, and its folder.
    pub name: String,
    /// The program.
    pub program: Program,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Files for `/data`: path on the host, name.
    pub files: Vec<(PathBuf, String)>,
    /// Whether what a box is made of stands in `/data`, as in the repository.
    pub a_box: bool,
    /// Seconds of the guest's time.
    pub limit_s: u32,
}

impl Job {
    /// Puts program and files into a guest and returns the step that runs it.
    ///
    /// # Errors
    /// The compiler's.
    pub fn put(&self, base: &Base, contents: &mut Contents) -> Outcome<Step> {
        let program = match &self.program {
            Program::File(path) => path.clone(),
            Program::Built(package, name) => base.program(package, name)?,
        };
        let file = program.file_name().unwrap_or_default().to_string_lossy();
        let inside = format!("/bin/{file}");
        contents.add(&inside, &program);
        for (path, name) in &self.files {
            let inside = if name.starts_with('/') { name.clone() } else { format!("/data/{name}") };
            contents.add(&inside, path);
        }
        if self.a_box {
            put_box(base, contents)?;
        }
        let mut words = vec![inside];
        words.extend(self.arguments.iter().cloned());
        Ok(Step::Run { name: self.name.clone(), limit_s: self.limit_s, words })
    }
}

/// The programs of a box and of the city around it: package and binary.
const BOX: &[(&str, &str)] = &[
    ("ringmain-core", "ringmain-core"),
    ("ringmaind", "ringmaind"),
    ("exchange", "ringmain-city"),
];
/// Folders of documents and prompts, and how the names end that are wanted of them.
const DOCUMENTS: &[(&str, &str)] = &[
    ("boards", ".toml"),
    ("boards/country", ".toml"),
    ("boards/r2", ".toml"),
    ("images/default", ".toml"),
    ("images/default/flows", ".toml"),
    ("images/default/prompts", ".toml"),
    ("target/prompts", ""),
];

/// All that a rig of tests/scenarios looks for, and what makes the city come before others.
fn put_box(base: &Base, contents: &mut Contents) -> Outcome {
    for (package, name) in BOX {
        contents.add(&format!("/data/{name}"), &base.program(package, name)?);
    }
    let chrt = base.cross.as_ref().map_or("/".into(), |cross| cross.sysroot.clone());
    contents.add("/bin/chrt", &chrt.join("usr/bin/chrt"));
    for (folder, end) in DOCUMENTS {
        let from = repository().join(folder);
        let entries = fs::read_dir(&from)
            .map_err(|fault| Fault(format!("{folder}: {fault}: cargo xtask prompts")))?;
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(end) {
                contents.add(&format!("/data/{folder}/{name}"), &path);
            }
        }
    }
    Ok(())
}

/// What became of a guest.
#[derive(Debug)]
pub struct Report {
    /// Name and fault, if it failed.
    pub results: Vec<(String, Option<String>)>,
    /// The files that it left.
    pub files: Vec<(String, Vec<u8>)>,
    /// How long it ran, on the host's clock.
    pub took: Duration,
}

impl Report {
    /// The faults as one.
    ///
    /// # Errors
    /// Something failed, or nothing has a result.
    pub fn judge(&self) -> Outcome {
        let told = |(name, fault): &(String, Option<String>)| {
            fault.as_ref().map(|fault| format!("{name}: {fault}"))
        };
        let faults: Vec<_> = self.results.iter().filter_map(told).collect();
        match (self.results.is_empty(), faults.is_empty()) {
            (true, _) => Err(Fault("The guest ended without a result.".into())),
            (_, false) => Err(Fault(faults.join("\n"))),
            _ => Ok(()),
        }
    }
}

/// Reads a line `RESULT <name> ok|FAILED <detail>`.
pub(crate) fn result(line: &str) -> Option<(String, Option<String>)> {
    let rest = line.strip_prefix("RESULT ")?;
    if let Some(name) = rest.strip_suffix(" ok") {
        return Some((name.to_owned(), None));
    }
    let (name, fault) = rest.split_once(" FAILED")?;
    Some((name.to_owned(), Some(fault.trim_start().to_owned())))
}

/// Follows a guest to its end; `each` sees every line of the programs in it.
///
/// # Errors
/// It is silent or runs for longer than `limit`, or its files are cut off.
pub fn follow(guest: &mut Guest, limit: Duration, each: &mut dyn FnMut(&str)) -> Outcome<Report> {
    let mut results = vec![];
    let mut begun = false;
    while let Some(line) = guest.line(limit.saturating_sub(guest.age()))? {
        if line == END {
            guest.power_off();
            break;
        }
        begun |= line.starts_with("KERNEL: begin ");
        if let Some(result) = result(&line) {
            results.push(result);
        } else if begun || line.starts_with("KERNEL:") {
            each(&line);
        }
    }
    let took = guest.age();
    let files = guest.files()?;
    let complaints = guest.complaints();
    if results.is_empty() && !complaints.is_empty() {
        return Err(Fault(format!("QEMU: {}", complaints.trim_end())));
    }
    Ok(Report { results, files, took })
}

/// Writes the files that a guest left.
///
/// # Errors
/// Those of writing.
pub fn keep(files: &[(String, Vec<u8>)], folder: &Path) -> Outcome {
    for (name, data) in files {
        // The guest's names stay below the folder.
        let below: PathBuf = Path::new(name)
            .components()
            .filter(|part| matches!(part, std::path::Component::Normal(_)))
            .collect();
        let path = folder.join(below);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(about(parent))?;
        fs::write(&path, data).map_err(about(&path))?;
    }
    Ok(())
}

/// A machine with the first file system of this folder.
#[must_use]
pub fn machine(base: &Base, machine: Machine, folder: &Path) -> Setup {
    let pi = machine == Machine::Raspi3b;
    Setup {
        machine,
        kernel: base.kernel.image(),
        initramfs: folder.join("initramfs.cpio"),
        device_tree: pi.then(|| base.kernel.device_tree()),
        exact: true,
        memory_mib: 768,
        devices: vec![],
        // So that a program can reach the GPIO's registers beside the kernel's driver.
        kernel_words: if pi { "iomem=relaxed".into() } else { String::new() },
        folder: folder.to_path_buf(),
    }
}

/// Writes plan and contents of a guest to be.
///
/// # Errors
/// A file or library is not there.
pub fn prepare(setup: &Setup, contents: &Contents, mut steps: Vec<Step>) -> Outcome {
    fs::create_dir_all(&setup.folder).map_err(about(&setup.folder))?;
    steps.push(Step::Out(setup.out_port().into()));
    contents.write(&Plan(steps), &setup.initramfs, &setup.folder.join("stripped"))
}

/// Prepares a guest and starts it.
///
/// # Errors
/// Those of both.
pub fn boot(setup: &Setup, contents: &Contents, steps: Vec<Step>) -> Outcome<Guest> {
    prepare(setup, contents, steps)?;
    setup.start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_from_their_lines() {
        assert_eq!(result("RESULT a ok"), Some(("a".into(), None)));
        assert_eq!(result("RESULT a FAILED exit 3"), Some(("a".into(), Some("exit 3".into()))));
        assert_eq!(result("a RESULT a ok"), None);
        assert_eq!(result("RESULT a"), None);
    }

    #[test]
    fn a_guest_without_a_result_has_failed() {
        let none = Report { results: vec![], files: vec![], took: Duration::ZERO };
        assert!(none.judge().is_err());
    }
}
