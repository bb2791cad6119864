//! What the operating system must promise the line thread: its turn, and memory that is there.
//! The one file of the core with `unsafe`.
#![expect(unsafe_code, reason = "libc calls that nix does not wrap")]

use std::io;
use std::thread::Builder;

/// Octets of the stack of a thread. All of it is made present at once where memory is locked, which
/// takes a millisecond for the usual 2 MiB; the line thread was seen to use 72 KiB.
const STACK: usize = 512 << 10;

/// A thread of this name, with a stack that is soon there.
pub fn thread(name: &str) -> Builder {
    Builder::new().name(name.into()).stack_size(STACK)
}

/// Gives the calling thread the class SCHED_FIFO.
///
/// # Errors
/// What the system says: usually that the process may not (CAP_SYS_NICE, or `LimitRTPRIO`).
pub fn become_realtime(priority: i32) -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: the parameters live through the call; 0 is the calling thread.
    let done = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Keeps all memory of the process, present and future, in RAM.
///
/// # Errors
/// What the system says: usually `LimitMEMLOCK`.
pub fn lock_memory() -> io::Result<()> {
    // SAFETY: no pointers; the call changes no memory's contents.
    let done = unsafe { libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Names the calling thread: in `top`, and for tests that count what this thread allocates from
/// here on.
pub fn name_thread(name: &std::ffi::CStr) {
    // SAFETY: the name is a string that ends in NUL; the kernel copies it.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
}
