//! Core.
pub mod board;
pub mod clock;
pub mod disk;
pub mod feed;
pub mod pcap;
pub mod spool;
