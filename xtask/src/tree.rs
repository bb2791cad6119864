//! The files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not ours.
const SKIPPED: [&str; 3] = ["target", ".git", "node_modules"];
/// Files larger than this are data, not text.
const LARGEST: u64 = 1 << 20;

/// One text file.
pub(crate) struct Source {
    /// Its path from the top of the repository, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| ".".into(), PathBuf::from);
    here.ancestors()
        .find(|p| p.join("rust-toolchain.toml").exists())
        .map_or(here.clone(), Into::into)
}

/// All text files below `top`, in the order of their paths.
pub(crate) fn sources(top: &Path) -> Vec<Source> {
    let mut found = vec![];
    let mut folders = vec![top.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let Ok(kind) = entry.file_type() else { continue };
            if SKIPPED.iter().any(|skipped| name == *skipped) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && entry.metadata().is_ok_and(|m| m.len() <= LARGEST) {
                found.extend(source(top, &path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source(top: &Path, path: &Path) -> Option<Source> {
    let text = fs::read_to_string(path).ok()?;
    let path = path.strip_prefix(top).ok()?.to_str()?.replace('\\', "/");
    Some(Source { path, text })
}
