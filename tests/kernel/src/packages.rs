//! Debian packages, fetched and unpacked beside the build: nothing of them is installed, because
//! a kernel that is installed changes how its machine boots.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::{Arch, Fault, Outcome, about, timed, tool};

/// Where everything that is fetched and built is kept, by version.
#[derive(Debug)]
pub struct Cache {
    top: PathBuf,
    /// Held while one of us fetches or builds.
    _lock: File,
}

impl Cache {
    /// `RINGMAIN_KERNEL`, else `kernel` in cargo's target folder. Waits for others that use it.
    ///
    /// # Errors
    /// The folder cannot be made or locked.
    pub fn open() -> Outcome<Self> {
        let top = std::env::var_os("RINGMAIN_KERNEL").map_or_else(of_this_tree, PathBuf::from);
        fs::create_dir_all(&top).map_err(about(&top))?;
        let top = top.canonicalize().map_err(about(&top))?;
        let path = top.join("lock");
        let lock = File::create(&path).map_err(about(&path))?;
        lock.lock().map_err(about(&path))?;
        Ok(Self { top, _lock: lock })
    }

    /// A path in it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.top.join(name)
    }
}

/// The folder of this work tree alone: what is built of its sources. Cargo takes what another tree
/// has built since for its own.
pub(crate) fn of_this_tree() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target.map_or_else(|| repository().join("target"), PathBuf::from).join("kernel")
}

/// The top of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map_or_else(PathBuf::new, Into::into)
}

/// A package of a version that stands in apt's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whose lists know it.
    arch: Arch,
}

/// apt's options for the lists of a machine: the host's own, or a set of its own for another,
/// so that the host is left as it is.
fn apt(cache: &Cache, arch: Arch, program: &str) -> Command {
    let mut command = Command::new(program);
    // Without a place for what it has read, apt reads all its lists anew each time.
    for kind in ["pkgcache", "srcpkgcache"] {
        let file = cache.path(&format!("{kind}-{}.bin", arch.debian()));
        command.arg("-o").arg(format!("Dir::Cache::{kind}={}", file.display()));
    }
    if arch == Arch::Arm64 {
        let state = cache.path("apt-arm64");
        command.args(["-o", "APT::Architecture=arm64", "-o", "APT::Architectures=arm64"]);
        for (option, folder) in [("Dir::State", "state"), ("Dir::Cache", "cache")] {
            command.arg("-o").arg(format!("{option}={}", state.join(folder).display()));
        }
        command.arg("-o").arg(format!("Dir::State::status={}", state.join("status").display()));
        command.args(["-o", "APT::Sandbox::User=root"]);
    }
    command
}

/// Fetches the lists of another machine than the host's, once a day.
fn lists(cache: &Cache, arch: Arch) -> Outcome {
    if arch == Arch::Amd64 {
        return Ok(());
    }
    let state = cache.path("apt-arm64");
    let stamp = state.join("status");
    let age = fs::metadata(&stamp).and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
    if age.is_some_and(|age| age.as_secs() < 86_400) {
        return Ok(());
    }
    for folder in ["state/lists/partial", "cache/archives/partial"] {
        let path = state.join(folder);
        fs::create_dir_all(&path).map_err(about(&path))?;
    }
    fs::write(&stamp, "").map_err(about(&stamp))?;
    let update = || tool(apt(cache, arch, "apt-get").args(["update", "-q"]));
    let done = timed("the lists of Debian's arm64", update);
    if done.is_err() {
        let _ = fs::remove_file(&stamp);
    }
    done.map(|_| ())
}

/// Asks apt-cache, and keeps what it said for as long as the lists are the same.
fn ask(cache: &Cache, arch: Arch, words: &[&str]) -> Outcome<String> {
    lists(cache, arch)?;
    let lists = match arch {
        Arch::Amd64 => PathBuf::from("/var/lib/apt/lists"),
        Arch::Arm64 => cache.path("apt-arm64/status"),
    };
    let since = fs::metadata(&lists).and_then(|m| m.modified()).map_err(about(&lists))?;
    let since = since.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let folder = cache.path(&format!("asked-{}-{since}", arch.debian()));
    let kept = folder.join(words.join(" "));
    if let Ok(said) = fs::read_to_string(&kept) {
        return Ok(said);
    }
    let said = tool(apt(cache, arch, "apt-cache").args(words))?;
    fs::create_dir_all(&folder).map_err(about(&folder))?;
    fs::write(&kept, &said).map_err(about(&kept))?;
    Ok(said)
}

/// Finds a package by its exact name.
///
/// # Errors
/// apt does not know it.
pub fn find(cache: &Cache, arch: Arch, name: &str) -> Outcome<Package> {
    let shown = ask(cache, arch, &["show", "--no-all-versions", name])?;
    let field = |key: &str| {
        shown.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ").map(str::to_owned))
    };
    // A name that it does not know is a pattern for apt: then what comes is called otherwise.
    match (field("Package"), field("Version")) {
        (Some(found), Some(version)) if found == name => Ok(Package { name: found, version, arch }),
        _ => Err(Fault(format!("apt does not know {name}: apt-get update"))),
    }
}

/// The package that a meta package stands for: its one dependency that begins so.
///
/// # Errors
/// apt does not know one of them.
pub fn find_behind(cache: &Cache, arch: Arch, meta: &str, begin: &str) -> Outcome<Package> {
    let said = ask(cache, arch, &["depends", meta])?;
    let name = said
        .lines()
        .filter_map(|line| line.trim().trim_start_matches('|').strip_prefix("Depends: "))
        .find(|name| name.starts_with(begin));
    let none = || Fault(format!("{meta} depends on no {begin}…: apt-get update"));
    find(cache, arch, name.ok_or_else(none)?)
}

/// Fetches packages and unpacks them into `tree`, those that are not there yet.
///
/// # Errors
/// One cannot be fetched or unpacked.
pub fn unpack(cache: &Cache, packages: &[Package], tree: &Path) -> Outcome {
    let marks = tree.join(".packages");
    fs::create_dir_all(&marks).map_err(about(&marks))?;
    let mark = |package: &Package| marks.join(format!("{}_{}", package.name, package.version));
    let missing: Vec<_> = packages.iter().filter(|package| !mark(package).exists()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let folder = cache.path("debs");
    fs::create_dir_all(&folder).map_err(about(&folder))?;
    let names: Vec<_> = missing.iter().map(|package| package.name.as_str()).collect();
    timed(&format!("unpacking {}", names.join(", ")), || {
        for (package, deb) in fetch(cache, &missing, &folder)? {
            tool(Command::new("dpkg").arg("-x").arg(&deb).arg(tree))?;
            fs::write(mark(package), "").map_err(about(tree))?;
            // What is unpacked is enough; kernels are large.
            fs::remove_file(&deb).map_err(about(&deb))?;
        }
        Ok(())
    })
}

/// Fetches packages, those of one set of lists at once: apt takes a second to begin.
fn fetch<'a>(
    cache: &Cache,
    packages: &[&'a Package],
    folder: &Path,
) -> Outcome<Vec<(&'a Package, PathBuf)>> {
    for arch in [Arch::Amd64, Arch::Arm64] {
        let own = packages.iter().filter(|package| package.arch == arch);
        let exact: Vec<_> = own.map(|p| format!("{}={}", p.name, p.version)).collect();
        if !exact.is_empty() {
            let mut command = apt(cache, arch, "apt-get");
            tool(command.args(["download", "-q"]).args(&exact).current_dir(folder))?;
        }
    }
    let names: Vec<_> = fs::read_dir(folder).map_err(about(folder))?.flatten().collect();
    let find = |package: &&'a Package| {
        let begin = format!("{}_{}_", package.name, package.version.replace(':', "%3a"));
        let mut names = names.iter();
        let deb = names.find(|name| name.file_name().to_string_lossy().starts_with(&begin));
        let none = || Fault(format!("apt-get download left no {begin}*.deb."));
        Ok((*package, deb.ok_or_else(none)?.path()))
    };
    packages.iter().map(find).collect()
}

/// A kernel of Debian's, unpacked, with what building modules for it needs.
#[derive(Debug)]
pub struct Kernel {
    /// Whose.
    pub arch: Arch,
    /// `6.1.0-56-amd64`.
    pub release: String,
    /// The package's version.
    pub version: String,
    /// Where it is unpacked.
    pub tree: PathBuf,
}

impl Kernel {
    /// The image that is booted.
    #[must_use]
    pub fn image(&self) -> PathBuf {
        match self.arch {
            Arch::Amd64 => self.tree.join("vmlinux"),
            Arch::Arm64 => self.tree.join(format!("boot/vmlinuz-{}", self.release)),
        }
    }

    /// The description of a Raspberry Pi 3B.
    #[must_use]
    pub fn device_tree(&self) -> PathBuf {
        let folder = format!("usr/lib/linux-image-{}/broadcom", self.release);
        self.tree.join(folder).join("bcm2837-rpi-3-b.dtb")
    }

    /// The folder of Debian's modules.
    #[must_use]
    pub fn modules(&self) -> PathBuf {
        self.tree.join(format!("lib/modules/{}/kernel", self.release))
    }

    /// The folder that modules are built with.
    #[must_use]
    pub fn headers(&self) -> PathBuf {
        self.tree.join(format!("usr/src/linux-headers-{}", self.release))
    }
}

/// Fetches and unpacks Debian's kernel with its headers.
///
/// # Errors
/// apt's, or the tree cannot be written.
pub fn kernel(cache: &Cache, arch: Arch) -> Outcome<Kernel> {
    let meta = |kind: &str| format!("linux-{kind}-{}", arch.debian());
    let image = find_behind(cache, arch, &meta("image"), "linux-image-")?;
    let headers = find_behind(cache, arch, &meta("headers"), "linux-headers-")?;
    let common = find_behind(cache, arch, &headers.name, "linux-headers-")?;
    // The programs of the build run on the host, whatever they build for.
    let own = find_behind(cache, Arch::Amd64, "linux-headers-amd64", "linux-headers-")?;
    let kbuild = find_behind(cache, Arch::Amd64, &own.name, "linux-kbuild-")?;
    let release = image.name.trim_start_matches("linux-image-").to_owned();
    let version = image.version.clone();
    let tree = cache.path(&format!("{}-{version}", arch.debian()));
    unpack(cache, &[image, headers, common, kbuild], &tree)?;
    let kernel = Kernel { arch, release, version, tree };
    move_headers(&kernel)?;
    open_image(&kernel)?;
    Ok(kernel)
}

/// A PC's kernel unpacks itself, which takes an emulated machine five seconds at each start;
/// QEMU boots the kernel inside as well.
fn open_image(kernel: &Kernel) -> Outcome {
    let to = kernel.image();
    if kernel.arch != Arch::Amd64 || to.exists() {
        return Ok(());
    }
    let from = kernel.tree.join(format!("boot/vmlinuz-{}", kernel.release));
    let data = fs::read(&from).map_err(about(&from))?;
    let magic = b"\xfd7zXZ\0";
    let none = || Fault(format!("{} has no XZ part.", from.display()));
    let at = data.windows(magic.len()).position(|w| w == magic).ok_or_else(none)?;
    let packed = kernel.tree.join("vmlinux.xz");
    fs::write(&packed, &data[at..]).map_err(about(&packed))?;
    let part = File::create(kernel.tree.join("vmlinux.part")).map_err(about(&to))?;
    // What follows the stream is the loader's.
    let mut xz = Command::new("xz");
    let status = xz.args(["-dc", "--single-stream"]).arg(&packed).stdout(part).status();
    let _ = fs::remove_file(&packed);
    match status {
        Ok(status) if status.success() => {
            fs::rename(kernel.tree.join("vmlinux.part"), &to).map_err(about(&to))
        }
        Ok(status) => Err(Fault(format!("xz: {status}"))),
        Err(fault) => Err(Fault(format!("xz cannot be run: {fault}"))),
    }
}

/// The headers name the folder where they would be installed; here they stand elsewhere.
fn move_headers(kernel: &Kernel) -> Outcome {
    let path = kernel.headers().join("Makefile");
    let text = fs::read_to_string(&path).map_err(about(&path))?;
    let Some(rest) = text.trim_end().strip_prefix("include /usr/src/") else { return Ok(()) };
    let moved = format!("include {}/usr/src/{rest}\n", kernel.tree.display());
    fs::write(&path, moved).map_err(about(&path))
}
