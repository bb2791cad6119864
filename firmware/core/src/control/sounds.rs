//! What every port hears and feeds, as last ordered: the engine and the card of the next process
//! are told it again.

use std::collections::{BTreeMap, BTreeSet};

use call::app::Prompts;
use engine::{Command, Tone};
use serde::{Deserialize, Serialize};
use units::{CallId, PortId};

use super::{Control, Key, Order, Said};

/// What a port hears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Hears {
    #[default]
    Nothing,
    Port(PortId),
    Tone(Tone),
    /// Music (`control::music`).
    Music,
    Prompts {
        call: CallId,
        token: u16,
        prompts: Prompts,
    },
    /// The conference of its call. Since version 3.
    Conference,
}

/// All that a port was ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sound {
    pub(super) hears: Hears,
    pub(super) listening: bool,
    pub(super) ringing: bool,
    pub(super) reversed: bool,
}

/// What every port was ordered.
#[derive(Debug, Default)]
pub(super) struct Sounds {
    ports: BTreeMap<PortId, Sound>,
    /// Ports whose prompts are not in memory yet.
    delayed: BTreeSet<PortId>,
}

impl Sounds {
    pub(super) fn get(&self, port: PortId) -> Sound {
        self.ports.get(&port).cloned().unwrap_or_default()
    }

    pub(super) fn set(&mut self, port: PortId, sound: Sound) {
        self.ports.insert(port, sound);
    }

    /// Ports that wait with music.
    pub(super) fn with_music(&self) -> Vec<PortId> {
        let with = self.ports.iter().filter(|(_, sound)| sound.hears == Hears::Music);
        with.map(|(port, _)| *port).collect()
    }

    pub(super) fn delay(&mut self, port: PortId) {
        self.delayed.insert(port);
    }

    pub(super) fn delayed(&mut self) -> BTreeSet<PortId> {
        std::mem::take(&mut self.delayed)
    }

    fn change(&mut self, port: PortId, change: impl FnOnce(&mut Sound)) {
        let sound = self.ports.entry(port).or_default();
        change(sound);
        if *sound == Sound::default() {
            self.ports.remove(&port);
        }
    }
}

impl Control {
    /// A port shall hear something; every order about a port passes here or at
    /// [`Self::feed_port`].
    pub(super) fn hear(&mut self, call: CallId, command: Command) {
        self.note_hears(&command);
        self.gate.submit(Key::Call(call), Said::Order(Order::Engine(command)));
    }

    fn note_hears(&mut self, command: &Command) {
        let hears = |hears| move |sound: &mut Sound| sound.hears = hears;
        match command {
            Command::Join(a, b) => {
                self.sounds.change(*a, hears(Hears::Port(*b)));
                self.sounds.change(*b, hears(Hears::Port(*a)));
                self.keeper.port(*a);
                self.keeper.port(*b);
            }
            Command::Silence(port) => self.changed(*port, hears(Hears::Nothing)),
            Command::Tone(port, tone) => self.changed(*port, hears(Hears::Tone(*tone))),
            Command::Listen(port, on) => self.changed(*port, |sound| sound.listening = *on),
            // These are their line's, which orders them again itself.
            Command::Register(..)
            | Command::Mf(..)
            | Command::CallerOctet(..)
            | Command::CallerKey(..)
            | Command::Caller(..)
            | Command::Exchange(..)
            | Command::Key(..) => {}
            // What the calls themselves say again.
            Command::MuteKeys(..) => {}
            // Noted by `play`, `hear_music` and `settle_seat`, which know what is behind them;
            // beeps are soon over, and a test and a look end with the process.
            Command::Play { .. }
            | Command::Hear(..)
            | Command::Meet { .. }
            | Command::Chime(..)
            | Command::Attention(_)
            | Command::Test(..)
            | Command::Watch(_)
            | Command::Judge(_)
            | Command::Tap(..)
            | Command::Untap(_) => {}
        }
    }

    pub(super) fn changed(&mut self, port: PortId, change: impl FnOnce(&mut Sound)) {
        self.sounds.change(port, change);
        self.keeper.port(port);
    }

    /// The prompts of a port came to their end.
    pub(super) fn played(&mut self, port: PortId, ended: u16) {
        if matches!(self.sounds.get(port).hears, Hears::Prompts { token, .. } if token == ended) {
            self.changed(port, |sound| sound.hears = Hears::Nothing);
        }
    }

    /// Ringing or feeding at a telephone port.
    pub(super) fn feed_port(&mut self, key: Key, order: Order) {
        match order {
            Order::Ring(port, on) => self.changed(port, |sound| sound.ringing = on),
            Order::Reversed(port, on) => self.changed(port, |sound| sound.reversed = on),
            Order::Engine(_) | Order::Frame(..) | Order::Cas(..) | Order::Loop(..) => {}
        }
        self.gate.submit(key, Said::Order(order));
    }

    /// Orders everything again, for an engine and a card that know nothing.
    pub(super) fn order_again(&mut self) {
        let all: Vec<_> = self.sounds.ports.clone().into_iter().collect();
        for (port, sound) in &all {
            let mut order = |order| self.gate.submit(Key::Box, Said::Order(order));
            if sound.listening {
                order(Order::Engine(Command::Listen(*port, true)));
            }
            if sound.ringing {
                order(Order::Ring(*port, true));
            }
            if sound.reversed {
                order(Order::Reversed(*port, true));
            }
            match sound.hears {
                Hears::Tone(tone) => order(Order::Engine(Command::Tone(*port, tone))),
                // Once for both. One whose other was silenced hears nothing anyway.
                Hears::Port(other) if *port < other => {
                    if self.sounds.get(other).hears == Hears::Port(*port) {
                        order(Order::Engine(Command::Join(*port, other)));
                    }
                }
                Hears::Music => self.sounds.delay(*port),
                Hears::Conference => {
                    if let Some(call) = self.ports.get(port).copied() {
                        self.hear_conference(call, *port);
                    }
                }
                Hears::Prompts { .. } => self.sounds.delay(*port),
                Hears::Port(_) | Hears::Nothing => {}
            }
        }
        self.play_delayed();
    }

    /// Plays what waited for prompts, if they are all there now.
    pub(super) fn play_delayed(&mut self) {
        if !self.loading.is_empty() {
            return;
        }
        for port in self.sounds.delayed() {
            match self.sounds.get(port).hears {
                Hears::Prompts { call, token, prompts } => {
                    self.play(call, port, token, &prompts);
                }
                Hears::Music => self.order_music(Key::Box, port),
                _ => {}
            }
        }
    }
}
