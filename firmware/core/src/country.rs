//! What a country file says, in the words of the machines that do it.

use board::{CallerEntry, CallerId, Country, Sourced, ToneEntry};
use dsp_progress::{Pattern, Plan};
use dsp_tone::{CADENCE, Form, PARTS, Part, Tone};
use engine::{FAILURES, Failure, Standard, TonePlan, interrupted};
use span::{Cadence, Dtmf, Settings, Telling, Timing, fxo};
use units::{CallTone, Dbm0, Digit, Duration};

/// The level of our tones, both sines together about as loud as one alone.
const LEVEL: Dbm0 = Dbm0(-10.0);
const LEVEL_OF_TWO: Dbm0 = Dbm0(-13.0);
/// The level of each sine of the howler.
const HOWLER: Dbm0 = Dbm0(-3.0);
const SILENCE: Tone = Tone { parts: [None; PARTS], form: Form::Added, cadence_ms: [0; CADENCE] };

/// How telephones are rung, and what is a flash.
#[must_use]
fn timing(country: &Country) -> Timing {
    let cadence = |ringing: Option<&Sourced<Vec<u16>>>| {
        let steps = &ringing.unwrap_or(&country.ringing_ms).value;
        // The file has been checked.
        Cadence::new(steps).unwrap_or(Cadence::USUAL)
    };
    let [flash_min, flash_max] = country.flash_ms.value.map(|ms| Duration::from_millis(ms.into()));
    Timing {
        inside: cadence(country.ringing_inside_ms.as_ref()),
        outside: cadence(country.ringing_outside_ms.as_ref()),
        flash_min,
        flash_max,
    }
}

/// What telephones are like.
#[must_use]
pub fn telephones(country: &Country) -> Settings {
    let CallerEntry { value, before_ring, reversal, alert, digits, .. } = &country.caller_id;
    let (before_ring, reversal, alert) = (*before_ring, *reversal, *alert);
    let [start, stop] = digits.map(|digit| u8::try_from(digit).ok().and_then(Digit::new));
    let telling = match value {
        CallerId::None => None,
        CallerId::Bell202 | CallerId::V23 => {
            Some(Telling { before_ring, reversal, alert, keys: None })
        }
        CallerId::Dtmf => {
            let keys = start.zip(stop).and_then(|(start, stop)| Dtmf::new(start, stop));
            Some(Telling { before_ring: true, reversal, alert: false, keys })
        }
    };
    Settings { timing: timing(country), telling, reversal: country.reversal.value }
}

/// In what frequencies telephones get messages; `None`: they get nothing at all.
#[must_use]
pub fn caller_standard(country: &Country) -> Option<Standard> {
    match country.caller_id.value {
        CallerId::None => None,
        // The digits have no standard, and no message is sent.
        CallerId::Bell202 | CallerId::Dtmf => Some(Standard::Bell202),
        CallerId::V23 => Some(Standard::V23),
    }
}

/// How lines of an exchange ring: a pause longer by half than the country's is the end of a call.
#[must_use]
pub fn exchange_timing(country: &Country) -> fxo::Timing {
    let longest = country.ringing_ms.value.iter().skip(1).step_by(2).max().copied();
    let usual = fxo::Timing::default();
    let ring_gap =
        longest.map_or(usual.ring_gap, |ms| Duration::from_millis(u64::from(ms) * 3 / 2));
    fxo::Timing { ring_gap, ..usual }
}

/// The tones that the box gives; what the country file does not say is as usual.
#[must_use]
pub fn tones(country: &Country) -> TonePlan {
    let usual = TonePlan::default();
    let of = |name: &str, usual: Tone| country.tones.get(name).map_or(usual, tone);
    let dial = of("dial", usual.dial);
    TonePlan {
        dial,
        special_dial: of("special_dial", interrupted(dial)),
        ring_back: of("ringback", usual.ring_back),
        busy: of("busy", usual.busy),
        congestion: of("congestion", usual.congestion),
        // Loud: the ear is not at the handset. A country that names none has none.
        howler: country.tones.get("howler").map_or(SILENCE, |entry| at_level(entry, HOWLER)),
        failures: failures(country),
    }
}

/// What callers hear instead of busy tone of calls that failed for causes that the country names.
fn failures(country: &Country) -> [Option<Failure>; FAILURES] {
    let mut failures = [None; FAILURES];
    for (to, (entry, causes)) in failures.iter_mut().zip(country.failures()) {
        *to = Some(Failure { causes: causes.into_iter().collect(), tone: tone(entry) });
    }
    failures
}

/// The tones that the box listens for on the lines of an exchange. What a country's file does not
/// say is not known, and nothing is released by it; two frequencies too close to be told apart are
/// left out (only ring-back has such).
#[must_use]
pub fn progress(country: &Country) -> Plan {
    let mut plan = Plan::new();
    for said in CallTone::ALL {
        let name = match said {
            CallTone::Dial => "dial",
            CallTone::RingBack => "ringback",
            CallTone::Busy => "busy",
            CallTone::Congestion => "congestion",
            CallTone::Unobtainable => "unobtainable",
        };
        let Some(entry) = country.tones.get(name) else { continue };
        let hz = |place| entry.hz.get(place).map_or(0.0, |hz| f32::from(*hz));
        let mut cadence_ms = [0; dsp_progress::CADENCE];
        cadence_ms.iter_mut().zip(&entry.cadence_ms).for_each(|(to, ms)| *to = *ms);
        // Nothing listens for tones in turn; of the others five have room. One that is refused is
        // not listened for.
        if !entry.in_turn {
            let modulated_hz = entry.modulation().map_or(0.0, |(hz, _)| hz);
            let _ = plan.add(Pattern { tone: said, hz: [hz(0), hz(1)], modulated_hz, cadence_ms });
        }
    }
    plan
}

fn tone(entry: &ToneEntry) -> Tone {
    let at_once = entry.hz.len() > 1 && !entry.in_turn;
    at_level(entry, if at_once { LEVEL_OF_TWO } else { LEVEL })
}

fn at_level(entry: &ToneEntry, level: Dbm0) -> Tone {
    let part = |place| entry.hz.get(place).map(|hz| Part { hz: f32::from(*hz), level });
    let mut cadence_ms = [0; CADENCE];
    cadence_ms.iter_mut().zip(&entry.cadence_ms).for_each(|(to, ms)| *to = *ms);
    let form = match entry.modulation() {
        _ if entry.in_turn => Form::InTurn,
        Some((hz, depth)) => Form::Modulated { hz, depth },
        None => Form::Added,
    };
    Tone { parts: [part(0), part(1), part(2)], form, cadence_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(name: &str) -> Country {
        let text = |file: &str| match file {
            "x.toml" => Ok(format!("name = \"x\"\ntitle = \"X\"\ncountry = \"{name}\"\n")),
            "country/cn.toml" => Ok(include_str!("../../../boards/country/cn.toml").to_owned()),
            "country/gb.toml" => Ok(include_str!("../../../boards/country/gb.toml").to_owned()),
            "country/de.toml" => Ok(include_str!("../../../boards/country/de.toml").to_owned()),
            other => Err(format!("{other}: no such file")),
        };
        board::read(&text, "x").expect("a board").in_country
    }

    #[test]
    fn the_country_file_of_china_says_what_the_tones_of_china_are() {
        assert_eq!(tones(&country("cn")), TonePlan::default());
        assert_eq!(timing(&country("cn")), Timing::default());
    }

    #[test]
    fn the_united_kingdom_rings_twice_in_a_row() {
        let Settings { timing, telling, .. } = telephones(&country("gb"));
        let twice = Cadence::new(&[400, 200, 400, 2000]).expect("a cadence");
        assert_eq!((timing.inside, timing.outside), (twice, twice));
        let alerted = Telling { before_ring: true, reversal: true, alert: true, keys: None };
        assert_eq!(telling, Some(alerted));
    }

    #[test]
    fn all_five_tones_of_china_are_listened_for() {
        assert_eq!(progress(&country("cn")), Plan::china());
    }

    #[test]
    fn another_country_has_other_tones() {
        let tones = tones(&country("de"));
        assert_eq!(tones.busy.cadence_ms[..3], [480, 480, 0]);
        assert_eq!(tones.dial.parts[0].map(|part| part.hz), Some(425.0));
    }

    /// Every file of boards/country, by its name.
    fn all() -> Vec<(String, Country)> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../boards");
        let text = |file: &str| match file.strip_suffix(".toml") {
            Some(name) if !file.contains('/') => {
                Ok(format!("name = \"{name}\"\ntitle = \"X\"\ncountry = \"{name}\"\n"))
            }
            _ => std::fs::read_to_string(folder.join(file)).map_err(|fault| fault.to_string()),
        };
        let files = std::fs::read_dir(folder.join("country")).expect("a folder");
        let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
        let name = |file: String| file.strip_suffix(".toml").expect("a country").to_owned();
        let read = |name: String| {
            let country = board::read(&text, &name).expect(&name).in_country;
            (name, country)
        };
        let mut all: Vec<_> = names.map(name).map(read).collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// What the detector of a country says first of a tone that the box makes, within 20 s.
    fn told(country: &Country, tone: Tone) -> Option<CallTone> {
        let mut detector = dsp_progress::Detector::new(&progress(country));
        let mut generator = dsp_tone::Generator::new(&tone);
        (0..10_000).find_map(|_| {
            let mut block = [0; units::media::BLOCK_SAMPLES];
            generator.fill(&mut block);
            detector.push(&block)
        })
    }

    /// Tones that cannot be told, and what is told instead. The congestion tones are busy tone, or
    /// begin as it does (es), or differ in level alone (au); the dial tones are of two frequencies
    /// too close to each other.
    const ALIKE: &[(&str, CallTone, Option<CallTone>)] = &[
        ("au", CallTone::Dial, None),
        ("au", CallTone::Congestion, Some(CallTone::Busy)),
        ("cr", CallTone::Congestion, Some(CallTone::Busy)),
        ("es", CallTone::Congestion, Some(CallTone::Busy)),
        ("hu", CallTone::Congestion, Some(CallTone::Busy)),
        ("jp", CallTone::Congestion, Some(CallTone::Busy)),
        ("mx", CallTone::Congestion, Some(CallTone::Busy)),
        ("my", CallTone::Congestion, Some(CallTone::Busy)),
        ("pa", CallTone::Congestion, Some(CallTone::Busy)),
        ("pl", CallTone::Congestion, Some(CallTone::Busy)),
        ("za", CallTone::Dial, None),
    ];

    #[test]
    fn the_tones_of_every_country_are_told_as_the_box_makes_them() {
        let all = all();
        assert!(all.len() >= 46, "{}", all.len());
        let mut wrong = vec![];
        for (name, country) in &all {
            let plan = tones(country);
            for (file, wanted, tone) in [
                ("dial", CallTone::Dial, plan.dial),
                ("busy", CallTone::Busy, plan.busy),
                ("congestion", CallTone::Congestion, plan.congestion),
            ] {
                let told = country.tones.get(file).map(|_| told(country, tone));
                if let Some(told) = told.filter(|told| *told != Some(wanted)) {
                    wrong.push((name.as_str(), wanted, told));
                }
            }
        }
        assert_eq!(wrong, ALIKE);
    }

    /// What a country's callers hear of a call that failed for a cause.
    fn of_failure(country: &Country, cause: u8) -> Option<Tone> {
        let cause = units::Cause::new(cause).expect("a cause");
        let failures = failures(country);
        let mut told = failures.iter().flatten();
        told.find(|failure| failure.causes.contains(cause)).map(|failure| failure.tone)
    }

    #[test]
    fn a_number_that_is_not_there_is_told_by_what_each_country_has_for_it() {
        let china = country("cn");
        let vacant = tone(&china.tones["unobtainable"]);
        assert_eq!(of_failure(&china, 1), Some(vacant));
        assert_eq!([22, 27, 17, 34].map(|cause| of_failure(&china, cause)), [None; 4]);
        let all = all();
        let informed = all.iter().filter(|(_, country)| {
            let [vacant, changed, dead] = [1, 22, 27].map(|cause| of_failure(country, cause));
            let three = vacant.is_some_and(|tone| tone.form == Form::InTurn);
            three && vacant == changed && changed == dead
        });
        assert_eq!(informed.count(), 33);
        let none = all.iter().filter(|(_, country)| of_failure(country, 1).is_none());
        let none: Vec<_> = none.map(|(name, _)| name.as_str()).collect();
        assert_eq!(none, ["ar", "au", "br", "ee", "es", "fi", "in", "ph", "sg", "th", "tr"]);
        assert!(all.iter().all(|(_, country)| of_failure(country, 17).is_none()), "busy is busy");
    }

    #[test]
    fn special_information_tone_is_what_the_detector_of_announcements_knows_in_every_country() {
        for (name, country) in all() {
            let Some(entry) = country.tones.get("special_information") else { continue };
            let mut generator = dsp_tone::Generator::new(&tone(entry));
            let mut ear = dsp_answer::Receiver::default();
            let found = (0..1500).any(|_| {
                let mut block = [0; units::media::BLOCK_SAMPLES];
                generator.fill(&mut block);
                ear.push(&block) == Some(dsp_answer::Event::Special)
            });
            assert!(found, "{name}");
        }
    }

    #[test]
    fn ring_back_tones_that_are_modulated_are_told_as_the_box_makes_them() {
        let mut seen = vec![];
        for (name, country) in all() {
            let plan = tones(&country);
            if matches!(plan.ring_back.form, Form::Modulated { .. }) {
                assert_eq!(told(&country, plan.ring_back), Some(CallTone::RingBack), "{name}");
                seen.push(name);
            }
        }
        assert_eq!(seen, ["in", "jp", "sg"]);
    }
}
