//! Tests of the board's memory: a memory as the makers' tool writes it, and any octets at all.

use proptest::prelude::*;

use super::*;
use crate::buses::ByteMemory;
use crate::simulated::RegisterFile;
use crate::{Place, Reason};

fn ours() -> Identity {
    Identity {
        uuid: 0x0102_0304_0506_4708_890a_0b0c_0d0e_0f10,
        product_id: 0x524D,
        product_version: 2,
        vendor: "Ringmain".try_into().unwrap(),
        product: "Pair relay".try_into().unwrap(),
    }
}

#[test]
fn the_check_sequence_is_the_well_known_one() {
    // The check value of CRC-16/ARC in the catalogue of parametrised CRCs.
    assert_eq!(crc(b"123456789"), 0xBB3D);
}

#[test]
fn the_octets_stand_where_the_specification_says() {
    let octets = build(&ours(), &[]).unwrap();
    assert_eq!(octets[..8], *b"R-Pi\x01\x00\x01\x00");
    assert_eq!(octets[8..12], [62, 0, 0, 0], "12 of header, 8 and 22 and 18 and 2 of the atom");
    assert_eq!(octets[12..20], [1, 0, 0, 0, 42, 0, 0, 0]);
    assert_eq!(octets[20..24], [0x10, 0x0F, 0x0E, 0x0D], "the UUID's last octet first");
    assert_eq!(octets[36..42], [0x4D, 0x52, 2, 0, 8, 10]);
    assert_eq!(octets[42..60], *b"RingmainPair relay");
}

#[test]
fn the_uuid_is_shown_as_people_write_it() {
    assert_eq!(ours().uuid_text(), "01020304-0506-4708-890a-0b0c0d0e0f10");
}

#[test]
fn a_board_is_recognised_through_registers() {
    let file = RegisterFile::new(Place::I2c { bus: 0, address: 0x50 });
    file.load(0, &build(&ours(), &[(2, &[0; 30])]).unwrap());
    assert_eq!(read(&mut ByteMemory(file.clone())), Ok(ours()));
    file.fail(Some(Reason::NoAnswer));
    let fault = read(&mut ByteMemory(file)).unwrap_err();
    assert!(matches!(fault, Unknown::Fault(fault) if fault.reason == Reason::NoAnswer));
}

#[test]
fn vendor_information_is_found_behind_other_atoms() {
    let mut octets = build(&ours(), &[(VENDOR, b"")]).unwrap();
    let last = build(&ours(), &[]).unwrap()[HEADER..].to_vec();
    // Make the first atom one of another type, with a check sequence of its own.
    octets[12] = 9;
    let end = octets.len() - 10;
    let check = crc(&octets[12..end - 2]).to_le_bytes();
    octets[end - 2..end].copy_from_slice(&check);
    octets.truncate(end);
    octets.extend(last);
    let length = u32::try_from(octets.len()).unwrap().to_le_bytes();
    octets[8..12].copy_from_slice(&length);
    assert_eq!(parse(&octets), Ok(ours()));
}

#[test]
fn a_blank_memory_and_an_unknown_version_are_named() {
    assert_eq!(parse(&[0xFF; 256]), Err(Malformed::NoSignature));
    assert_eq!(parse(&[]), Err(Malformed::NoSignature));
    let mut octets = build(&ours(), &[]).unwrap();
    octets[4] = 3;
    assert_eq!(parse(&octets), Err(Malformed::Version(3)));
    octets[4] = 2;
    assert_eq!(parse(&octets), Ok(ours()));
    octets[6] = 0;
    assert_eq!(parse(&octets), Err(Malformed::NoVendor));
}

fn text() -> impl Strategy<Value = String<STRING>> {
    "[ -~]{0,255}".prop_map(|text| text.as_str().try_into().unwrap())
}

prop_compose! {
    fn identity()(
        uuid in any::<u128>(), product_id in any::<u16>(), product_version in any::<u16>(),
        vendor in text(), product in text()
    ) -> Identity {
        Identity { uuid, product_id, product_version, vendor, product }
    }
}

proptest! {
    #[test]
    fn what_was_built_is_parsed(
        identity in identity(),
        others in prop::collection::vec((2..9u16, prop::collection::vec(any::<u8>(), 0..64)), 0..8)
    ) {
        let others: Vec<_> = others.iter().map(|(kind, data)| (*kind, &data[..])).collect();
        let octets = build(&identity, &others).unwrap();
        prop_assert_eq!(parse(&octets), Ok(identity));
    }

    #[test]
    fn one_wrong_bit_is_never_believed(
        identity in identity(), at in any::<usize>(), bit in 0..8u32
    ) {
        let mut octets = build(&identity, &[]).unwrap();
        let at = HEADER + at % (octets.len() - HEADER);
        octets[at] ^= 1u8 << bit;
        prop_assert!(parse(&octets).is_err());
    }

    #[test]
    fn no_octets_are_too_much(octets in prop::collection::vec(any::<u8>(), 0..OCTETS)) {
        let _ = parse(&octets);
        let mut begins_well = b"R-Pi\x01\x00\x04\x00".to_vec();
        begins_well.extend(octets);
        let _ = parse(&begins_well);
    }

    #[test]
    fn a_good_memory_with_octets_overwritten_never_panics(
        identity in identity(),
        wrong in prop::collection::vec((0..600usize, any::<u8>()), 1..20),
        end in 0..600usize
    ) {
        let mut octets = build(&identity, &[(4, b"abc")]).unwrap();
        for (at, octet) in wrong {
            let at = at % octets.len();
            octets[at] = octet;
        }
        octets.truncate(end);
        if let Ok(found) = parse(&octets) {
            prop_assert!(found.vendor.len() <= STRING);
        }
        // Through a memory that promises more than it has, too.
        let file = RegisterFile::new(Place::I2c { bus: 0, address: 0x50 });
        file.load(0, &octets[..octets.len().min(256)]);
        let _ = read(&mut ByteMemory(file));
    }
}
