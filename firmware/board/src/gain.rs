//! How much louder or quieter the sound of a port is made.

use serde::Deserialize;

/// A gain as it stands in a file: dB, from -24 to 12.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Db {
    /// Tenths of a dB.
    tenths: i16,
}

/// What may be chosen: beyond 12 dB speech is clipped, below -24 dB it is noise of the code.
const RANGE_DB: std::ops::RangeInclusive<f64> = -24.0..=12.0;

impl TryFrom<f64> for Db {
    type Error = String;

    fn try_from(db: f64) -> Result<Self, String> {
        if !RANGE_DB.contains(&db) {
            return Err(format!("a gain of {db} dB; choose -24 to 12"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        let tenths = (db * 10.0).round() as i16;
        Ok(Self { tenths })
    }
}

impl Db {
    /// In tenths of a dB.
    pub(crate) const fn tenths(self) -> i16 {
        self.tenths
    }
}
