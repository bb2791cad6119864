//! The one property over all machines; the test is in tests/all.rs.
