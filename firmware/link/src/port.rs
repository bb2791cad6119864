//! Sockets of the box: what is printed beside them, what plugs in, what keeps them from working.

use heapless::String;
use serde::{Deserialize, Serialize};
use units::{LineId, SpanId};

/// What is printed on the case beside a socket.
pub type Label = String<24>;

/// What plugs into a socket, or what a label stands beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Socket {
    /// An E1 with a D channel.
    Pri(SpanId),
    /// An E1 with signalling bits.
    Cas(SpanId),
    /// A telephone.
    Telephone(LineId),
    /// A line from an exchange.
    Trunk(LineId),
    /// The failover relay.
    Relay,
    /// An audio jack: the line that it makes, and what it is for.
    Jack(LineId, JackRole),
    /// Thermometer, fan, lamps, buttons and the memory that names the board.
    Sensor,
}

/// What an audio jack is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JackRole {
    /// Music on hold comes in; it makes no line.
    Music,
    /// Announcements go out.
    Paging,
    /// An intercom at a desk.
    Handset,
    /// An intercom at the door.
    Door,
}

/// What keeps a socket from working, beside the alarms of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// The hardware or its driver is not there.
    Missing,
    /// The core may not open its device.
    Forbidden,
    /// Another program has it.
    Busy,
    /// It cannot be set up as the board file says (errno).
    Refused(i32),
    /// Another program has changed its framing.
    Overridden,
    /// It answers with this errno again and again.
    Failing(i32),
    /// Nothing comes from it.
    Silent,
    /// It is there and the board file does not name it.
    Unexpected,
    /// What it says of itself contradicts what was told to it.
    Contradiction,
}

/// What a card measures at an analog port, in millivolts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voltages {
    /// At the tip (a) wire against earth.
    pub tip_mv: i32,
    /// At the ring (b) wire against earth.
    pub ring_mv: i32,
    /// Of the battery that feeds the port.
    pub battery_mv: i32,
}

/// A socket as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortStatus {
    /// Its place in the list.
    pub index: u16,
    /// What is printed beside it.
    pub label: Label,
    /// What plugs in.
    pub socket: Socket,
    /// What keeps it from working.
    pub trouble: Option<Trouble>,
    /// What the card measures, where it does.
    pub voltages: Option<Voltages>,
}
