//! The guest's first and only file system: our `/init`, its plan, modules, programs with their
//! libraries, files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::plan::{Plan, Step};
use crate::{Arch, Outcome, about, cpio, elf, libraries, plan, tool};

/// Folders that are always there.
const FOLDERS: [&str; 10] =
    ["/dev", "/proc", "/sys", "/run", "/tmp", "/out", "/data", "/etc", "/bin", "/lib/modules"];

/// What goes into a guest.
#[derive(Debug, Clone)]
pub struct Contents {
    arch: Arch,
    roots: Vec<PathBuf>,
    files: BTreeMap<String, (u32, PathBuf)>,
    texts: BTreeMap<String, String>,
}

impl Contents {
    /// An empty one; libraries come from the first of the roots that has them.
    #[must_use]
    pub fn new(arch: Arch, roots: Vec<PathBuf>) -> Self {
        Self { arch, roots, files: BTreeMap::new(), texts: BTreeMap::new() }
    }

    /// A program or file, under this name in the guest. Programs come with their libraries,
    /// folders with all that is in them.
    pub fn add(&mut self, name: &str, path: &Path) {
        if !path.is_dir() {
            self.files.insert(name.to_owned(), (0o755, path.to_path_buf()));
            return;
        }
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let below = format!("{name}/{}", entry.file_name().to_string_lossy());
            self.add(&below, &entry.path());
        }
    }

    /// A text.
    pub fn add_text(&mut self, name: &str, text: &str) {
        self.texts.insert(name.to_owned(), text.to_owned());
    }

    /// Modules with their parameters; returns the steps that load them.
    #[must_use]
    pub fn add_modules(
        &mut self,
        modules: &[(String, PathBuf)],
        parameters: &[(&str, &str)],
    ) -> Vec<Step> {
        let mut steps = vec![];
        for (name, path) in modules {
            self.add(&format!("/lib/modules/{name}.ko"), path);
            let own = parameters.iter().find(|(module, _)| module.replace('-', "_") == *name);
            let parameters = own.map_or("", |(_, text)| text).to_owned();
            steps.push(Step::Module { name: name.clone(), parameters });
        }
        steps
    }

    /// Writes the file system to `path`; `work` keeps programs without their debug information.
    ///
    /// # Errors
    /// A file or library is not there; the plan cannot be written.
    pub fn write(&self, plan: &Plan, path: &Path, work: &Path) -> Outcome {
        fs::create_dir_all(work).map_err(about(work))?;
        let mut all: BTreeMap<String, (u32, Vec<u8>)> = BTreeMap::new();
        let mut programs = vec![];
        for (name, (mode, from)) in &self.files {
            let mut data = fs::read(from).map_err(about(from))?;
            if elf::is_elf(&data) && elf::needed(&data).is_some() && !name.ends_with(".ko") {
                programs.push(from.as_path());
                data = self.stripped(from, work)?;
            }
            all.insert(name.clone(), (*mode, data));
        }
        for (name, from) in libraries::closure(&self.roots, self.arch, &programs)? {
            all.insert(name, (0o755, fs::read(&from).map_err(about(&from))?));
        }
        for (name, text) in &self.texts {
            all.insert(name.clone(), (0o644, text.clone().into_bytes()));
        }
        all.insert(plan::PATH.into(), (0o644, plan.to_text()?.into_bytes()));
        let file = fs::File::create(path).map_err(about(path))?;
        write_all(cpio::Writer::new(BufWriter::new(file)), &all).map_err(about(path))
    }

    fn stripped(&self, from: &Path, work: &Path) -> Outcome<Vec<u8>> {
        let strip = match self.arch {
            Arch::Amd64 => "strip".to_owned(),
            Arch::Arm64 => format!("{}-strip", self.arch.triplet()),
        };
        let to = work.join(from.file_name().unwrap_or_default());
        tool(Command::new(strip).arg("--strip-debug").arg("-o").arg(&to).arg(from))?;
        fs::read(&to).map_err(about(&to))
    }
}

fn write_all<W: std::io::Write>(
    mut writer: cpio::Writer<W>,
    all: &BTreeMap<String, (u32, Vec<u8>)>,
) -> std::io::Result<()> {
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for name in all.keys().map(Path::new) {
        folders.extend(name.ancestors().skip(1).map(Path::to_path_buf));
    }
    for name in FOLDERS {
        folders.extend(Path::new(name).ancestors().map(Path::to_path_buf));
    }
    for folder in folders.iter().filter(|folder| folder.parent().is_some()) {
        writer.folder(&folder.to_string_lossy())?;
    }
    // The kernel opens it for the first program.
    writer.device("/dev/console", 5, 1)?;
    for (name, (mode, data)) in all {
        writer.file(name, *mode, data)?;
    }
    writer.finish().map(|_| ())
}
