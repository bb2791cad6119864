//! Installs the Debian packages that building, running and testing need, and says which.

use std::process::Command;

use crate::{Outcome, acoustic, say};

/// Each package and what it is for.
const PACKAGES: &[(&str, &str)] = &[
    ("gcc", "compiles the shims of the test peers"),
    ("g++", "compiles acoustic echo cancellation"),
    ("libabsl-dev", "acoustic echo cancellation is written with it"),
    ("libclang-dev", "reads its headers"),
    ("meson", "builds it"),
    ("ninja-build", "builds it"),
    ("pkg-config", "finds SQLite"),
    ("libsqlite3-dev", "the store"),
    ("libasound2-dev", "audio jacks"),
    ("libopus-dev", "recordings in Opus"),
    ("opus-tools", "plays them, to be compared with the call"),
    ("libpri-dev", "the city exchange's signalling, a test peer"),
    ("libopenr2-dev", "R2 calls, a test peer"),
    ("libspandsp-dev", "R2's signals, caller identification and tones, a test peer"),
    ("libspeexdsp-dev", "cancels echo, to be measured beside ours"),
    ("tshark", "judges captures of the D channel"),
    ("asterisk-core-sounds-en-wav", "speech in which detectors must hear nothing"),
    ("asterisk-core-sounds-es-wav", "the same in Spanish"),
    ("asterisk-core-sounds-fr-wav", "the same in French"),
    ("asterisk-core-sounds-it-wav", "the same in Italian"),
    ("asterisk-core-sounds-ru-wav", "the same in Russian"),
    ("asterisk-moh-opsound-wav", "music that is to be told from speech"),
    ("espeak-ng", "speaks the prompts"),
    ("sox", "brings prompts to 8 kHz"),
    ("libsox-fmt-mp3", "makes MP3 files of which sounds are made in tests"),
];

/// What the guests with real kernel interfaces need besides.
const FOR_GUESTS: &[(&str, &str)] = &[
    ("qemu-system-x86", "runs the guests"),
    ("qemu-system-arm", "runs the guests of the other machine"),
    ("seabios", "starts a PC in QEMU"),
    ("ipxe-qemu", "the boot parts of QEMU's devices"),
    ("make", "builds kernel modules"),
    ("bzip2", "unpacks DAHDI's sources"),
    ("xz-utils", "unpacks the kernel and its sources"),
    ("libelf1", "the kernel's build checks modules with it"),
    ("gcc-aarch64-linux-gnu", "builds kernel modules and programs for arm64"),
    ("libc6-dev-arm64-cross", "links programs for arm64"),
];

const FOR_COUNTING: &[(&str, &str)] = &[
    ("valgrind", "counts instructions"),
    ("qemu-user", "runs programs of arm64"),
    ("gcc-aarch64-linux-gnu", "links programs for arm64"),
    ("libc6-dev-arm64-cross", "links programs for arm64"),
];

fn installed(package: &str) -> bool {
    let query = Command::new("dpkg-query").args(["-W", "-f", "${Status}", package]).output();
    query.is_ok_and(|said| said.stdout.ends_with(b"ok installed"))
}

/// Runs apt-get as root.
fn apt(arguments: &[&str]) -> Result<(), Vec<String>> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
    if !root {
        command.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
    }
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(vec![format!("apt-get {}: {status}", arguments.join(" "))]),
        Err(fault) => Err(vec![format!("apt-get cannot be run: {fault}")]),
    }
}

/// Whether packages can be installed at all.
pub(crate) fn has_apt() -> bool {
    Command::new("apt-get").arg("--version").output().is_ok_and(|said| said.status.success())
}

/// `cargo xtask setup`
pub(crate) fn run(_: &[String]) -> Outcome {
    install(PACKAGES)?;
    acoustic::run(&[])
}

/// The packages for `cargo xtask bench instructions`.
pub(crate) fn for_counting() -> Outcome {
    install(FOR_COUNTING)
}

/// The packages for `cargo xtask kernel`.
pub(crate) fn for_guests() -> Outcome {
    install(FOR_GUESTS)
}

fn install(packages: &[(&str, &str)]) -> Outcome {
    let missing: Vec<_> = packages.iter().filter(|(package, _)| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !has_apt() {
        // Other systems have the same things under other names: what is not there will be missed
        // by whoever needs it.
        say("packages cannot be installed here (no apt-get); of Debian's these are needed:\n");
        for (package, purpose) in &missing {
            say(&format!("  {package}: {purpose}\n"));
        }
        return Ok(());
    }
    for (package, purpose) in &missing {
        say(&format!("installing {package}: {purpose}\n"));
    }
    let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends"];
    arguments.extend(missing.iter().map(|(package, _)| *package));
    // The lists of a fresh machine may be older than the archive.
    apt(&["update", "-q"])?;
    apt(&arguments)
}
