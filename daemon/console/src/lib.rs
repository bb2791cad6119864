//! The console: from a line that a person types to an answer or a wanted change. Pure: it is given
//! a view of the box and gives back text and an [`Ask`]; somebody else carries it out.
//!
//! ```text
//!  "sh sp" ── parse (the tree) ──► Ask::Spans ── render (texts, zh and en) ──► text
//!     ?, Tab ── complete ──► what may come next
//! ```

mod ask;
mod conference;
mod diagnose;
#[cfg(test)]
mod diagnose_tests;
mod recording;
mod render;
mod sound;
mod span;
#[cfg(test)]
mod tests;
mod texts;
mod tree;
mod words;

pub use ask::Ask;
pub use conference::{PartyDo, PartyName, conference_lines, party};
pub use diagnose::{Facts, Finding, finding_text};
pub use recording::{recording_lines, recording_verdict};
pub use render::{
    alarm, call_line, core_lines, narrate, not_recorded, outcome, port_line, record_lines,
    span_lines,
};
pub use sound::{sound_faults, sound_lines};
pub use span::{span_detail, test_line};
pub use texts::{Language, Text, say};
pub use tree::{Candidate, ParseFault, candidates, help, parse};
