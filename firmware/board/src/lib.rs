//! Boards as data: which cards a box has, what is printed beside their sockets, its pins and jacks.
//!
//! ```text
//!   rpi4-pair-relay.toml ─ inherits ─► rpi4-dahdi-usb.toml ─ inherits ─► ...
//!          │ merged, the nearer one wins; `remove` takes things out
//!          ▼
//!      Document ── checked ──► Board ──► Layout: places of the matrix, D channels, ports
//!          └─ country ─► country/cn.toml
//! ```
//!
//! A board file is read at the build (all of them are checked) and at the start of the core, where
//! what it names and the hardware does not show becomes an alarm, never a refusal to start.

mod check;
mod country;
mod detect;
mod document;
mod echo;
mod fields;
mod gain;
mod group;
mod inherit;
mod layout;
mod level;
#[cfg(test)]
mod plan_tests;
mod r2;
#[cfg(test)]
mod tests;
mod tone;

pub use country::{CallerEntry, CallerId, Country, Sourced};
pub use detect::{FoundPort, FoundSpan, propose};
pub use document::{
    AudioEntry, Blocks, Board, Bus, ButtonEntry, ButtonRole, CardEntry, Driver, FanEntry, Frames,
    JackRole, LedEntry, Pin, PinsDriver, PortEntry, RelayEntry, SerialEntry, Signalling, Slots,
    SpanEntry, WatchdogEntry,
};
pub use echo::{Canceller, Echo};
pub use fields::reference;
pub use gain::Db;
pub use group::Group;
pub use inherit::{Folder, read};
pub use layout::{
    CallButton, CasPlace, DataPlace, EEPROM, FAN, Layout, NO_CARD, Place, PlaceKind, THERMOMETER,
    UnitKind, UnitPlace,
};
pub use level::{LevelEntry, LevelPlan};
pub use r2::{R2, R2Caller, R2Line, R2Meaning, R2Means, R2Register, bits};
pub use tone::{Told, ToneEntry};
