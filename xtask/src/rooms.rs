//! The rooms of the house and what each may import: the table of firmware/README.md and
//! daemon/README.md, held against every manifest of the workspace.
//!
//! A crate that no room names is a violation too, so that a new one finds its place first.

mod check;
#[cfg(test)]
mod tests;

use crate::Outcome;
use crate::rust::{code_only, has_word};
use crate::tree::{sources, top};
use check::{Manifest, violations};

/// One room: where it is and what may come in.
pub(crate) struct Room {
    /// Its folders, from the top of the repository; `*` at the end stands for all below.
    pub(crate) folders: &'static [&'static str],
    /// Our crates that it may import; `*` at the end stands for all folders that begin so.
    pub(crate) ours: &'static [&'static str],
    /// Crates of others that it may import.
    pub(crate) others: Others,
}

/// Crates of others.
pub(crate) enum Others {
    /// Only these.
    Only(&'static [&'static str]),
    /// All but those that [`RESTRICTED`] gives to other rooms.
    Usual,
}

/// Crates of others that only these folders may import.
pub(crate) const RESTRICTED: &[(&str, &[&str])] = &[
    (
        "nix",
        &[
            "firmware/hal/*",
            "firmware/core",
            "daemon/ringmaind",
            "daemon/ringmain",
            "tests/*",
            "xtask",
        ],
    ),
    (
        "libc",
        &[
            "firmware/hal/*",
            "firmware/core",
            "daemon/ringmaind",
            "daemon/ringmain",
            "tests/*",
            "xtask",
        ],
    ),
    ("rusqlite", &["daemon/store"]),
    ("tokio", &["daemon/ringmaind"]),
    ("webrtc-audio-processing", &["firmware/acoustic"]),
];

/// Where `unsafe` may stand.
pub(crate) const UNSAFE: &[&str] = &[
    "firmware/hal/*",
    "firmware/dsp/simd/*",
    "firmware/acoustic/*",
    "firmware/core/src/realtime.rs",
    "tests/*",
];

const SMALL: Others = Others::Only(&["heapless", "serde", "postcard"]);
const UNITS: &str = "firmware/units";
const LIMITS: &str = "firmware/limits";
const MACHINE: &str = "firmware/machine";
const BEARER: &str = "firmware/bearer";
const CALL: &str = "firmware/call";
const LINK: &str = "firmware/link";

/// All rooms, bottom to top.
pub(crate) const ROOMS: &[Room] = &[
    Room {
        folders: &[UNITS, LIMITS, MACHINE, BEARER],
        ours: &[UNITS, LIMITS, MACHINE, BEARER],
        others: SMALL,
    },
    Room { folders: &["firmware/wire/*"], ours: &[UNITS, LIMITS], others: SMALL },
    Room {
        folders: &["firmware/dsp/*"],
        ours: &[
            UNITS,
            LIMITS,
            "firmware/wire/g711",
            "firmware/dsp/simd",
            "firmware/dsp/bank",
            "firmware/dsp/plc",
        ],
        others: Others::Only(&["heapless", "libm"]),
    },
    Room {
        folders: &["firmware/acoustic"],
        ours: &[UNITS, LIMITS, "firmware/dsp/echo"],
        others: Others::Only(&["heapless", "webrtc-audio-processing"]),
    },
    Room {
        folders: &["firmware/recorder"],
        ours: &[UNITS, LIMITS, "firmware/wire/g711", "firmware/dsp/dtmf"],
        others: Others::Only(&["sha2", "opus"]),
    },
    Room {
        folders: &["firmware/proto/*"],
        ours: &[UNITS, LIMITS, MACHINE, "firmware/wire/*"],
        others: SMALL,
    },
    Room {
        folders: &["firmware/span"],
        ours: &[
            UNITS,
            LIMITS,
            MACHINE,
            BEARER,
            "firmware/proto/*",
            "firmware/wire/clid",
            "firmware/wire/rose",
        ],
        others: SMALL,
    },
    Room {
        folders: &["firmware/engine"],
        ours: &[UNITS, LIMITS, "firmware/wire/g711", "firmware/dsp/*"],
        others: Others::Only(&["heapless", "serde", "libm"]),
    },
    // Of the engine only its command types.
    Room {
        folders: &[CALL],
        ours: &[UNITS, LIMITS, MACHINE, BEARER, "firmware/engine"],
        others: SMALL,
    },
    Room { folders: &["firmware/say"], ours: &[UNITS, LIMITS], others: SMALL },
    Room {
        folders: &["firmware/ivr", "firmware/acd"],
        ours: &[UNITS, LIMITS, MACHINE, BEARER, CALL, "firmware/say"],
        others: SMALL,
    },
    Room {
        folders: &["firmware/ha"],
        ours: &[UNITS, LIMITS, MACHINE],
        others: Others::Only(&["serde", "postcard", "crc32fast"]),
    },
    Room { folders: &[LINK], ours: &[UNITS, LIMITS, BEARER], others: SMALL },
    Room {
        folders: &["firmware/hal/*"],
        ours: &[UNITS, LIMITS, "firmware/wire/*", "firmware/hal/card", "firmware/hal/socket"],
        others: Others::Usual,
    },
    Room {
        folders: &["firmware/board"],
        ours: &[UNITS, LIMITS],
        others: Others::Only(&["serde", "toml"]),
    },
    Room { folders: &["firmware/core"], ours: &["firmware/*"], others: Others::Usual },
    // What the link and the core's documents are made of: ids, presentations, the directory.
    Room {
        folders: &[
            "daemon/config",
            "daemon/plan",
            "daemon/records",
            "daemon/crm",
            "daemon/console",
        ],
        ours: &[UNITS, LIMITS, BEARER, LINK, CALL, "daemon/config", "daemon/records"],
        others: Others::Usual,
    },
    // Simulates with the core's own machine.
    Room {
        folders: &["daemon/sounds"],
        ours: &[UNITS, LIMITS, "firmware/wire/g711", "firmware/dsp/level"],
        others: Others::Only(&["symphonia", "rubato", "audioadapter-buffers", "thiserror"]),
    },
    Room {
        folders: &["daemon/flow"],
        ours: &[
            UNITS,
            LIMITS,
            MACHINE,
            LINK,
            CALL,
            "firmware/say",
            "firmware/ivr",
            "daemon/config",
        ],
        others: Others::Usual,
    },
    // Reads messages with the core's own decoder.
    Room {
        folders: &["daemon/trace"],
        ours: &[UNITS, LIMITS, LINK, "firmware/proto/q931", "firmware/wire/rose"],
        others: Others::Usual,
    },
    Room {
        folders: &["daemon/store"],
        ours: &[UNITS, LIMITS, BEARER, LINK, "daemon/config", "daemon/records"],
        others: Others::Usual,
    },
    Room {
        folders: &["daemon/ringmaind"],
        ours: &[
            UNITS,
            LIMITS,
            BEARER,
            LINK,
            CALL,
            "firmware/ivr",
            "firmware/hal/socket",
            "daemon/*",
        ],
        others: Others::Usual,
    },
    Room {
        folders: &["daemon/ringmain"],
        ours: &[UNITS, LIMITS, "daemon/console"],
        others: Others::Usual,
    },
    Room { folders: &["tests/*", "xtask"], ours: &["*"], others: Others::Usual },
];

/// Whether a folder or file is one of these.
pub(crate) fn is_one_of(path: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(begin) => path.starts_with(begin),
        None => path == *pattern,
    })
}

/// Checks every manifest of the workspace and every Rust file.
pub(crate) fn run(_: &[String]) -> Outcome {
    let all = sources(&top());
    let mut faults = vec![];
    let mut manifests = vec![];
    for source in all.iter().filter(|s| s.path.ends_with("/Cargo.toml")) {
        match Manifest::read(&source.path, &source.text) {
            Ok(manifest) => manifests.push(manifest),
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(violations(&manifests));
    for (readme, begin) in [("firmware/README.md", "firmware/"), ("daemon/README.md", "daemon/")] {
        let text = all.iter().find(|s| s.path == readme).map_or("", |s| s.text.as_str());
        faults.extend(untold(readme, begin, text));
    }
    for source in all.iter().filter(|s| s.path.ends_with(".rs")) {
        faults.extend(not_allowed(&source.path, &source.text));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Rooms that the table for people does not tell of.
fn untold(readme: &str, begin: &str, text: &str) -> Vec<String> {
    let folders = ROOMS.iter().flat_map(|room| room.folders);
    let names = folders.filter_map(|folder| folder.strip_prefix(begin));
    let missing = names.filter(|name| !text.contains(&format!("`{name}`")));
    missing.map(|name| format!("{readme} does not tell of `{name}`.")).collect()
}

fn not_allowed(path: &str, text: &str) -> Option<String> {
    (!is_one_of(path, UNSAFE) && has_word(&code_only(text), "unsafe"))
        .then(|| format!("{path} has `unsafe`, which stands only in {}.", UNSAFE.join(", ")))
}
