//! `ringmain-core`: assembles the machines, runs the threads, decides nothing.
//!
//! ```text
//!   line thread          control thread            disk thread
//!   cards, engine  ◄══►  Control, clock, link ◄══► spool, published, prompts, captures
//!            rings             │ ◄─ mpsc ── pins and buses: relay, lamps, buttons, fan
//!                              │ seqpacket
//!                              ▼
//!                          ringmaind
//! ```

mod assemble;
pub mod clock;
pub mod control;
pub mod control_thread;
pub mod country;
pub mod detect;
pub mod disk;
pub mod echo;
pub mod event_log;
pub mod feed;
pub mod guard;
pub mod hand_over;
pub mod hardware;
pub mod journal;
pub mod line_thread;
mod log;
pub mod pcap;
pub mod pins;
pub mod r2;
pub mod realtime;
pub mod recordings;
mod rooms;
pub mod server;
pub mod spool;
pub mod start;
pub mod task;
pub mod vitals;
