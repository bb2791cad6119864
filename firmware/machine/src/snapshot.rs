//! Versioned octets: a version in two octets, then the state in postcard.

use serde::{Serialize, de::DeserializeOwned};

/// Why a snapshot could not be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFault {
    /// The room given is too small.
    Full,
    /// The owner has not drained the outputs: the state between is not a state.
    NotDrained,
    /// Written by a release that this one does not read.
    Version {
        /// The version found.
        found: u16,
        /// The newest that this release reads.
        newest: u16,
    },
    /// No machine wrote these octets.
    Malformed,
}

/// Writes `version` and `state` into `room`.
///
/// # Errors
/// [`SnapshotFault::Full`] if they do not fit.
pub fn snapshot<'a, T: Serialize>(
    version: u16,
    state: &T,
    room: &'a mut [u8],
) -> Result<&'a [u8], SnapshotFault> {
    let Some((head, body)) = room.split_first_chunk_mut::<2>() else {
        return Err(SnapshotFault::Full);
    };
    *head = version.to_be_bytes();
    let used = postcard::to_slice(state, body).map_err(|_| SnapshotFault::Full)?.len();
    Ok(&room[..2 + used])
}

/// Reads what [`snapshot`] wrote, if the version is `oldest` to `newest` and nothing is left over.
///
/// # Errors
/// [`SnapshotFault::Version`] or [`SnapshotFault::Malformed`].
pub fn restore<T: DeserializeOwned>(
    oldest: u16,
    newest: u16,
    octets: &[u8],
) -> Result<T, SnapshotFault> {
    let (head, body) = octets.split_first_chunk::<2>().ok_or(SnapshotFault::Malformed)?;
    let found = u16::from_be_bytes(*head);
    if found < oldest || found > newest {
        return Err(SnapshotFault::Version { found, newest });
    }
    match postcard::take_from_bytes(body) {
        Ok((state, [])) => Ok(state),
        _ => Err(SnapshotFault::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_of_another_version_is_refused_with_both_numbers() {
        let mut room = [0; 16];
        let octets = snapshot(3, &7u32, &mut room).expect("fits");
        assert_eq!(restore::<u32>(3, 3, octets), Ok(7));
        assert_eq!(
            restore::<u32>(4, 5, octets),
            Err(SnapshotFault::Version { found: 3, newest: 5 })
        );
    }

    #[test]
    fn octets_left_over_or_missing_are_malformed() {
        assert_eq!(restore::<u32>(1, 1, &[0, 1, 7, 9]), Err(SnapshotFault::Malformed));
        assert_eq!(restore::<u32>(1, 1, &[0, 1]), Err(SnapshotFault::Malformed));
        assert_eq!(restore::<u32>(1, 1, &[0]), Err(SnapshotFault::Malformed));
    }
}
