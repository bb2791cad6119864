//! The few of DAHDI's requests that the checks make (`dahdi/user.h`, 2.11).
#![expect(unsafe_code, reason = "ioctl has no safe form")]

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// What `Channel::event` returns.
pub(crate) const ONHOOK: i32 = 1;
pub(crate) const RING_OFFHOOK: i32 = 2;
pub(crate) const FLASH: i32 = 3;
pub(crate) const ALARM: i32 = 4;
pub(crate) const NO_ALARM: i32 = 5;
pub(crate) const BITS_CHANGED: i32 = 13;
pub(crate) const POLARITY: i32 = 17;
pub(crate) const RING_BEGIN: i32 = 18;
pub(crate) const REMOVED: i32 = 20;

/// What a channel can be.
pub(crate) const CLEAR: i32 = 1 << 7;
pub(crate) const CAS: i32 = 1 << 15;
pub(crate) const FXOKS: i32 = 1 << 5 | 1 << 12;
pub(crate) const FXSKS: i32 = 1 << 2 | 1 << 13;

#[repr(C)]
struct LineConfig {
    span: i32,
    name: [u8; 20],
    lbo: i32,
    lineconfig: i32,
    sync: i32,
}

#[repr(C)]
struct ChannelConfig {
    channel: i32,
    name: [u8; 40],
    signalling: i32,
    law: i32,
    master: i32,
    idle_bits: i32,
    device: [u8; 16],
}

#[repr(C)]
struct Buffers {
    transmit_policy: i32,
    receive_policy: i32,
    count: i32,
    octets: i32,
    full_read: i32,
    full_write: i32,
}

#[repr(C)]
struct Zone {
    tones: i32,
    zone: i32,
    cadence_ms: [i32; 16],
    name: [u8; 40],
}

nix::ioctl_write_ptr!(load_zone, 0xda, 25, Zone);
nix::ioctl_write_ptr!(span_config, 0xda, 18, LineConfig);
nix::ioctl_write_ptr!(startup, 0xda, 99, i32);
nix::ioctl_write_ptr!(channel_config, 0xda, 19, ChannelConfig);
nix::ioctl_write_ptr!(set_buffers, 0xda, 27, Buffers);
nix::ioctl_write_ptr!(hook, 0xda, 7, i32);
nix::ioctl_read!(get_event, 0xda, 8, i32);
nix::ioctl_write_ptr!(set_polarity, 0xda, 92, i32);
nix::ioctl_write_ptr!(set_bits, 0xda, 43, i32);
nix::ioctl_read!(get_bits, 0xda, 43, i32);

/// An argument of a request by number.
macro_rules! ask {
    ($file:expr, $call:ident, $value:expr) => {{
        let value = $value;
        // SAFETY: the pointer is that of a live value of the type that this request reads.
        unsafe { $call($file.as_raw_fd(), &raw const value) }.map_err(io::Error::from)
    }};
}

fn open(path: &str) -> io::Result<File> {
    let named = |fault: io::Error| io::Error::new(fault.kind(), format!("{path}: {fault}"));
    File::options().read(true).write(true).open(path).map_err(named)
}

/// Loads a zone of tones without tones: channels that are configured later ring by its cadence,
/// and none rings without one.
pub(crate) fn ring_cadence() -> io::Result<()> {
    let control = open("/dev/dahdi/ctl")?;
    let mut cadence_ms = [0; 16];
    cadence_ms[..2].copy_from_slice(&[1000, 4000]);
    let zone = Zone { tones: 0, zone: 0, cadence_ms, name: [0; 40] };
    ask!(control, load_zone, zone).map(|_| ())
}

/// Configures a span (HDB3, and CCS if `ccs`) and starts it.
pub(crate) fn start_span(span: i32, digital: bool, ccs: bool) -> io::Result<()> {
    let control = open("/dev/dahdi/ctl")?;
    let lineconfig = if digital { 1 << 9 | i32::from(ccs) << 8 } else { 0 };
    let config = LineConfig { span, name: [0; 20], lbo: 0, lineconfig, sync: 0 };
    ask!(control, span_config, config)?;
    ask!(control, startup, span).map(|_| ())
}

/// One channel, open.
pub(crate) struct Channel(File);

impl Channel {
    /// Gives a channel its signalling and opens it, with buffers of 20 ms.
    pub(crate) fn open(channel: i32, signalling: i32) -> io::Result<Self> {
        let control = open("/dev/dahdi/ctl")?;
        let config = ChannelConfig {
            channel,
            name: [0; 40],
            signalling,
            law: 2,
            master: channel,
            idle_bits: 0,
            device: [0; 16],
        };
        ask!(control, channel_config, config)?;
        let file = open(&format!("/dev/dahdi/{channel}"))?;
        let buffers = Buffers {
            transmit_policy: 0,
            receive_policy: 0,
            count: 8,
            octets: 160,
            full_read: 0,
            full_write: 0,
        };
        ask!(file, set_buffers, buffers)?;
        Ok(Self(file))
    }

    /// 0 on hook, 1 off hook, 5 ring, 6 stop ringing.
    pub(crate) fn hook(&self, state: i32) -> io::Result<()> {
        ask!(self.0, hook, state).map(|_| ())
    }

    /// 0 normal, 1 reversed.
    pub(crate) fn polarity(&self, reversed: i32) -> io::Result<()> {
        ask!(self.0, set_polarity, reversed).map(|_| ())
    }

    /// Bits a, b, c, d from the highest of four.
    pub(crate) fn set_bits(&self, bits: i32) -> io::Result<()> {
        ask!(self.0, set_bits, bits).map(|_| ())
    }

    /// What the other end sends.
    pub(crate) fn bits(&self) -> io::Result<i32> {
        let mut bits = 0;
        // SAFETY: the pointer is that of a live i32, which this request writes.
        unsafe { get_bits(self.0.as_raw_fd(), &raw mut bits) }?;
        Ok(bits)
    }

    /// Waits for an event and passes over others before it.
    pub(crate) fn event(&self, wanted: i32, limit: Duration) -> io::Result<()> {
        let end = Instant::now() + limit;
        let mut seen = vec![];
        loop {
            let left = end.saturating_duration_since(Instant::now()).as_millis();
            let left = PollTimeout::from(u16::try_from(left).unwrap_or(u16::MAX));
            let mut one = [PollFd::new(self.0.as_fd(), PollFlags::POLLPRI)];
            if poll(&mut one, left)? == 0 {
                let told = format!("event {wanted} did not come, but {seen:?}");
                return Err(io::Error::new(io::ErrorKind::TimedOut, told));
            }
            let mut event = 0;
            // SAFETY: the pointer is that of a live i32, which this request writes.
            unsafe { get_event(self.0.as_raw_fd(), &raw mut event) }?;
            if event == wanted {
                return Ok(());
            }
            seen.push(event);
        }
    }

    /// Reads at least so many octets.
    pub(crate) fn read(&self, count: usize) -> io::Result<Vec<u8>> {
        let (mut all, mut block) = (vec![], [0; 160]);
        while all.len() < count {
            let got = self.passing_events(|mut file| file.read(&mut block))?;
            all.extend_from_slice(&block[..got]);
        }
        Ok(all)
    }

    /// Writes all of it.
    pub(crate) fn write(&self, octets: &[u8]) -> io::Result<()> {
        for mut rest in octets.chunks(160) {
            while !rest.is_empty() {
                let taken = self.passing_events(|mut file| file.write(rest))?;
                rest = &rest[taken..];
            }
        }
        Ok(())
    }

    /// While an event waits, neither works: takes it away and tries again.
    fn passing_events<T>(&self, mut call: impl FnMut(&File) -> io::Result<T>) -> io::Result<T> {
        loop {
            match call(&self.0) {
                Err(fault) if fault.raw_os_error() == Some(EVENT_WAITS) => {
                    let mut event = 0;
                    // SAFETY: the pointer is that of a live i32, which this request writes.
                    unsafe { get_event(self.0.as_raw_fd(), &raw mut event) }?;
                }
                done => return done,
            }
        }
    }
}

/// `ELAST` of `dahdi/user.h`.
const EVENT_WAITS: i32 = 500;
