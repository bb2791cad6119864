//! The basic encoding rules (X.690), as much of them as facilities use: tags of one octet, lengths
//! that are told.

use heapless::{Vec, VecView};

/// Octets of a facility element at most (Q.931 4.5.1: the length is one octet).
pub const OCTETS: usize = 253;

/// The universal types.
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0A;
pub(crate) const SEQUENCE: u8 = 0x30;

/// The context-specific tag of a primitive value, and of a constructed one.
pub(crate) const fn tag(number: u8) -> u8 {
    0x80 | number
}

pub(crate) const fn within(number: u8) -> u8 {
    0xA0 | number
}

/// Values one behind the other, read from the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { left: octets }
    }

    /// All that is left.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.left
    }

    /// The next value with its tag. `None`: there is none, or it is not whole.
    pub(crate) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.left.split_first()?;
        // A tag of several octets is none that a facility has.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7F => (usize::from(first), rest),
            0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
            0x82 => {
                let (length, rest) = rest.split_first_chunk()?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            // A length that is told at the end is not used here (Q.932 8.2).
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.left = rest;
        Some((tag, content))
    }

    /// The next value, if it has this tag; if not, it is still the next.
    pub(crate) fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (tag, content) = ahead.next()?;
        (tag == wanted).then(|| *self = ahead)?;
        Some(content)
    }

    /// The values inside the next one, if it has this tag.
    pub(crate) fn open(&mut self, wanted: u8) -> Option<Reader<'a>> {
        self.take(wanted).map(Reader::new)
    }

    /// The next value as a number, if it has this tag.
    pub(crate) fn number(&mut self, wanted: u8) -> Option<i32> {
        number(self.take(wanted)?)
    }
}

/// A number in two's complement of at most four octets.
pub(crate) fn number(content: &[u8]) -> Option<i32> {
    let first = *content.first()?;
    if content.len() > 4 {
        return None;
    }
    let sign = if first & 0x80 == 0 { 0 } else { -1 };
    Some(content.iter().fold(sign, |value, octet| value << 8 | i32::from(*octet)))
}

/// Writes a value: its tag, and what `content` writes. `None`: there is no room.
pub(crate) fn write(
    out: &mut VecView<u8>,
    tag: u8,
    content: impl FnOnce(&mut VecView<u8>) -> Option<()>,
) -> Option<()> {
    let mut inside = Vec::<u8, OCTETS>::new();
    content(inside.as_mut_view())?;
    out.push(tag).ok()?;
    let length = u8::try_from(inside.len()).ok()?;
    if length >= 0x80 {
        out.push(0x81).ok()?;
    }
    out.push(length).ok()?;
    out.extend_from_slice(&inside).ok()
}

/// Writes a primitive value.
pub(crate) fn write_octets(out: &mut VecView<u8>, tag: u8, octets: &[u8]) -> Option<()> {
    write(out, tag, |out| out.extend_from_slice(octets).ok())
}

/// Writes a number, as short as it can be.
pub(crate) fn write_number(out: &mut VecView<u8>, tag: u8, number: i32) -> Option<()> {
    let octets = number.to_be_bytes();
    let fill = if number < 0 { 0xFF } else { 0 };
    let spare = |at: &usize| {
        let (octet, next) = (octets[*at], octets[*at + 1]);
        octet == fill && (next ^ fill) & 0x80 == 0
    };
    let skip = (0..octets.len() - 1).take_while(spare).count();
    write_octets(out, tag, &octets[skip..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_as_short_as_it_can_be_and_reads_back() {
        for (value, octets) in [
            (0, &[0][..]),
            (127, &[127]),
            (128, &[0, 128]),
            (-1, &[255]),
            (-128, &[128]),
            (-129, &[255, 127]),
            (16_777_215, &[0, 255, 255, 255]),
            (i32::MIN, &[128, 0, 0, 0]),
        ] {
            let mut out = Vec::<u8, 8>::new();
            write_number(out.as_mut_view(), INTEGER, value).expect("room");
            assert_eq!(&out[2..], octets, "{value}");
            assert_eq!(Reader::new(&out).number(INTEGER), Some(value));
        }
        assert_eq!((number(&[]), number(&[0; 5])), (None, None));
    }

    #[test]
    fn a_value_that_is_not_whole_or_not_wanted_is_left_where_it_is() {
        for octets in [&[0x30][..], &[0x30, 2, 1], &[0x30, 0x80, 0, 0], &[0x1F, 1, 0], &[4, 0x81]] {
            assert_eq!(Reader::new(octets).next(), None, "{octets:?}");
        }
        let mut reader = Reader::new(&[2, 1, 7, 5, 0]);
        assert_eq!((reader.take(NULL), reader.number(INTEGER)), (None, Some(7)));
        assert_eq!((reader.take(NULL), reader.rest()), (Some(&[][..]), &[][..]));
    }

    #[test]
    fn long_contents_have_long_lengths() {
        let mut out = Vec::<u8, 300>::new();
        write_octets(out.as_mut_view(), OCTET_STRING, &[9; 200]).expect("room");
        assert_eq!(out[..3], [4, 0x81, 200]);
        assert_eq!(Reader::new(&out).take(OCTET_STRING), Some(&[9; 200][..]));
        assert_eq!(Reader::new(&[4, 0x82, 0, 1, 5]).take(OCTET_STRING), Some(&[5][..]));
    }
}
