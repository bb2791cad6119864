//! Calls: what joins two lines, or a line and an application.
//!
//! ```text
//!            Indication              Action / Notice
//!   span ───────────────►  ┌──────┐ ◄──────────────► application (ivr, acd)
//!        ◄───────────────  │ Call │
//!             Request      └──────┘ ──► Story (records)
//!   engine ── Digit, Played ─► │ ──► Media: join, play, tone
//!                    AskRoute ◄┴─ Route: the directory's word
//! ```
//!
//! One [`Call`] holds at most two legs: the caller's and the one that is rung or talked to. It
//! touches neither octets nor samples; it names ports and prompts.

pub mod app;
mod call;
#[cfg(any(test, feature = "check"))]
pub mod check;
mod conference;
#[cfg(test)]
mod conference_tests;
mod directory;
mod event;
mod legs;
mod recording;
#[cfg(test)]
mod services_tests;
pub mod story;
#[cfg(test)]
mod tests;

pub use call::{Call, Phase};
pub use conference::{Change, Heard, Pin, Rooms, Seat, Terms, Voice};
pub use directory::{
    Directory, DirectoryFault, Entry, Hotline, JackLabel, JackName, Lines, Origin, Route, Target,
    Whole,
};
pub use event::{Input, Media, Output};
pub use recording::{RecordedKeys, Recording, RecordingFile, Whose};
