//! What makes a line out of machines: a PRI group of Q.921 and Q.931, a span of R2 circuits of
//! Q.421 and Q.441, a telephone of its loop, a line of an exchange, an audio jack.
//!
//! ```text
//!                    Request                Frame
//!   call ──────────────────► ┌──────┐ ◄──────────────── line thread
//!        ◄────────────────── │ Line │ ────────────────►
//!            Indication      └──────┘  Transmit, Ringing
//! ```
//!
//! Which B channel a call gets, which call reference it has, what a RESTART ends and what becomes
//! of calls when the data link fails is decided here; what a message means is decided in `proto`.

mod event;
pub mod jack;
mod line;
mod outputs;
pub mod performance;
pub mod pri;
pub mod r2;
pub mod telephone;
mod telling;
pub mod trunk;

pub use analog::{Cadence, Timing, fxo};
pub use clid::Dtmf;
pub use event::{Exchange, Frame, Input, Output, Usage};
pub use line::Line;
pub use q421;
pub use q441;
pub use telephone::Settings;
pub use telling::{Lead, Telling};
