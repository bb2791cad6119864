//! Kernel modules for guests: DAHDI's from Debian's source package, ours from `modules/`, and
//! the search for those that Debian's kernel brings.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::packages::{Cache, Kernel, find, unpack};
use crate::{Arch, Fault, Outcome, about, elf, timed, tool};

/// The part of DAHDI that the guests use; all of it would take ten times as long to build.
const DAHDI: &str = "dahdi.o dahdi_dynamic.o dahdi_dynamic_loc.o dahdi_dynamic_eth.o \
                     dahdi_transcode.o dahdi_echocan_mg2.o";

/// The folder that a build with these inputs has of its own.
fn folder(kernel: &Kernel, name: &str, inputs: &[&[u8]]) -> PathBuf {
    let mut sum = Sha256::new();
    for input in inputs {
        sum.update(input.len().to_le_bytes());
        sum.update(input);
    }
    let sum: String = sum.finalize().iter().take(6).map(|octet| format!("{octet:02x}")).collect();
    kernel.tree.join(format!("built/{name}-{sum}"))
}

/// Runs the kernel's build over the folder `sources`.
fn make(kernel: &Kernel, sources: &Path, more: &[String]) -> Outcome {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = Command::new("make");
    command.arg("-C").arg(kernel.headers()).arg(format!("M={}", sources.display()));
    command.arg(format!("-j{jobs}")).args(more).arg("modules");
    // Type information for tracing would need the whole kernel.
    command.arg("CONFIG_DEBUG_INFO_BTF_MODULES=");
    if kernel.arch == Arch::Arm64 {
        command.arg(format!("CROSS_COMPILE={}-", kernel.arch.triplet()));
        command.arg(format!("CC={}-gcc", kernel.arch.triplet()));
    }
    tool(&mut command).map(|_| ())
}

/// Brings the modules that were built to `to`, without what only a debugger reads, and marks
/// the folder as complete.
fn collect(kernel: &Kernel, sources: &Path, to: &Path) -> Outcome {
    let strip = match kernel.arch {
        Arch::Amd64 => "strip".to_owned(),
        Arch::Arm64 => format!("{}-strip", kernel.arch.triplet()),
    };
    for path in files(sources, "ko") {
        let name = path.file_name().unwrap_or(OsStr::new("module"));
        tool(Command::new(&strip).arg("--strip-debug").arg("-o").arg(to.join(name)).arg(&path))?;
    }
    fs::write(to.join("complete"), "").map_err(about(to))
}

/// All files below a folder with this ending, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (vec![], vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.retain(|path| path.extension().is_some_and(|found| found == ending));
    found.sort();
    found
}

/// DAHDI as it was built: its modules, and what modules on top of it are built with.
#[derive(Debug)]
pub struct Dahdi {
    /// The folder of its modules.
    pub modules: PathBuf,
    /// Its headers.
    pub include: PathBuf,
    /// What it offers to other modules.
    pub symbols: PathBuf,
}

/// Builds DAHDI from `dahdi-source`, if this version has not been built for this kernel.
///
/// # Errors
/// apt's and the compiler's.
pub fn dahdi(cache: &Cache, kernel: &Kernel) -> Outcome<Dahdi> {
    let package = find(cache, Arch::Amd64, "dahdi-source")?;
    let to = folder(kernel, "dahdi", &[package.version.as_bytes(), DAHDI.as_bytes()]);
    let top = to.join("modules/dahdi");
    let sources = top.join("drivers/dahdi");
    let built = Dahdi {
        modules: to.clone(),
        include: top.join("include"),
        symbols: sources.join("Module.symvers"),
    };
    if to.join("complete").exists() {
        return Ok(built);
    }
    unpack(cache, &[package], &kernel.tree)?;
    timed(&format!("building DAHDI for {}", kernel.release), || {
        let _ = fs::remove_dir_all(&to);
        fs::create_dir_all(&to).map_err(about(&to))?;
        let archive = kernel.tree.join("usr/src/dahdi.tar.bz2");
        tool(Command::new("tar").arg("-C").arg(&to).arg("-xf").arg(archive))?;
        // A second echo canceller that nobody asks for is built wherever this folder is found.
        let _ = fs::remove_dir_all(top.join("drivers/staging/echo"));
        let version = top.join("include/dahdi/version.h");
        fs::write(&version, "#define DAHDI_VERSION \"2.11.1\"\n").map_err(about(&version))?;
        let more = [
            format!("DAHDI_INCLUDE={}", built.include.display()),
            format!("DAHDI_MODULES_EXTRA={DAHDI}"),
        ];
        make(kernel, &sources, &more)?;
        collect(kernel, &sources, &to)
    })?;
    Ok(built)
}

/// The kernel's own sources that modules are built from, and for which one each is.
const SOURCES: [(&str, &str); 4] = [
    ("gpio_sim", "drivers/gpio/gpio-sim.c"),
    ("gpio_sim", "drivers/gpio/gpiolib.h"),
    ("gpio_sim", "kernel/irq/irq_sim.c"),
    ("i2c_stub", "drivers/i2c/i2c-stub.c"),
];

/// The kernel's own sources for a module of ours, taken out of all of them.
fn kernel_sources(cache: &Cache, kernel: &Kernel, module: &str) -> Outcome<Vec<PathBuf>> {
    let own: Vec<_> = SOURCES.iter().filter(|(name, _)| *name == module).collect();
    if own.is_empty() {
        return Ok(vec![]);
    }
    let to = cache.path(&format!("sources-{}", kernel.version));
    let paths = || own.iter().map(|(_, file)| to.join(file)).collect();
    if to.join("complete").exists() {
        return Ok(paths());
    }
    let series: Vec<_> = kernel.release.split('.').take(2).collect();
    let name = format!("linux-source-{}", series.join("."));
    let package = find(cache, Arch::Amd64, &name)?;
    let unpacked = cache.path("unpacked");
    unpack(cache, &[package], &unpacked)?;
    timed("a few of the kernel's sources", || {
        fs::create_dir_all(&to).map_err(about(&to))?;
        let archive = unpacked.join(format!("usr/src/{name}.tar.xz"));
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(&to).args(["--strip-components=1", "--occurrence=1", "-xJf"]);
        tar.arg(archive).args(SOURCES.map(|(_, file)| format!("{name}/{file}")));
        tool(tar.env("XZ_DEFAULTS", "-T0"))?;
        fs::remove_dir_all(&unpacked).map_err(about(&unpacked))?;
        fs::write(to.join("complete"), "").map_err(about(&to))
    })?;
    Ok(paths())
}

/// Builds a module of ours, `modules/<name>/`, if it has changed. Its `Kbuild` finds DAHDI's
/// headers in `DAHDI_INCLUDE`.
///
/// # Errors
/// apt's and the compiler's.
pub fn own(cache: &Cache, kernel: &Kernel, dahdi: &Dahdi, name: &str) -> Outcome<PathBuf> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("modules").join(name);
    let mut paths = files(&from, "c");
    paths.extend(files(&from, "h"));
    paths.push(from.join("Kbuild"));
    paths.extend(kernel_sources(cache, kernel, name)?);
    let texts: Outcome<Vec<_>> =
        paths.iter().map(|path| fs::read(path).map_err(about(path))).collect();
    let texts = texts?;
    let inputs: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let to = folder(kernel, name, &inputs);
    if to.join("complete").exists() {
        return Ok(to);
    }
    timed(&format!("building {name} for {}", kernel.release), || {
        let sources = to.join("build");
        let _ = fs::remove_dir_all(&to);
        fs::create_dir_all(&sources).map_err(about(&sources))?;
        for (path, text) in paths.iter().zip(&texts) {
            let target = sources.join(path.file_name().unwrap_or_default());
            fs::write(&target, text).map_err(about(&target))?;
        }
        let more = [
            format!("DAHDI_INCLUDE={}", dahdi.include.display()),
            format!("KBUILD_EXTRA_SYMBOLS={}", dahdi.symbols.display()),
        ];
        make(kernel, &sources, &more)?;
        collect(kernel, &sources, &to)
    })?;
    Ok(to)
}

/// Where modules are found by name; ours before Debian's.
pub struct Index(HashMap<String, PathBuf>);

/// The kernel takes both signs for one.
fn plain(name: &str) -> String {
    name.replace('-', "_")
}

impl Index {
    /// Looks into these folders; what is found in a later one counts.
    #[must_use]
    pub fn new(folders: &[PathBuf]) -> Self {
        let mut all = HashMap::new();
        for folder in folders {
            for path in files(folder, "ko") {
                let name = path.file_stem().map(|name| plain(&name.to_string_lossy()));
                all.insert(name.unwrap_or_default(), path);
            }
        }
        Self(all)
    }

    /// The modules to load for these, in order, each with its file.
    ///
    /// # Errors
    /// One is not there.
    pub fn closure(&self, wanted: &[&str]) -> Outcome<Vec<(String, PathBuf)>> {
        let mut order = vec![];
        for name in wanted {
            self.add(&plain(name), &mut order, 0)?;
        }
        Ok(order)
    }

    fn add(&self, name: &str, order: &mut Vec<(String, PathBuf)>, depth: u8) -> Outcome {
        if order.iter().any(|(present, _)| present == name) {
            return Ok(());
        }
        let none = || Fault(format!("There is no kernel module {name}."));
        let path = self.0.get(name).filter(|_| depth < 20).ok_or_else(none)?;
        let data = fs::read(path).map_err(about(path))?;
        for depended in elf::module_depends(&data) {
            self.add(&plain(&depended), order, depth + 1)?;
        }
        order.push((name.to_owned(), path.clone()));
        Ok(())
    }
}
