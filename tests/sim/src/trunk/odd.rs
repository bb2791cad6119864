//! Signals of a valid form that are wrong: what an exchange with a defect, or of another
//! Recommendation, may say at any moment (Q.931 5.8).

use machine::check::Random;

/// Reference values of calls that are going on, or were a moment ago.
pub(crate) type References = std::collections::VecDeque<[u8; 2]>;

const ALERTING: u8 = 0x01;
const SETUP: u8 = 0x05;
const RESTART: u8 = 0x46;
/// Every message type of table 4-2 that the box knows.
const KINDS: [u8; 16] = [
    ALERTING, 0x02, 0x03, SETUP, 0x07, 0x0D, 0x0F, 0x45, RESTART, 0x4D, 0x4E, 0x5A, 0x6E, 0x75,
    0x7B, 0x7D,
];
/// Types that no table has, and some that other Recommendations have.
const NO_KINDS: [u8; 8] = [0x00, 0x04, 0x06, 0x20, 0x24, 0x55, 0x62, 0x7F];
/// Elements that must be comprehended (their first four bits are 0) and that nobody defines.
const NO_ELEMENTS: [u8; 4] = [0x01, 0x02, 0x07, 0x0B];
/// Channels that no B channel is: none, the D channel, beyond the span.
const NO_CHANNELS: [u8; 5] = [0, 16, 32, 64, 127];

fn channel(content: &mut Vec<u8>, slot: u8) {
    content.extend([0x18, 0x03, 0xA9, 0x83, 0x80 | slot]);
}

/// The elements that belong to a message of this type, with random values that are possible.
fn elements(kind: u8, random: &mut Random) -> Vec<u8> {
    let mut all = vec![];
    let slot = 1 + u8::try_from(random.below(31)).unwrap_or(0);
    let cause = 0x80 | (random.octet() & 0x7F);
    match kind {
        SETUP => {
            all.extend([0xA1, 0x04, 0x03, 0x80, 0x90, 0xA3]);
            channel(&mut all, slot);
            all.extend([0x6C, 0x05, 0x21, 0x83, b'7', b'7', b'0' | (slot & 7)]);
            let called: &[u8] = random.pick(&["95588", "801", "61777"]).as_bytes();
            all.extend([0x70, u8::try_from(1 + called.len()).unwrap_or(1), 0x81]);
            all.extend(called);
        }
        ALERTING | 0x02 | 0x07 | 0x0D => channel(&mut all, slot),
        0x03 => all.extend([0x1E, 0x02, 0x82, 0x88]),
        0x45 | 0x4D | 0x5A => all.extend([0x08, 0x02, 0x82, cause]),
        RESTART | 0x4E => {
            channel(&mut all, slot);
            all.extend([0x79, 0x01, *random.pick(&[0x80, 0x86, 0x87])]);
        }
        0x6E => all.extend([0x27, 0x01, 0x80]),
        0x7B => all.extend([0x70, 0x02, 0x80, b'5']),
        0x7D => {
            let state = *random.pick(&[0, 1, 3, 4, 6, 8, 9, 10, 11, 12, 19, 25, 63]);
            all.extend([0x08, 0x02, 0x82, 0x9E, 0x14, 0x01, state]);
        }
        _ => {}
    }
    all
}

/// One of them, and what is wrong with it.
pub(crate) fn odd(random: &mut Random, references: &References) -> (&'static str, Vec<u8>) {
    let (high, low) = (random.octet(), random.octet());
    let unknown = [high, low];
    let count = references.len() as u64;
    let place = usize::try_from(random.below(count.max(1))).unwrap_or(0);
    let known = references.get(place).copied().unwrap_or(unknown);
    let mut kind = *random.pick(&KINDS);
    let mut reference = known;
    let mut content = elements(kind, random);
    let what = match random.below(7) {
        0 => "odd-state",
        1 => {
            kind = *random.pick(&NO_KINDS);
            "odd-type"
        }
        2 => {
            reference = if random.one_in(4) { [high & 0x80, 0] } else { unknown };
            "odd-reference"
        }
        3 => {
            content.clear();
            "odd-missing"
        }
        4 => {
            let element = [*random.pick(&NO_ELEMENTS), 0x01, low];
            content.splice(0..0, element);
            "odd-element"
        }
        5 => {
            kind = *random.pick(&[ALERTING, 0x02, SETUP, 0x07, RESTART]);
            content = elements(kind, random);
            let slot = *random.pick(&NO_CHANNELS);
            for place in 4..content.len() {
                if content[place - 4..place] == [0x18, 0x03, 0xA9, 0x83] {
                    content[place] = 0x80 | slot;
                }
            }
            "odd-channel"
        }
        _ => {
            let length = usize::try_from(random.below(content.len() as u64 + 1)).unwrap_or(0);
            content.truncate(length);
            "odd-length"
        }
    };
    let mut message = vec![0x08, 0x02, reference[0], reference[1], kind];
    message.extend(content);
    (what, message)
}
