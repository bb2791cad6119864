//! What the control thread tells the engine, and what the engine tells back. Small, copied through
//! rings, nothing on the heap.

use dsp_bert::Count;
use serde::{Deserialize, Serialize};
use units::{CallTone, Cause, Digit, Finding, MfDirection, MfSignal, PortId};

pub use dsp_fsk::Event as Fsk;

use crate::{Chime, RoomId, Sound};

/// A tone of the country's plan, by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Dial now.
    Dial,
    /// The other party rings.
    RingBack,
    /// The other party is busy, or gone.
    Busy,
    /// No way through.
    Congestion,
    /// The handset was left lifted.
    Howler,
    /// Dial now; and messages wait.
    SpecialDial,
    /// The call failed for this cause: the tone that the country has for it, else busy tone.
    Failed(Cause),
}

/// What is listened for on an exchange line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    /// Nothing; digits that wait to be sent are forgotten.
    Nothing,
    /// Who calls: FSK and keys.
    Caller,
    /// Tones of the exchange.
    Tones,
}

/// What goes before what a telephone on hook is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Silence, in milliseconds.
    pub wait_ms: u16,
    /// The alerting signal (DT-AS), in milliseconds; 0: none.
    pub alert_ms: u16,
    /// Silence behind it, in milliseconds.
    pub gap_ms: u16,
}

/// Recorded sound in locked memory: A-law octets at 8 kHz.
pub type Clip = &'static [u8];

/// What the engine shall do from the next tick on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Two ports hear each other.
    Join(PortId, PortId),
    /// The first hears the second, which hears what it heard: any number may hear one player.
    Hear(PortId, PortId),
    /// A port hears all others of a conference, and they hear it; said again, its gain changes.
    Meet {
        /// Which.
        port: PortId,
        /// The conference.
        room: RoomId,
        /// How loud it is heard, in dB; `None`: not at all.
        gain_db: Option<i8>,
    },
    /// All of a conference hear that somebody came or went.
    Chime(RoomId, Chime),
    /// A port and whoever hears it hear the attention tone once, whatever else they hear.
    Attention(PortId),
    /// A port hears nothing, its clips and its attention tone are forgotten.
    Silence(PortId),
    /// A port hears a tone until told otherwise.
    Tone(PortId, Tone),
    /// A port hears a clip after those that it hears already.
    Play {
        /// Which.
        port: PortId,
        /// Told back at the end of the clip if `last`.
        token: u16,
        /// The sound.
        clip: Clip,
        /// The last one of its token.
        last: bool,
    },
    /// Keys pressed at a port are reported, or not.
    Listen(PortId, bool),
    /// Keys pressed at a port are heard by nobody, or by all who hear it.
    MuteKeys(PortId, bool),
    /// A register listens at a port for signals of this direction and sends those of the other;
    /// what the port is to hear waits meanwhile. `None`: no more.
    Register(PortId, Option<MfDirection>),
    /// The register at a port sends this signal, or is silent.
    Mf(PortId, Option<MfSignal>),
    /// What is listened for on the exchange line at a port.
    Exchange(PortId, Ear),
    /// An octet of what a telephone on hook is told, behind those before it.
    CallerOctet(PortId, u8),
    /// A digit of it, where it is told in digits.
    CallerKey(PortId, Digit),
    /// A telephone is told it after this; `None`: not any more, and all of it is forgotten.
    Caller(PortId, Option<Lead>),
    /// A digit is sent to the exchange at a port, behind those that wait.
    Key(PortId, Digit),
    /// A port hears the test pattern of O.151, and its errors in what comes are told each second,
    /// or not any more.
    Test(PortId, bool),
    /// A port has just answered: is a person there, or a machine?
    Judge(PortId),
    /// The sound of this port is told each second; that of one port at a time.
    Watch(Option<PortId>),
    /// Both directions of a port are told by the tap of this number in each tick
    /// ([`crate::Engine::tapped`]). A number is used for one port at a time.
    Tap(PortId, u32),
    /// The tap of this number tells no more.
    Untap(u32),
}

/// What the engine tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A key was pressed (DTMF in the voice channel).
    Digit(PortId, Digit),
    /// The last clip of a token was played to its end.
    Played(PortId, u16),
    /// A register signal began at a port, or ended.
    Mf(PortId, Option<MfSignal>),
    /// Something was heard of a transmission that tells who calls, on an exchange line.
    Fsk(PortId, Fsk),
    /// A key that tells who calls, on an exchange line.
    Key(PortId, Digit),
    /// A tone of the exchange was recognised.
    Progress(PortId, CallTone),
    /// A second of the test at a port: what was counted, and whether the pattern is there.
    Tested(PortId, Count, bool),
    /// A second of the sound that is looked at.
    Sound(PortId, Sound),
    /// Who or what is at a port; each once in a call.
    Found(PortId, Finding),
}
