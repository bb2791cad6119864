//! Pages of an Ogg file (RFC 3533 6).

/// Octets of a page's head before its table of segments.
const HEAD: usize = 27;
/// Octets of the longest head.
pub(crate) const LONGEST_HEAD: usize = HEAD + 255;

/// The page begins a stream; ends it.
pub(crate) const BEGIN: u8 = 2;
pub(crate) const END: u8 = 4;

/// Where a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) flags: u8,
    /// Time at its end, in the unit of its stream.
    pub(crate) granule: u64,
    /// Which stream.
    pub(crate) serial: u32,
    /// Which page of the stream, from 0.
    pub(crate) sequence: u32,
}

const TABLE: [u32; 256] = {
    let (mut table, mut index) = ([0; 256], 0_u32);
    while index < 256 {
        let (mut value, mut bit) = (index << 24, 0);
        while bit < 8 {
            let more = if value >> 31 == 1 { 0x04c1_1db7 } else { 0 };
            value = (value << 1) ^ more;
            bit += 1;
        }
        table[index as usize] = value;
        index += 1;
    }
    table
};

/// The sum over a page whose own field for it is zero (RFC 3533 6, field 7).
fn sum(octets: &[u8]) -> u32 {
    octets.iter().fold(0, |sum, octet| {
        let [top, ..] = sum.to_be_bytes();
        (sum << 8) ^ TABLE[usize::from(top ^ octet)]
    })
}

/// A page of whole packets; of more than 255 segments those behind are lost.
pub(crate) fn page<'a>(place: Place, packets: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let (mut segments, mut body): (Vec<u8>, Vec<u8>) = (vec![], vec![]);
    for packet in packets {
        let (whole, rest) = (packet.len() / 255, packet.len() % 255);
        if segments.len() + whole + 1 > 255 {
            break;
        }
        segments.extend(std::iter::repeat_n(255, whole));
        segments.push(u8::try_from(rest).unwrap_or(0));
        body.extend(packet);
    }
    let mut octets = b"OggS\0".to_vec();
    octets.push(place.flags);
    octets.extend(place.granule.to_le_bytes());
    octets.extend(place.serial.to_le_bytes());
    octets.extend(place.sequence.to_le_bytes());
    octets.extend([0; 4]);
    octets.push(u8::try_from(segments.len()).unwrap_or(u8::MAX));
    octets.extend(segments);
    octets.extend(body);
    let sum = sum(&octets).to_le_bytes();
    octets[22..26].copy_from_slice(&sum);
    octets
}

/// What the head of a page tells: where it stands, its octets in front of the packets and in all.
/// `None`: it is none, or cut.
pub(crate) fn read(octets: &[u8]) -> Option<(Place, usize, usize)> {
    let head = octets.get(..HEAD).filter(|head| head.starts_with(b"OggS\0"))?;
    let four = |at: usize| head[at..at + 4].try_into().map(u32::from_le_bytes).ok();
    let place = Place {
        flags: head[5],
        granule: u64::from_le_bytes(head[6..14].try_into().ok()?),
        serial: four(14)?,
        sequence: four(18)?,
    };
    let segments = octets.get(HEAD..HEAD + usize::from(head[26]))?;
    let front = HEAD + segments.len();
    let body: usize = segments.iter().map(|segment| usize::from(*segment)).sum();
    Some((place, front, front + body))
}

/// The first page of these octets, if it is whole: where it stands, its packets, all its octets.
pub(crate) fn first(octets: &[u8]) -> Option<(Place, &[u8], &[u8])> {
    let (place, front, length) = read(octets)?;
    let page = octets.get(..length)?;
    Some((place, &page[front..], page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_as_it_was_written_and_its_sum_is_that_of_the_paper() {
        let place = Place { flags: BEGIN, granule: 48_000, serial: 7, sequence: 3 };
        let packets: [&[u8]; 3] = [&[1; 10], &[2; 255], &[3; 300]];
        let octets = page(place, packets);
        assert_eq!(octets[26..32], [5, 10, 255, 0, 255, 45]);
        let (found, body, all) = first(&octets).expect("whole");
        assert_eq!((found, body.len(), all.len()), (place, 565, octets.len()));
        assert!(first(&octets[..octets.len() - 1]).is_none());
        // A sum over all octets with the sum's own in them as zeros.
        let mut blank = octets.clone();
        blank[22..26].fill(0);
        assert_eq!(octets[22..26], sum(&blank).to_le_bytes());
        // The polynomial, highest bit first, without a start value.
        assert_eq!(sum(b"123456789"), 0x89a1_897f);
    }
}
