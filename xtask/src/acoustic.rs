//! WebRTC's audio processing as a library to link with: what `firmware/acoustic` needs before it
//! can be built. The recipe stands here and nowhere else.
//!
//! ```text
//!  source inside the crate webrtc-audio-processing-sys ─► target/acoustic/<machine>/source
//!     meson.build: an older abseil will do     firmware/acoustic/abseil: the two headers that
//!                                              Debian 12's abseil has not yet
//!  meson, ninja ─► libwebrtc-audio-processing-2.a
//!  ar: abseil's own archives into the same file: nothing to look for when the box starts
//!  ─► target/acoustic/<machine>/{include,lib}, where .cargo/config.toml points the crate to
//! ```
//!
//! The crate's own feature `bundled` does nearly this, but asks for an abseil that Debian 12 does
//! not have and would fetch it from a network that builds must not need.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Outcome, say};

const CRATE: &str = "webrtc-audio-processing-sys-";
const NAME: &str = "webrtc-audio-processing-2";
const SHIMS: &str = "firmware/acoustic/abseil";
/// What of abseil is called, and what that calls.
const ABSEIL: &[&str] = &[
    "strings",
    "strings_internal",
    "throw_delegate",
    "base",
    "raw_logging_internal",
    "spinlock_wait",
    "int128",
];
/// Counts the changes of this recipe: what an older one made is made again.
const RECIPE: u32 = 1;

/// A machine to build for.
struct Machine {
    /// Where its files go.
    folder: &'static str,
    /// Where Debian has its libraries.
    libraries: &'static str,
}

const HERE: Machine = Machine { folder: "host", libraries: "/usr/lib" };

/// `cargo xtask acoustic`
pub(crate) fn run(_: &[String]) -> Outcome {
    build(&HERE).map_err(|fault| vec![format!("acoustic: {fault}")])
}

fn build(machine: &Machine) -> Result<(), String> {
    let package = package()?;
    let home = Path::new("target/acoustic").join(machine.folder);
    let stamp = home.join("made-from");
    let made = format!("recipe {RECIPE} of {}\n", package.display());
    if fs::read_to_string(&stamp).ok().as_deref() == Some(&made) {
        return Ok(());
    }
    say("building WebRTC's audio processing for firmware/acoustic (two minutes, once)\n");
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home).map_err(|fault| format!("{}: {fault}", home.display()))?;
    let home = home.canonicalize().map_err(|fault| format!("{}: {fault}", home.display()))?;
    let (source, build) = (home.join("source"), home.join("build"));
    tool("cp", &["-r", &text(&package.join("webrtc-audio-processing")), &text(&source)])?;
    accept_older_abseil(&source.join("meson.build"))?;
    let shims = fs::canonicalize(SHIMS).map_err(|fault| format!("{SHIMS}: {fault}"))?;
    tool(
        "meson",
        &[
            "setup",
            "--buildtype=release",
            "-Ddefault_library=static",
            "--libdir=lib",
            &format!("--prefix={}", text(&home)),
            &format!("-Dcpp_args=-I{}", text(&shims)),
            &text(&build),
            &text(&source),
        ],
    )?;
    tool("ninja", &["-C", &text(&build), "install"])?;
    // Its public headers name those of abseil too.
    tool("cp", &["-r", &text(&shims.join("absl")), &text(&home.join("include").join(NAME))])?;
    take_in_abseil(machine, &home.join("lib"))?;
    for folder in [source, build] {
        fs::remove_dir_all(&folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    }
    fs::write(&stamp, made).map_err(|fault| format!("{}: {fault}", stamp.display()))
}

/// Where cargo keeps the crate whose sources these are.
fn package() -> Result<PathBuf, String> {
    let said = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--locked"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|fault| format!("cargo metadata: {fault}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let mut manifests = said.split("\"manifest_path\":\"").skip(1).filter_map(|rest| {
        let path = Path::new(rest.split('"').next()?);
        let folder = path.parent()?;
        folder.file_name()?.to_str()?.starts_with(CRATE).then(|| folder.to_owned())
    });
    manifests.next().ok_or_else(|| format!("cargo metadata names no {CRATE}"))
}

fn accept_older_abseil(file: &Path) -> Result<(), String> {
    let fault = |fault| format!("{}: {fault}", file.display());
    let text = fs::read_to_string(file).map_err(fault)?;
    let wanted = "version: '>=20240722'";
    if !text.contains(wanted) {
        return Err(format!("{}: does not ask for abseil with {wanted}", file.display()));
    }
    fs::write(file, text.replace(wanted, "version: '>=20220623'")).map_err(fault)
}

/// Adds abseil's archives to the library.
fn take_in_abseil(machine: &Machine, library: &Path) -> Result<(), String> {
    let own = format!("lib{NAME}.a");
    let triplet = Command::new("cc")
        .arg("-print-multiarch")
        .output()
        .map_err(|fault| format!("cc: {fault}"))?;
    let triplet = String::from_utf8_lossy(&triplet.stdout).trim().to_owned();
    let mut script = format!("open {own}\n");
    for name in ABSEIL {
        script.push_str(&format!("addlib {}/{triplet}/libabsl_{name}.a\n", machine.libraries));
    }
    script.push_str("save\nend\n");
    let path = library.join("merge");
    fs::write(&path, script).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let script = fs::File::open(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let mut ar = Command::new("ar");
    ar.arg("-M").stdin(script).current_dir(library);
    finished("ar -M", ar.status())?;
    fs::remove_file(&path).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Runs a program; what it says is shown only if it fails.
fn tool(name: &str, arguments: &[&str]) -> Result<(), String> {
    let said = Command::new(name)
        .args(arguments)
        .output()
        .map_err(|fault| format!("{name} cannot be run: {fault}"))?;
    if !said.status.success() {
        say(&String::from_utf8_lossy(&said.stdout));
        say(&String::from_utf8_lossy(&said.stderr));
    }
    finished(&format!("{name} {}", arguments.join(" ")), Ok(said.status))
}

fn finished(what: &str, status: std::io::Result<std::process::ExitStatus>) -> Result<(), String> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what}: {status}")),
        Err(fault) => Err(format!("{what}: {fault}")),
    }
}
