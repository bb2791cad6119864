//! Messages as octets: postcard, nothing before and nothing after.

use serde::Serialize;

use crate::{Down, Up};

/// Why a message could not be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecFault {
    /// The room given is too small.
    Full,
    /// No message of a version that we speak.
    Malformed,
}

/// Writes a message into `room` and gives back the part used.
///
/// # Errors
/// [`CodecFault::Full`].
pub fn encode<'a, T: Serialize>(message: &T, room: &'a mut [u8]) -> Result<&'a [u8], CodecFault> {
    postcard::to_slice(message, room).map(|used| &*used).map_err(|_| CodecFault::Full)
}

/// Reads a message from the core.
///
/// # Errors
/// [`CodecFault::Malformed`].
pub fn decode_up(octets: &[u8]) -> Result<Up, CodecFault> {
    match postcard::take_from_bytes(octets) {
        Ok((message, [])) => Ok(message),
        _ => Err(CodecFault::Malformed),
    }
}

/// Reads a message from the daemon; a published document stays where it is, in `octets`.
///
/// # Errors
/// [`CodecFault::Malformed`].
pub fn decode_down(octets: &[u8]) -> Result<Down<'_>, CodecFault> {
    match postcard::take_from_bytes(octets) {
        Ok((message, [])) => Ok(message),
        _ => Err(CodecFault::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use bearer::Presentation;
    use proptest::prelude::*;
    use units::{
        CallId, Category, Cause, Charge, ContentHash, Currency, Digit, Digits, LineId, Party,
        SpanId, Tenant, Utc,
    };

    use super::*;
    use crate::{CallRecord, Detail, Event, Kind, PathStep};

    fn digits() -> impl Strategy<Value = Digits> {
        prop::collection::vec(0usize..16, 0..=32).prop_map(|keys| {
            let mut digits = Digits::new();
            for key in keys {
                let _ = digits.push(Digit::ALL[key]);
            }
            digits
        })
    }

    fn charge() -> impl Strategy<Value = Option<Charge>> {
        let currency = prop::collection::vec(0x20u8..0x7F, 1..=Currency::MOST)
            .prop_map(|name| Currency::new(&name).expect("printable"));
        let money = (any::<u64>(), currency)
            .prop_map(|(thousandths, currency)| Charge::Money { thousandths, currency });
        prop_oneof![
            Just(None),
            any::<u32>().prop_map(|units| Some(Charge::Units(units))),
            money.prop_map(Some),
        ]
    }

    prop_compose! {
        fn record()(
            call in any::<u64>(), tenant in any::<u32>(), caller in digits(), called in digits(),
            entered in digits(), line in any::<u16>(), hash in any::<[u8; 32]>(),
            times in any::<[i64; 3]>(), answered in any::<Option<i64>>(), cause in 1u8..=127,
            charge in charge(), category in any::<bool>(),
        ) -> CallRecord {
            CallRecord {
                call: CallId(call),
                tenant: Tenant(tenant),
                path: heapless::Vec::from_iter([
                    PathStep::Line(LineId(line)),
                    PathStep::Flow(ContentHash(hash)),
                    PathStep::Rang(called.clone()),
                ]),
                caller,
                presentation: Presentation::Restricted,
                called,
                digits: entered,
                offered: Utc(times[0]),
                answered: answered.map(Utc),
                connected: None,
                ended: Utc(times[2]),
                cause: Cause::new(cause).unwrap_or(Cause::NORMAL_CLEARING),
                by: Party::Caller,
                charge,
                category: category.then_some(Category::Payphone),
            }
        }
    }

    proptest! {
        #[test]
        fn a_record_reads_back_as_it_was_sent(number in any::<u64>(), record in record()) {
            let at = record.ended;
            let event = Up::Event(Event { number, at, detail: Detail::CallEnded(record) });
            let mut room = [0; limits::LINK_DATAGRAM];
            let octets = encode(&event, &mut room).expect("fits");
            prop_assert_eq!(decode_up(octets), Ok(event));
        }

        #[test]
        fn a_published_document_reads_back_as_it_was_sent(
            token in any::<u32>(), hash in any::<[u8; 32]>(),
            octets in prop::collection::vec(any::<u8>(), 0..5000),
        ) {
            let hash = ContentHash(hash);
            let message = Down::Publish { token, kind: Kind::Program, hash, octets: &octets };
            let mut room = vec![0; 8192];
            let sent = encode(&message, &mut room).expect("fits");
            prop_assert_eq!(decode_down(sent), Ok(message));
        }

        #[test]
        fn arbitrary_octets_are_a_message_or_malformed(
            octets in prop::collection::vec(any::<u8>(), 0..600),
        ) {
            // Whatever decodes must encode to something that decodes to the same again.
            let mut room: Vec<u8> = vec![0; 8192];
            if let Ok(message) = decode_up(&octets) {
                let again = encode(&message, &mut room).expect("fits");
                prop_assert_eq!(decode_up(again), Ok(message));
            }
            let mut room: Vec<u8> = vec![0; 8192];
            if let Ok(message) = decode_down(&octets) {
                let again = encode(&message, &mut room).expect("fits");
                prop_assert_eq!(decode_down(again), Ok(message));
            }
        }
    }

    #[test]
    fn octets_left_over_are_malformed() {
        let mut room = [0; 64];
        let span = SpanId(1);
        let used =
            encode(&Down::Capture { token: 1, span, on: true }, &mut room).expect("fits").len();
        assert!(decode_down(&room[..used]).is_ok());
        assert_eq!(decode_down(&room[..=used]), Err(CodecFault::Malformed));
    }
}
