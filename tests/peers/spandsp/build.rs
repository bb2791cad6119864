//! Links spandsp (LGPL-2.1, Debian `libspandsp-dev`), as a shared library.
fn main() {
    println!("cargo:rustc-link-lib=dylib=spandsp");
}
