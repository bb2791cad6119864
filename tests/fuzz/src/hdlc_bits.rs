//! HDLC: what is sent arrives, whatever was on the line before.

use std::mem::discriminant;

use hdlc::{Decoder, Encoder, MIN_OCTETS, Received};

use crate::script::Script;
use crate::seen;

const MAX: usize = limits::FRAME_OCTETS;

/// The first part of the octets is noise of the line; the rest are frames, which all arrive, each
/// once, in order. A bit that is turned over never makes a frame of one that was not sent.
pub fn hdlc(data: &[u8]) {
    let mut script = Script::new(data);
    let mut decoder = Decoder::<MAX>::new();
    let mut before = 0;
    for octet in script.some(64) {
        if let Some(received) = decoder.push(*octet) {
            seen::note((discriminant(&received), before, octet));
            if let Received::Good(frame) = received {
                assert!((MIN_OCTETS..=MAX).contains(&frame.len()), "{} octets", frame.len());
            }
        }
        before = *octet;
    }
    let turned = script.flag().then(|| (script.word() % 512, script.octet()));
    let mut encoder = Encoder::<MAX>::new();
    let mut sent = vec![];
    let mut got: Vec<Vec<u8>> = vec![];
    // Noise ends at the flags that an encoder begins with.
    let mut line = vec![encoder.pull(), encoder.pull(), encoder.pull()];
    while !script.is_empty() && sent.len() < 8 {
        let frame = script.some(MAX);
        if frame.len() < MIN_OCTETS {
            continue;
        }
        encoder.send(frame).expect("it is ready and the frame is short enough");
        sent.push(frame.to_vec());
        for _ in 0..2 * MAX {
            if encoder.ready() {
                break;
            }
            line.push(encoder.pull());
        }
        assert!(encoder.ready(), "a frame takes no longer than its octets");
    }
    line.extend([encoder.pull(), encoder.pull(), encoder.pull()]);
    let bits = (line.len() - 3) * 8;
    if let Some((place, _)) = turned {
        let bit = 24 + usize::from(place) % bits.saturating_sub(24).max(1);
        if let Some(octet) = line.get_mut(bit / 8) {
            *octet ^= 0x80 >> (bit % 8);
        }
    }
    let mut first = true;
    for octet in line {
        if let Some(Received::Good(frame)) = decoder.push(octet) {
            // What the noise began may end at the first flag.
            let of_the_noise =
                std::mem::take(&mut first) && sent.first().is_none_or(|s| s != frame);
            if !of_the_noise {
                got.push(frame.to_vec());
            }
        }
    }
    if turned.is_none() {
        assert_eq!(got, sent);
    } else {
        let mut from = sent.iter();
        let all_sent = got.iter().all(|frame| from.any(|sent| sent == frame));
        assert!(all_sent, "{got:?} of {sent:?}");
    }
    seen::note((sent.len(), got.len()));
}
