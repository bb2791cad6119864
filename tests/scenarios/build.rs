//! Compiles the library that counts allocations: preloaded into the core by a test.
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=shim/count.c");
    let folder = std::env::var("OUT_DIR").unwrap_or_default();
    let library = Path::new(&folder).join("libcount.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let made = Command::new(compiler)
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o"])
        .arg(&library)
        .arg("shim/count.c")
        .status();
    assert!(made.is_ok_and(|status| status.success()), "shim/count.c does not compile");
    println!("cargo:rustc-env=COUNT_LIBRARY={}", library.display());
}
