//! Local time for the core: what a time zone is ahead of UTC, now and at each change to come.

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use units::Utc;

use crate::Config;

/// From when on changes are told, in seconds of UTC: 2025.
const FROM_S: i64 = 1_735_689_600;
/// Until when: 2066. A table of changes has at most two a year.
const UNTIL_S: i64 = 3_029_529_600;

/// Seconds ahead of UTC, each from a moment on; `None` if the tz database has no such zone.
pub(crate) fn offsets(zone: &str) -> Option<Vec<(Utc, i32)>> {
    let zone = TimeZoneDatabase::bundled().get(zone).ok()?;
    let from = Timestamp::from_second(FROM_S).ok()?;
    let utc = |at: Timestamp| Utc(at.as_microsecond());
    let now = [(utc(from), zone.to_offset(from).seconds())];
    let changes = zone
        .following(from)
        .take_while(|change| change.timestamp().as_second() < UNTIL_S)
        .map(|change| (utc(change.timestamp()), change.offset().seconds()));
    Some(now.into_iter().chain(changes).collect())
}

impl Config {
    /// Seconds by which local time is ahead of UTC at this moment.
    #[must_use]
    pub fn offset_s(&self, utc: Utc) -> i32 {
        let zone = TimeZoneDatabase::bundled().get(&self.this_box.zone);
        let at = Timestamp::from_microsecond(utc.0);
        zone.ok().zip(at.ok()).map_or(0, |(zone, at)| zone.to_offset(at).seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_offset_of_every_zone_at_every_change() {
        let table = |zone| call::Directory {
            offsets: offsets(zone).expect("a zone"),
            ..call::Directory::default()
        };
        let at = |zone, second: i64| table(zone).offset_s(Utc(second * 1_000_000));
        // date -d @N with TZ set to the zone: 23 November 2026; the second before and the second of
        // the change to summer time on 28 March 2027 in Europe; 27 June 2060.
        assert_eq!(at("Asia/Shanghai", 1_795_408_180), 8 * 3600);
        assert_eq!(at("Asia/Kolkata", 1_795_408_180), 19_800);
        assert_eq!(at("America/New_York", 1_795_408_180), -5 * 3600);
        assert_eq!(at("Europe/Berlin", 1_806_195_599), 3600);
        assert_eq!(at("Europe/Berlin", 1_806_195_600), 7200);
        assert_eq!(at("Europe/Berlin", 2_855_520_000), 7200);
        assert_eq!(at("UTC", 1_795_408_180), 0);
        assert_eq!(offsets("Asia/Peking"), None);
        assert!(table("Europe/Berlin").to_octets().expect("fits").len() < 2000);
    }
}
