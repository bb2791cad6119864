//! Core.
pub mod spool;
