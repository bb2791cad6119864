//! The judge of what is said on a D channel: tshark, on a capture of the box.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Rig;

/// Runs tshark on a capture; what it prints.
///
/// # Errors
/// It is not there, or not content.
pub fn tshark(file: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("tshark");
    let run = command.arg("-r").arg(file).args(arguments).output();
    let run = run.map_err(|fault| format!("tshark (cargo xtask setup installs it): {fault}"))?;
    if !run.status.success() {
        return Err(format!("tshark: {}", String::from_utf8_lossy(&run.stderr)));
    }
    Ok(String::from_utf8_lossy(&run.stdout).into_owned())
}

/// What tshark finds wrong in frames that the user sent (0), or the network (1).
///
/// # Errors
/// As [`tshark`].
pub fn complaints(file: &Path, side: u8) -> Result<String, String> {
    let wrong = "(_ws.malformed || _ws.expert.severity >= 0x600000)";
    tshark(file, &["-Y", &format!("lapd.direction == {side} && {wrong}")])
}

/// The one capture of the box, written to its end.
///
/// # Errors
/// There is none, or not one.
pub fn finished_capture(rig: &Rig) -> Result<PathBuf, String> {
    finished_capture_of(rig, 1)
}

/// As [`finished_capture`], of another span.
///
/// # Errors
/// There is none, or not one.
pub fn finished_capture_of(rig: &Rig, span: u8) -> Result<PathBuf, String> {
    let (done, text) = rig.console(&format!("capture span {span} off"))?;
    if !done {
        return Err(text);
    }
    let found = std::fs::read_dir(rig.path("core/captures")).map_err(|e| e.to_string())?;
    let mut files: Vec<_> = found.flatten().map(|entry| entry.path()).collect();
    match (files.pop(), files.is_empty()) {
        (Some(file), true) => Ok(file),
        (last, _) => Err(format!("not one capture: {last:?}, {files:?}")),
    }
}

/// Captures the D channel of span 1.
///
/// # Errors
/// The box does not.
pub fn capture(rig: &Rig) -> Result<(), String> {
    capture_of(rig, 1)
}

/// Captures the D channel of a span.
///
/// # Errors
/// The box does not.
pub fn capture_of(rig: &Rig, span: u8) -> Result<(), String> {
    let (done, text) = rig.console(&format!("capture span {span}"))?;
    if done { Ok(()) } else { Err(text) }
}
