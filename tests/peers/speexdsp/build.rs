//! Links speexdsp (BSD, Debian `libspeexdsp-dev`), as a shared library.
fn main() {
    println!("cargo:rustc-link-lib=dylib=speexdsp");
}
