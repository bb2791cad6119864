//! How the daemon was called.

use std::path::PathBuf;

/// What `--help` says.
pub(crate) const HELP: &str = "\
ringmaind: the management daemon of a Ringmain box

  ringmaind --run DIR --state DIR --config DIR --prompts DIR [--recordings DIR] [--city SOCKET]

  --run DIR        core.sock of the core; console.sock for consoles is made here
  --state DIR      the store: records, alarms, the last good documents; in sounds/ the sounds of
                   people as the line plays them, which the core is given as a second --prompts
  --config DIR     config.toml, flows/*.toml, sounds/*
  --prompts DIR    index.toml and the prompts that it names
  --recordings DIR captures in the core's state folder, where old recordings are erased; it must be
                   allowed to write there; without, none is erased
  --city SOCKET    the simulated exchange of the virtual board, for `place test call`
  --help           this";

/// How the daemon was called.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) run: PathBuf,
    pub(crate) state: PathBuf,
    pub(crate) config: PathBuf,
    pub(crate) prompts: PathBuf,
    pub(crate) recordings: Option<PathBuf>,
    pub(crate) city: Option<PathBuf>,
}

impl Options {
    /// Where sounds that people brought are kept as the line plays them.
    pub(crate) fn sounds(&self) -> PathBuf {
        self.state.join("sounds")
    }

    /// Reads the command line; `None` if help was asked for.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let [mut run, mut state, mut config, mut prompts] = [const { None }; 4];
        let [mut recordings, mut city] = [const { None }; 2];
        while let Some(word) = words.next() {
            let place = match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--run" => &mut run,
                "--state" => &mut state,
                "--config" => &mut config,
                "--prompts" => &mut prompts,
                "--recordings" => &mut recordings,
                "--city" => &mut city,
                other => return Err(format!("{other} is no option")),
            };
            *place = Some(PathBuf::from(words.next().ok_or(format!("{word} needs a value"))?));
        }
        let need = |value: Option<PathBuf>, name| value.ok_or(format!("{name} DIR is missing"));
        Ok(Some(Self {
            run: need(run, "--run")?,
            state: need(state, "--state")?,
            config: need(config, "--config")?,
            prompts: need(prompts, "--prompts")?,
            recordings,
            city,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_wrong_option_is_named() {
        let parse = |words: &[&str]| Options::parse(words.iter().map(|w| (*w).to_owned()));
        assert_eq!(parse(&[]).expect_err("missing"), "--run DIR is missing");
        assert_eq!(parse(&["--rum"]).expect_err("unknown"), "--rum is no option");
        assert_eq!(parse(&["--run"]).expect_err("no value"), "--run needs a value");
    }
}
