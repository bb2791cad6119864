//! What a facility element says, in words: supplementary services of Q.932 and QSIG.

use rose::{Advice, Component, Service, Shown};

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
        Service::Tariff => "what the call will cost (EN 300 182-1)".to_owned(),
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
