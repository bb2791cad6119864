//! The kernel's interface with every system call counted.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use hal_card::Voltages;
use hal_dahdi::{
    ChannelConfig, ChannelStatus, Errno, Fill, Kernel, SpanConfig, SpanHealth, SpanStatus, System,
};
use units::Duration;

/// The real kernel; whatever a tick asks of it is one system call each, and bringing a line up,
/// which asks for more at once, is not what is measured.
pub struct Counting {
    system: System,
    calls: AtomicU64,
}

impl Default for Counting {
    fn default() -> Self {
        Self { system: System::new(Path::new("/dev/dahdi")), calls: AtomicU64::new(0) }
    }
}

impl Counting {
    /// System calls so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    fn counted(&self) -> &System {
        self.calls.fetch_add(1, Ordering::Relaxed);
        &self.system
    }
}

type Port = <System as Kernel>::Port;

impl Kernel for Counting {
    type Port = Port;

    fn configure_span(&self, span: &SpanConfig) -> Result<(), Errno> {
        self.counted().configure_span(span)
    }

    fn configure_channel(&self, channel: &ChannelConfig) -> Result<(), Errno> {
        self.counted().configure_channel(channel)
    }

    fn attach_echo(&self, channel: i32, name: &str) -> Result<(), Errno> {
        self.counted().attach_echo(channel, name)
    }

    fn start_span(&self, number: i32) -> Result<(), Errno> {
        self.counted().start_span(number)
    }

    fn load_zone(&self) -> Result<(), Errno> {
        self.counted().load_zone()
    }

    fn span(&self, number: i32) -> Result<SpanStatus, Errno> {
        self.counted().span(number)
    }

    fn channel(&self, number: i32) -> Result<ChannelStatus, Errno> {
        self.counted().channel(number)
    }

    fn health(&self, number: i32) -> Result<SpanHealth, Errno> {
        self.counted().health(number)
    }

    fn open(&self, channel: i32, octets: usize, count: usize) -> Result<Port, Errno> {
        self.counted().open(channel, octets, count)
    }

    fn audio_mode(&self, port: &Port) -> Result<(), Errno> {
        self.counted().audio_mode(port)
    }

    fn linear(&self, port: &Port) -> Result<(), Errno> {
        self.counted().linear(port)
    }

    fn flash_times(&self, port: &Port, heard_ms: i32, own_ms: i32) -> Result<(), Errno> {
        self.counted().flash_times(port, heard_ms, own_ms)
    }

    fn read(&self, port: &Port, octets: &mut [u8]) -> Result<usize, Errno> {
        self.counted().read(port, octets)
    }

    fn write(&self, port: &Port, octets: &[u8]) -> Result<usize, Errno> {
        self.counted().write(port, octets)
    }

    fn event(&self, port: &Port) -> Result<i32, Errno> {
        self.counted().event(port)
    }

    fn hook(&self, port: &Port, what: i32) -> Result<(), Errno> {
        self.counted().hook(port, what)
    }

    fn polarity(&self, port: &Port, reversed: bool) -> Result<(), Errno> {
        self.counted().polarity(port, reversed)
    }

    fn on_hook_sound(&self, port: &Port, ms: i32) -> Result<(), Errno> {
        self.counted().on_hook_sound(port, ms)
    }

    fn set_bits(&self, port: &Port, bits: i32) -> Result<(), Errno> {
        self.counted().set_bits(port, bits)
    }

    fn bits(&self, port: &Port) -> Result<i32, Errno> {
        self.counted().bits(port)
    }

    fn echo(&self, port: &Port, taps: i32) -> Result<(), Errno> {
        self.counted().echo(port, taps)
    }

    fn fill(&self, port: &Port) -> Result<Fill, Errno> {
        self.counted().fill(port)
    }

    fn off_hook(&self, port: &Port) -> Result<bool, Errno> {
        self.counted().off_hook(port)
    }

    fn voltages(&self, port: &Port) -> Result<Voltages, Errno> {
        self.counted().voltages(port)
    }

    fn wait(&self, port: &Port, patience: Duration) {
        self.counted().wait(port, patience)
    }
}
