//! The words that every room shares: time, places, numbers, causes, sound.
//!
//! A bare integer that crosses a function boundary says nothing of its unit. These types do, and
//! the compiler keeps a time slot out of a span number. Nothing here behaves over time.
//!
//! | module | types |
//! |---|---|
//! | [`time`] | [`Instant`], [`Samples`], [`Utc`] |
//! | [`place`] | [`SpanId`], [`Timeslot`], [`Slots`], [`PortId`], [`LineId`] and others |
//! | [`ident`] | [`CallId`], [`LegId`], [`Mint`], [`Tenant`], [`ContentHash`] |
//! | [`number`] | [`Digit`], [`Digits`], [`Masked`] |
//! | [`cause`] | [`Cause`] (Q.850), [`Party`] |
//! | [`charge`] | [`Charge`], [`Currency`] (Q.956.2) |
//! | [`category`] | [`Category`] of a caller |
//! | [`performance`] | [`performance::Interval`], [`performance::Quality`] (G.826) |
//! | [`media`] | [`Law`], [`Rate`], [`Dbm0`], [`OctetBlock`], [`LinearBlock`] |
//! | [`mf`] | [`MfSignal`], [`MfDirection`] |
//! | [`progress`] | [`CallTone`] (E.180) |
//! | [`finding`] | [`Finding`], [`Findings`]: fax, modem, announcement, person, machine |
#![no_std]

pub mod category;
pub mod cause;
pub mod charge;
pub mod finding;
pub mod ident;
pub mod media;
pub mod mf;
pub mod number;
pub mod performance;
pub mod place;
pub mod progress;
pub mod time;

pub use category::Category;
pub use cause::{Cause, Party};
pub use charge::{Charge, Currency};
pub use finding::{Finding, Findings};
pub use ident::{BoxId, CallId, ContentHash, LegId, LegMint, Mint, Tenant};
pub use media::{Dbm0, Gain, GainFrom, Law, LinearBlock, OctetBlock, Rate};
pub use mf::{MfDirection, MfSignal};
pub use number::{Digit, Digits, Masked};
pub use place::{CardId, ClockDomain, LineId, PortId, Slots, SpanId, Timeslot};
pub use progress::CallTone;
pub use time::{Duration, Instant, Samples, Utc};
