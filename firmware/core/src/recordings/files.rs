//! The files of a recording, and closing what was cut.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use recorder::{Format, Proof, Step, Verdict};

use super::judge::judged;
use super::kept;
use crate::task::Kept;

/// The files of a recording.
#[derive(Debug)]
pub(super) struct Files {
    sound: PathBuf,
    chain: PathBuf,
    sound_file: Option<File>,
    chain_file: Option<File>,
}

impl Files {
    /// Those of this path, which has no ending.
    pub(super) fn new(path: &Path, format: Format) -> Self {
        let (sound, chain) = (path.with_extension(format.ending()), path.with_extension("chain"));
        Self { sound, chain, sound_file: None, chain_file: None }
    }

    /// Does a step.
    pub(super) fn apply(&mut self, step: &Step) -> io::Result<()> {
        let open = |path: &Path| OpenOptions::new().append(true).open(path);
        if let Step::Create(sound, chain) = step {
            // Nothing that was recorded is ever written over.
            File::create_new(&self.sound)?.write_all(sound)?;
            fs::write(&self.chain, chain)?;
        }
        let sound = match &mut self.sound_file {
            Some(file) => file,
            none => none.insert(open(&self.sound)?),
        };
        let chain = match &mut self.chain_file {
            Some(file) => file,
            none => none.insert(open(&self.chain)?),
        };
        match step {
            Step::Create(..) => Ok(()),
            Step::Append(octets) => sound.write_all(octets),
            Step::Chain(entry) => chain.write_all(entry),
            Step::Sync => sound.sync_data().and_then(|()| chain.sync_data()),
            // An appending file writes at its end wherever it is told to.
            Step::Header(header) => {
                OpenOptions::new().write(true).open(&self.sound)?.write_all_at(header, 0)
            }
            Step::Cut { length } => sound.set_len(u64::try_from(*length).unwrap_or(0)),
            Step::Close => sound.sync_all().and_then(|()| fs::remove_file(&self.chain)),
        }
    }

    /// Does steps until one fails.
    pub(super) fn apply_all(&mut self, steps: &[Step]) -> io::Result<()> {
        steps.iter().try_for_each(|step| self.apply(step))
    }
}

/// The file of a recording, whatever it is made of; that of a WAV file if there is none.
pub(super) fn sound_of(path: &Path) -> (PathBuf, Format) {
    let all = Format::ALL.map(|format| (path.with_extension(format.ending()), format));
    let [first, _] = &all;
    all.iter().find(|(path, _)| path.exists()).unwrap_or(first).clone()
}

/// Closes every recording that was cut, and says so.
pub(super) fn mend_all(folder: &Path, log: fn(&str)) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let chains = entries.map(|entry| entry.path());
    for path in chains.filter(|path| path.extension().is_some_and(|end| end == "chain")) {
        let mended = mend(&path);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match mended {
            Ok(proof) => {
                let seconds = proof.seconds;
                log(&format!("recording {name} was cut; {seconds} s of it are kept"));
            }
            Err(fault) => log(&format!("recording {name} cannot be closed: {fault}")),
        }
    }
}

/// Closes the recording of this path, whose ending does not matter.
pub(super) fn mend(path: &Path) -> Result<Proof, String> {
    let (sound, format) = sound_of(path);
    let read = |path: &Path| fs::read(path).map_err(|fault| fault.to_string());
    let (steps, proof) = recorder::mend(&read(&sound)?, &read(&path.with_extension("chain"))?)
        .map_err(|_| "its chain is damaged".to_owned())?;
    Files::new(path, format).apply_all(&steps).map_err(|fault| fault.to_string())?;
    Ok(proof)
}

/// What is left of a recording of a process that is gone.
pub(super) fn settled(path: &Path) -> Option<Kept> {
    if path.with_extension("chain").exists()
        && let Err(fault) = mend(path)
    {
        crate::log::log(&format!("{} cannot be closed: {fault}", path.display()));
    }
    match judged(&sound_of(path).0) {
        Ok(Ok(Verdict::Whole(proof) | Verdict::Cut(proof))) => kept(&proof),
        _ => None,
    }
}
