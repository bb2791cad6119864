//! Messages of Q.931 in words, each with the clause that defines it; read with the core's own
//! decoder, so that what is shown is what the core understood.
//!
//! ```text
//!  14:03:22.123  box -> span 1  SETUP (3.1.14)
//!                               bearer capability (4.5.5): speech, A-law
//!                               channel identification (4.5.13): slot 31 and no other
//! ```

mod elements;
mod facility;
mod text;
mod words;

use std::fmt::Write as _;

use link::Traced;
use q931::wire::{Head, Kind};

use elements::{clause, name};

/// The clause of Q.931 (05/98) that defines a message.
const fn clause_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Alerting => "3.1.1",
        Kind::CallProceeding => "3.1.2",
        Kind::Connect => "3.1.3",
        Kind::ConnectAcknowledge => "3.1.4",
        Kind::Disconnect => "3.1.5",
        Kind::Information => "3.1.6",
        Kind::Notify => "3.1.7",
        Kind::Progress => "3.1.8",
        Kind::Release => "3.1.9",
        Kind::ReleaseComplete => "3.1.10",
        Kind::Setup => "3.1.14",
        Kind::SetupAcknowledge => "3.1.15",
        Kind::Status => "3.1.16",
        Kind::StatusEnquiry => "3.1.17",
        Kind::Restart => "3.4.1",
        Kind::RestartAcknowledge => "3.4.2",
        Kind::Facility => "Q.932 7.1.1",
        Kind::Unknown(_) => return None,
    })
}

/// A message in words: what it is, then each element of it.
#[must_use]
pub fn message(octets: &[u8]) -> Vec<String> {
    let Ok(head) = Head::parse(octets) else {
        return vec![format!("no message of call control:{}", text::hex(octets))];
    };
    let title = match (head.kind, clause_of(head.kind)) {
        (Kind::Unknown(code), _) => format!("message of type 0x{code:02X} (not of Q.931 3.1)"),
        (kind, Some(clause)) => format!("{} ({clause})", kind.name()),
        (kind, None) => kind.name().to_owned(),
    };
    let element = |element: q931::wire::Element<'_>| {
        let (id, content) = (element.id, element.content);
        if element.codeset != 0 {
            return format!(
                "codeset {}, element 0x{id:02X}:{}",
                element.codeset,
                text::hex(content)
            );
        }
        let title = match (name(id), clause(id)) {
            (Some(name), Some(clause)) => format!("{name} ({clause})"),
            _ => format!("element 0x{id:02X}, which Q.931 does not know"),
        };
        if element.cut_off {
            return format!("{title}: is longer than the message");
        }
        match words::content(id, content) {
            words if words.is_empty() => title,
            words => format!("{title}: {words}"),
        }
    };
    std::iter::once(title).chain(head.elements().map(element)).collect()
}

/// Whether a message begins a call.
#[must_use]
pub fn is_setup(octets: &[u8]) -> bool {
    Head::parse(octets).is_ok_and(|head| head.kind == Kind::Setup)
}

/// The messages of a call as lines of text; `time` gives the text of a moment.
#[must_use]
pub fn call(messages: &[Traced], time: impl Fn(units::Utc) -> String) -> String {
    let mut lines = String::new();
    for traced in messages {
        let span = traced.span.0;
        let way =
            if traced.sent { format!("box -> span {span}") } else { format!("span {span} -> box") };
        let mut words = message(&traced.message).into_iter();
        let title = words.next().unwrap_or_default();
        let _ = writeln!(lines, "{}  {way}  {title}", time(traced.at));
        for element in words {
            let _ = writeln!(lines, "    {element}");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_is_told_element_by_element_with_clauses() {
        let setup = [
            0x08, 0x02, 0x00, 0x05, 0x05, 0xA1, 0x04, 0x03, 0x80, 0x90, 0xA3, 0x18, 0x03, 0xA9,
            0x83, 0x9F, 0x6C, 0x05, 0x21, 0xA1, b'1', b'3', b'8', 0x70, 0x04, 0x81, b'9', b'5',
            b'5', 0x7E, 0x03, 0x04, b'h', b'i', 0x1C, 0x02, 0x91, 0xA1,
        ];
        let wanted = [
            "SETUP (3.1.14)",
            "sending complete (4.5.27)",
            "bearer capability (4.5.5): speech, A-law",
            "channel identification (4.5.13): slot 31 and no other",
            "calling party number (4.5.10): 138, national, E.164, may not be shown, the user said \
             so and the network found it right",
            "called party number (4.5.8): 955, unknown type, E.164",
            "user-user (4.5.30): \"hi\"",
            "facility (Q.932 8.2.3): 91 a1",
        ];
        assert_eq!(message(&setup), wanted);
    }

    #[test]
    fn a_clearing_message_tells_cause_location_and_what_it_is_about() {
        let status = [0x08, 0x01, 0x85, 0x7D, 0x08, 0x03, 0x80, 0xE4, 0x28, 0x14, 0x01, 0x0A];
        let wanted = [
            "STATUS (3.1.16)",
            "cause (4.5.12): 100, invalid information element contents; said by the user; about 28",
            "call state (4.5.7): 10",
        ];
        assert_eq!(message(&status), wanted);
        let progress = [0x08, 0x01, 0x85, 0x03, 0x1E, 0x02, 0x82, 0x88, 0x08, 0x09, 0x80];
        let wanted = [
            "PROGRESS (3.1.8)",
            "progress indicator (4.5.23): tones or announcements are in the channel; said by the \
             public network of the local user",
            "cause (4.5.12): is longer than the message",
        ];
        assert_eq!(message(&progress), wanted);
    }

    #[test]
    fn what_is_no_message_or_unknown_is_shown_as_octets() {
        assert_eq!(message(&[9, 1, 2]), ["no message of call control: 09 01 02"]);
        let odd = [0x08, 0x01, 0x05, 0x20, 0x5F, 0x01, 0x07, 0x96, 0x11, 0x01, 0x02];
        let wanted = [
            "message of type 0x20 (not of Q.931 3.1)",
            "element 0x5F, which Q.931 does not know: 07",
            "codeset 6, element 0x11: 02",
        ];
        assert_eq!(message(&odd), wanted);
    }
}
