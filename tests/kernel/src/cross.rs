//! Our programs for arm64: Debian's Rust, which comes with a standard library for other machines,
//! and a folder of arm64 libraries to link with. Both are unpacked beside the build.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::packages::{Cache, find, find_behind, of_this_tree, repository, unpack};
use crate::{Arch, Outcome, timed, tool};

/// As Rust calls the machine.
const TARGET: &str = "aarch64-unknown-linux-gnu";

/// Libraries that our programs use, what building with them needs, and what they call.
const LIBRARIES: [&str; 10] = [
    "libc6",
    "libgcc-s1",
    "libasound2",
    "libasound2-data",
    "libasound2-dev",
    "libpri1.4",
    "libpri-dev",
    "libsqlite3-0",
    "libsqlite3-dev",
    // Its chrt.
    "util-linux",
];

/// What builds programs for arm64.
#[derive(Debug)]
pub struct Cross {
    compiler: PathBuf,
    /// Where its libraries stand.
    pub sysroot: PathBuf,
    target: PathBuf,
}

/// The folder of arm64 libraries.
///
/// # Errors
/// apt's.
pub fn sysroot(cache: &Cache) -> Outcome<PathBuf> {
    let packages: Outcome<Vec<_>> =
        LIBRARIES.iter().map(|name| find(cache, Arch::Arm64, name)).collect();
    let to = cache.path("arm64-sysroot");
    unpack(cache, &packages?, &to)?;
    Ok(to)
}

impl Cross {
    /// Fetches and unpacks what is not there yet.
    ///
    /// # Errors
    /// apt's.
    pub fn new(cache: &Cache) -> Outcome<Self> {
        let sysroot = sysroot(cache)?;
        let compiler = find(cache, Arch::Amd64, "rustc-web")?;
        let own = find(cache, Arch::Amd64, "libstd-rust-web-dev")?;
        let shared = find_behind(cache, Arch::Amd64, &own.name, "libstd-rust-web-")?;
        let llvm = find_behind(cache, Arch::Amd64, &shared.name, "libllvm")?;
        let foreign = find(cache, Arch::Arm64, "libstd-rust-web-dev")?;
        let tree = cache.path(&format!("rust-{}", compiler.version));
        unpack(cache, &[compiler, own, shared, llvm], &tree)?;
        // The two packages have one name; each tree remembers its own.
        let other = cache.path(&format!("rust-arm64-{}", foreign.version));
        unpack(cache, &[foreign], &other)?;
        let link = tree.join("usr/lib/rustlib").join(TARGET);
        if !link.exists() {
            let from = other.join("usr/lib/rustlib").join(TARGET);
            std::os::unix::fs::symlink(from, &link).map_err(crate::about(&link))?;
        }
        let target = of_this_tree().join("arm64-target");
        Ok(Self { compiler: tree.join("usr"), sysroot, target })
    }

    /// Builds a program of the workspace.
    ///
    /// # Errors
    /// The compiler's.
    pub fn program(&self, package: &str, name: &str) -> Outcome<PathBuf> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["build", "-q", "--package", package, "--bin", name, "--target", TARGET]);
        if package == "ringmain-core" {
            // WebRTC is built for this machine only.
            command.arg("--no-default-features");
        }
        command.arg("--target-dir").arg(&self.target).current_dir(repository());
        self.environment(&mut command);
        timed(&format!("building {name} for arm64"), || tool(&mut command))?;
        Ok(self.target.join(TARGET).join("debug").join(name))
    }

    fn environment(&self, command: &mut Command) {
        let triplet = Arch::Arm64.triplet();
        let libraries = self.sysroot.join("usr/lib").join(triplet);
        let own = self.sysroot.join("lib").join(triplet);
        let upper = TARGET.to_uppercase().replace('-', "_");
        let lower = TARGET.replace('-', "_");
        let search = |path: &Path| format!("-C link-arg=-L{0} ", path.display());
        let rpath = format!("-C link-arg=-Wl,-rpath-link,{}", libraries.display());
        command.env("RUSTC", self.compiler.join("bin/rustc"));
        command.env("LD_LIBRARY_PATH", self.compiler.join("lib/x86_64-linux-gnu"));
        command.env(format!("CARGO_TARGET_{upper}_LINKER"), format!("{triplet}-gcc"));
        // libpri-dev keeps its archive where the host's own would be looked for, too.
        let archives = format!("-Lnative={} ", self.sysroot.join("usr/lib").display());
        let flags = format!("{archives}{}{}{rpath}", search(&libraries), search(&own));
        command.env(format!("CARGO_TARGET_{upper}_RUSTFLAGS"), flags);
        command.env(format!("CC_{lower}"), format!("{triplet}-gcc"));
        command.env(format!("AR_{lower}"), format!("{triplet}-ar"));
        let headers = self.sysroot.join("usr/include");
        command.env(format!("CFLAGS_{lower}"), format!("-I{}", headers.display()));
        command.env("PKG_CONFIG_ALLOW_CROSS", "1");
        command.env("PKG_CONFIG_SYSROOT_DIR", &self.sysroot);
        command.env("PKG_CONFIG_LIBDIR", libraries.join("pkgconfig"));
        for name in ["RUSTC_WRAPPER", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTUP_TOOLCHAIN"] {
            command.env_remove(name);
        }
    }
}
