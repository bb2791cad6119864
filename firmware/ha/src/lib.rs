//! What survives: the journal of changes, and the gate that nothing passes before its change is
//! kept.
//!
//! ```text
//!  machines ── outputs ──► Gate ─────────────────────────────► lines, engine, spool
//!      │                    ▲ safe_up_to
//!      └── Ledger ── Transaction ──► Journal (mapped memory, outlives the process)
//! ```
//!
//! A [`Transaction`] holds all that one input changed, over all machines that it reached; the
//! journal has the whole of it or nothing. What follows from it leaves through the [`Gate`] when
//! it is kept. Records are opaque octets under a [`Key`]; what they mean is the owner's.

mod gate;
mod journal;
mod ledger;
mod map;
mod transaction;

pub use gate::{Change, Gate};
pub use journal::{FORMAT, Full, Journal, Opened, Refusal};
pub use ledger::Ledger;
pub use transaction::{Key, Transaction};
