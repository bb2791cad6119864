//! Sound of a line judged by numbers: signals and lines of the Recommendations, made from tables
//! and seeds, and what is left of them behind our machines and behind those of others.

pub mod detect;
pub mod echo;
pub mod loss;
pub mod network;
pub mod room;
pub mod svg;
pub mod table;
