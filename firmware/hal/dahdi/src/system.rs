//! The real kernel: `/dev/dahdi`, by system calls. The only `unsafe` of this crate.
#![expect(unsafe_code, reason = "ioctls take pointers")]

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hal_card::Voltages;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags};
use nix::sys::stat::Mode;
use nix::sys::time::{TimeSpec, TimeValLike};
use units::{Duration, Law};

use crate::abi::{
    AnalogStats, AttachEchocan, BufferInfo, CODE, ChanConfig, FLUSH_ALL, LAW_ALAW, LAW_DEFAULT,
    LAW_MULAW, LineConfig, POLICY_IMMEDIATE, Params, RingCadence, SpanInfo, ToneZone, text,
};
use crate::kernel::{
    ChannelConfig, ChannelStatus, Errno, Fill, Kernel, SpanConfig, SpanHealth, SpanStatus,
};

nix::ioctl_write_ptr!(flush, CODE, 3, i32);
nix::ioctl_readwrite!(get_params, CODE, 5, Params);
nix::ioctl_write_ptr!(set_params, CODE, 5, Params);
nix::ioctl_write_ptr!(hook, CODE, 7, i32);
nix::ioctl_read!(get_event, CODE, 8, i32);
nix::ioctl_readwrite!(span_status, CODE, 10, SpanInfo);
nix::ioctl_write_ptr!(span_config, CODE, 18, LineConfig);
nix::ioctl_write_ptr!(channel_config, CODE, 19, ChanConfig);
nix::ioctl_write_ptr!(set_tone_zone, CODE, 22, i32);
nix::ioctl_write_ptr!(load_zone, CODE, 25, ToneZone);
nix::ioctl_read!(get_buffers, CODE, 27, BufferInfo);
nix::ioctl_write_ptr!(set_buffers, CODE, 27, BufferInfo);
nix::ioctl_write_ptr!(audio_mode, CODE, 32, i32);
nix::ioctl_write_ptr!(echo_cancel, CODE, 33, i32);
nix::ioctl_write_ptr!(specify, CODE, 38, i32);
nix::ioctl_write_ptr!(set_linear, CODE, 40, i32);
nix::ioctl_write_ptr!(set_cadence, CODE, 42, RingCadence);
nix::ioctl_read!(get_bits, CODE, 43, i32);
nix::ioctl_write_ptr!(set_bits, CODE, 43, i32);
nix::ioctl_write_ptr!(on_hook_transfer, CODE, 51, i32);
nix::ioctl_write_ptr!(attach_echocan, CODE, 59, AttachEchocan);
nix::ioctl_read!(analog_stats, CODE, 60, AnalogStats);
nix::ioctl_write_ptr!(set_polarity, CODE, 92, i32);
nix::ioctl_write_ptr!(start_up, CODE, 99, i32);
nix::ioctl_write_ptr!(buffer_events, CODE, 105, i32);

/// How long the kernel would ring by itself: longer than any cadence that we step.
const RING_MS: i32 = 60_000;

/// `/dev/dahdi` of this machine.
#[derive(Debug)]
pub struct System {
    folder: PathBuf,
    /// The control device, from when it was there first.
    control: OnceLock<OwnedFd>,
}

fn number<T>(result: nix::Result<T>) -> Result<T, Errno> {
    // nix has no name for the kernel's own number 500; `last` still holds it.
    result.map_err(|errno| {
        if errno == nix::errno::Errno::UnknownErrno { raw_errno() } else { errno as i32 }
    })
}

fn raw_errno() -> i32 {
    nix::errno::Errno::last_raw()
}

impl System {
    /// The devices below `folder`, usually `/dev/dahdi`. They need not be there yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), control: OnceLock::new() }
    }

    /// The control device: `ENOENT` if the driver is not loaded, `EACCES` without permission.
    fn control_device(&self) -> Result<&OwnedFd, Errno> {
        if let Some(control) = self.control.get() {
            return Ok(control);
        }
        let flags = OFlag::O_RDWR | OFlag::O_CLOEXEC;
        let control = number(open(&self.folder.join("ctl"), flags, Mode::empty()))?;
        Ok(self.control.get_or_init(|| control))
    }

    /// One argument to one ioctl of the control device.
    fn control<T>(
        &self,
        call: unsafe fn(i32, *const T) -> nix::Result<i32>,
        argument: &T,
    ) -> Result<(), Errno> {
        // SAFETY: the descriptor is open, the kernel reads one T and keeps no pointer.
        number(unsafe { call(self.control_device()?.as_raw_fd(), argument) }).map(drop)
    }

    fn span_info(&self, span: i32) -> Result<SpanInfo, Errno> {
        // SAFETY: plain numbers and octets: zeros are a value.
        let mut info: SpanInfo = unsafe { std::mem::zeroed() };
        info.spanno = span;
        // SAFETY: the kernel fills one SpanInfo.
        number(unsafe { span_status(self.control_device()?.as_raw_fd(), &raw mut info) })?;
        Ok(info)
    }

    fn params(fd: &OwnedFd, channel: i32) -> Result<Params, Errno> {
        // SAFETY: plain numbers and octets: zeros are a value.
        let mut params: Params = unsafe { std::mem::zeroed() };
        params.channo = channel;
        // SAFETY: the kernel fills one Params.
        number(unsafe { get_params(fd.as_raw_fd(), &raw mut params) })?;
        Ok(params)
    }
}

/// One argument to one ioctl of a channel.
fn tell<T>(
    port: &OwnedFd,
    call: unsafe fn(i32, *const T) -> nix::Result<i32>,
    argument: &T,
) -> Result<(), Errno> {
    // SAFETY: the descriptor is open, the kernel reads one T and keeps no pointer.
    number(unsafe { call(port.as_raw_fd(), argument) }).map(drop)
}

/// One answer of one ioctl of a channel.
fn ask<T: Default>(
    port: &OwnedFd,
    call: unsafe fn(i32, *mut T) -> nix::Result<i32>,
) -> Result<T, Errno> {
    let mut answer = T::default();
    // SAFETY: the descriptor is open, the kernel writes one T.
    number(unsafe { call(port.as_raw_fd(), &raw mut answer) })?;
    Ok(answer)
}

fn open_channel(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlag::O_RDWR | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    number(open(path, flags, Mode::empty()))
}

impl Kernel for System {
    type Port = OwnedFd;

    fn configure_span(&self, span: &SpanConfig) -> Result<(), Errno> {
        let config = LineConfig {
            span: span.number,
            lineconfig: span.line,
            sync: span.clock,
            ..LineConfig::default()
        };
        self.control(span_config, &config)
    }

    fn configure_channel(&self, channel: &ChannelConfig) -> Result<(), Errno> {
        let config = ChanConfig {
            chan: channel.number,
            name: [0; 40],
            sigtype: channel.signalling,
            deflaw: match channel.law {
                None => LAW_DEFAULT,
                Some(Law::A) => LAW_ALAW,
                Some(Law::Mu) => LAW_MULAW,
            },
            master: channel.master,
            idlebits: channel.idle_bits,
            netdev_name: [0; 16],
        };
        self.control(channel_config, &config)
    }

    fn attach_echo(&self, channel: i32, name: &str) -> Result<(), Errno> {
        let mut attach = AttachEchocan { chan: channel, ..AttachEchocan::default() };
        // The last octet stays zero.
        attach.echocan.iter_mut().take(15).zip(name.bytes()).for_each(|(to, from)| *to = from);
        self.control(attach_echocan, &attach)
    }

    fn start_span(&self, span: i32) -> Result<(), Errno> {
        self.control(start_up, &span)
    }

    fn load_zone(&self) -> Result<(), Errno> {
        let mut zone = ToneZone { count: 0, zone: 0, ringcadence: [0; 16], name: [0; 40] };
        zone.ringcadence[0] = RING_MS;
        zone.name[..8].copy_from_slice(b"ringmain");
        match self.control(load_zone, &zone) {
            // Another program has loaded one: any will do.
            Err(libc::EBUSY | libc::EEXIST | libc::EINVAL) => Ok(()),
            other => other,
        }
    }

    fn span(&self, span: i32) -> Result<SpanStatus, Errno> {
        let info = self.span_info(span)?;
        let (name, description, location, device, kind) =
            (info.name, info.desc, info.location, info.devicetype, info.spantype);
        Ok(SpanStatus {
            number: info.spanno,
            name: text(&name),
            description: text(&description),
            location: text(&location),
            device: text(&device),
            kind: text(&kind),
            alarms: info.alarms,
            channels: info.totalchans,
            digital: info.linecompat != 0,
            line: info.lineconfig,
            clock_source: info.syncsrc,
        })
    }

    fn channel(&self, channel: i32) -> Result<ChannelStatus, Errno> {
        let params = Self::params(self.control_device()?, channel)?;
        Ok(ChannelStatus {
            number: params.channo,
            span: params.spanno,
            position: params.chanpos,
            signalling: params.sigtype,
            capable: params.sigcap,
        })
    }

    fn health(&self, span: i32) -> Result<SpanHealth, Errno> {
        let info = self.span_info(span)?;
        let count = |counted: i32| u32::try_from(counted).unwrap_or(0);
        Ok(SpanHealth {
            alarms: info.alarms,
            code_violations: count(info.bpvcount),
            crc_errors: count(info.crc4count),
            far_errors: count(info.ebitcount),
            fas_errors: count(info.fascount),
            line: info.lineconfig,
        })
    }

    fn open(&self, channel: i32, octets: usize, count: usize) -> Result<OwnedFd, Errno> {
        let port = match open_channel(&self.folder.join(channel.to_string())) {
            Ok(port) => port,
            // Without a device file for each channel there is one in which to name it.
            Err(libc::ENOENT) => {
                let port = open_channel(&self.folder.join("channel"))?;
                tell(&port, specify, &channel)?;
                port
            }
            Err(errno) => return Err(errno),
        };
        let size = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let buffers = BufferInfo {
            txbufpolicy: POLICY_IMMEDIATE,
            rxbufpolicy: POLICY_IMMEDIATE,
            numbufs: size(count),
            bufsize: size(octets),
            ..BufferInfo::default()
        };
        tell(&port, set_buffers, &buffers)?;
        tell(&port, flush, &FLUSH_ALL)?;
        // Both are wishes: neither exists for every kind of channel.
        let mut cadence = RingCadence::default();
        cadence.ms[0] = RING_MS;
        let _ = tell(&port, set_tone_zone, &0);
        let _ = tell(&port, set_cadence, &cadence);
        let _ = tell(&port, buffer_events, &1);
        Ok(port)
    }

    fn audio_mode(&self, port: &OwnedFd) -> Result<(), Errno> {
        tell(port, audio_mode, &1)
    }

    fn linear(&self, port: &OwnedFd) -> Result<(), Errno> {
        tell(port, set_linear, &1)
    }

    fn flash_times(&self, port: &OwnedFd, heard_ms: i32, own_ms: i32) -> Result<(), Errno> {
        let mut params = Self::params(port, 0)?;
        params.flashtime = own_ms;
        params.rxflashtime = heard_ms;
        tell(port, set_params, &params)
    }

    fn read(&self, port: &OwnedFd, octets: &mut [u8]) -> Result<usize, Errno> {
        number(nix::unistd::read(port, octets))
    }

    fn write(&self, port: &OwnedFd, octets: &[u8]) -> Result<usize, Errno> {
        number(nix::unistd::write(port, octets))
    }

    fn event(&self, port: &OwnedFd) -> Result<i32, Errno> {
        ask(port, get_event)
    }

    fn hook(&self, port: &OwnedFd, what: i32) -> Result<(), Errno> {
        match tell(port, hook, &what) {
            // It has begun and goes on by itself.
            Err(libc::EINPROGRESS) => Ok(()),
            other => other,
        }
    }

    fn polarity(&self, port: &OwnedFd, reversed: bool) -> Result<(), Errno> {
        tell(port, set_polarity, &i32::from(reversed))
    }

    fn on_hook_sound(&self, port: &OwnedFd, ms: i32) -> Result<(), Errno> {
        tell(port, on_hook_transfer, &ms)
    }

    fn set_bits(&self, port: &OwnedFd, bits: i32) -> Result<(), Errno> {
        tell(port, set_bits, &bits)
    }

    fn bits(&self, port: &OwnedFd) -> Result<i32, Errno> {
        ask(port, get_bits)
    }

    fn echo(&self, port: &OwnedFd, taps: i32) -> Result<(), Errno> {
        tell(port, echo_cancel, &taps)
    }

    fn fill(&self, port: &OwnedFd) -> Result<Fill, Errno> {
        let info: BufferInfo = ask(port, get_buffers)?;
        Ok(Fill { read: info.readbufs, write: info.writebufs })
    }

    fn off_hook(&self, port: &OwnedFd) -> Result<bool, Errno> {
        Ok(Self::params(port, 0)?.rxisoffhook != 0)
    }

    fn voltages(&self, port: &OwnedFd) -> Result<Voltages, Errno> {
        let stats: AnalogStats = ask(port, analog_stats)?;
        Ok(Voltages { tip_mv: stats.tipvolt, ring_mv: stats.ringvolt, battery_mv: stats.batvolt })
    }

    fn wait(&self, port: &OwnedFd, patience: Duration) {
        let micros = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
        let mut fds = [PollFd::new(port.as_fd(), PollFlags::POLLIN | PollFlags::POLLPRI)];
        // Interrupted or not: whoever waited reads and sees.
        let _ = nix::poll::ppoll(&mut fds, Some(TimeSpec::microseconds(micros)), None);
    }
}
