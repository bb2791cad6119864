//! The numbers and structures of the kernel's telephony interface (DAHDI 2.11, `dahdi/user.h`).
//!
//! Names are those of the header without the prefix `DAHDI_`.

use std::mem::size_of;

/// The letter of all its ioctls.
pub(crate) const CODE: u8 = 0xDA;

/// `errno` of a read or write that does nothing because events wait: they must be fetched first.
pub const ELAST: i32 = 500;

/// Kinds of signalling (`DAHDI_SIG_*`).
pub mod sig {
    /// Loop start with release by the exchange, towards a telephone exchange (FXO hardware).
    pub const FXSKS: i32 = (1 << 2) | (1 << 13);
    /// The same towards a telephone (FXS hardware).
    pub const FXOKS: i32 = (1 << 5) | (1 << 12);
    /// 64 kbit/s as they are.
    pub const CLEAR: i32 = 1 << 7;
    /// HDLC frames, the kernel makes and checks flags, stuffing and FCS.
    pub const HDLCFCS: i32 = (1 << 9) | (1 << 8) | CLEAR;
    /// Joined to a master channel: one descriptor for many slots.
    pub const SLAVE: i32 = 1 << 11;
    /// Sound, and signalling bits as the user sets them.
    pub const CAS: i32 = 1 << 15;
}

/// Bits of the line's configuration (`DAHDI_CONFIG_*`).
pub mod config {
    /// Common-channel signalling: slot 16 is a D channel.
    pub const CCS: i32 = 1 << 8;
    /// HDB3 line coding.
    pub const HDB3: i32 = 1 << 9;
    /// CRC-4 multiframe.
    pub const CRC4: i32 = 1 << 10;
}

/// Alarms of a span (`DAHDI_ALARM_*`).
pub mod alarm {
    /// An alarm just ended and is watched for a while.
    pub const RECOVER: i32 = 1;
    /// Remote alarm indication.
    pub const YELLOW: i32 = 1 << 2;
    /// The receiver has no usable signal.
    pub const RED: i32 = 1 << 3;
    /// All ones.
    pub const BLUE: i32 = 1 << 4;
    /// The cable is not plugged in.
    pub const NOTOPEN: i32 = 1 << 5;
    /// In words: loss of signal.
    pub const LOS: i32 = 1 << 8;
    /// In words: loss of frame alignment.
    pub const LFA: i32 = 1 << 9;
    /// In words: loss of multiframe alignment.
    pub const LMFA: i32 = 1 << 10;
}

/// What [`crate::Kernel::hook`] does (`DAHDI_ONHOOK` and so on).
pub mod hook {
    /// Open the loop.
    pub const ON: i32 = 0;
    /// Close the loop.
    pub const OFF: i32 = 1;
    /// Open it for the time of a flash.
    pub const FLASH: i32 = 3;
    /// Ringing current on.
    pub const RING: i32 = 5;
    /// Ringing current off.
    pub const RINGOFF: i32 = 6;
}

/// What [`crate::Kernel::event`] tells (`DAHDI_EVENT_*`).
pub mod event {
    /// Nothing more.
    pub const NONE: i32 = 0;
    /// The loop opened; towards an exchange: it released.
    pub const ONHOOK: i32 = 1;
    /// The loop closed; towards an exchange: a ring has ended.
    pub const RINGOFFHOOK: i32 = 2;
    /// A flash.
    pub const WINKFLASH: i32 = 3;
    /// The span has an alarm.
    pub const ALARM: i32 = 4;
    /// It has none.
    pub const NOALARM: i32 = 5;
    /// An HDLC frame was given up by its sender.
    pub const ABORT: i32 = 6;
    /// A frame was longer than the buffer.
    pub const OVERRUN: i32 = 7;
    /// A frame had a wrong check sequence.
    pub const BADFCS: i32 = 8;
    /// Signalling bits changed.
    pub const BITSCHANGED: i32 = 13;
    /// The polarity of the line was reversed.
    pub const POLARITY: i32 = 17;
    /// Ringing current came.
    pub const RINGBEGIN: i32 = 18;
    /// The device is gone.
    pub const REMOVED: i32 = 20;
    /// Nobody read in time.
    pub const READ_OVERRUN: i32 = 29;
    /// Nobody wrote in time.
    pub const WRITE_UNDERRUN: i32 = 30;
}

/// What the driver of the card says (`DAHDI_LAW_DEFAULT`).
pub(crate) const LAW_DEFAULT: i32 = 0;
/// A-law (`DAHDI_LAW_ALAW`).
pub(crate) const LAW_ALAW: i32 = 2;
/// µ-law (`DAHDI_LAW_MULAW`).
pub(crate) const LAW_MULAW: i32 = 1;
/// Send as soon as something is there (`DAHDI_POLICY_IMMEDIATE`).
pub(crate) const POLICY_IMMEDIATE: i32 = 0;
/// Throw away what waits both ways (`DAHDI_FLUSH_ALL`).
pub(crate) const FLUSH_ALL: i32 = 7;

/// `struct dahdi_lineconfig`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineConfig {
    pub(crate) span: i32,
    pub(crate) name: [u8; 20],
    pub(crate) lbo: i32,
    pub(crate) lineconfig: i32,
    pub(crate) sync: i32,
}

/// `struct dahdi_chanconfig`
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChanConfig {
    pub(crate) chan: i32,
    pub(crate) name: [u8; 40],
    pub(crate) sigtype: i32,
    pub(crate) deflaw: i32,
    pub(crate) master: i32,
    pub(crate) idlebits: i32,
    pub(crate) netdev_name: [u8; 16],
}

/// `struct dahdi_params`
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Params {
    pub(crate) channo: i32,
    pub(crate) spanno: i32,
    pub(crate) chanpos: i32,
    pub(crate) sigtype: i32,
    pub(crate) sigcap: i32,
    pub(crate) rxisoffhook: i32,
    pub(crate) rxbits: i32,
    pub(crate) txbits: i32,
    pub(crate) txhooksig: i32,
    pub(crate) rxhooksig: i32,
    pub(crate) curlaw: i32,
    pub(crate) idlebits: i32,
    pub(crate) name: [u8; 40],
    pub(crate) prewinktime: i32,
    pub(crate) preflashtime: i32,
    pub(crate) winktime: i32,
    pub(crate) flashtime: i32,
    pub(crate) starttime: i32,
    pub(crate) rxwinktime: i32,
    pub(crate) rxflashtime: i32,
    pub(crate) debouncetime: i32,
    pub(crate) pulsetimes: [i32; 3],
    pub(crate) chan_alarms: u32,
}

/// `struct dahdi_spaninfo`
#[repr(C, packed)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanInfo {
    pub(crate) spanno: i32,
    pub(crate) name: [u8; 20],
    pub(crate) desc: [u8; 40],
    pub(crate) alarms: i32,
    pub(crate) levels: [i32; 2],
    pub(crate) bpvcount: i32,
    pub(crate) crc4count: i32,
    pub(crate) ebitcount: i32,
    pub(crate) fascount: i32,
    pub(crate) fecount: u32,
    pub(crate) cvcount: u32,
    pub(crate) becount: u32,
    pub(crate) prbs: u32,
    pub(crate) errsec: u32,
    pub(crate) irqmisses: i32,
    pub(crate) syncsrc: i32,
    pub(crate) numchans: i32,
    pub(crate) totalchans: i32,
    pub(crate) totalspans: i32,
    pub(crate) lbo: i32,
    pub(crate) lineconfig: i32,
    pub(crate) lboname: [u8; 40],
    pub(crate) location: [u8; 40],
    pub(crate) manufacturer: [u8; 40],
    pub(crate) devicetype: [u8; 40],
    pub(crate) irq: i32,
    pub(crate) linecompat: i32,
    pub(crate) spantype: [u8; 6],
}

/// `struct dahdi_bufferinfo`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BufferInfo {
    pub(crate) txbufpolicy: i32,
    pub(crate) rxbufpolicy: i32,
    pub(crate) numbufs: i32,
    pub(crate) bufsize: i32,
    pub(crate) readbufs: i32,
    pub(crate) writebufs: i32,
}

/// `struct dahdi_attach_echocan`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AttachEchocan {
    pub(crate) chan: i32,
    pub(crate) echocan: [u8; 16],
}

/// `struct dahdi_ring_cadence`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RingCadence {
    pub(crate) ms: [i32; 16],
}

/// `struct dahdi_tone_def_header`, with no tone behind it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToneZone {
    pub(crate) count: i32,
    pub(crate) zone: i32,
    pub(crate) ringcadence: [i32; 16],
    pub(crate) name: [u8; 40],
}

/// `struct wctdm_stats`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AnalogStats {
    pub(crate) tipvolt: i32,
    pub(crate) ringvolt: i32,
    pub(crate) batvolt: i32,
}

// The sizes are part of the ioctls' numbers.
const _: () = assert!(size_of::<LineConfig>() == 36);
const _: () = assert!(size_of::<ChanConfig>() == 76);
const _: () = assert!(size_of::<Params>() == 136);
const _: () = assert!(size_of::<SpanInfo>() == 314);
const _: () = assert!(size_of::<BufferInfo>() == 24);
const _: () = assert!(size_of::<AttachEchocan>() == 20);
const _: () = assert!(size_of::<ToneZone>() == 112);

/// The text of a field that ends with a zero or its own end.
pub(crate) fn text(field: &[u8]) -> String {
    let end = field.iter().position(|octet| *octet == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}
