//! What the driver asks of the kernel: the seam between decisions and system calls.
//!
//! [`crate::System`] asks the real one; the tests have one in memory with its habits.

use units::{Duration, Law};

use hal_card::Voltages;

/// The kernel's number of an error.
pub type Errno = i32;

/// A span as the kernel describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanStatus {
    /// Its number.
    pub number: i32,
    /// Its name, such as `DYN/loc/1:0`.
    pub name: String,
    /// What it is, in words.
    pub description: String,
    /// Where the card is plugged in.
    pub location: String,
    /// The kind of card.
    pub device: String,
    /// `E1`, `T1`, `FXS`, ...
    pub kind: String,
    /// Alarms, bits of [`crate::alarm`].
    pub alarms: i32,
    /// Channels that it has.
    pub channels: i32,
    /// Whether it is a digital line.
    pub digital: bool,
    /// Line configuration in force, bits of [`crate::config`].
    pub line: i32,
    /// The span whose clock the system follows; 0 is none.
    pub clock_source: i32,
}

/// What the kernel counts and says about a span while it runs. Without strings, so that it can be
/// asked on the line thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanHealth {
    /// Alarms, bits of [`crate::alarm`].
    pub alarms: i32,
    /// Bipolar violations that HDB3 does not explain.
    pub code_violations: u32,
    /// CRC-4 sub-multiframes received wrong.
    pub crc_errors: u32,
    /// E bits.
    pub far_errors: u32,
    /// Frame alignment words received wrong.
    pub fas_errors: u32,
    /// Line configuration in force, bits of [`crate::config`].
    pub line: i32,
}

/// A channel as the kernel describes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelStatus {
    /// Its number in the system.
    pub number: i32,
    /// Of which span.
    pub span: i32,
    /// Its place in the span, from 1.
    pub position: i32,
    /// Signalling in force.
    pub signalling: i32,
    /// Signalling that the hardware can do, as bits.
    pub capable: i32,
}

/// How a span shall run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanConfig {
    /// The kernel's number.
    pub number: i32,
    /// Bits of [`crate::config`].
    pub line: i32,
    /// Priority as clock source: 0 never, 1 first, 2 second, ...
    pub clock: i32,
}

/// How a channel shall run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelConfig {
    /// The kernel's number.
    pub number: i32,
    /// One of [`crate::sig`].
    pub signalling: i32,
    /// The master of a slave, else the channel itself.
    pub master: i32,
    /// The law of its octets; `None`: what the driver says.
    pub law: Option<Law>,
    /// Signalling bits when idle.
    pub idle_bits: i32,
}

/// How full the kernel's buffers of a channel are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// Blocks that came and were not read.
    pub read: i32,
    /// Blocks that were written and are not sent.
    pub write: i32,
}

/// The kernel's telephony interface. Calls on a [`Self::Port`] are those of the line thread: none
/// waits but [`Self::wait`]. All others may.
pub trait Kernel {
    /// An open channel; dropping closes it.
    type Port: Send + 'static;

    /// Sets framing, line code and clock priority.
    ///
    /// # Errors
    /// The kernel's; `ENXIO` if the span is not there.
    fn configure_span(&self, span: &SpanConfig) -> Result<(), Errno>;
    /// Sets what a channel is for.
    ///
    /// # Errors
    /// The kernel's.
    fn configure_channel(&self, channel: &ChannelConfig) -> Result<(), Errno>;
    /// Attaches the named echo canceller to a channel; an empty name takes it off.
    ///
    /// # Errors
    /// The kernel's.
    fn attach_echo(&self, channel: i32, name: &str) -> Result<(), Errno>;
    /// Switches a span on.
    ///
    /// # Errors
    /// The kernel's.
    fn start_span(&self, number: i32) -> Result<(), Errno>;
    /// Makes ringing possible: the kernel wants a tone zone before it rings.
    ///
    /// # Errors
    /// The kernel's.
    fn load_zone(&self) -> Result<(), Errno>;
    /// Describes a span.
    ///
    /// # Errors
    /// The kernel's; `EINVAL` or `ENXIO` if it is not there.
    fn span(&self, number: i32) -> Result<SpanStatus, Errno>;
    /// Describes a channel.
    ///
    /// # Errors
    /// The kernel's; `EINVAL` or `ENXIO` if it is not there.
    fn channel(&self, number: i32) -> Result<ChannelStatus, Errno>;
    /// How a span does; of few instructions.
    ///
    /// # Errors
    /// The kernel's.
    fn health(&self, number: i32) -> Result<SpanHealth, Errno>;
    /// Opens a channel, not blocking, with `count` buffers of `octets`.
    ///
    /// # Errors
    /// The kernel's; `EBUSY` if another program has it.
    fn open(&self, channel: i32, octets: usize, count: usize) -> Result<Self::Port, Errno>;
    /// Switches an open clear channel to sound, which its echo canceller needs.
    ///
    /// # Errors
    /// The kernel's.
    fn audio_mode(&self, port: &Self::Port) -> Result<(), Errno>;
    /// Makes an open channel of sound give and take 16-bit samples instead of octets of the law.
    ///
    /// # Errors
    /// The kernel's; `EINVAL` if the channel is not one of sound.
    fn linear(&self, port: &Self::Port) -> Result<(), Errno>;
    /// How long in ms the loop may be open before a telephone is on hook, and for how long it is
    /// opened when we flash.
    ///
    /// # Errors
    /// The kernel's.
    fn flash_times(&self, port: &Self::Port, heard_ms: i32, own_ms: i32) -> Result<(), Errno>;

    /// Reads one block or one frame.
    ///
    /// # Errors
    /// `EAGAIN`: nothing there; [`crate::ELAST`]: events first; others.
    fn read(&self, port: &Self::Port, octets: &mut [u8]) -> Result<usize, Errno>;
    /// Writes one block or one frame.
    ///
    /// # Errors
    /// As [`Self::read`].
    fn write(&self, port: &Self::Port, octets: &[u8]) -> Result<usize, Errno>;
    /// The oldest event, [`crate::event::NONE`] if there is none.
    ///
    /// # Errors
    /// The kernel's.
    fn event(&self, port: &Self::Port) -> Result<i32, Errno>;
    /// One of [`crate::hook`].
    ///
    /// # Errors
    /// The kernel's.
    fn hook(&self, port: &Self::Port, what: i32) -> Result<(), Errno>;
    /// Reverses the feeding of a telephone port.
    ///
    /// # Errors
    /// The kernel's.
    fn polarity(&self, port: &Self::Port, reversed: bool) -> Result<(), Errno>;
    /// Lets sound through to a telephone on hook for so many milliseconds
    /// (`DAHDI_ONHOOKTRANSFER`).
    ///
    /// # Errors
    /// The kernel's.
    fn on_hook_sound(&self, port: &Self::Port, ms: i32) -> Result<(), Errno>;
    /// Sends signalling bits.
    ///
    /// # Errors
    /// The kernel's.
    fn set_bits(&self, port: &Self::Port, bits: i32) -> Result<(), Errno>;
    /// The signalling bits that come.
    ///
    /// # Errors
    /// The kernel's.
    fn bits(&self, port: &Self::Port) -> Result<i32, Errno>;
    /// Switches the echo canceller of a channel: taps of 125 µs, 0 is off.
    ///
    /// # Errors
    /// The kernel's.
    fn echo(&self, port: &Self::Port, taps: i32) -> Result<(), Errno>;
    /// How full the buffers are.
    ///
    /// # Errors
    /// The kernel's.
    fn fill(&self, port: &Self::Port) -> Result<Fill, Errno>;
    /// Whether the loop at a port is closed (towards a telephone).
    ///
    /// # Errors
    /// The kernel's.
    fn off_hook(&self, port: &Self::Port) -> Result<bool, Errno>;
    /// What the card measures.
    ///
    /// # Errors
    /// The kernel's; `ENOTTY` or `ENOSYS` if the driver does not tell.
    fn voltages(&self, port: &Self::Port) -> Result<Voltages, Errno>;
    /// Waits until the port has something to read or an event, at most `patience`.
    fn wait(&self, port: &Self::Port, patience: Duration);
}
