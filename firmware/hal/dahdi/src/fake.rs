//! A kernel in memory with DAHDI's habits: blocks of at least 2 ms, events that stand in the way of
//! reads and writes, short reads, devices that go and come back, spans joined back to back.
//!
//! Time moves by 1 ms chunks, and only when somebody waits in vain: two cards on one fake kernel
//! run in step.

mod channel;
pub(crate) mod law;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hal_card::Voltages;
use units::{Duration, Law};

use crate::abi::{ELAST, event, hook};
use crate::kernel::{
    ChannelConfig, ChannelStatus, Errno, Fill, Kernel, SpanConfig, SpanHealth, SpanStatus,
};
use world::World;

/// What a test does to a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// Pulled out, or put back: every open channel of it answers `ENODEV`.
    Unplugged(bool),
    /// The driver delivers no more, or again.
    Stopped(bool),
    /// Reads answer this number; 0: they do not.
    Failing(Errno),
    /// The next read of each channel is short by this many octets.
    Short(usize),
    /// Alarms of the line.
    Alarms(i32),
    /// Another program sets the line configuration.
    Line(i32),
    /// The span has counted so many bipolar violations, CRC-4 errors, E bits, alignment words.
    Counts([u32; 4]),
    /// Another program has its channels open, or not any more.
    Taken(bool),
    /// Its devices belong to another user, or not any more.
    Locked(bool),
}

/// The kernel in memory.
#[derive(Clone)]
pub struct Fake {
    world: Arc<Mutex<World>>,
}

/// An open channel of it.
pub struct FakePort {
    world: Arc<Mutex<World>>,
    channel: i32,
    opened: u64,
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fake {
    /// `pairs` of E1 spans (1 joined with 2, 3 with 4, ...), then one span with `analog` pairs of
    /// ports: odd channels feed telephones, each the exchange side of the even one behind it.
    #[must_use]
    pub fn new(pairs: i32, analog: i32) -> Self {
        Self { world: Arc::new(Mutex::new(World::new(pairs, analog))) }
    }

    /// The kernel's number of a slot of an E1 span.
    #[must_use]
    pub const fn channel_of(span: i32, slot: i32) -> i32 {
        (span - 1) * 31 + slot
    }

    /// Does something to a span.
    pub fn play(&self, span: i32, mischief: Mischief) {
        lock(&self.world).play(span, mischief);
    }

    /// Taps of a channel's echo canceller.
    #[must_use]
    pub fn echo_taps(&self, channel: i32) -> i32 {
        lock(&self.world).channel(channel).map_or(0, |channel| channel.echo)
    }

    /// For how many milliseconds a telephone on hook was to hear.
    #[must_use]
    pub fn on_hook_ms(&self, channel: i32) -> i32 {
        lock(&self.world).channel(channel).map_or(0, |channel| channel.on_hook_ms)
    }

    /// The law that a channel was given, if not its driver's own, and how long it flashes, in ms.
    #[must_use]
    pub fn law_and_flash(&self, channel: i32) -> (Option<Law>, i32) {
        lock(&self.world).channel(channel).map_or((None, 0), |channel| (channel.law, channel.flash))
    }

    /// System calls on ports since the beginning.
    #[must_use]
    pub fn calls(&self) -> u64 {
        lock(&self.world).calls
    }
}

impl Drop for FakePort {
    fn drop(&mut self) {
        if let Ok(channel) = lock(&self.world).channel_mut(self.channel)
            && channel.opened == self.opened
        {
            channel.open = false;
        }
    }
}

impl FakePort {
    /// The channel, if this descriptor is still of it.
    fn with<T>(&self, act: impl FnOnce(&mut World, i32) -> Result<T, Errno>) -> Result<T, Errno> {
        let mut world = lock(&self.world);
        world.calls += 1;
        let channel = world.channel(self.channel).ok_or(libc::ENODEV)?;
        if channel.opened != self.opened || !channel.open {
            return Err(libc::ENODEV);
        }
        act(&mut world, self.channel)
    }
}

impl Kernel for Fake {
    type Port = FakePort;

    fn configure_span(&self, span: &SpanConfig) -> Result<(), Errno> {
        lock(&self.world).span_mut(span.number).ok_or(libc::ENXIO)?.line = span.line;
        Ok(())
    }

    fn configure_channel(&self, config: &ChannelConfig) -> Result<(), Errno> {
        lock(&self.world).configure(config)
    }

    fn attach_echo(&self, channel: i32, name: &str) -> Result<(), Errno> {
        lock(&self.world).channel_mut(channel)?.canceller = !name.is_empty();
        Ok(())
    }

    fn start_span(&self, number: i32) -> Result<(), Errno> {
        lock(&self.world).span_mut(number).ok_or(libc::ENXIO).map(drop)
    }

    fn load_zone(&self) -> Result<(), Errno> {
        lock(&self.world).zone = true;
        Ok(())
    }

    fn span(&self, number: i32) -> Result<SpanStatus, Errno> {
        lock(&self.world).describe(number)
    }

    fn channel(&self, number: i32) -> Result<ChannelStatus, Errno> {
        let mut world = lock(&self.world);
        let channel = world.channel_mut(number)?;
        Ok(ChannelStatus {
            number,
            span: channel.span,
            position: channel.position,
            signalling: channel.signalling,
            capable: channel.capable,
        })
    }

    fn health(&self, number: i32) -> Result<SpanHealth, Errno> {
        let mut world = lock(&self.world);
        let span = world.span_mut(number).ok_or(libc::ENXIO)?;
        Ok(SpanHealth {
            alarms: span.alarms,
            code_violations: span.counts[0],
            crc_errors: span.counts[1],
            far_errors: span.counts[2],
            fas_errors: span.counts[3],
            line: span.line,
        })
    }

    fn open(&self, channel: i32, octets: usize, count: usize) -> Result<FakePort, Errno> {
        let opened = lock(&self.world).open(channel, octets, count)?;
        Ok(FakePort { world: self.world.clone(), channel, opened })
    }

    fn audio_mode(&self, port: &FakePort) -> Result<(), Errno> {
        port.with(|world, channel| {
            world.channel_mut(channel)?.audio = true;
            Ok(())
        })
    }

    fn linear(&self, port: &FakePort) -> Result<(), Errno> {
        port.with(|world, channel| {
            let channel = world.channel_mut(channel)?;
            channel.linear = channel.audio;
            if channel.audio { Ok(()) } else { Err(libc::EINVAL) }
        })
    }

    fn flash_times(&self, port: &FakePort, heard_ms: i32, own_ms: i32) -> Result<(), Errno> {
        port.with(|world, channel| {
            let channel = world.channel_mut(channel)?;
            (channel.heard_flash, channel.flash) = (heard_ms, own_ms);
            Ok(())
        })
    }

    fn read(&self, port: &FakePort, octets: &mut [u8]) -> Result<usize, Errno> {
        port.with(|world, channel| {
            let span = world.channel_mut(channel)?.span;
            let failing = world.span_mut(span).map_or(0, |span| span.failing);
            if failing != 0 { Err(failing) } else { world.channel_mut(channel)?.read(octets) }
        })
    }

    fn write(&self, port: &FakePort, octets: &[u8]) -> Result<usize, Errno> {
        port.with(|world, channel| world.channel_mut(channel)?.write(octets))
    }

    fn event(&self, port: &FakePort) -> Result<i32, Errno> {
        port.with(|world, channel| {
            Ok(world.channel_mut(channel)?.events.pop_front().unwrap_or(event::NONE))
        })
    }

    fn hook(&self, port: &FakePort, what: i32) -> Result<(), Errno> {
        port.with(|world, channel| {
            if what == hook::RING && !world.zone {
                return Err(libc::ENODATA);
            }
            world.hook(channel, what)
        })
    }

    fn polarity(&self, port: &FakePort, _: bool) -> Result<(), Errno> {
        port.with(|world, channel| world.tell_peer(channel, event::POLARITY))
    }

    fn on_hook_sound(&self, port: &FakePort, ms: i32) -> Result<(), Errno> {
        port.with(|world, channel| {
            world.channel_mut(channel)?.on_hook_ms = ms;
            Ok(())
        })
    }

    fn set_bits(&self, port: &FakePort, bits: i32) -> Result<(), Errno> {
        port.with(|world, channel| world.set_bits(channel, bits))
    }

    fn bits(&self, port: &FakePort) -> Result<i32, Errno> {
        port.with(|world, channel| Ok(world.channel_mut(channel)?.bits))
    }

    fn echo(&self, port: &FakePort, taps: i32) -> Result<(), Errno> {
        port.with(|world, channel| {
            let channel = world.channel_mut(channel)?;
            if !(channel.audio && channel.canceller) {
                return Err(libc::EINVAL);
            }
            channel.echo = taps;
            Ok(())
        })
    }

    fn fill(&self, port: &FakePort) -> Result<Fill, Errno> {
        port.with(|world, channel| Ok(world.channel_mut(channel)?.fill()))
    }

    fn off_hook(&self, port: &FakePort) -> Result<bool, Errno> {
        port.with(|world, channel| world.peer_closed(channel))
    }

    fn voltages(&self, port: &FakePort) -> Result<Voltages, Errno> {
        port.with(|world, channel| {
            let closed = world.peer_closed(channel)?;
            let tip_mv = if closed { -9_000 } else { -2_500 };
            Ok(Voltages { tip_mv, ring_mv: -48_000 - tip_mv, battery_mv: -52_000 })
        })
    }

    fn wait(&self, port: &FakePort, patience: Duration) {
        for _ in 0..patience.as_millis() {
            let mut world = lock(&self.world);
            if world.channel(port.channel).is_none_or(|channel| channel.ready()) {
                return;
            }
            world.chunk();
        }
    }
}

/// What a read or write answers while events wait.
const EVENTS_FIRST: Errno = ELAST;
