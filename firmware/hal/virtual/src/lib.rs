//! The virtual card: E1 spans and analog ports without hardware, as a program of its own.
//!
//! ```text
//!   ringmain-core                 ringmain-virtual-card                 the far ends
//!  ┌─────────────┐  card.sock   ┌──────────────────────┐  e1-1.sock   ┌────────────────┐
//!  │ VirtualCard ├──────────────┤ framer, deframer,    ├──────────────┤ city exchange  │
//!  │ HDLC, Card  │ octets of    │ slip buffer, alarms  │ bits of an   │                │
//!  └─────────────┘ channels     │ pace of 2 ms         │ E1           │                │
//!                               │ analog ports         ├──────────────┤ telephone      │
//!                               └──────────────────────┘ analog-1.sock└────────────────┘
//! ```
//!
//! Hardware keeps its lines framed when the computer beside it dies; so does this. It does no
//! HDLC: the driver here does, as DAHDI does for plain E1 cards.
//!
//! [`frame`] says what the datagrams hold, [`hal_socket`] how they travel. A block counts 2 ms:
//! the core's answer to block n goes out on the line in block n + 1, and what the far end answers
//! to block n comes up in block n + 1.

mod card;
pub mod frame;
mod slot16;

pub use card::VirtualCard;
pub use frame::Shape;
