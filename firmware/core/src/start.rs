//! Starting and ending the core: options, folders, cards, threads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use board::Board;
use hal_socket::Instance;
use units::{BoxId, Duration, Tenant};

use crate::assemble::{self, Assembly};
use crate::clock::Clock;
use crate::control::Identity;
use crate::disk::{Disk, Folders};
use crate::hand_over::{TAKE_OVER, Taking};
use crate::hardware::{open_cards, unexpected};
use crate::journal::{Wanted, wake};
use crate::log::log;
use crate::realtime;
use crate::server::Server;

/// What `--help` says.
pub const HELP: &str = "\
ringmain-core: the real-time part of a Ringmain box

  ringmain-core --board FILE --run DIR --state DIR --prompts DIR [options]
  ringmain-core detect       proposes a board file from what the kernel shows
  ringmain-core verify FILE  says whether a recording is as it was recorded

  --board FILE     the board file: cards and ports of this box
  --run DIR        sockets and locks: core.sock for the daemon, the card's socket
  --state DIR      what must outlive the process: spool, published documents, captures
  --prompts DIR    prompts by content hash: <hash>.alaw; may be said again: the first that has one
  --box N          this box's number, 1 to 255 (1)
  --card-wait S    seconds to wait for the card at the start (10)
  --allow-tests    obey commands that only tests need (stall)
  --help           this";

/// How the core was called.
#[derive(Clone, Debug)]
pub struct Options {
    board: PathBuf,
    run: PathBuf,
    folders: Folders,
    box_id: BoxId,
    card_wait: Duration,
    tests_allowed: bool,
    take_over: Option<i32>,
}

impl Options {
    /// Reads the command line; `None` if help was asked for.
    ///
    /// # Errors
    /// A sentence that names the option.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let (mut board, mut run, mut state, mut prompts) = (None, None, None, vec![]);
        let (mut box_id, mut wait, mut tests_allowed) = (BoxId(1), 10, false);
        let mut take_over = None;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--help" | "-h" => return Ok(None),
                "--allow-tests" => tests_allowed = true,
                "--board" => board = Some(PathBuf::from(value()?)),
                "--run" => run = Some(PathBuf::from(value()?)),
                "--state" => state = Some(PathBuf::from(value()?)),
                "--prompts" => prompts.push(PathBuf::from(value()?)),
                "--box" => {
                    let number = value()?.parse().ok().filter(|n| *n > 0);
                    box_id = BoxId(number.ok_or("--box is a number from 1 to 255")?);
                }
                "--card-wait" => {
                    wait = value()?.parse().map_err(|_| "--card-wait is a number of seconds")?;
                }
                TAKE_OVER => {
                    let number = value()?.parse();
                    take_over = Some(number.map_err(|_| "--take-over is for the core itself")?);
                }
                other => return Err(format!("{other} is no option")),
            }
        }
        let need = |value: Option<PathBuf>, name| value.ok_or(format!("{name} is missing"));
        let (board, run) = (need(board, "--board FILE")?, need(run, "--run DIR")?);
        let state = need(state, "--state DIR")?;
        if prompts.is_empty() {
            return Err("--prompts DIR is missing".into());
        }
        Ok(Some(Self {
            board,
            run,
            folders: Folders { state, prompts },
            box_id,
            card_wait: Duration::from_secs(wait),
            tests_allowed,
            take_over,
        }))
    }
}

/// Reads a board file and what it inherits from the files beside it.
fn read_board(path: &Path) -> Result<Board, String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let text = |file: &str| {
        let path = folder.join(file);
        std::fs::read_to_string(&path).map_err(|fault| {
            if file.starts_with("country/") {
                return format!("{}: {fault}; there are: {}", path.display(), countries(folder));
            }
            format!("board file {}: {fault}; --board names a file of boards/", path.display())
        })
    };
    board::read(&text, name).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// The countries whose files stand beside the boards.
fn countries(folder: &Path) -> String {
    let files = std::fs::read_dir(folder.join("country")).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    let mut names: Vec<_> =
        names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    names.sort();
    names.join(", ")
}

/// Runs the core until a signal ends it.
///
/// # Errors
/// A sentence that says what is missing or wrong.
pub fn run(options: &Options) -> Result<(), String> {
    let board = read_board(&options.board)?;
    std::fs::create_dir_all(&options.run)
        .map_err(|fault| format!("{}: {fault}", options.run.display()))?;
    let mut taking = options.take_over.map(Taking::begin).transpose()?;
    let instance = match &mut taking {
        Some(taking) => taking.instance()?,
        None => Instance::claim(&options.run, "core").map_err(|fault| fault.to_string())?,
    };
    let (disk, known) = Disk::open(options.folders.clone(), Clock::fresh_identity())
        .map_err(|(path, fault)| format!("{}: {fault}", path.display()))?;
    let open =
        |mut inherited| open_cards(&board, &options.run, options.card_wait, &mut inherited, log);
    // The cards of a core that hands over are still in use.
    let early = if taking.is_none() { Some(open(BTreeMap::new())?) } else { None };
    let lockstep = match (&early, &taking) {
        (Some(cards), _) => cards.first().is_some_and(|card| card.lockstep()),
        (None, taking) => taking.as_ref().is_some_and(|taking| taking.lockstep),
    };
    let socket = options.run.join("core.sock");
    let server = Server::bind(&socket, &instance)
        .map_err(|fault| format!("{}: {fault}", socket.display()))?;
    if let Err(fault) = realtime::lock_memory() {
        log(&format!("memory is not locked: {fault}"));
    }
    let identity = Identity {
        box_id: options.box_id,
        tenant: Tenant::default(),
        tests_allowed: options.tests_allowed,
    };
    let wanted = Wanted { identity, layout: board.layout(), known: &known, lockstep };
    let mut fetch = |hash| disk.fetch(hash);
    let mut awake = wake(&options.folders.state, &wanted, &mut fetch, log);
    for what in unexpected(&board) {
        awake.control.unexpected(awake.clock.now(), &what);
    }
    log(&format!("{}: boot {}, next event {}", board.title, known.boot, known.last + 1));
    let cards = || match (early, &taking) {
        (Some(cards), _) => Ok(cards),
        (None, taking) => {
            let inherited = taking.as_ref().map(Taking::cards).transpose()?;
            open(inherited.unwrap_or_default())
        }
    };
    let assembly = Assembly { board: &board, disk, server, taking: taking.as_ref() };
    assemble::run(awake, assembly, &instance, cards)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Option<Options>, String> {
        Options::parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn a_missing_or_wrong_option_is_named() {
        assert_eq!(parse(&[]).expect_err("missing"), "--board FILE is missing");
        assert_eq!(parse(&["--bord", "x"]).expect_err("unknown"), "--bord is no option");
        assert_eq!(parse(&["--board"]).expect_err("no value"), "--board needs a value");
        let fault = parse(&["--box", "0"]).expect_err("range");
        assert!(fault.contains("1 to 255"), "{fault}");
        assert!(parse(&["--help"]).expect("help").is_none());
    }

    #[test]
    fn an_unknown_country_is_refused_with_those_that_there_are() {
        let boards = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../boards");
        let folder = tempfile::tempdir().expect("a folder");
        let country = folder.path().join("country");
        std::fs::create_dir(&country).expect("a folder");
        for name in ["cn.toml", "nz.toml"] {
            let file = boards.join("country").join(name);
            std::fs::copy(file, country.join(name)).expect("a copy");
        }
        let path = folder.path().join("x.toml");
        let board = |country: &str| {
            let text = format!("name = \"x\"\ntitle = \"X\"\ncountry = \"{country}\"\n");
            std::fs::write(&path, text).expect("a board");
            read_board(&path)
        };
        let fault = board("xx").expect_err("no such country");
        assert!(fault.contains("xx.toml") && fault.ends_with("there are: cn, nz"), "{fault}");
        assert!(board("nz").is_ok());
    }
}
