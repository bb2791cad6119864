//! The elements of Q.931 and its supplements: name and clause of each.

/// Identifier, name, clause: of Q.931 (05/98) unless another Recommendation is named.
const ELEMENTS: &[(u8, &str, &str)] = &[
    (0x04, "bearer capability", "4.5.5"),
    (0x08, "cause", "4.5.12"),
    (0x10, "call identity", "4.5.6"),
    (0x14, "call state", "4.5.7"),
    (0x18, "channel identification", "4.5.13"),
    (0x1C, "facility", "Q.932 8.2.3"),
    (0x1E, "progress indicator", "4.5.23"),
    (0x20, "network-specific facilities", "4.5.21"),
    (0x27, "notification indicator", "4.5.22"),
    (0x28, "display", "4.5.16"),
    (0x29, "date/time", "4.5.15"),
    (0x2C, "keypad facility", "4.5.18"),
    (0x34, "signal", "4.5.28"),
    (0x4C, "connected number", "Q.951.5"),
    (0x4D, "connected subaddress", "Q.951.5"),
    (0x6C, "calling party number", "4.5.10"),
    (0x6D, "calling party subaddress", "4.5.11"),
    (0x70, "called party number", "4.5.8"),
    (0x71, "called party subaddress", "4.5.9"),
    (0x74, "redirecting number", "Q.952.7"),
    (0x76, "redirection number", "Q.952.7"),
    (0x78, "transit network selection", "4.5.29"),
    (0x79, "restart indicator", "4.5.25"),
    (0x7C, "low layer compatibility", "4.5.19"),
    (0x7D, "high layer compatibility", "4.5.17"),
    (0x7E, "user-user", "4.5.30"),
    (0xA0, "more data", "4.5.20"),
    (0xA1, "sending complete", "4.5.27"),
];

fn find(id: u8) -> Option<&'static (u8, &'static str, &'static str)> {
    ELEMENTS.iter().find(|(of, ..)| *of == id)
}

pub(crate) fn name(id: u8) -> Option<&'static str> {
    find(id).map(|(_, name, _)| *name)
}

pub(crate) fn clause(id: u8) -> Option<&'static str> {
    find(id).map(|(.., clause)| *clause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_in_order_and_once() {
        assert!(ELEMENTS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
