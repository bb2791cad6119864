//! Compiles the pair of libpri and makes its clock ours, in the one program that has it.
fn main() {
    println!("cargo:rerun-if-changed=shim/pri_pair.c");
    cc::Build::new().file("shim/pri_pair.c").opt_level(2).warnings(true).compile("pri_pair");
    println!("cargo:rustc-link-search=native=/usr/lib");
    println!("cargo:rustc-link-lib=static=pri");
    println!("cargo:rustc-link-arg-bin=pri-bench=-Wl,--wrap=gettimeofday");
}
