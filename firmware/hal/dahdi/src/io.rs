//! Reads and writes as the kernel wants them: events first, short blocks counted, never waiting.

use crate::abi::{ELAST, event};
use crate::kernel::{Errno, Kernel};

/// Events fetched in one go at most: what the kernel keeps.
const MOST_EVENTS: usize = 64;
/// Times that a read or write may be interrupted by events in one go.
const MOST_TRIES: usize = 4;

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// All of it.
    Whole(usize),
    /// Nothing was there, or there was no room.
    Nothing,
    /// The device is gone.
    Lost,
    /// Another error of the kernel.
    Failed(Errno),
}

fn outcome(errno: Errno) -> Moved {
    match errno {
        libc::EAGAIN | libc::EINTR => Moved::Nothing,
        libc::ENODEV | libc::ENXIO | libc::EBADF => Moved::Lost,
        other => Moved::Failed(other),
    }
}

/// Tells every waiting event of a port.
pub(crate) fn drain<K: Kernel>(kernel: &K, port: &K::Port, tell: &mut impl FnMut(i32)) {
    for _ in 0..MOST_EVENTS {
        match kernel.event(port) {
            Ok(event::NONE) | Err(_) => return,
            Ok(code) => tell(code),
        }
    }
}

/// Reads one block or frame; events that wait before it are told.
pub(crate) fn read<K: Kernel>(
    kernel: &K,
    port: &K::Port,
    octets: &mut [u8],
    tell: &mut impl FnMut(i32),
) -> Moved {
    for _ in 0..MOST_TRIES {
        match kernel.read(port, octets) {
            Ok(count) => return Moved::Whole(count),
            Err(ELAST) => drain(kernel, port, tell),
            Err(errno) => return outcome(errno),
        }
    }
    Moved::Nothing
}

/// Writes one block or frame; events that wait before it are told.
pub(crate) fn write<K: Kernel>(
    kernel: &K,
    port: &K::Port,
    octets: &[u8],
    tell: &mut impl FnMut(i32),
) -> Moved {
    for _ in 0..MOST_TRIES {
        match kernel.write(port, octets) {
            Ok(count) => return Moved::Whole(count),
            Err(ELAST) => drain(kernel, port, tell),
            Err(errno) => return outcome(errno),
        }
    }
    Moved::Nothing
}
