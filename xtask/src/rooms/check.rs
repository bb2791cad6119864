//! Manifests against rooms.

use std::collections::BTreeMap;

use super::{Others, RESTRICTED, ROOMS, Room, is_one_of};

/// What the check needs of a manifest.
pub(crate) struct Manifest {
    /// The crate's folder.
    pub(crate) folder: String,
    pub(crate) name: String,
    /// The crates that it imports, those for tests excepted.
    pub(crate) imports: Vec<String>,
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, String> {
        let table: toml::Table =
            text.parse().map_err(|fault| format!("{path} is no TOML: {fault}"))?;
        let name = table.get("package").and_then(|package| package.get("name")?.as_str());
        let name = name.ok_or_else(|| format!("{path} names no package."))?.to_owned();
        let mut imports = vec![];
        let targets = table.get("target").and_then(toml::Value::as_table);
        let all = targets.into_iter().flat_map(toml::Table::values).chain(std::iter::empty());
        let tables = all.filter_map(toml::Value::as_table).chain([&table]);
        for table in tables {
            for section in ["dependencies", "build-dependencies"] {
                for (key, value) in
                    table.get(section).and_then(|s| s.as_table()).into_iter().flatten()
                {
                    // A crate may be imported under another name.
                    let real = value.get("package").and_then(toml::Value::as_str);
                    imports.push(real.unwrap_or(key).to_owned());
                }
            }
        }
        let folder = path.trim_end_matches("/Cargo.toml").to_owned();
        Ok(Self { folder, name, imports })
    }
}

/// One sentence for every import that its room does not allow.
pub(crate) fn violations(manifests: &[Manifest]) -> Vec<String> {
    let folders: BTreeMap<&str, &str> =
        manifests.iter().map(|m| (m.name.as_str(), m.folder.as_str())).collect();
    let mut faults = vec![];
    for manifest in manifests {
        let Some(room) = ROOMS.iter().find(|room| is_one_of(&manifest.folder, room.folders)) else {
            faults.push(format!("{} stands in no room: give it one.", manifest.folder));
            continue;
        };
        for import in &manifest.imports {
            faults.extend(violation(manifest, room, import, folders.get(import.as_str()).copied()));
        }
    }
    faults
}

fn violation(manifest: &Manifest, room: &Room, import: &str, ours: Option<&str>) -> Option<String> {
    let from = &manifest.folder;
    if let Some(folder) = ours {
        return (!is_one_of(folder, room.ours))
            .then(|| format!("{from} imports {folder}; it may only import {}.", list(room.ours)));
    }
    if let Others::Only(allowed) = room.others
        && !allowed.contains(&import)
    {
        return Some(format!("{from} imports {import}; of others only {}.", list(allowed)));
    }
    let (_, only) = RESTRICTED.iter().find(|(name, _)| *name == import)?;
    (!is_one_of(from, only))
        .then(|| format!("{from} imports {import}, which is for {} alone.", list(only)))
}

fn list(names: &[&str]) -> String {
    names.join(", ")
}
