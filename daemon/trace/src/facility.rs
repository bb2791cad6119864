//! What a facility element says, in words: supplementary services of Q.932 and QSIG.

use rose::{Advice, Charged, Component, Item, Price, Service, Shown, Tariff, Volume};

use crate::text::quoted;

/// The components of an element, one after the other; `None`: nothing in it is understood.
pub(crate) fn facility(content: &[u8]) -> Option<String> {
    let components = rose::components(content)?;
    let words: Vec<_> = components.map(component).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn component(component: Component) -> String {
    match component {
        Component::Invoke { id, service: Some(service) } => {
            format!("{} (invoke {id})", asked(&service))
        }
        Component::Invoke { id, service: None } => {
            format!("something with a wrong argument (invoke {id})")
        }
        Component::Result { id, number: Some(number) } => {
            format!("done, with the number {number} (result of {id})")
        }
        Component::Result { id, number: None } => format!("done (result of {id})"),
        Component::Error { id, error } => {
            format!("not done: {} (error of {id})", why(error))
        }
        Component::Reject { id: Some(id) } => format!("not understood (reject of {id})"),
        Component::Reject { id: None } => "not understood (reject)".to_owned(),
    }
}

fn asked(service: &Service) -> String {
    match service {
        Service::Charge(Advice { charge, last }) => {
            let when = if *last { "in all" } else { "so far" };
            match charge {
                Some(charge) => format!("the call costs {charge} {when} (EN 300 182-1)"),
                None => format!("what the call costs {when} is not known (EN 300 182-1)"),
            }
        }
        Service::Tariff(tariff) => format!("{} (EN 300 182-1)", told(tariff)),
        Service::Identify => "note who calls (EN 300 130-1)".to_owned(),
        Service::Deflect(to) => format!("send the caller to {to} (EN 300 207-1)"),
        Service::LinkId => {
            "a number for this call, to be joined with another (EN 300 369-1)".into()
        }
        Service::Transfer(link) => format!("join with the call of number {link} (EN 300 369-1)"),
        Service::Transferred { active: true } => {
            "the far side was transferred and talks (EN 300 369-1)".to_owned()
        }
        Service::Transferred { active: false } => {
            "the far side is being transferred (EN 300 369-1)".to_owned()
        }
        Service::CallingName(name) => format!("who calls: {} (ECMA-164)", shown(name)),
        Service::CalledName(name) => format!("who is called: {} (ECMA-164)", shown(name)),
        Service::ConnectedName(name) => format!("who answered: {} (ECMA-164)", shown(name)),
        Service::Unknown => "something that is not known here".to_owned(),
    }
}

/// What a call will cost.
fn told(tariff: &Tariff) -> String {
    match tariff {
        Tariff::Unknown => "what the call will cost is not known".to_owned(),
        Tariff::Special(code) => format!("the call costs what agreement {code} says"),
        Tariff::Items(items) if items.is_empty() => "the call has no tariff".to_owned(),
        Tariff::Items(items) => {
            let items: Vec<_> = items.iter().map(item).collect();
            format!("the call will cost: {}", items.join(", "))
        }
    }
}

fn item(item: &Item) -> String {
    let of = match item.of {
        Charged::Talk => "talk",
        Charged::Attempt => "the attempt",
        Charged::SetUp => "the set-up",
        Charged::UserToUser => "what users send each other",
        Charged::Service => "a service",
    };
    let price = match item.price {
        Price::Unknown => "not known".to_owned(),
        Price::Free => "free of charge".to_owned(),
        Price::Special(code) => format!("by agreement {code}"),
        Price::Flat(charge) => charge.to_string(),
        Price::Duration { charge, time, steps } => {
            let rest = match time % 100 {
                0 => String::new(),
                rest => format!(".{rest:02}"),
            };
            let begun = if steps { " that begins" } else { "" };
            format!("{charge} for each {}{rest} s{begun}", time / 100)
        }
        Price::Volume { charge, of } => {
            let of = match of {
                Volume::Octet => "octet",
                Volume::Segment => "segment",
                Volume::Message => "message",
            };
            format!("{charge} for each {of}")
        }
    };
    format!("{of} {price}")
}

fn shown(name: &Shown) -> String {
    match name {
        Shown::Allowed(name) => quoted(name),
        Shown::Restricted => "a name that may not be shown".to_owned(),
        Shown::Unavailable => "no name is known".to_owned(),
    }
}

/// The general errors of EN 300 196-1, and some of EN 300 207-1.
fn why(error: i32) -> String {
    match error {
        0 => "not subscribed",
        1 => "rejected by the network",
        2 => "rejected by the user",
        3 => "not available",
        4 => "not implemented",
        6 => "the served user's number is wrong",
        7 => "not in this state of the call",
        9 => "the call did not come in",
        10 => "another service is in the way",
        11 => "no resources",
        12 => "the number is wrong",
        14 => "a special service's number",
        _ => return format!("error {error}"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tariff_is_told_item_by_item() {
        let currency = units::Currency::new(b"CNY").expect("a currency");
        let cny = |thousandths| units::Charge::Money { thousandths, currency };
        let duration = |time, steps| Price::Duration { charge: cny(60), time, steps };
        let items = [
            (Charged::Talk, duration(6000, true)),
            (Charged::Talk, duration(150, false)),
            (Charged::SetUp, Price::Flat(cny(1000))),
            (Charged::Attempt, Price::Free),
            (Charged::UserToUser, Price::Volume { charge: cny(10), of: Volume::Octet }),
            (Charged::Service, Price::Special(4)),
        ];
        let items = items.map(|(of, price)| Item { of, price }).into_iter().collect();
        let words = |tariff| {
            let element = rose::write_invoke(rose::Profile::Public, 5, &Service::Tariff(tariff));
            facility(&element.expect("room")).expect("words")
        };
        assert_eq!(
            words(Tariff::Items(items)),
            "the call will cost: talk 0.06 CNY for each 60 s that begins, talk 0.06 CNY for each \
             1.50 s, the set-up 1.00 CNY, the attempt free of charge, what users send each other \
             0.01 CNY for each octet, a service by agreement 4 (EN 300 182-1) (invoke 5)"
        );
        let unknown = "what the call will cost is not known (EN 300 182-1) (invoke 5)";
        assert_eq!(words(Tariff::Unknown), unknown);
        assert_eq!(
            words(Tariff::Special(2)),
            "the call costs what agreement 2 says (EN 300 182-1) (invoke 5)"
        );
    }

    #[test]
    fn services_are_told_in_words_and_what_is_none_is_not() {
        let number = units::Digits::parse("138").expect("digits");
        let element = rose::write_invoke(rose::Profile::Public, 5, &Service::Deflect(number));
        let words = facility(&element.expect("room"));
        assert_eq!(words.as_deref(), Some("send the caller to 138 (EN 300 207-1) (invoke 5)"));
        let error = rose::write_error(rose::Profile::Public, 5, 0).expect("room");
        assert_eq!(facility(&error).as_deref(), Some("not done: not subscribed (error of 5)"));
        assert_eq!(facility(&[0x91, 0xA1]), None);
        assert_eq!(facility(&[0x00]), None);
    }
}
