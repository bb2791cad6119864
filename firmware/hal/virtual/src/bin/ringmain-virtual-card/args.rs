//! The command line.

use std::path::PathBuf;

use hal_virtual::frame::Shape;

/// What `--help` says.
pub(crate) const HELP: &str = "\
ringmain-virtual-card: a line card without hardware, for tests and trials

usage: ringmain-virtual-card --dir DIR [options]

  --dir DIR         where the sockets are made: card.sock for the core, e1-1.sock and so on for
                    the far ends of the spans, analog-1.sock and so on for telephones
  --spans N         E1 spans, 0 to 8 (1)
  --fxs M           ports for telephones, 0 to 64 (1)
  --fxo L           lines of an exchange, 0 to 64 (0), behind the telephones; with them at most 64;
                    their far ends are at exchange-1.sock and so on
  --no-crc4         the spans have no CRC-4 multiframe
  --pace real|steady|free
                    real: one block each 2 ms, whoever answers or not
                    steady: one block each 2 ms, but not before core and far ends have answered
                    the last one: on a full machine time goes slower, and no sound is torn
                    free: the next block as soon as they have answered
                    steady and free are real while no core is connected (real)
  --core-frames     the core makes the framing: without one the lines are dead, as on a card that
                    is nothing without its driver
  --cas N,N         slot 16 of these spans carries signalling bits; what the core set last goes on
                    when there is no core
  --help            this text

Nobody at a far end is a loss of signal, nobody at a port a telephone on hook, nobody at a line a
cut wire. What the core last did to the loop of a line stays when there is no core, as a relay
stays. The card ends on SIGTERM and removes its sockets. After SIGUSR1 its pace is free for cores
that connect later.
";

/// How time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// By the clock.
    Real,
    /// By the clock, never ahead of the answers.
    Steady,
    /// By the answers.
    Free,
}

/// What the card is to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) dir: PathBuf,
    pub(crate) shape: Shape,
    pub(crate) crc4: bool,
    pub(crate) pace: Pace,
    pub(crate) core_frames: bool,
    /// Numbers of spans whose slot 16 carries signalling bits.
    pub(crate) cas: Vec<usize>,
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Help,
    Run(Args),
}

/// Reads the command line.
pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut dir = None;
    let mut shape = Shape { spans: 1, ports: 1, lines: 0 };
    let (mut crc4, mut pace, mut core_frames) = (true, Pace::Real, false);
    let mut cas = vec![];
    let mut words = words;
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--dir" => dir = Some(PathBuf::from(value()?)),
            "--spans" => shape.spans = number(&word, &value()?)?,
            "--fxs" => shape.ports = number(&word, &value()?)?,
            "--fxo" => shape.lines = number(&word, &value()?)?,
            "--no-crc4" => crc4 = false,
            "--cas" => {
                let list = value()?;
                let numbers = list.split(',').map(|span| number(&word, span));
                cas = numbers.collect::<Result<_, _>>()?;
            }
            "--core-frames" => core_frames = true,
            "--pace" => {
                pace = match value()?.as_str() {
                    "real" => Pace::Real,
                    "steady" => Pace::Steady,
                    "free" => Pace::Free,
                    other => return Err(format!("--pace is real, steady or free, not {other}")),
                }
            }
            other => return Err(format!("unknown option {other}")),
        }
    }
    if !shape.possible() {
        return Err(format!(
            "a card has 1 to 248 channels on at most 8 spans and 64 ports, not {} and {}",
            shape.spans,
            shape.analog()
        ));
    }
    let dir = dir.ok_or("--dir is missing")?;
    Ok(Asked::Run(Args { dir, shape, crc4, pace, core_frames, cas }))
}

fn number(option: &str, value: &str) -> Result<usize, String> {
    value.parse().map_err(|_| format!("{option} needs a number, not {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(line: &str) -> Result<Asked, String> {
        read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_says_what_the_card_is() {
        let args = Args {
            dir: "/run/x".into(),
            shape: Shape { spans: 2, ports: 3, lines: 4 },
            crc4: false,
            pace: Pace::Free,
            core_frames: true,
            cas: vec![2],
        };
        let line =
            "--dir /run/x --spans 2 --fxs 3 --fxo 4 --pace free --no-crc4 --core-frames --cas 2";
        assert_eq!(ask(line), Ok(Asked::Run(args)));
        assert_eq!(ask("--help"), Ok(Asked::Help));
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_sentence() {
        for (line, why) in [
            ("", "--dir is missing"),
            ("--dir", "--dir needs a value"),
            ("--dir x --spans many", "--spans needs a number, not many"),
            ("--dir x --pace slow", "--pace is real, steady or free, not slow"),
            ("--dir x --color", "unknown option --color"),
        ] {
            assert_eq!(ask(line), Err(why.to_owned()));
        }
        assert!(ask("--dir x --spans 9").is_err());
        assert!(ask("--dir x --spans 8 --fxs 1").is_err());
        assert!(ask("--dir x --fxs 32 --fxo 33").is_err());
    }
}
