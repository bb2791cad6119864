//! Compiles the libraries of tests: one counts allocations, one is a sound card of ALSA without a
//! kernel. Both are loaded into the core.
use std::path::Path;
use std::process::Command;

fn library(source: &str, name: &str, links: &[&str]) -> String {
    println!("cargo:rerun-if-changed={source}");
    let folder = std::env::var("OUT_DIR").unwrap_or_default();
    let library = Path::new(&folder).join(name);
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let made = Command::new(compiler)
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o"])
        .arg(&library)
        .arg(source)
        .args(links)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "{source} does not compile");
    library.display().to_string()
}

fn main() {
    println!("cargo:rustc-env=COUNT_LIBRARY={}", library("shim/count.c", "libcount.so", &[]));
    let jack = library("shim/jack.c", "libjack.so", &["-DPIC", "-lasound"]);
    println!("cargo:rustc-env=JACK_LIBRARY={jack}");
}
