//! Compiles the shim over libpri and makes its clock ours.
fn main() {
    println!("cargo:rerun-if-changed=shim/city_pri.c");
    cc::Build::new().file("shim/city_pri.c").warnings(true).compile("city_pri");
    println!("cargo:rustc-link-search=native=/usr/lib");
    println!("cargo:rustc-link-lib=static=pri");
    println!("cargo:rustc-link-arg=-Wl,--wrap=gettimeofday");
}
