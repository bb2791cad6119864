//! Facilities of Q.932: whatever comes is read without harm, and what is read is written and read
//! again the same.

use rose::{Component, Profile, components, write_error, write_invoke, write_reject, write_result};

use crate::seen;

/// The components of an element, each by itself.
pub fn facility(data: &[u8]) {
    let Some(read) = components(data) else { return };
    let profile = read.profile();
    seen::note(profile == Profile::Public);
    for component in read {
        seen::note(std::mem::discriminant(&component));
        let written = match &component {
            Component::Invoke { id, service: Some(service) } => {
                seen::note(std::mem::discriminant(service));
                write_invoke(profile, *id, service)
            }
            Component::Result { id, number } => {
                write_result(profile, *id, &rose::Service::LinkId, *number)
            }
            Component::Error { id, error } => write_error(profile, *id, *error),
            Component::Reject { id } => write_reject(profile, *id, rose::Problem::General),
            Component::Invoke { service: None, .. } => None,
        };
        // What is only recognised, or too large for our own words, is not written.
        let Some(written) = written else { continue };
        seen::note(("octets", written.len() / 4));
        let again: Vec<_> = components(&written).expect("a profile").collect();
        assert_eq!(again, [component]);
    }
}
