//! Recorded sound: the prompts and the music on hold that Debian has for another exchange.

use std::fs;
use std::path::{Path, PathBuf};

/// Where the packages `asterisk-core-sounds-{en,es,fr,it,ru}-wav` put their prompts.
pub const PROMPTS: &str = "/usr/share/asterisk/sounds";
/// Where `asterisk-moh-opsound-wav` puts its music.
pub const MUSIC: &str = "/usr/share/asterisk/moh";

/// All recordings below a folder, in the order of their names.
#[must_use]
pub fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // What is linked elsewhere is there already.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|e| e == "wav") => {
                    found.push(path);
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The samples of a recording of 16 bits and 8 kHz.
#[must_use]
pub fn read(path: &Path) -> Option<Vec<i16>> {
    let octets = fs::read(path).ok()?;
    let at = octets.windows(4).position(|four| four == b"data")? + 8;
    let pairs = octets.get(at..)?.as_chunks::<2>().0;
    Some(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

/// All of a folder's sound, one recording behind the other.
#[must_use]
pub fn all(folder: &str) -> Vec<Vec<i16>> {
    files(folder).iter().filter_map(|path| read(path)).collect()
}

/// Faster by `speed` (and higher) and louder by `db`, through A-law.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places and samples"
)]
pub fn shifted(sound: &[i16], speed: f64, db: f64, into: &mut Vec<i16>) {
    let gain = 10.0_f64.powf(db / 20.0);
    let count = (sound.len() as f64 / speed) as usize;
    for n in 0..count.saturating_sub(3) {
        let at = n as f64 * speed;
        let (place, part) = (at as usize, at.fract());
        let Some(near) = sound.get(place.saturating_sub(1)..place + 3) else { continue };
        let &[a, b, c, d] = near else { continue };
        let [a, b, c, d] = [a, b, c, d].map(f64::from);
        // A cubic through four samples.
        let slope = c - a;
        let bend = 2.0 * a - 5.0 * b + 4.0 * c - d;
        let turn = 3.0 * (b - c) + d - a;
        let value = b + 0.5 * part * (slope + part * (bend + part * turn));
        let octet = g711::encode(units::Law::A, (value * gain).clamp(-32_768.0, 32_767.0) as i16);
        into.push(g711::decode(units::Law::A, octet));
    }
}
