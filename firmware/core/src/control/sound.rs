//! Whose sound is looked at: the engine tells a second of it, and the daemon is answered.

use board::{PlaceKind, ToneEntry};
use engine::{Command, EchoFigures, Sound};
use link::{EchoStatus, Outcome, SoundAt, SoundStatus, Up};
use units::PortId;

use super::{Control, Key, Order, Said};

/// Who asked, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looked {
    token: u32,
    at: SoundAt,
    port: PortId,
}

const fn status(echo: &EchoFigures) -> EchoStatus {
    EchoStatus {
        erl: echo.erl,
        erle: echo.erle,
        delay_ms: echo.delay_ms,
        double_talk_ms: echo.double_talk_ms,
    }
}

impl Control {
    /// The daemon asks for a place's sound; it is answered a second later. One place at a time:
    /// who asked before is told so.
    pub(super) fn asked_sound(&mut self, token: u32, at: SoundAt) {
        if let Some(before) = self.looked.take() {
            self.up(Up::Done { token: before.token, outcome: Outcome::Refused });
        }
        let Some(port) = self.place_of(at) else {
            return self.up(Up::Done { token, outcome: Outcome::NotFound });
        };
        self.looked = Some(Looked { token, at, port });
        let order = Order::Engine(Command::Watch(Some(port)));
        self.gate.submit(Key::Box, Said::Order(order));
    }

    /// The port of a place.
    pub(super) fn place_of(&self, at: SoundAt) -> Option<PortId> {
        let here = |kind: PlaceKind| match (at, kind) {
            (SoundAt::Channel(span, slot), PlaceKind::Bearer(of, there)) => {
                (of, there) == (span, slot)
            }
            (
                SoundAt::Line(line),
                PlaceKind::Telephone(of) | PlaceKind::Trunk(of) | PlaceKind::Jack(of, _),
            ) => of == line,
            _ => false,
        };
        self.layout.places.iter().find(|place| here(place.kind)).map(|place| place.port)
    }

    /// Whether a tone comes from an exchange of another country: none of this one is within 4 %.
    fn is_foreign(&self, port: PortId, tone_hz: u16) -> bool {
        let place = self.layout.port(port).map(|place| place.kind);
        if tone_hz == 0 || !matches!(place, Some(PlaceKind::Trunk(_))) {
            return false;
        }
        let near = |hz: u16| u32::from(hz.abs_diff(tone_hz)) * 25 <= u32::from(hz);
        let like = |tone: &ToneEntry| {
            let mean =
                tone.hz.iter().sum::<u16>() / u16::try_from(tone.hz.len()).unwrap_or(1).max(1);
            near(mean) || tone.hz.iter().any(|hz| near(*hz))
        };
        !self.layout.country.tones.values().any(like)
    }

    /// A second of it is over.
    pub(super) fn sounded(&mut self, port: PortId, sound: &Sound) {
        let Some(Looked { token, at, .. }) = self.looked.take_if(|looked| looked.port == port)
        else {
            return;
        };
        let order = Order::Engine(Command::Watch(None));
        self.gate.submit(Key::Box, Said::Order(order));
        let place = self.layout.port(port);
        let (gain, gain_from) =
            place.map(|place| (place.gain, place.gain_from)).unwrap_or_default();
        let status = SoundStatus {
            at,
            came: sound.came,
            clean: sound.clean,
            sent: sound.sent,
            clipped: sound.clipped,
            echo: sound.echo.as_ref().map(status),
            speech: sound.speech,
            found: sound.found,
            offset: sound.offset,
            other_law: sound.other_law,
            tone_hz: sound.tone_hz,
            foreign_tone: self.is_foreign(port, sound.tone_hz),
            gain,
            gain_from,
        };
        self.up(Up::Sound { token, status });
        self.up(Up::Done { token, outcome: Outcome::Done });
    }
}
