//! What the core says to whoever started it.

/// One line.
#[expect(clippy::print_stderr, reason = "the core's log is its standard error")]
pub(crate) fn log(text: &str) {
    eprintln!("ringmain-core: {text}");
}
