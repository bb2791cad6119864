//! What goes wrong at a jack: why, and the remedy. The caller knows which jack.

use std::fmt;

/// Why a jack does not sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No such device, or it was pulled out.
    Missing,
    /// No permission to open it.
    Permission,
    /// Another program has it.
    Busy,
    /// It has neither 48 nor 44.1 kHz, 16 bits, one or two channels.
    Format,
    /// It is open, and no sample moves.
    Stalled,
    /// The thread of the jack cannot be started.
    Thread,
    /// The operating system said this number (errno).
    System(i32),
}

impl Reason {
    /// What an installer does about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Missing => "plug the sound card in, or name another one in the board file",
            Self::Permission => "give the core's user the group audio",
            Self::Busy => "end the sound server or the other program that holds the card",
            Self::Format => "use a card with 48 or 44.1 kHz, 16 bits, one or two channels",
            Self::Stalled => "pull the card out and plug it in again; look at the kernel's log",
            Self::Thread => "raise the limit of threads of the core's user",
            Self::System(_) => "look at the kernel's log",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the sound card is not there"),
            Self::Permission => f.write_str("no permission for the sound card"),
            Self::Busy => f.write_str("somebody else has the sound card"),
            Self::Format => f.write_str("the sound card has no format that can be used"),
            Self::Stalled => f.write_str("the sound card has stopped"),
            Self::Thread => f.write_str("its thread cannot be started"),
            Self::System(errno) => write!(f, "error {errno} of the system"),
        }
    }
}

/// What went wrong at a jack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{reason}: {}", reason.remedy())]
pub struct Fault {
    /// Why.
    pub reason: Reason,
}

impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}

impl From<alsa::Error> for Fault {
    fn from(fault: alsa::Error) -> Self {
        // Drivers that lose their card say one of the first; alsa-lib gives errno of either sign.
        let reason = match fault.errno().abs() {
            libc::ENODEV | libc::ENOENT | libc::ENXIO | libc::EBADFD | libc::ENOTTY => {
                Reason::Missing
            }
            libc::EACCES | libc::EPERM => Reason::Permission,
            libc::EBUSY => Reason::Busy,
            libc::EINVAL => Reason::Format,
            errno => Reason::System(errno),
        };
        Self { reason }
    }
}
