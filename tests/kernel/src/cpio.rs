//! The archive that the kernel unpacks as its first file system, and that brings files back:
//! cpio "newc", as the kernel's buffer-format text describes it (thirteen fields of eight
//! hexadecimal digits, name and data each filled up to four octets).

use std::io::{self, Write};

use crate::{Fault, Outcome};

const MAGIC: &str = "070701";
const HEAD: usize = 110;
const END: &str = "TRAILER!!!";

const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const CHARACTERS: u32 = 0o020_000;

/// Writes an archive.
pub struct Writer<W: Write> {
    to: W,
    inode: u32,
}

impl<W: Write> Writer<W> {
    /// Begins.
    pub const fn new(to: W) -> Self {
        Self { to, inode: 0 }
    }

    /// A folder; its parents come first.
    ///
    /// # Errors
    /// Those of writing.
    pub fn folder(&mut self, name: &str) -> io::Result<()> {
        self.entry(name, FOLDER | 0o755, 0, &[])
    }

    /// A file, with its permissions.
    ///
    /// # Errors
    /// Those of writing; one of 4 GiB or more is refused.
    pub fn file(&mut self, name: &str, mode: u32, data: &[u8]) -> io::Result<()> {
        self.entry(name, FILE | mode, 0, data)
    }

    /// A symbolic link.
    ///
    /// # Errors
    /// Those of writing.
    pub fn link(&mut self, name: &str, target: &str) -> io::Result<()> {
        self.entry(name, LINK | 0o777, 0, target.as_bytes())
    }

    /// A character device.
    ///
    /// # Errors
    /// Those of writing.
    pub fn device(&mut self, name: &str, major: u32, minor: u32) -> io::Result<()> {
        self.numbered(name, CHARACTERS | 0o600, (major, minor), &[])
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(mut self) -> io::Result<W> {
        self.entry(END, 0, 0, &[])?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn entry(&mut self, name: &str, mode: u32, minor: u32, data: &[u8]) -> io::Result<()> {
        self.numbered(name, mode, (0, minor), data)
    }

    fn numbered(
        &mut self,
        name: &str,
        mode: u32,
        device: (u32, u32),
        data: &[u8],
    ) -> io::Result<()> {
        self.inode += 1;
        let name = name.trim_start_matches('/');
        let size = u32::try_from(data.len()).map_err(io::Error::other)?;
        let name_size = u32::try_from(name.len() + 1).map_err(io::Error::other)?;
        let fields = [self.inode, mode, 0, 0, 1, 0, size, 0, 0, device.0, device.1, name_size, 0];
        self.to.write_all(MAGIC.as_bytes())?;
        for field in fields {
            write!(self.to, "{field:08x}")?;
        }
        self.to.write_all(name.as_bytes())?;
        self.to.write_all(&[0; 4][..1 + fill(HEAD + name.len() + 1)])?;
        self.to.write_all(data)?;
        self.to.write_all(&[0; 3][..fill(data.len())])
    }
}

/// Octets up to the next multiple of four.
const fn fill(length: usize) -> usize {
    (4 - length % 4) % 4
}

/// Reads the plain files of an archive, in order.
///
/// # Errors
/// No archive, or one that is cut off.
pub fn read(all: &[u8]) -> Outcome<Vec<(String, Vec<u8>)>> {
    let cut = || Fault("The archive of files is cut off.".into());
    let mut files = vec![];
    let mut at = 0_usize;
    loop {
        let head = all.get(at..at + HEAD).ok_or_else(cut)?;
        if !head.starts_with(MAGIC.as_bytes()) {
            return Err(Fault(format!("There is no archive at octet {at}.")));
        }
        let field = |number: usize| {
            let digits = head.get(6 + 8 * number..14 + 8 * number)?;
            let digits = std::str::from_utf8(digits).ok()?;
            usize::from_str_radix(digits, 16).ok()
        };
        let (mode, size, name_size) =
            field(1).zip(field(6)).zip(field(11)).map(|((a, b), c)| (a, b, c)).ok_or_else(cut)?;
        let name = all.get(at + HEAD..at + HEAD + name_size).ok_or_else(cut)?;
        let name = String::from_utf8_lossy(name).trim_end_matches('\0').to_owned();
        let begin = at + HEAD + name_size + fill(HEAD + name_size);
        if name == END {
            return Ok(files);
        }
        let data = all.get(begin..begin + size).ok_or_else(cut)?;
        if mode & 0o170_000 == FILE as usize {
            files.push((name, data.to_vec()));
        }
        at = begin + size + fill(size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new(vec![]);
        writer.folder("/a").unwrap();
        writer.file("/a/odd", 0o644, b"12345").unwrap();
        writer.device("/a/console", 5, 1).unwrap();
        writer.link("/a/l", "odd").unwrap();
        writer.file("even", 0o755, &[7; 8]).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn files_come_back_as_they_went_in() {
        let want = vec![("a/odd".into(), b"12345".to_vec()), ("even".into(), vec![7; 8])];
        assert_eq!(read(&sample()).unwrap(), want);
    }

    #[test]
    fn an_archive_that_is_cut_off_anywhere_is_refused() {
        let whole = sample();
        for length in 0..whole.len() - 4 {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn noise_is_no_archive() {
        assert!(read(&[b'x'; 200]).is_err());
    }
}
