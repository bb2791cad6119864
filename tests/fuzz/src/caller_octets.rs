//! Caller identification: octets of a message, digits of a number.

use clid::{Assembler, Collector, Dtmf, Fault, Format, Message, Told};
use units::Digit;

use crate::seen;

/// With the checksum that the rest asks for, so that mutations get past it.
fn sealed(data: &[u8]) -> Vec<u8> {
    let sum = data.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet));
    [data, &[sum.wrapping_neg()]].concat()
}

/// A message that can be read is the same after it was written and read again, in one piece and
/// octet by octet.
pub fn caller_message(data: &[u8]) {
    for octets in [data.to_vec(), sealed(data)] {
        let read = Message::parse(&octets);
        let mut assembler = Assembler::new();
        assembler.begin();
        let whole = octets.iter().find_map(|octet| assembler.octet(*octet));
        match (&read, &whole) {
            // The length says where it ends: what follows is not its own.
            (Err(Fault::Length | Fault::Cut | Fault::Checksum), _) => {}
            (read, whole) => assert_eq!(whole.as_ref(), Some(read)),
        }
        let message = match read {
            Ok(message) => message,
            Err(fault) => {
                seen::note(fault_of(fault));
                continue;
            }
        };
        seen::note(std::mem::discriminant(&message));
        let written = message.emit(Format::Mdmf).expect("parameters hold everything");
        assert_eq!(Message::parse(&written), Ok(message.clone()));
        if let Some(written) = message.emit(Format::Sdmf) {
            assert!(Message::parse(&written).is_ok());
            seen::note(written.len());
        }
    }
}

fn fault_of(fault: Fault) -> (u8, u8) {
    match fault {
        Fault::Cut => (0, 0),
        Fault::Length => (1, 0),
        Fault::Checksum => (2, 0),
        Fault::Type(kind) => (3, kind),
        Fault::Parameter(kind) => (4, kind),
    }
}

/// What is read from digits can be sent and is read again; nothing hangs over from what was wrong.
pub fn caller_digits(data: &[u8]) {
    let mut collector = Collector::new();
    for octet in data {
        let digit = Digit::ALL[usize::from(*octet) % 16];
        let Some(read) = collector.digit(digit) else { continue };
        seen::note((digit.ascii(), read.is_ok()));
        if let Ok(told) = read
            && let Some(sent) = Dtmf::CHINA.emit(&told)
        {
            let mut again = Collector::new();
            let back = sent.as_slice().iter().find_map(|digit| again.digit(*digit));
            assert_eq!(back, Some(Ok(told.clone())));
            if let Told::Is(number) = told {
                seen::note(number.len());
            }
        }
    }
    let open = collector.end();
    assert!(open.is_none_or(|fault| fault == Fault::Cut));
    assert_eq!(collector.end(), None);
}
