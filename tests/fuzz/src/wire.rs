//! Frames of Q.921 and messages of Q.931 as octets.

use std::mem::discriminant;

use q921::Role;
use q921::wire::Repr;
use q931::wire::Received;
use q931::{Config, Stray, without_call};

use crate::seen;

/// A frame that can be read is written back octet for octet.
pub fn q921_frame(data: &[u8]) {
    for from in [Role::User, Role::Network] {
        match Repr::parse(data, from) {
            Ok(repr) => {
                seen::note((discriminant(&repr), data.len().min(16)));
                let written = repr.emit(from).expect("it was a frame");
                assert_eq!(written.as_slice(), data);
            }
            Err(unusable) => seen::note((discriminant(&unusable), data.len().min(16))),
        }
    }
}

/// A message that can be read, written and read again is the same, and whatever it is, one without
/// a call has an answer that can be read.
pub fn q931_message(data: &[u8]) {
    let received = match Received::parse(data) {
        Ok(received) => received,
        Err(ignored) => return seen::note(discriminant(&ignored)),
    };
    let message = &received.message;
    let there = [
        message.sending_complete,
        message.bearer.is_some(),
        message.cause.is_some(),
        message.call_state.is_some(),
        message.channel.is_some(),
        message.progress.is_some(),
        message.notification.is_some(),
        message.display.is_some(),
        message.connected.is_some(),
        message.calling.is_some(),
        message.called.is_some(),
        message.restart.is_some(),
    ];
    seen::note((message.kind.name(), there));
    let ids = [&received.unknown, &received.not_comprehended, &received.invalid];
    seen::note(ids.map(|ids| ids.len()));
    for (list, ids) in ids.into_iter().enumerate() {
        seen::note((list, ids.first()));
    }
    if let Some(written) = message.emit() {
        let again = Received::parse(&written).expect("what was written is a message");
        assert_eq!(&again.message, message);
        assert!(again.unknown.is_empty() && again.not_comprehended.is_empty(), "{again:?}");
        assert!(again.invalid.is_empty(), "{again:?}");
    }
    for role in [q931::Role::User, q931::Role::Network] {
        if let Stray::Reply(reply) = without_call(&Config::new(role), &received) {
            let reply = Received::parse(&reply).expect("a reply is a message").message;
            assert_eq!(reply.reference, message.reference.answered());
        }
    }
}
