//! Elements as the standards draw them, and what is none.

extern crate std;

use proptest::prelude::*;
use std::vec::Vec;
use units::{Charge, Currency, Digits};

use crate::{
    Advice, Charged, Component, Item, Name, Octets, Price, Problem, Profile, Service, Shown,
    Tariff, Volume, components, write_error, write_invoke, write_reject, write_result,
};

fn all(content: &[u8]) -> Vec<Component> {
    components(content).expect("a profile").collect()
}

fn asked(content: &[u8]) -> Option<Service> {
    let [Component::Invoke { service, .. }] = &all(content)[..] else { panic!("{content:?}") };
    service.clone()
}

fn written(profile: Profile, service: &Service) -> Octets {
    write_invoke(profile, 7, service).expect("an operation")
}

fn cny(thousandths: u64) -> Charge {
    Charge::Money { thousandths, currency: Currency::new(b"CNY").expect("a name") }
}

fn name(text: &str) -> Shown {
    Shown::Allowed(Name::from_slice(text.as_bytes()).expect("short"))
}

#[test]
fn units_during_a_call_are_read_and_written_as_en_300_182_has_them() {
    let element = [
        0x91, 0xA1, 0x14, 0x02, 0x01, 0x07, 0x02, 0x01, 0x22, 0x30, 0x0C, 0xA1, 0x07, 0x30, 0x05,
        0x02, 0x03, 0x01, 0x00, 0x00, 0x82, 0x01, 0x00,
    ];
    let advice = Advice { charge: Some(Charge::Units(65_536)), last: false };
    assert_eq!(asked(&element), Some(Service::Charge(advice)));
    assert_eq!(written(Profile::Public, &Service::Charge(advice)), element);
}

#[test]
fn units_of_several_kinds_are_added_and_unknown_ones_are_none() {
    let list = [
        0x91, 0xA1, 0x1A, 2, 1, 1, 2, 1, 0x24, 0x30, 0x12, 0x30, 0x10, 0xA1, 0x0E, 0x30, 3, 2, 1,
        5, 0x30, 2, 5, 0, 0x30, 3, 2, 1, 4, 5, 0,
    ];
    let advice = Advice { charge: Some(Charge::Units(9)), last: true };
    assert_eq!(asked(&list), Some(Service::Charge(advice)));
}

#[test]
fn money_is_counted_in_thousandths_whatever_the_multiplier() {
    let amount = |multiplier| {
        [
            0x91, 0xA1, 0x1A, 2, 1, 1, 2, 1, 0x23, 0x30, 0x12, 0x30, 0x10, 0xA1, 0x0E, 0x81, 3,
            b'C', b'N', b'Y', 0xA2, 7, 0x81, 2, 0x01, 0x00, 0x82, 1, multiplier,
        ]
    };
    for (multiplier, thousandths) in [(0, 256), (1, 2560), (3, 256_000), (6, 256_000_000)] {
        let advice = Advice { charge: Some(cny(thousandths)), last: true };
        assert_eq!(asked(&amount(multiplier)), Some(Service::Charge(advice)));
    }
    assert_eq!(asked(&amount(7)), None, "a multiplier that is none");
    let mut nothing = amount(0);
    nothing[24..26].fill(0);
    let free = Advice { charge: Some(Charge::FREE), last: true };
    assert_eq!(asked(&nothing), Some(Service::Charge(free)), "nothing is free");
}

fn tariff(items: &[Item]) -> Service {
    Service::Tariff(Tariff::Items(items.iter().copied().collect()))
}

#[test]
fn a_tariff_is_read_and_written_as_en_300_182_has_it() {
    let [talk, set_up] = [
        Item {
            of: Charged::Talk,
            price: Price::Duration { charge: cny(60), time: 6000, steps: true },
        },
        Item { of: Charged::SetUp, price: Price::Free },
    ];
    let element = [
        0x91, 0xA1, 0x2E, 2, 1, 7, 2, 1, 31, 0x30, 0x26, // two items
        0x30, 0x1D, 10, 1, 0, 0xA1, 0x18, 0x81, 3, b'C', b'N', b'Y', 0xA2, 6, 0x81, 1, 60, 0x82, 1,
        0, 0x83, 1, 1, 0xA4, 6, 0x81, 1, 1, 0x82, 1, 4, // 0.06 for each minute that has begun
        0x30, 5, 10, 1, 2, 0x84, 0, // the set-up is free
    ];
    assert_eq!(asked(&element), Some(tariff(&[talk, set_up])));
    assert_eq!(written(Profile::Public, &tariff(&[talk, set_up])), element);
    let mut of_nothing = element;
    of_nothing[15] = 9;
    assert_eq!(asked(&of_nothing), None, "nothing has the number 9");
    let mut nameless = element;
    nameless[20] = 0;
    assert_eq!(asked(&nameless), None, "a currency is printable");
}

#[test]
fn every_operation_reads_back_as_it_was_written() {
    let number = Digits::parse("13800138000").expect("digits");
    let charge = |charge, last| Service::Charge(Advice { charge, last });
    let public = [
        charge(Some(cny(3_450)), false),
        charge(Some(cny(16_777_215)), true),
        charge(Some(Charge::Units(12)), true),
        charge(Some(Charge::FREE), false),
        charge(Some(Charge::FREE), true),
        charge(None, false),
        charge(None, true),
        Service::Tariff(Tariff::Unknown),
        Service::Tariff(Tariff::Special(10)),
        tariff(&[]),
        tariff(&[
            Item { of: Charged::Attempt, price: Price::Unknown },
            Item { of: Charged::UserToUser, price: Price::Special(3) },
            Item { of: Charged::Service, price: Price::Flat(cny(16_777_215)) },
            Item {
                of: Charged::Talk,
                price: Price::Volume { charge: cny(1), of: Volume::Message },
            },
            Item {
                of: Charged::Talk,
                price: Price::Duration { charge: cny(5), time: 150, steps: false },
            },
        ]),
        Service::Identify,
        Service::Deflect(number),
        Service::LinkId,
        Service::Transfer(-300),
        Service::Transferred { active: true },
        Service::Transferred { active: false },
    ];
    for service in public {
        let element = written(Profile::Public, &service);
        assert_eq!(asked(&element), Some(service));
    }
    let long = "n".repeat(50);
    for service in [
        Service::CallingName(name("Li Lei")),
        Service::CalledName(name(&long)),
        Service::ConnectedName(Shown::Restricted),
        Service::ConnectedName(Shown::Unavailable),
    ] {
        let element = written(Profile::Private, &service);
        let read = components(&element).expect("a profile");
        assert_eq!(read.profile(), Profile::Private);
        assert_eq!(asked(&element), Some(service));
    }
    assert_eq!(write_invoke(Profile::Public, 1, &Service::Unknown), None);
}

#[test]
fn a_name_stands_alone_or_in_a_sequence_and_by_a_local_or_a_global_operation() {
    let plain = [0x9F, 0x8B, 1, 0, 0xA1, 10, 2, 1, 9, 2, 1, 0, 0x80, 2, b'H', b'M'];
    assert_eq!(asked(&plain), Some(Service::CallingName(name("HM"))));
    let inside = [
        0x9F, 0xAA, 6, 0x80, 1, 0, 0x82, 1, 0, 0x8B, 1, 0, 0xA1, 24, 2, 1, 9, 6, 4, 0x2B, 0x0C, 9,
        2, 0x30, 13, 0xA1, 7, 4, 2, b'H', b'M', 2, 1, 1, 0xA5, 2, 2, 0,
    ];
    assert_eq!(asked(&inside), Some(Service::ConnectedName(name("HM"))));
    // The same number means something else in a public network.
    let public = [&[0x91][..], &plain[4..]].concat();
    assert_eq!(asked(&public), Some(Service::Unknown));
}

#[test]
fn a_deflection_names_a_number_of_any_plan() {
    let to = |address: &[u8]| {
        let length = |more: usize| u8::try_from(address.len() + more).expect("short");
        let head = [0x91, 0xA1, length(10), 2, 1, 1, 2, 1, 13, 0x30, length(2), 0x30, length(0)];
        asked(&[&head, address].concat())
    };
    let number = |text| Digits::parse(text).map(Service::Deflect);
    assert_eq!(to(&[0x80, 3, b'8', b'0', b'1']), number("801"));
    assert_eq!(to(&[0xA1, 7, 0x0A, 1, 4, 0x12, 2, b'8', b'0']), number("80"));
    assert_eq!(to(&[0x80, 1, b'x']), None);
    assert_eq!(to(&[0x99, 1, b'8']), None);
}

#[test]
fn answers_read_back_as_they_were_written() {
    let public = Profile::Public;
    let done = write_result(public, 5, &Service::Identify, None).expect("room");
    assert_eq!(done, [0x91, 0xA2, 3, 2, 1, 5]);
    assert_eq!(all(&done), [Component::Result { id: 5, number: None }]);
    let linked = write_result(public, 6, &Service::LinkId, Some(300)).expect("room");
    assert_eq!(all(&linked), [Component::Result { id: 6, number: Some(300) }]);
    let refused = write_error(public, 7, 3).expect("room");
    assert_eq!(all(&refused), [Component::Error { id: 7, error: 3 }]);
    for id in [None, Some(-1)] {
        let rejected = write_reject(public, id, Problem::UnrecognisedOperation).expect("room");
        assert_eq!(all(&rejected), [Component::Reject { id }]);
    }
}

#[test]
fn several_components_stand_in_one_element_and_a_broken_one_ends_it() {
    let one = &written(Profile::Public, &Service::Identify)[1..];
    let two = [&[0x91][..], one, one].concat();
    assert_eq!(all(&two).len(), 2);
    assert_eq!(all(&two[..two.len() - 1]).len(), 1);
    assert!(components(&[0x92, 0xA1]).is_none(), "another profile");
    assert!(components(&[]).is_none());
}

proptest! {
    #[test]
    fn whatever_comes_is_read_without_harm(octets in prop::collection::vec(any::<u8>(), 0..253)) {
        if let Some(components) = components(&octets) {
            prop_assert!(components.count() <= 253);
        }
    }
}
