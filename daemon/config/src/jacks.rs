//! Extensions that are audio jacks: what their document alone shows, and what only the box knows.

use std::collections::BTreeSet;

use call::{Hotline, JackLabel, JackName};
use link::{JackRole, PortStatus, Socket};
use units::{Digits, LineId};

use crate::{Config, Extension, Fault};

/// The jack that a name stands for: `audio N`, or what is printed beside it.
pub(crate) fn named(name: &str) -> Option<JackName> {
    if let Some(number) = name.strip_prefix("audio ") {
        let number = number.trim().parse().ok()?;
        return (1..=limits::JACKS)
            .contains(&usize::from(number))
            .then_some(JackName::Number(number));
    }
    let label = JackLabel::try_from(name).ok().filter(|label| !label.is_empty())?;
    Some(JackName::Label(label))
}

fn wrong(text: &str, index: usize, field: &str, what: &str, remedy: &str) -> Fault {
    Fault::in_table(text, ("extension", index, field), what, remedy)
}

impl Config {
    /// That each extension is one telephone or one jack, and only jacks have a button.
    pub(crate) fn check_extensions(&self, text: &str) -> Result<(), Fault> {
        let mut jacks = BTreeSet::new();
        for (index, extension) in self.extension.iter().enumerate() {
            let wrong = |field, what: &str, remedy| Err(wrong(text, index, field, what, remedy));
            self.check_hotline(text, index, extension)?;
            let name = match (&extension.telephone, &extension.jack) {
                (Some(_), Some(_)) => {
                    let what = "an extension is a telephone or a jack, not both";
                    return wrong("jack", what, "leave one of `telephone` and `jack` out");
                }
                (None, None) => {
                    let remedy = "write `telephone = PORT`, or `jack = \"LABEL\"`";
                    return wrong("telephone", "is missing", remedy);
                }
                (Some(_), None) if !extension.calls.is_empty() => {
                    let remedy = "leave it out, or name the jack instead of the telephone";
                    return wrong("calls", "only the button of a jack calls a number", remedy);
                }
                (Some(_), None) => continue,
                (None, Some(name)) => name,
            };
            if named(name).is_none() {
                let what = format!("`{name}` is no jack");
                let remedy = "use the label on the case, or `audio N` with N from 1 to 16";
                return wrong("jack", &what, remedy);
            }
            if !jacks.insert(name) {
                let what = format!("`{name}` has an extension already");
                return wrong("jack", &what, "give each jack one extension");
            }
            if Digits::parse(&extension.calls).is_none() {
                let what = format!("`{}` is no number", extension.calls);
                return wrong("calls", &what, "use digits, or leave it out");
            }
            if extension.calls == extension.number {
                let what = "the jack would call itself";
                return wrong("calls", what, "name another number");
            }
        }
        Ok(())
    }
}

/// How long a hotline may wait for a digit, in seconds: `hotline_after`.
const HOTLINE_AFTER: u8 = 30;

impl Config {
    fn check_hotline(&self, text: &str, index: usize, one: &Extension) -> Result<(), Fault> {
        let wrong = |field, what: &str, remedy| Err(wrong(text, index, field, what, remedy));
        if one.hotline.is_empty() && one.hotline_after > 0 {
            return wrong("hotline_after", "there is no hotline", "name its number in `hotline`");
        }
        if one.hotline_after > HOTLINE_AFTER {
            let what = format!("{} s are too long", one.hotline_after);
            return wrong("hotline_after", &what, "use 0 to 30 seconds");
        }
        if one.telephone.is_none() && one.reversal.is_some() {
            return wrong("reversal", "a jack has no line", "leave it out");
        }
        if one.hotline.is_empty() {
            return Ok(());
        }
        if one.telephone.is_none() {
            return wrong("hotline", "a jack has none", "use `calls` for the button of a jack");
        }
        if Digits::parse(&one.hotline).is_none() {
            let what = format!("`{}` is no number", one.hotline);
            return wrong("hotline", &what, "use digits, or leave it out");
        }
        if one.hotline == one.number {
            return wrong("hotline", "the telephone would call itself", "name another number");
        }
        Ok(())
    }

    /// What telephones have beside what their country says; messages wait for these numbers.
    #[must_use]
    pub fn extensions(&self, waiting: &BTreeSet<String>) -> Vec<(LineId, bearer::Extension)> {
        let decided = |one: &Extension| {
            let waiting = waiting.contains(&one.number);
            let decided = bearer::Extension { reversal: one.reversal, waiting };
            let line = LineId::of_analog(one.telephone?);
            (decided != bearer::Extension::default()).then_some((line, decided))
        };
        self.extension.iter().filter_map(decided).collect()
    }

    /// The telephones that call by themselves; they were checked.
    pub(crate) fn hotlines(&self) -> Vec<(LineId, Hotline)> {
        let hot = |one: &Extension| {
            let number = Digits::parse(&one.hotline).filter(|number| !number.is_empty())?;
            let after_ms = u32::from(one.hotline_after) * 1000;
            Some((LineId::of_analog(one.telephone?), Hotline { number, after_ms }))
        };
        self.extension.iter().filter_map(hot).collect()
    }
}

/// Checks the jacks of a document against those that the box has.
///
/// # Errors
/// The first [`Fault`]: a jack that is not there, that is for music, or whose button cannot be.
pub fn check_jacks<'a>(
    config: &Config,
    text: &str,
    sockets: impl Iterator<Item = &'a PortStatus>,
) -> Result<(), Fault> {
    let jacks = sockets.filter_map(|status| match status.socket {
        Socket::Jack(line, role) => Some((line, role, status.label.as_str())),
        _ => None,
    });
    let jacks: Vec<_> = jacks.collect();
    let mut taken = BTreeSet::new();
    for (index, extension) in config.extension.iter().enumerate() {
        let Some(name) = &extension.jack else { continue };
        let wrong = |field, what: &str, remedy: &str| Err(wrong(text, index, field, what, remedy));
        let found = jacks.iter().find(|(line, _, label)| match named(name) {
            Some(JackName::Number(number)) => LineId::of_jack(number) == *line,
            Some(JackName::Label(wanted)) => wanted.as_str() == *label,
            None => false,
        });
        let Some((line, role, _)) = found else {
            let what = format!("there is no jack `{name}`");
            return wrong("jack", &what, &there_are(&jacks));
        };
        if *role == JackRole::Music {
            let what = format!("`{name}` is for music and cannot be called");
            let remedy = "name another jack; callers hear it by `hear = \"music\"` in a flow";
            return wrong("jack", &what, remedy);
        }
        if *role == JackRole::Paging && !extension.calls.is_empty() {
            let what = format!("`{name}` is for paging and hears nobody");
            return wrong("calls", &what, "leave it out; a handset or a door calls");
        }
        if !taken.insert(*line) {
            let what = format!("`{name}` has an extension already, by its other name");
            return wrong("jack", &what, "give each jack one extension");
        }
    }
    Ok(())
}

fn there_are(jacks: &[(LineId, JackRole, &str)]) -> String {
    let names = jacks.iter().filter(|(_, role, _)| *role != JackRole::Music);
    let names: Vec<_> = names
        .map(|(line, _, label)| format!("`{label}` (audio {})", line.jack().unwrap_or_default()))
        .collect();
    match &names[..] {
        [] => "the board file names none; see [audio.N] in BOARDS.md".into(),
        names => format!("there are: {}", names.join(", ")),
    }
}

impl Extension {
    /// The jack that it is.
    pub(crate) fn jack(&self) -> Option<JackName> {
        named(self.jack.as_deref()?)
    }
}

#[cfg(test)]
mod tests {
    use link::Label;

    use super::*;
    use crate::directory;

    const DEFAULT: &str = include_str!("../../../images/default/config.toml");

    fn document(extension: &str) -> String {
        format!("{DEFAULT}\n[[extension]]\nnumber = \"810\"\n{extension}\n")
    }

    fn fault(extension: &str) -> Fault {
        Config::parse(&document(extension)).expect_err(extension)
    }

    fn sockets() -> Vec<PortStatus> {
        let roles = [JackRole::Paging, JackRole::Door, JackRole::Music];
        let jacks = ["HALL", "DOOR", "RADIO"].into_iter().zip(roles).zip(1u16..);
        let jacks = jacks.map(|((label, role), number)| PortStatus {
            index: number,
            label: Label::try_from(label).expect("short"),
            socket: Socket::Jack(LineId::of_jack(number), role),
            trouble: None,
            voltages: None,
        });
        jacks.collect()
    }

    fn known(extension: &str) -> Result<(), Fault> {
        let text = document(extension);
        let config = Config::parse(&text).expect("good by itself");
        check_jacks(&config, &text, sockets().iter())
    }

    #[test]
    fn a_jack_has_a_number_by_its_label_or_by_audio_n() {
        for (name, jack) in [
            ("HALL", JackName::Label(JackLabel::try_from("HALL").expect("short"))),
            ("audio 1", JackName::Number(1)),
        ] {
            let text = document(&format!("jack = \"{name}\""));
            let config = Config::parse(&text).expect("good");
            let flow = |_: &str| Some(units::ContentHash([1; 32]));
            let table = directory(&config, &text, flow).expect("a table");
            let wanted = call::Target::Jack { jack, calls: Digits::new() };
            assert!(table.entries.iter().any(|entry| entry.target == wanted), "{table:?}");
        }
        assert_eq!(known("jack = \"HALL\""), Ok(()));
        assert_eq!(known("jack = \"audio 2\"\ncalls = \"801\""), Ok(()));
    }

    #[test]
    fn a_hotline_reaches_its_telephone() {
        let text = document("telephone = 2\nhotline = \"801\"\nhotline_after = 5");
        let config = Config::parse(&text).expect("good");
        let flow = |_: &str| Some(units::ContentHash([1; 32]));
        let table = directory(&config, &text, flow).expect("a table");
        let number = Digits::parse("801").expect("digits");
        let hotline = Hotline { number, after_ms: 5000 };
        assert_eq!(table.hotline(LineId::of_analog(2)), Some(&hotline));
        assert_eq!(table.hotline(LineId::of_analog(1)), None);
    }

    #[test]
    fn what_is_wrong_with_a_jack_is_told_with_field_and_remedy() {
        let cases = [
            ("", "extension[2].telephone", "jack"),
            ("telephone = 2\njack = \"HALL\"", "extension[2].jack", "one of"),
            ("telephone = 2\ncalls = \"801\"", "extension[2].calls", "name the jack"),
            ("jack = \"DOOR\"\nhotline = \"801\"", "extension[2].hotline", "`calls`"),
            ("telephone = 2\nhotline = \"8x\"", "extension[2].hotline", "digits"),
            ("telephone = 2\nhotline = \"810\"", "extension[2].hotline", "another"),
            ("telephone = 2\nhotline_after = 5", "extension[2].hotline_after", "`hotline`"),
            (
                "telephone = 2\nhotline = \"801\"\nhotline_after = 31",
                "extension[2].hotline_after",
                "0 to 30",
            ),
            ("jack = \"\"", "extension[2].jack", "audio N"),
            ("jack = \"audio 17\"", "extension[2].jack", "1 to 16"),
            ("jack = \"DOOR\"\ncalls = \"80x\"", "extension[2].calls", "digits"),
            ("jack = \"DOOR\"\ncalls = \"810\"", "extension[2].calls", "another"),
            (
                "jack = \"DOOR\"\n[[extension]]\nnumber = \"811\"\njack = \"DOOR\"",
                "extension[3].jack",
                "one extension",
            ),
        ];
        for (extension, field, remedy) in cases {
            let fault = fault(extension);
            assert_eq!(fault.field, field, "{fault}");
            assert!(fault.remedy.contains(remedy) && fault.line > 0, "{fault}");
        }
    }

    #[test]
    fn what_the_box_does_not_have_is_told_with_what_it_has() {
        let cases = [
            ("jack = \"CELLAR\"", "extension[2].jack", "there are: `HALL` (audio 1), `DOOR`"),
            ("jack = \"audio 4\"", "extension[2].jack", "there are: `HALL`"),
            ("jack = \"RADIO\"", "extension[2].jack", "hear = \"music\""),
            ("jack = \"audio 3\"", "extension[2].jack", "hear = \"music\""),
            ("jack = \"HALL\"\ncalls = \"801\"", "extension[2].calls", "a handset or a door"),
            (
                "jack = \"DOOR\"\n[[extension]]\nnumber = \"811\"\njack = \"audio 2\"",
                "extension[3].jack",
                "one extension",
            ),
        ];
        for (extension, field, remedy) in cases {
            let fault = known(extension).expect_err(extension);
            assert_eq!(fault.field, field, "{fault}");
            assert!(fault.remedy.contains(remedy) && fault.line > 0, "{fault}");
        }
        let text = document("jack = \"HALL\"");
        let config = Config::parse(&text).expect("good by itself");
        let fault = check_jacks(&config, &text, [].iter()).expect_err("none");
        assert!(fault.remedy.contains("the board file names none"), "{fault}");
    }
}
