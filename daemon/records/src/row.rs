//! One call as one row.

use bearer::Presentation;
use link::{CallRecord, PathStep};
use serde::Serialize;
use units::{Charge, ContentHash, Currency, Finding, Utc};

/// One call, from offer to end. Times are UTC in microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its identity, as `c<box>-<boot>-<number>`.
    pub call: String,
    /// Whose it is.
    pub tenant: u32,
    /// The caller's number; empty if unknown.
    pub caller: String,
    /// Whether it may be shown: `allowed`, `restricted`, `unavailable`.
    pub presentation: String,
    /// The number called.
    pub called: String,
    /// Its way, in words: `E1 1 > main > 801`.
    pub path: String,
    /// What the caller entered.
    pub digits: String,
    /// When it was offered.
    pub offered: i64,
    /// When it was answered.
    pub answered: Option<i64>,
    /// When the caller reached a person.
    pub connected: Option<i64>,
    /// When it ended.
    pub ended: i64,
    /// Why (Q.850).
    pub cause: u8,
    /// Who ended it: `caller`, `called`, `box`, `network`.
    pub by: String,
    /// What kind of caller, if the line told: `ordinary`, `priority`, `maintenance`, `operator`,
    /// `data`, `payphone`, `test`.
    pub category: Option<String>,
    /// Whether it was recorded, if it was to be: `whole`, `cut` (a part is missing), `none`.
    pub recording: Option<String>,
    /// Seconds of its recording, all parts together.
    pub recorded_seconds: Option<u32>,
    /// The last hash of the chain of its recording, of the last part: 64 hexadecimal digits.
    pub recording_hash: Option<String>,
    /// What the call cost in pulses of the network's meter; 0: free of charge.
    pub charge_units: Option<u32>,
    /// What it cost in money: thousandths of the unit of the currency.
    pub charge_thousandths: Option<u64>,
    /// The currency's name, as the network writes it.
    pub currency: Option<String>,
}

/// As the path of a record calls it.
const fn found(finding: Finding) -> &'static str {
    match finding {
        Finding::FaxCalls => "a fax machine called",
        Finding::ModemCalls => "a modem called",
        Finding::FaxAnswers => "a fax machine answered",
        Finding::ModemAnswers => "a modem answered",
        Finding::FaxTalks => "a fax machine talked",
        Finding::Announcement => "an announcement of the network",
        Finding::Person => "a person answered",
        Finding::Machine => "a machine answered",
        Finding::Recording => "a machine recorded",
        Finding::Nobody => "nobody spoke",
        Finding::Music => "music",
    }
}

impl Row {
    /// The row of a record, its recording excepted, which is told apart. `flow` gives the name of
    /// a published program.
    #[must_use]
    pub fn new(record: &CallRecord, flow: impl Fn(ContentHash) -> Option<String>) -> Self {
        let step = |step: &PathStep| match step {
            PathStep::Line(line) => match (line.span(), line.analog(), line.jack()) {
                (Some(span), ..) => format!("E1 {}", span.0),
                (_, Some(port), _) => format!("TEL {port}"),
                (_, _, Some(jack)) => format!("audio {jack}"),
                (None, None, None) => line.to_string(),
            },
            PathStep::Flow(hash) => flow(*hash).unwrap_or_else(|| format!("{hash:?}")),
            PathStep::Rang(number) => format!("rang {number}"),
            PathStep::Connected(number) => number.to_string(),
            PathStep::Interrupted => "interrupted".into(),
            PathStep::Deflected(number) => format!("sent to {number} by the exchange"),
            PathStep::Joined => "joined by the exchange".into(),
            PathStep::Conference(number) => format!("conference {number}"),
            PathStep::Identified => "caller noted by the exchange".into(),
            PathStep::Found(finding) => found(*finding).into(),
        };
        let path: Vec<_> = record.path.iter().map(step).collect();
        let presentation = match record.presentation {
            Presentation::Allowed => "allowed",
            Presentation::Restricted => "restricted",
            Presentation::Unavailable => "unavailable",
        };
        let (charge_units, money) = match record.charge {
            None => (None, None),
            Some(Charge::Units(units)) => (Some(units), None),
            Some(Charge::Money { thousandths, currency }) => {
                (None, Some((thousandths, currency.to_string())))
            }
        };
        let (charge_thousandths, currency) = money.unzip();
        Self {
            call: record.call.to_string(),
            tenant: record.tenant.0,
            caller: record.caller.to_string(),
            presentation: presentation.into(),
            called: record.called.to_string(),
            path: path.join(" > "),
            digits: record.digits.to_string(),
            offered: record.offered.0,
            answered: record.answered.map(|at| at.0),
            connected: record.connected.map(|at| at.0),
            ended: record.ended.0,
            cause: record.cause.get(),
            by: record.by.word().into(),
            category: record.category.map(|category| category.word().into()),
            recording: None,
            recorded_seconds: None,
            recording_hash: None,
            charge_units,
            charge_thousandths,
            currency,
        }
    }

    /// One line of JSON: what programs read.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    fn charge(&self) -> Option<Charge> {
        let money = || {
            let currency = Currency::new(self.currency.as_ref()?.as_bytes())?;
            Some(Charge::Money { thousandths: self.charge_thousandths?, currency })
        };
        self.charge_units.map(Charge::Units).or_else(money)
    }

    /// One sentence: what people read. An ordinary caller is not worth a word.
    #[must_use]
    pub fn sentence(&self) -> String {
        let talked = self.connected.map_or_else(
            || "never reached a person".to_owned(),
            |at| format!("talked for {}", phrase(self.ended - at)),
        );
        let cost = self.charge().map_or_else(String::new, |charge| match charge {
            Charge::FREE => format!(", {charge}"),
            _ => format!(", cost {charge}"),
        });
        let kind = self.category.as_deref().filter(|category| *category != "ordinary");
        let kind = kind.map_or_else(String::new, |kind| format!(" ({kind})"));
        let recorded = match (self.recording.as_deref(), self.recorded_seconds) {
            (None, _) => String::new(),
            (Some("none"), _) => ", not recorded although it should be".into(),
            (Some(state), seconds) => {
                let broken = if state == "whole" { "" } else { ", a part is missing" };
                format!(", recorded {} s{broken}", seconds.unwrap_or(0))
            }
        };
        let digits = if self.digits.is_empty() { "-" } else { &self.digits };
        format!(
            "{}  {}  {}{kind} -> {}  [{}]  keys {digits}  {talked}{cost}{recorded}, ended by {}, \
             cause {}",
            utc_text(Utc(self.offered)),
            self.call,
            if self.caller.is_empty() { "unknown" } else { &self.caller },
            self.called,
            self.path,
            self.by,
            self.cause,
        )
    }
}

/// A length of time in words: `1 min 3.5 s`.
#[must_use]
pub fn phrase(micros: i64) -> String {
    let tenths = micros.max(0) / 100_000;
    let (minutes, tenths) = (tenths / 600, tenths % 600);
    let seconds = format!("{}.{} s", tenths / 10, tenths % 10);
    if minutes > 0 { format!("{minutes} min {seconds}") } else { seconds }
}

/// UTC as `2026-11-22 01:02:03Z`.
#[must_use]
pub fn utc_text(at: Utc) -> String {
    let seconds = at.0.div_euclid(1_000_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}Z", second % 60)
}

/// A moment in UTC to the millisecond: `2026-03-01 09:30:00.250Z`.
#[must_use]
pub fn exact_text(at: Utc) -> String {
    let ms = at.0.rem_euclid(1_000_000) / 1000;
    utc_text(at).replace('Z', &format!(".{ms:03}Z"))
}

/// Year, month and day of a count of days since 1970-01-01, in the Gregorian calendar: eras of 400
/// years that begin on a first of March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leaps = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use units::{CallId, Category, Cause, Digits, LineId, Party, Tenant};

    fn record(charge: Option<Charge>, category: Option<Category>) -> CallRecord {
        CallRecord {
            call: CallId(1),
            tenant: Tenant(1),
            caller: Digits::parse("801").expect("digits"),
            presentation: Presentation::Allowed,
            called: Digits::parse("95588").expect("digits"),
            path: [PathStep::Line(LineId(1))].into_iter().collect(),
            digits: Digits::new(),
            offered: Utc(0),
            answered: Some(Utc(1_000_000)),
            connected: Some(Utc(1_000_000)),
            ended: Utc(3_000_000),
            cause: Cause::NORMAL_CLEARING,
            by: Party::Caller,
            charge,
            category,
        }
    }

    #[test]
    fn a_sentence_says_what_a_call_cost_and_what_kind_of_caller_it_was() {
        let eur = Currency::new(b"EUR").expect("a currency");
        let money = Charge::Money { thousandths: 3450, currency: eur };
        let cases = [
            (None, None, " 801 -> 95588 ", "talked for 2.0 s, ended by"),
            (Some(Charge::FREE), Some(Category::Ordinary), " 801 -> ", " s, free of charge, ended"),
            (
                Some(Charge::Units(12)),
                Some(Category::Payphone),
                "801 (payphone) ->",
                "cost 12 units,",
            ),
            (Some(money), Some(Category::Operator), "801 (operator) ->", "s, cost 3.45 EUR, ended"),
        ];
        for (charge, category, who, cost) in cases {
            let sentence = Row::new(&record(charge, category), |_| None).sentence();
            assert!(sentence.contains(who) && sentence.contains(cost), "{sentence}");
        }
    }

    #[test]
    fn a_sentence_says_whether_a_call_was_recorded() {
        let row = Row::new(&record(None, None), |_| None);
        let cases = [
            ("whole", Some(3), "2.0 s, recorded 3 s, ended"),
            ("cut", Some(3), "2.0 s, recorded 3 s, a part is missing, ended"),
            ("none", None, "2.0 s, not recorded although it should be, ended"),
        ];
        for (state, recorded_seconds, wanted) in cases {
            let recording = Some(state.into());
            let sentence = Row { recording, recorded_seconds, ..row.clone() }.sentence();
            assert!(sentence.contains(wanted), "{sentence}");
        }
        assert!(!row.sentence().contains("record"));
    }

    #[test]
    fn programs_read_the_charge_in_fields_of_its_own() {
        let eur = Currency::new(b"EUR").expect("a currency");
        let money = Some(Charge::Money { thousandths: 3450, currency: eur });
        let json = |charge| Row::new(&record(charge, Some(Category::Payphone)), |_| None).json();
        let wanted = r#""charge_units":null,"charge_thousandths":3450,"currency":"EUR"}"#;
        assert!(json(money).ends_with(wanted), "{}", json(money));
        assert!(json(money).contains(r#""category":"payphone","#));
        let wanted = r#""charge_units":7,"charge_thousandths":null,"currency":null}"#;
        assert!(json(Some(Charge::Units(7))).ends_with(wanted));
    }

    #[test]
    fn the_manual_lists_every_field_of_a_record() {
        let manual = include_str!("../../../docs/RECORDS.md");
        let json = Row::new(&record(None, None), |_| None).json();
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&json).expect("an object");
        assert!(fields.len() > 10);
        for field in fields.keys() {
            assert!(manual.contains(&format!("`{field}`")), "{field} is not in docs/RECORDS.md");
        }
        for category in Category::ALL {
            assert!(manual.contains(&format!("`{}`", category.word())), "{category:?}");
        }
    }

    #[test]
    fn days_of_the_calendar_come_out_right() {
        assert_eq!(utc_text(Utc(0)), "1970-01-01 00:00:00Z");
        assert_eq!(utc_text(Utc(951_782_400_000_000)), "2000-02-29 00:00:00Z");
        assert_eq!(utc_text(Utc(1_795_309_569_000_000)), "2026-11-22 01:06:09Z");
        assert_eq!(utc_text(Utc(-1_000_000)), "1969-12-31 23:59:59Z");
    }

    #[test]
    fn lengths_of_time_read_as_people_say_them() {
        assert_eq!(phrase(3_540_000), "3.5 s");
        assert_eq!(phrase(63_500_000), "1 min 3.5 s");
    }
}
