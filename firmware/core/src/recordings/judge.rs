//! What a file is: as it was recorded, or not.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use link::{RecordingId, RecordingStatus};
use recorder::{Fault, Proof, Verdict};
use units::ContentHash;

use super::files::sound_of;
use super::kept;

/// Reads a file from end to end, a piece at a time.
pub(super) fn judged(path: &Path) -> io::Result<Result<Verdict, Fault>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let found = recorder::verify_by(length, |at, room| file.read_exact_at(room, at))?;
    Ok(found.map(|verdict| match verdict {
        // One that goes on, or was cut and has not been closed, has a chain beside it.
        Verdict::Open { second } if !path.with_extension("chain").exists() => {
            Verdict::Changed { second }
        }
        other => other,
    }))
}

/// What the recording of this path is, whose ending does not matter.
pub(super) fn status(id: RecordingId, path: &Path) -> io::Result<RecordingStatus> {
    use link::Verdict as Told;
    let found = match judged(&sound_of(path).0) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            return Ok(RecordingStatus { id, verdict: Told::Missing, seconds: 0, hash: None });
        }
        found => found?,
    };
    let (verdict, proof) = match found {
        Ok(Verdict::Whole(proof)) => (Told::Whole, Some(proof)),
        Ok(Verdict::Cut(proof)) => (Told::Cut, Some(proof)),
        Ok(Verdict::Changed { second }) => {
            let second = u32::try_from(second).unwrap_or(u32::MAX);
            (Told::Changed { second }, None)
        }
        Ok(Verdict::Open { .. }) => (Told::Open, None),
        Err(_) => (Told::Foreign, None),
    };
    let kept = proof.as_ref().and_then(kept);
    let (seconds, hash) = kept.map_or((0, None), |kept| (kept.seconds, Some(kept.hash)));
    Ok(RecordingStatus { id, verdict, seconds, hash })
}

/// Judges a file for a person: `ringmain-core verify FILE`.
///
/// # Errors
/// A sentence: it is not what was recorded, or no recording.
pub fn verify(path: &Path) -> Result<String, String> {
    let found = judged(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let hash =
        |proof: &Proof| proof.last().map(|last| ContentHash(*last).to_string()).unwrap_or_default();
    match found {
        Ok(Verdict::Whole(proof)) => Ok(format!(
            "whole: {} s, blocks that never came {}, muted for keys {}, hash {}",
            proof.seconds,
            proof.missing,
            proof.muted,
            hash(&proof)
        )),
        Ok(Verdict::Cut(proof)) => Ok(format!(
            "cut: the power went; {} s are kept as they were recorded, hash {}",
            proof.seconds,
            hash(&proof)
        )),
        Ok(Verdict::Open { .. }) => Ok("open: it still goes on".into()),
        Ok(Verdict::Changed { second }) => {
            Err(format!("changed: from second {second} on it is not what was recorded"))
        }
        Err(_) => Err("no recording of Ringmain's".into()),
    }
}
