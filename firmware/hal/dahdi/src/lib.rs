//! Line cards behind the kernel's telephony interface (DAHDI): E1 spans, telephones, lines from
//! exchanges.
//!
//! ```text
//!   Card (line thread)                                attendant (a thread)
//!     │  receive, transmit, events                       │ configure, open, close
//!     ▼                                                  ▼
//!   span: one descriptor for all slots, or one each    bring_up
//!   port: one descriptor                                 │
//!     └───────────────► Kernel ◄─────────────────────────┘
//!                         │  System: /dev/dahdi, ioctls
//!                         │  Fake: in memory, with the same habits (tests)
//! ```
//!
//! Habits of this kernel interface that shape the driver: blocks of 2 ms are the smallest; a read
//! or write that finds an event does nothing but say so ([`ELAST`]); frames of a D channel come
//! with two octets of check sequence behind them; a device that is unplugged answers `ENODEV` and
//! must be closed before it can come back; the kernel's numbers of spans and channels are the only
//! names that a program can open.

mod abi;
mod attendant;
mod bring_up;
mod card;
#[cfg(any(test, feature = "fake"))]
pub mod fake;
mod io;
mod kernel;
mod plan;
mod port;
mod sound;
mod span;
mod survey;
mod system;
#[cfg(test)]
mod tests;
mod unit;

pub use abi::{ELAST, alarm, config, event, hook, sig};
pub use card::DahdiCard;
pub use hal_card::Signalling;
pub use kernel::{
    ChannelConfig, ChannelStatus, Errno, Fill, Kernel, SpanConfig, SpanHealth, SpanStatus,
};
pub use plan::{
    Blocks, Buffers, Flash, Frames, Plan, PortPlan, Side, SpanPlan, Transport, UnitPlan,
};
pub use survey::{Found, survey};
pub use system::System;
