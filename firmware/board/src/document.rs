//! A board file as it is written, all inheritance resolved.

use std::collections::BTreeMap;

use serde::Deserialize;
use units::Timeslot;

use crate::country::Country;
use crate::echo::{Echo, tail_ms};
use crate::gain::Db;
use crate::level::LevelPlan;
use crate::r2::R2;

/// A board.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The name by which other board files inherit it.
    pub name: String,
    /// For people.
    pub title: String,
    /// The country file.
    #[serde(default)]
    pub country: String,
    /// Which transmission plan the analog ports follow where their own fields do not say it.
    #[serde(default)]
    pub plan: LevelPlan,
    /// What the country file says; filled when the board is read.
    #[serde(skip)]
    pub in_country: Country,
    /// What the R2 files say that spans name; filled when the board is read.
    #[serde(skip)]
    pub in_r2: BTreeMap<String, R2>,
    /// The cards, taken in the order of their names.
    #[serde(default)]
    pub card: BTreeMap<String, CardEntry>,
    /// Who drives pins, buses and the relay.
    #[serde(default)]
    pub pins: PinsDriver,
    /// The failover relay.
    pub relay: Option<RelayEntry>,
    /// Lamps by name.
    #[serde(default)]
    pub led: BTreeMap<String, LedEntry>,
    /// Buttons by name.
    #[serde(default)]
    pub button: BTreeMap<String, ButtonEntry>,
    /// The hardware watchdog.
    pub watchdog: Option<WatchdogEntry>,
    /// The serial console.
    pub serial: Option<SerialEntry>,
    /// Audio jacks by number.
    #[serde(default)]
    pub audio: BTreeMap<String, AudioEntry>,
    /// The thermometer.
    pub thermometer: Option<Bus>,
    /// The fan.
    pub fan: Option<FanEntry>,
    /// The memory that says which board this is.
    pub eeprom: Option<Bus>,
}

/// One card: what shares a clock and is unplugged together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardEntry {
    /// How it is driven.
    pub driver: Driver,
    /// The socket of a virtual card, in the run folder.
    #[serde(default)]
    pub socket: String,
    /// What the kernel's blocks of sound are made of.
    #[serde(default)]
    pub blocks: Blocks,
    /// Its spans by number.
    #[serde(default)]
    pub span: BTreeMap<String, SpanEntry>,
    /// Its telephone ports by number.
    #[serde(default)]
    pub telephone: BTreeMap<String, PortEntry>,
    /// Its exchange lines by number.
    #[serde(default)]
    pub trunk: BTreeMap<String, PortEntry>,
}

/// How a card is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// The simulated card.
    Virtual,
    /// The kernel's telephony interface.
    Dahdi,
}

/// What the blocks of sound of a card are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blocks {
    /// Octets of the law.
    #[default]
    Law,
    /// Linear samples, which the kernel makes from the law of the card's driver.
    Linear,
}

/// One E1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanEntry {
    /// What is printed on the case.
    pub label: String,
    /// The kernel's number of the span.
    #[serde(default)]
    pub kernel: i32,
    /// CRC-4 multiframe.
    #[serde(default = "yes")]
    pub crc4: bool,
    /// Priority as a clock source.
    #[serde(default = "first")]
    pub clock: u8,
    /// What its calls are signalled by.
    #[serde(default)]
    pub signalling: Signalling,
    /// Where its D channel is; in slot 16 if nothing is said.
    pub d_channel: Option<DChannel>,
    /// The number of the group whose spans one D channel controls; 0: none, it is alone.
    #[serde(default)]
    pub group: u8,
    /// Its interface identifier in the group; its place there from 0 if nothing is said.
    pub interface: Option<u8>,
    /// Who makes the D channel's HDLC.
    #[serde(default)]
    pub frames: Frames,
    /// How slots are read.
    #[serde(default)]
    pub slots: Slots,
    /// The R2 file, for a span with signalling bits.
    #[serde(default = "itu")]
    pub r2: String,
    /// Digits of the called numbers that come in; 0: as many as there are.
    #[serde(default)]
    pub digits: u8,
    /// Whether callers are asked for their numbers.
    #[serde(default = "yes")]
    pub caller: bool,
    /// After how many digits they are asked; 0: after all.
    #[serde(default)]
    pub caller_after: u8,
    /// Whose echo canceller its channels use.
    #[serde(default)]
    pub echo: Echo,
    /// How long an echo is looked for, in milliseconds.
    #[serde(default = "tail_ms")]
    pub tail_ms: u8,
    /// How much louder what comes is made, in dB.
    pub gain_in_db: Option<Db>,
    /// How much louder what goes is made, in dB.
    pub gain_out_db: Option<Db>,
}

fn itu() -> String {
    "itu".into()
}

const fn yes() -> bool {
    true
}

const fn first() -> u8 {
    1
}

impl SpanEntry {
    /// The slot of its D channel, if its calls are signalled by one.
    #[must_use]
    pub const fn d_slot(&self) -> Option<Timeslot> {
        match (self.signalling, &self.d_channel) {
            (Signalling::Cas, _) => None,
            (Signalling::Pri, None) => Some(Timeslot::D),
            (Signalling::Pri, Some(DChannel::Slot(slot))) => Timeslot::new(*slot),
            (Signalling::Pri, Some(DChannel::Word(_))) => None,
        }
    }

    /// The slot that carries no sound.
    #[must_use]
    pub const fn signalling_slot(&self) -> Option<Timeslot> {
        match self.signalling {
            Signalling::Cas => Some(Timeslot::D),
            Signalling::Pri => self.d_slot(),
        }
    }
}

/// Where the D channel of a span is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum DChannel {
    /// In this slot.
    Slot(u8),
    /// `none`: another span of its group has it.
    Word(String),
}

/// What the calls of a span are signalled by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signalling {
    /// The D channel of an ISDN primary access.
    #[default]
    Pri,
    /// Signalling bits of its slots, in slot 16.
    Cas,
}

/// Who makes and checks a D channel's HDLC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frames {
    /// The kernel.
    #[default]
    Kernel,
    /// The core.
    Own,
}

/// How the slots of a span are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slots {
    /// All in one read.
    #[default]
    Together,
    /// One read each, which signalling bits and the card's echo canceller need.
    Each,
}

/// One analog port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortEntry {
    /// What is printed on the case.
    pub label: String,
    /// The kernel's number of the channel.
    #[serde(default)]
    pub kernel: i32,
    /// Whose echo canceller it uses.
    #[serde(default)]
    pub echo: Echo,
    /// How long an echo is looked for, in milliseconds.
    #[serde(default = "tail_ms")]
    pub tail_ms: u8,
    /// How much louder what comes is made, in dB.
    pub gain_in_db: Option<Db>,
    /// How much louder what goes is made, in dB.
    pub gain_out_db: Option<Db>,
}

/// Who drives pins and buses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PinsDriver {
    /// Nobody: the board has none.
    #[default]
    None,
    /// The Raspberry Pi's own pins.
    Rppal,
    /// Linux's character devices.
    Linux,
    /// The simulated ones.
    Simulated,
}

/// One pin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The GPIO chip, `/dev/gpiochipN` or its label; empty on a Raspberry Pi.
    #[serde(default)]
    pub chip: String,
    /// Its number on the chip; on a Raspberry Pi the BCM number.
    pub line: u32,
    /// Whether low means on.
    #[serde(default)]
    pub active_low: bool,
}

/// The failover relay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayEntry {
    /// What is printed on the case.
    pub label: String,
    /// The pin that must be petted.
    pub pet: Pin,
    /// The pin that says where the relay stands.
    pub position: Pin,
    /// How often it is petted.
    #[serde(default = "pet_every")]
    pub pet_every_ms: u32,
    /// How long it may take to move.
    #[serde(default = "settle")]
    pub settle_ms: u32,
}

const fn pet_every() -> u32 {
    50
}

const fn settle() -> u32 {
    40
}

/// A lamp.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedEntry {
    /// What is printed on the case.
    pub label: String,
    /// Its pin.
    pub pin: Pin,
}

/// A button.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonEntry {
    /// What is printed on the case.
    pub label: String,
    /// Its pin.
    pub pin: Pin,
    /// How long it must be held.
    #[serde(default = "hold")]
    pub hold_ms: u32,
    /// What pressing it does.
    #[serde(default)]
    pub role: ButtonRole,
    /// The jack that it belongs to.
    pub audio: Option<u16>,
}

/// What a button does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ButtonRole {
    /// Something only if it is held.
    #[default]
    Hold,
    /// Pressed, it calls from its jack or hangs up there.
    Call,
}

const fn hold() -> u32 {
    10_000
}

/// The hardware watchdog.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchdogEntry {
    /// Its device.
    pub device: String,
    /// Seconds until it resets the box.
    #[serde(default = "watchdog")]
    pub seconds: u32,
}

const fn watchdog() -> u32 {
    15
}

/// The serial console.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SerialEntry {
    /// What is printed on the case.
    pub label: String,
    /// Its device.
    pub device: String,
    /// Bits a second.
    #[serde(default = "baud")]
    pub baud: u32,
}

const fn baud() -> u32 {
    115_200
}

/// An audio jack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudioEntry {
    /// What is printed on the case.
    pub label: String,
    /// ALSA's name of the device.
    pub device: String,
    /// What it is for.
    pub role: JackRole,
    /// Whose echo canceller it uses; that of rooms where sound goes both ways if nothing is said.
    pub echo: Option<Echo>,
    /// How much louder what comes is made, in dB.
    pub gain_in_db: Option<Db>,
    /// How much louder what goes is made, in dB.
    pub gain_out_db: Option<Db>,
}

/// What an audio jack is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JackRole {
    /// Music on hold comes in.
    Music,
    /// Announcements go out.
    Paging,
    /// The operator's handset.
    Handset,
    /// A door phone.
    Door,
}

/// A chip on an I2C bus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// The bus: `/dev/i2c-N`.
    pub bus: u8,
    /// Its address.
    pub address: u16,
}

/// The fan.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FanEntry {
    /// Its pin.
    pub pin: Pin,
    /// Degrees Celsius above which it turns.
    #[serde(default = "fan_on")]
    pub on_above: i16,
    /// Degrees Celsius below which it stops.
    #[serde(default = "fan_off")]
    pub off_below: i16,
}

const fn fan_on() -> i16 {
    60
}

const fn fan_off() -> i16 {
    50
}
