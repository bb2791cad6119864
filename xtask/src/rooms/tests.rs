//! Manifests that break the rules are seen.

use super::*;

fn manifest(folder: &str, name: &str, imports: &str) -> Manifest {
    let text = format!("[package]\nname = \"{name}\"\n{imports}");
    Manifest::read(&format!("{folder}/Cargo.toml"), &text).expect("TOML")
}

fn faults(manifests: &[Manifest]) -> Vec<String> {
    violations(manifests)
}

#[test]
fn a_protocol_that_imports_calls_is_red_and_one_that_imports_units_is_not() {
    let call = manifest("firmware/call", "call", "");
    let units = manifest("firmware/units", "units", "");
    let good = manifest("firmware/proto/q921", "q921", "[dependencies]\nunits.workspace = true");
    assert_eq!(faults(&[good, units]), Vec::<String>::new());
    let bad = manifest("firmware/proto/q921", "q921", "[dependencies]\ncall.workspace = true");
    let found = faults(&[bad, call]);
    assert!(found[0].starts_with("firmware/proto/q921 imports firmware/call;"), "{found:?}");
}

#[test]
fn an_import_for_one_target_for_a_build_or_under_another_name_counts_and_one_for_tests_does_not() {
    let call = || manifest("firmware/call", "call", "");
    for imports in [
        "[target.'cfg(unix)'.dependencies]\ncall = \"1\"",
        "[build-dependencies]\ncall = \"1\"",
        "[dependencies]\nother = { package = \"call\", path = \"x\" }",
    ] {
        let found = faults(&[manifest("firmware/span", "span", imports), call()]);
        assert_eq!(found.len(), 1, "{imports}: {found:?}");
    }
    let tests = manifest("firmware/span", "span", "[dev-dependencies]\ncall = \"1\"");
    assert_eq!(faults(&[tests, call()]), Vec::<String>::new());
}

#[test]
fn crates_of_others_stay_in_their_rooms() {
    let with = |folder, import: &str| {
        faults(&[manifest(folder, "x", &format!("[dependencies]\n{import} = \"1\""))])
    };
    assert!(with("daemon/plan", "rusqlite")[0].contains("daemon/store alone"));
    assert!(with("firmware/core", "tokio")[0].contains("daemon/ringmaind alone"));
    assert!(with("firmware/wire/g711", "nix")[0].contains("of others only"));
    assert_eq!(with("firmware/hal/virtual", "nix"), Vec::<String>::new());
}

#[test]
fn a_crate_that_stands_in_no_room_is_red() {
    assert!(faults(&[manifest("firmware/new", "new", "")])[0].contains("stands in no room"));
}

#[test]
fn a_room_that_the_table_for_people_leaves_out_is_red() {
    let found = untold("daemon/README.md", "daemon/", "`plan` `records` `crm`");
    assert!(found.contains(&"daemon/README.md does not tell of `store`.".into()), "{found:?}");
    assert!(!found.iter().any(|fault| fault.contains("`plan`")), "{found:?}");
}

#[test]
fn unsafe_stands_only_where_it_may() {
    let text = "//! x\nfn a() { unsafe { b() } }\n";
    assert!(not_allowed("firmware/call/src/lib.rs", text).is_some());
    assert!(not_allowed("firmware/hal/socket/src/lib.rs", text).is_none());
    assert!(not_allowed("firmware/call/src/lib.rs", "//! unsafe\n").is_none());
}
