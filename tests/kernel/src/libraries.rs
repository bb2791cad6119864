//! The shared libraries that a program wants, found by reading the programs themselves, so that
//! it works for machines that the host cannot run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Arch, Fault, Outcome, about, elf};

/// Where libraries stand, below the host's root or a sysroot.
fn folders(arch: Arch) -> [String; 5] {
    let triplet = arch.triplet();
    [
        format!("lib/{triplet}"),
        format!("usr/lib/{triplet}"),
        "lib64".into(),
        "lib".into(),
        "usr/lib".into(),
    ]
}

/// Where a library stands, below the first root that has it, and its name in the guest.
fn find(roots: &[PathBuf], arch: Arch, name: &str) -> Outcome<(String, PathBuf)> {
    for root in roots {
        if let Some(own) = name.strip_prefix('/') {
            let path = root.join(own);
            if path.exists() {
                return Ok((name.to_owned(), path));
            }
            continue;
        }
        for folder in folders(arch) {
            let path = root.join(&folder).join(name);
            let data = fs::read(&path).unwrap_or_default();
            if elf::machine(&data) == Some(machine(arch)) {
                return Ok((format!("/lib/{}/{name}", arch.triplet()), path));
            }
        }
    }
    Err(Fault(format!("The library {name} is in none of the folders for {}.", arch.debian())))
}

const fn machine(arch: Arch) -> u16 {
    match arch {
        Arch::Amd64 => 62,
        Arch::Arm64 => 183,
    }
}

/// All libraries that these programs want, and those that these want: name in the guest, file.
///
/// # Errors
/// A program is for another machine, or a library is not there.
pub fn closure(
    roots: &[PathBuf],
    arch: Arch,
    programs: &[&Path],
) -> Outcome<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = programs.iter().map(|path| path.to_path_buf()).collect();
    while let Some(path) = open.pop() {
        let data = fs::read(&path).map_err(about(&path))?;
        if elf::machine(&data).is_some_and(|found| found != machine(arch)) {
            let name = path.display();
            return Err(Fault(format!("{name} is a program for another machine.")));
        }
        let Some((loader, names)) = elf::needed(&data) else { continue };
        for name in loader.iter().chain(&names) {
            let (inside, outside) = find(roots, arch, name)?;
            if found.insert(inside, outside.clone()).is_none() {
                open.push(outside);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_comes_with_the_c_library_and_its_loader() {
        let own = std::env::current_exe().unwrap();
        let arch = if cfg!(target_arch = "aarch64") { Arch::Arm64 } else { Arch::Amd64 };
        let found = closure(&["/".into()], arch, &[&own]).unwrap();
        assert!(found.keys().any(|name| name.contains("libc.so")), "{found:?}");
        assert!(found.keys().any(|name| name.contains("ld-linux")), "{found:?}");
    }

    #[test]
    fn a_library_that_is_nowhere_is_told_by_its_name() {
        let own = std::env::current_exe().unwrap();
        let arch = if cfg!(target_arch = "aarch64") { Arch::Arm64 } else { Arch::Amd64 };
        let told = closure(&["/nowhere".into()], arch, &[&own]).unwrap_err();
        assert!(told.0.contains("ld-linux") || told.0.contains("libc"), "{told}");
    }
}
