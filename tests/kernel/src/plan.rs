//! What a guest does, in order, as a text that `ringmain-guest` finds in `/etc/plan`.
//!
//! One step a line, its words apart by tabs; a word can hold anything but tabs and line ends.

use crate::{Fault, Outcome};

/// Where the guest finds its plan.
pub const PATH: &str = "/etc/plan";

/// The guest's last line on its console.
pub const END: &str = "KERNEL: the end";

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Load `/lib/modules/<name>.ko`.
    Module {
        /// Its file without `.ko`.
        name: String,
        /// Its parameters, `a=1 b=2`.
        parameters: String,
    },
    /// Create a dynamic span.
    Dynamic {
        /// DAHDI's driver: `loc` or `eth`.
        driver: String,
        /// What the driver wants to know, `1:0`.
        address: String,
        /// Channels, 1 to 31.
        channels: u16,
        /// Its priority as a source of timing; 0 for none.
        timing: u16,
    },
    /// Bring a network interface up.
    Interface(String),
    /// Write into a file of the kernel.
    Write {
        /// The file.
        path: String,
        /// What is written.
        text: String,
    },
    /// Make a simulated GPIO chip with so many lines.
    Gpio(u16),
    /// Run a program and print its result.
    Run {
        /// What the result is called.
        name: String,
        /// Seconds of the guest's time.
        limit_s: u32,
        /// The program and its arguments.
        words: Vec<String>,
    },
    /// Send the files of `/out` through this port.
    Out(String),
}

/// All steps, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan(pub Vec<Step>);

impl Plan {
    /// The text of it.
    ///
    /// # Errors
    /// A word has a tab or a line end.
    pub fn to_text(&self) -> Outcome<String> {
        let mut text = String::new();
        for step in &self.0 {
            let words = step.words();
            if let Some(word) = words.iter().find(|word| word.contains(['\t', '\n'])) {
                return Err(Fault(format!("{word:?} cannot stand in a plan.")));
            }
            text.push_str(&words.join("\t"));
            text.push('\n');
        }
        Ok(text)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// A line that is no step.
    pub fn read(text: &str) -> Outcome<Self> {
        text.lines().map(Step::read).collect::<Outcome<_>>().map(Self)
    }
}

impl Step {
    fn words(&self) -> Vec<String> {
        let word = |word: &str| word.to_owned();
        match self {
            Self::Module { name, parameters } => {
                vec![word("module"), name.clone(), parameters.clone()]
            }
            Self::Dynamic { driver, address, channels, timing } => vec![
                word("dynamic"),
                driver.clone(),
                address.clone(),
                channels.to_string(),
                timing.to_string(),
            ],
            Self::Interface(name) => vec![word("interface"), name.clone()],
            Self::Write { path, text } => vec![word("write"), path.clone(), text.clone()],
            Self::Gpio(lines) => vec![word("gpio"), lines.to_string()],
            Self::Run { name, limit_s, words } => {
                let mut all = vec![word("run"), name.clone(), limit_s.to_string()];
                all.extend(words.iter().cloned());
                all
            }
            Self::Out(port) => vec![word("out"), port.clone()],
        }
    }

    fn read(line: &str) -> Outcome<Self> {
        let none = || Fault(format!("{line:?} is no step of a plan."));
        let words: Vec<&str> = line.split('\t').collect();
        let own = |word: &&str| (*word).to_owned();
        Ok(match words.as_slice() {
            ["module", name, parameters] => {
                Self::Module { name: own(name), parameters: own(parameters) }
            }
            ["dynamic", driver, address, channels, timing] => Self::Dynamic {
                driver: own(driver),
                address: own(address),
                channels: channels.parse().map_err(|_| none())?,
                timing: timing.parse().map_err(|_| none())?,
            },
            ["interface", name] => Self::Interface(own(name)),
            ["write", path, text] => Self::Write { path: own(path), text: own(text) },
            ["gpio", lines] => Self::Gpio(lines.parse().map_err(|_| none())?),
            ["run", name, limit_s, words @ ..] if !words.is_empty() => Self::Run {
                name: own(name),
                limit_s: limit_s.parse().map_err(|_| none())?,
                words: words.iter().map(own).collect(),
            },
            ["out", port] => Self::Out(own(port)),
            _ => return Err(none()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let text = "module\tdahdi\tauto_assign_spans=1\ndynamic\tloc\t1:0\t31\t0\n\
                    interface\tlo\nwrite\t/sys/x\t1\n\
                    gpio\t54\nrun\tfirst\t60\t/bin/a\t\tb c\nout\t/dev/x\n";
        let plan = Plan::read(text).unwrap();
        assert_eq!(plan.0.len(), 7);
        assert_eq!(plan.to_text().unwrap(), text);
    }

    #[test]
    fn a_line_that_is_no_step_is_refused() {
        for line in ["", "run\tname\t60", "dynamic\tloc\t1:0\tmany\t0", "what"] {
            assert!(Plan::read(&format!("{line}\n")).is_err(), "{line:?}");
        }
    }

    #[test]
    fn a_word_with_a_tab_is_refused() {
        assert!(Plan(vec![Step::Interface("a\tb".into())]).to_text().is_err());
    }
}
