//! Links libopenr2 (LGPL-2.1, Debian `libopenr2-dev`), as a shared library. The shim stands in for
//! the kernel: what the library asks of the device of a channel comes to it.
fn main() {
    println!("cargo:rerun-if-changed=shim/peer.c");
    cc::Build::new().file("shim/peer.c").warnings(true).compile("openr2_peer");
    println!("cargo:rustc-link-lib=dylib=openr2");
    for call in ["ioctl", "read", "write", "gettimeofday"] {
        println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol={call}");
    }
}
