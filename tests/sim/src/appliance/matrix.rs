//! The engine's model: who hears what, in blocks that carry the name of their source and a number
//! instead of sound. It obeys the same commands as the engine and tells the end of clips at the
//! time at which they would end.
//!
//! Fault model: none of its own. Lost blocks of sound do not change who hears whom.

use std::collections::VecDeque;

use engine::{Command, RoomId, Tone};
use units::{Duration, PortId};

/// What one block carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Silence,
    /// The voice of a person, and the number of the block.
    Person(u32, u64),
    Tone(Tone),
    Clip,
}

/// What a port hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Silence,
    Port(PortId),
    /// As `Port`, one way.
    Player(PortId),
    Tone(Tone),
    Clips,
    /// All others of a conference; whether it is heard by them.
    Room(RoomId, bool),
}

#[derive(Clone, Copy, Debug)]
struct Queued {
    token: u16,
    octets: usize,
    last: bool,
}

#[derive(Debug)]
struct Port {
    hears: Source,
    listening: bool,
    mutes_keys: bool,
    clips: VecDeque<Queued>,
    /// Changes whenever what was to end will not end any more.
    generation: u32,
}

/// An end of a clip to be told later: where, which one, after how long.
pub(crate) type ClipEnd = (PortId, u32, Duration);

/// All ports.
#[derive(Debug)]
pub(crate) struct Matrix {
    ports: Vec<Port>,
    /// Commands that the engine would refuse.
    pub(crate) refused: u64,
}

impl Matrix {
    /// All silent. `life`: which engine this is; ends of clips of another say nothing here.
    pub(crate) fn new(ports: usize, life: u16) -> Self {
        let port = || Port {
            hears: Source::Silence,
            listening: false,
            mutes_keys: false,
            clips: VecDeque::new(),
            generation: u32::from(life) << 16,
        };
        Self { ports: (0..ports).map(|_| port()).collect(), refused: 0 }
    }

    fn port(&mut self, port: PortId) -> Option<&mut Port> {
        let found = self.ports.get_mut(usize::from(port.0));
        self.refused += u64::from(found.is_none());
        found
    }

    pub(crate) fn hears(&self, port: PortId) -> Source {
        self.ports.get(usize::from(port.0)).map_or(Source::Silence, |port| port.hears)
    }

    pub(crate) fn listening(&self, port: PortId) -> bool {
        self.ports.get(usize::from(port.0)).is_some_and(|port| port.listening)
    }

    pub(crate) fn mutes_keys(&self, port: PortId) -> bool {
        self.ports.get(usize::from(port.0)).is_some_and(|port| port.mutes_keys)
    }

    pub(crate) fn ports(&self) -> impl Iterator<Item = PortId> + use<> {
        (0..u16::try_from(self.ports.len()).unwrap_or(u16::MAX)).map(PortId)
    }

    fn set(&mut self, port: PortId, hears: Source) {
        if let Some(port) = self.port(port) {
            port.hears = hears;
            port.clips.clear();
            port.generation += 1;
        }
    }

    /// Obeys; a clip that begins to play is told back with its end.
    pub(crate) fn command(&mut self, command: Command) -> Option<ClipEnd> {
        match command {
            Command::Join(a, b) if a == b => self.refused += 1,
            Command::Join(a, b) => {
                self.set(a, Source::Port(b));
                self.set(b, Source::Port(a));
            }
            // One way: the source goes on hearing what it heard.
            Command::Hear(a, b) if a == b => self.refused += 1,
            Command::Hear(listener, source) => self.set(listener, Source::Player(source)),
            Command::Meet { port, room, gain_db } => {
                self.set(port, Source::Room(room, gain_db.is_some()));
            }
            Command::Chime(..) => {}
            // It changes for a moment what is heard, not who hears whom.
            Command::Register(port, _)
            | Command::Mf(port, _)
            | Command::CallerOctet(port, _)
            | Command::CallerKey(port, _)
            | Command::Caller(port, _)
            | Command::Exchange(port, _)
            | Command::Key(port, _) => drop(self.port(port)),
            Command::Attention(port) => drop(self.port(port)),
            // Who is looked at hears the same.
            Command::Watch(port) => drop(port.and_then(|port| self.port(port))),
            Command::Untap(_) => {}
            Command::Tap(port, _) | Command::Judge(port) => drop(self.port(port)),
            Command::Silence(port) | Command::Test(port, _) => self.set(port, Source::Silence),
            Command::Tone(port, tone) => self.set(port, Source::Tone(tone)),
            Command::Listen(port, on) => {
                if let Some(port) = self.port(port) {
                    port.listening = on;
                }
            }
            Command::MuteKeys(port, on) => {
                if let Some(port) = self.port(port) {
                    port.mutes_keys = on;
                }
            }
            Command::Play { port, token, clip, last } => {
                if self.hears(port) != Source::Clips {
                    self.set(port, Source::Clips);
                }
                let place = self.port(port)?;
                place.clips.push_back(Queued { token, octets: clip.len(), last });
                if place.clips.len() == 1 {
                    return Some((port, place.generation, length(clip.len())));
                }
            }
        }
        None
    }

    /// The first clip of a port is at its end: the token if it was the last one of it, and the end
    /// of the next.
    pub(crate) fn clip_ended(
        &mut self,
        port: PortId,
        generation: u32,
    ) -> (Option<u16>, Option<ClipEnd>) {
        let Some(place) = self.port(port).filter(|place| place.generation == generation) else {
            return (None, None);
        };
        let played = place.clips.pop_front().filter(|clip| clip.last).map(|clip| clip.token);
        let next = place.clips.front().map(|clip| (port, generation, length(clip.octets)));
        if next.is_none() {
            self.set(port, Source::Silence);
        }
        (played, next)
    }

    /// The ports whose voices a port of a conference hears, each as often as it does.
    pub(crate) fn hears_of(&self, port: PortId) -> Vec<PortId> {
        let Source::Room(room, _) = self.hears(port) else { return vec![] };
        let heard =
            |other: &PortId| *other != port && self.hears(*other) == Source::Room(room, true);
        self.ports().filter(heard).collect()
    }

    /// Moves one block of every port: `said` is what comes in at a port.
    pub(crate) fn heard(&self, port: PortId, said: impl Fn(PortId) -> Mark) -> Mark {
        match self.hears(port) {
            // Of several at once no block carries the names.
            Source::Silence | Source::Room(..) => Mark::Silence,
            Source::Port(other) | Source::Player(other) => said(other),
            Source::Tone(tone) => Mark::Tone(tone),
            Source::Clips => Mark::Clip,
        }
    }
}

/// How long so many octets of A-law take, in whole blocks.
fn length(octets: usize) -> Duration {
    Duration::from_millis((octets as u64).div_ceil(16) * 2)
}
