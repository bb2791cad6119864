//! Call records as people and reports see them, and what is going on now: pure folds over the
//! core's events.

pub mod keeping;
mod live;
mod recording;
mod row;

pub use live::{Live, LiveCall};
pub use recording::RecordingRow;
pub use row::{Row, exact_text, phrase, utc_text};
