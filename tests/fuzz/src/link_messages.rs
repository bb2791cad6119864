//! The link between core and daemon: messages and chunks.

use std::mem::discriminant;

use link::chunk::{BODY, Cutter, HEAD, Joiner, MESSAGE, Progress};
use link::{Detail, Down, Up, decode_down, decode_up, encode};

use crate::script::Script;
use crate::seen;

fn up(octets: &[u8]) {
    let mut room = [0; 4096];
    match decode_up(octets) {
        Ok(message) => {
            let detail = match &message {
                Up::Event(event) => Some(discriminant::<Detail>(&event.detail)),
                _ => None,
            };
            let written = encode(&message, &mut room).expect("it fits");
            seen::note((discriminant(&message), detail, written.len() / 2));
            assert_eq!(decode_up(written).expect("what was written"), message);
        }
        Err(fault) => seen::note(discriminant(&fault)),
    }
}

fn down(octets: &[u8]) {
    let mut room = [0; 4096];
    if let Ok(message) = decode_down(octets) {
        let written = encode(&message, &mut room).expect("it fits");
        seen::note((discriminant::<Down<'_>>(&message), written.len() / 2));
        assert_eq!(decode_down(written).expect("what was written"), message);
    }
}

/// Datagrams of another's making, then a message of ours: it comes whole.
fn chunks(script: &mut Script<'_>) {
    let mut room = vec![0; MESSAGE];
    let mut joiner = Joiner::new(&mut room[..]);
    let serial = script.word();
    for _ in 0..script.below(16) {
        let mut datagram = vec![];
        if script.flag() {
            datagram.extend(b"RM");
            datagram.extend(serial.to_be_bytes());
            datagram.extend([0, script.octet() & 3, 0, script.octet() & 3]);
        }
        datagram.extend(script.some(64));
        let short = script.flag();
        datagram.resize(if short { datagram.len() } else { BODY }, 7);
        let progress = joiner.take(&datagram);
        seen::note((discriminant(&progress), datagram.len() < HEAD));
    }
    let length = usize::from(script.word()) % (MESSAGE + 1);
    let message: Vec<u8> = (0..length).map(|at| at.to_le_bytes()[0]).collect();
    let mut cutter = Cutter::new(&message, serial.wrapping_add(1)).expect("short enough");
    let mut place = [0; limits::LINK_DATAGRAM];
    let mut whole = false;
    while let Some(datagram) = cutter.next(&mut place) {
        assert!(!whole, "nothing comes behind the end");
        match joiner.take(datagram) {
            Progress::Message(got) => {
                assert_eq!(got, message);
                whole = true;
            }
            Progress::Incomplete => {}
            Progress::Garbage => unreachable!("our own datagram"),
        }
    }
    assert!(whole, "{length} octets");
}

/// What can be read is the same when it is written and read again.
pub fn link(data: &[u8]) {
    let mut script = Script::new(data);
    match script.octet() {
        0..=119 => up(script.rest()),
        120..=251 => down(script.rest()),
        252.. => chunks(&mut script),
    }
}
