//! What a call hears and what it wants.

use bearer::{Elements, Indication, Request};
use engine::Tone;
use units::{Cause, Digit, Digits, Finding, LegId, LineId, PortId};

use crate::app::{Action, Notice, Prompts};
use crate::directory::{Route, Whole};
use crate::story::Story;

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line says.
    Line(Indication),
    /// A line tells what the far side of a leg says beside, for the other leg.
    Said {
        /// Whose.
        leg: LegId,
        /// What.
        elements: Elements,
    },
    /// A key was pressed at a port of the call.
    Digit(PortId, Digit),
    /// The prompts of a token were played to their end.
    Played(PortId, u16),
    /// Who or what is there was found in the sound of one of its ports.
    Found(Finding),
    /// The application asks.
    App(Action),
    /// The directory's answer to [`Output::AskRoute`].
    Route(Route),
    /// An operator wants the exchange to note who calls.
    Identify,
    /// An operator sets how loud the caller is heard in a conference; `None`: as before.
    Voice {
        /// In dB, -20 to 12.
        gain_db: Option<i8>,
        /// Not at all.
        muted: Option<bool>,
    },
    /// An operator clears the call, or the box must.
    Clear(Cause),
    /// The box's program was restarted; the call goes on.
    Interrupted,
}

/// What the engine shall do for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// Two ports hear each other.
    Join(PortId, PortId),
    /// A port hears nothing.
    Silence(PortId),
    /// A port hears a tone.
    Tone(PortId, Tone),
    /// A port hears the player of the box; ring-back tone while there is none.
    Music(PortId),
    /// A port hears prompts, one after the other, instead of what it heard.
    Play {
        /// Which.
        port: PortId,
        /// Told back at the end.
        token: u16,
        /// The prompts.
        prompts: Prompts,
    },
    /// A port hears the attention tone once, over what it hears.
    Attention(PortId),
    /// Keys at a port are reported, or not.
    Listen(PortId, bool),
    /// A port has just answered: is a person there, or a machine?
    Judge(PortId),
}

/// What a call wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask a line.
    Line(Request),
    /// Have a line say this beside what it is asked next about the leg, perhaps to place it.
    Say {
        /// Whose.
        leg: LegId,
        /// On which line.
        line: LineId,
        /// As the other leg's line told them.
        elements: Elements,
    },
    /// Tell the engine.
    Media(Media),
    /// Tell the application; [`Notice::Started`] creates it.
    App(Notice),
    /// Ask the directory.
    AskRoute {
        /// The number.
        called: Digits,
        /// Asked by a telephone of this box or by a flow.
        inside: bool,
        /// Whether all of it is there.
        whole: Whole,
    },
    /// Tell the records.
    Story(Story),
}
