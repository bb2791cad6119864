//! A file in memory that outlives the process, and the mark that a dying process leaves in it.
//!
//! What is written to a shared mapping is the kernel's at once: `kill -9` takes nothing of it. A
//! power cut takes what the kernel had not brought to the disk yet.
#![expect(unsafe_code, reason = "mappings and signals")]

use std::fs::OpenOptions;
use std::io;
use std::num::NonZeroUsize;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, Ordering};

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// A file, mapped.
#[derive(Debug)]
pub struct Mapped {
    start: NonNull<libc::c_void>,
    octets: NonZeroUsize,
}

// SAFETY: the mapping belongs to this value alone, whichever thread has it.
unsafe impl Send for Mapped {}

impl Mapped {
    /// Maps the file at `path`; one that is not there or of another length is made anew, `octets`
    /// long, zeros. All of it is really allocated: a disk that fills up later takes nothing from
    /// it.
    ///
    /// # Errors
    /// What the system says; nothing is left of a file that there was no room for.
    pub fn open(path: &Path, octets: NonZeroUsize) -> io::Result<Self> {
        let length = octets.get() as u64;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        if file.metadata()?.len() != length {
            file.set_len(0)?;
            let all = libc::off_t::try_from(length).map_err(io::Error::other)?;
            if let Err(errno) = nix::fcntl::posix_fallocate(&file, 0, all) {
                // Half a file would only take room from others.
                let _ = std::fs::remove_file(path);
                return Err(errno.into());
            }
            file.sync_all()?;
        }
        // SAFETY: a new mapping at an address of the kernel's choice aliases nothing of ours.
        let start = unsafe {
            mmap(
                None,
                octets,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_SHARED | MapFlags::MAP_POPULATE,
                &file,
                0,
            )?
        };
        Ok(Self { start, octets })
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        MARK.store(std::ptr::null_mut(), Ordering::Release);
        // SAFETY: it was mapped by `open`, and nobody has a slice of it any more: slices borrow
        // from this value.
        let _ = unsafe { munmap(self.start, self.octets.get()) };
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: mapped, readable and initialised for as long as the value lives. Other processes
        // keep away from it: the core holds the lock of its run folder.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().cast(), self.octets.get()) }
    }
}

impl AsMut<[u8]> for Mapped {
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `as_ref`, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().cast(), self.octets.get()) }
    }
}

/// The octet that a dying process raises.
static MARK: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
/// It dies already: one death is counted once.
static DYING: AtomicBool = AtomicBool::new(false);

/// Signals by which a process dies of its own fault.
const FATAL: [Signal; 5] =
    [Signal::SIGSEGV, Signal::SIGBUS, Signal::SIGILL, Signal::SIGFPE, Signal::SIGABRT];

/// From now on a crash of this process raises the octet at `offset` of the mapping by one, to be
/// read by the next. `kill -9`, and ending by itself, do not.
///
/// # Errors
/// What the system says of the signals; `InvalidInput` for an offset outside of the mapping.
pub fn count_crashes(mapped: &Mapped, offset: usize) -> io::Result<()> {
    if offset >= mapped.octets.get() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: inside of the mapping, as was just looked at.
    let mark = unsafe { mapped.start.as_ptr().cast::<u8>().add(offset) };
    MARK.store(mark, Ordering::Release);
    let action = SigAction::new(
        SigHandler::Handler(on_fatal),
        SaFlags::SA_RESETHAND | SaFlags::SA_NODEFER | SaFlags::SA_ONSTACK,
        SigSet::empty(),
    );
    for signal in FATAL {
        // SAFETY: the handler touches one octet of mapped memory and raises the signal again.
        unsafe { sigaction(signal, &action)? };
    }
    Ok(())
}

/// Counts this death: for one that no signal tells.
pub fn mark_crash() {
    let mark = MARK.load(Ordering::Acquire);
    if mark.is_null() || DYING.swap(true, Ordering::AcqRel) {
        return;
    }
    // SAFETY: it points into the mapping, or is null once that is gone; atomic, because a thread
    // of ours may look at the same octet.
    let mark = unsafe { AtomicU8::from_ptr(mark) };
    mark.fetch_add(1, Ordering::AcqRel);
}

extern "C" fn on_fatal(signal: libc::c_int) {
    mark_crash();
    // The handler was taken away when it was called: the signal does now what it does.
    // SAFETY: raise may be called in a signal handler.
    unsafe { libc::raise(signal) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const OCTETS: NonZeroUsize = NonZeroUsize::new(8192).expect("not zero");

    #[test]
    fn what_is_written_is_in_the_file_and_a_file_of_another_length_is_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let mut mapped = Mapped::open(&path, OCTETS).expect("mapped");
        assert!(mapped.as_ref().iter().all(|octet| *octet == 0));
        mapped.as_mut()[5000] = 7;
        assert_eq!(std::fs::read(&path).expect("readable")[5000], 7, "seen before it is unmapped");
        drop(mapped);
        assert_eq!(Mapped::open(&path, OCTETS).expect("mapped").as_ref()[5000], 7);
        let longer = NonZeroUsize::new(16_384).expect("not zero");
        let mapped = Mapped::open(&path, longer).expect("mapped");
        assert_eq!(mapped.as_ref().len(), 16_384);
        assert_eq!(mapped.as_ref()[5000], 0);
    }

    #[test]
    fn a_crash_is_counted_and_a_kill_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let deaths = [(Signal::SIGABRT, 1), (Signal::SIGKILL, 1), (Signal::SIGSEGV, 2)];
        for (signal, counted) in deaths {
            let mapped = Mapped::open(&path, OCTETS).expect("mapped");
            // SAFETY: the child calls nothing but system calls before it dies.
            match unsafe { nix::unistd::fork() }.expect("a child") {
                nix::unistd::ForkResult::Child => {
                    let _ = count_crashes(&mapped, 9);
                    let _ = nix::sys::signal::raise(signal);
                    // SAFETY: ends the child if the signal did not.
                    unsafe { libc::_exit(0) };
                }
                nix::unistd::ForkResult::Parent { child } => {
                    let status = nix::sys::wait::waitpid(child, None).expect("its end");
                    assert_eq!(
                        std::mem::discriminant(&status),
                        std::mem::discriminant(&nix::sys::wait::WaitStatus::Signaled(
                            child, signal, false
                        ))
                    );
                }
            }
            assert_eq!(mapped.as_ref()[9], counted, "after {signal}");
        }
    }
}
