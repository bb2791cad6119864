//! One card a directory: a locked file with the process id of the holder.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};

/// Takes the directory, or says who has it.
pub(crate) fn take(dir: &Path) -> Result<Flock<File>, String> {
    let path = dir.join("card.lock");
    let shown = path.display();
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| format!("cannot open {shown}: {error}"))?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(mut lock) => {
            let pid = format!("{}\n", std::process::id());
            lock.set_len(0)
                .and_then(|()| lock.seek(SeekFrom::Start(0)))
                .and_then(|_| lock.write_all(pid.as_bytes()))
                .map_err(|error| format!("cannot write {shown}: {error}"))?;
            Ok(lock)
        }
        Err((mut file, _)) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            Err(format!("another virtual card, process {}, holds {shown}", pid.trim()))
        }
    }
}
