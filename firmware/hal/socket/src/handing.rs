//! Between a program and the one that takes its place: words, and open files with them.
#![expect(unsafe_code, reason = "files that another process opened arrive as bare numbers")]

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg,
    sendmsg, socketpair,
};
use units::Duration;

/// Octets of one word at most.
const WORD: usize = 64;
/// Files with one word at most.
const FILES: usize = 32;

/// One end.
#[derive(Debug)]
pub struct Handing(OwnedFd);

/// A word, and the files that came with it.
#[derive(Debug)]
pub struct Word {
    /// What was said.
    pub octets: Vec<u8>,
    /// The files.
    pub files: Vec<OwnedFd>,
}

impl Handing {
    /// Both ends; the second is inherited by the next process that is started.
    ///
    /// # Errors
    /// What the system says.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        fcntl(&theirs, FcntlArg::F_SETFD(FdFlag::empty()))?;
        Ok((Self(ours), Self(theirs)))
    }

    /// The end that this process inherited under a number.
    ///
    /// # Errors
    /// There is no socket of that number.
    pub fn inherited(number: RawFd) -> io::Result<Self> {
        // SAFETY: borrowed for one system call, which fails if there is no such file.
        let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
        fcntl(borrowed, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        // SAFETY: it is open, as was just seen, and its number was given to this process alone, by
        // the one that started it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(number) }))
    }

    /// The number under which the next process knows this end.
    #[must_use]
    pub fn number(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Says a word and hands files with it.
    ///
    /// # Errors
    /// The other end is gone.
    pub fn say(&self, octets: &[u8], files: &[BorrowedFd<'_>]) -> io::Result<()> {
        let numbers: Vec<RawFd> = files.iter().map(AsRawFd::as_raw_fd).collect();
        let rights = [ControlMessage::ScmRights(&numbers)];
        let with: &[ControlMessage<'_>] = if numbers.is_empty() { &[] } else { &rights };
        let words = [IoSlice::new(octets)];
        sendmsg::<()>(self.0.as_raw_fd(), &words, with, MsgFlags::MSG_NOSIGNAL, None)?;
        Ok(())
    }

    /// The next word, waited for at most `patience`; `None` if the other end is gone or silent.
    #[must_use]
    pub fn hear(&self, patience: Duration) -> Option<Word> {
        let millis = u16::try_from(patience.as_millis()).unwrap_or(u16::MAX);
        let mut wanted = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        loop {
            match poll(&mut wanted, PollTimeout::from(millis)) {
                Ok(0) => return None,
                Ok(_) => break,
                Err(Errno::EINTR) => {}
                Err(_) => return None,
            }
        }
        let mut room = [0; WORD];
        let mut control = nix::cmsg_space!([RawFd; FILES]);
        let mut rooms = [IoSliceMut::new(&mut room)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let got = recvmsg::<()>(self.0.as_raw_fd(), &mut rooms, Some(&mut control), flags).ok()?;
        let mut files = vec![];
        for message in got.cmsgs().ok()? {
            if let ControlMessageOwned::ScmRights(numbers) = message {
                // SAFETY: the kernel has just made these numbers for this process.
                files.extend(numbers.into_iter().map(|n| unsafe { OwnedFd::from_raw_fd(n) }));
            }
        }
        let length = got.bytes;
        (length > 0).then(|| Word { octets: room[..length].to_vec(), files })
    }
}

impl AsFd for Handing {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_word_brings_its_files_and_an_end_that_is_gone_is_noticed() {
        let (ours, theirs) = Handing::pair().expect("a pair");
        let (mut near, far) = UnixStream::pair().expect("a pair");
        ours.say(b"cards", &[far.as_fd()]).expect("said");
        drop(far);
        let word = theirs.hear(Duration::from_secs(10)).expect("a word");
        assert_eq!(word.octets, b"cards");
        let mut far = UnixStream::from(word.files.into_iter().next().expect("a file"));
        far.write_all(b"x").expect("open");
        let mut octet = [0];
        near.read_exact(&mut octet).expect("through");
        assert_eq!(octet, *b"x");
        theirs.say(b"give", &[]).expect("said");
        assert_eq!(ours.hear(Duration::from_secs(10)).expect("a word").octets, b"give");
        assert!(ours.hear(Duration::ZERO).is_none(), "nothing was said");
        drop(theirs);
        assert!(ours.hear(Duration::from_secs(10)).is_none());
        assert!(ours.say(b"cards", &[]).is_err());
    }
}
