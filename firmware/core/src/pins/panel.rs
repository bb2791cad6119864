//! What is petted, lit and pressed: relay, lamps, buttons. Its machine is stepped with the time.
//!
//! | lamp | dark | slow | lit |
//! |---|---|---|---|
//! | `status` | starting, or a thread stands still | a trouble is known | all is well |
//! | `lines` | no line can carry calls | some cannot | all can |
//! | any other | always | | |
//!
//! While a button warns, every lamp is fast.

use std::collections::VecDeque;
use std::sync::Arc;

use board::{Board, ButtonEntry, ButtonRole, Layout, LedEntry, RelayEntry};
use hal_gpio::button::{self, Button, Event};
use hal_gpio::led::{Led, Pattern};
use hal_gpio::pins::Bias;
use hal_gpio::relay::{self, Position, Relay};
use hal_gpio::{Input, Level, Output};
use link::Trouble;
use units::{Duration, Instant};

use super::hand::Hand;
use super::thing::{News, Thing, Verdict};
use crate::control::Heard;
use crate::vitals::{Health, Mood};

/// How often contacts are looked at.
const LOOK: Duration = Duration::from_millis(10);
/// How many edges of the pet's wave one pet lasts; a charge pump that holds over the time between
/// two edges has run dry by then too.
const PETS: u32 = 4;

struct RelayPart {
    entry: RelayEntry,
    relay: Relay,
    thing: Thing<(Box<dyn Output>, Box<dyn Input>)>,
}

struct Lamp {
    name: String,
    entry: LedEntry,
    led: Led,
    thing: Thing<Box<dyn Output>>,
}

struct ButtonPart {
    entry: ButtonEntry,
    button: Button,
    stuck: bool,
    thing: Thing<Box<dyn Input>>,
}

/// Relay, lamps and buttons of a board.
pub(super) struct Panel {
    hand: Arc<dyn Hand>,
    relay: Option<RelayPart>,
    lamps: Vec<Lamp>,
    buttons: Vec<ButtonPart>,
    news: VecDeque<News>,
    stepped: Instant,
}

fn relay_settings(entry: &RelayEntry) -> relay::Settings {
    let every = Duration::from_millis(entry.pet_every_ms.max(1).into());
    relay::Settings {
        period: every * 2,
        patience: every * PETS,
        // The contact follows when the pump has run dry.
        settle: every * PETS + Duration::from_millis(entry.settle_ms.into()),
    }
}

fn button_settings(entry: &ButtonEntry) -> button::Settings {
    let hold = Duration::from_millis(entry.hold_ms.into());
    let usual = button::Settings::FACTORY_RESET;
    button::Settings { warn: hold / 2, fire: hold, stuck: usual.stuck.max(hold * 3), ..usual }
}

impl Panel {
    /// Of a board; nothing is opened yet.
    pub(super) fn new(board: &Board, layout: &Layout, hand: Arc<dyn Hand>) -> Self {
        let relay = board.relay.as_ref().map(|entry| RelayPart {
            entry: entry.clone(),
            relay: Relay::new(relay_settings(entry)),
            thing: Thing::new(&entry.label, layout),
        });
        let lamps = board.led.iter().map(|(name, entry)| Lamp {
            name: name.clone(),
            entry: entry.clone(),
            led: Led::new(),
            thing: Thing::new(&entry.label, layout),
        });
        let buttons = board.button.values().map(|entry| ButtonPart {
            entry: entry.clone(),
            button: Button::new(button_settings(entry)),
            stuck: false,
            thing: Thing::new(&entry.label, layout),
        });
        Self {
            relay,
            lamps: lamps.collect(),
            buttons: buttons.collect(),
            hand,
            news: VecDeque::new(),
            stepped: Instant::ZERO,
        }
    }

    /// Whether the board names nothing of it.
    pub(super) fn is_empty(&self) -> bool {
        self.relay.is_none() && self.lamps.is_empty() && self.buttons.is_empty()
    }

    /// Does what is due. `alive`: the box's threads move, so that the relay may be petted.
    pub(super) fn step(&mut self, now: Instant, alive: bool, health: Health) {
        self.stepped = now;
        let (hand, news) = (&*self.hand, &mut self.news);
        if let Some(relay) = &mut self.relay {
            relay.step(now, hand, alive, news);
        }
        for button in &mut self.buttons {
            button.step(now, hand, news);
        }
        let warns = self.buttons.iter().any(|button| button.button.warns());
        for lamp in &mut self.lamps {
            lamp.step(now, hand, lamp.pattern(warns, alive, health), news);
        }
        hand.step(now);
    }

    /// What happened, oldest first.
    pub(super) fn poll(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// When [`Self::step`] has something to do again.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let looks = self.relay.is_some() || !self.buttons.is_empty();
        let look = looks.then_some(self.stepped + LOOK);
        let relay = self.relay.as_ref().and_then(|part| part.relay.poll_timeout());
        let lamps = self.lamps.iter().filter_map(|lamp| match lamp.thing.retry() {
            None => lamp.led.poll_timeout(),
            retry => retry,
        });
        lamps.chain(look).chain(relay).min()
    }

    /// Lets the relay go and darkens the lamps: the box ends.
    pub(super) fn end(&mut self) {
        // Pins that refuse now are given up all the same.
        if let Some((mut coil, _)) = self.relay.as_mut().and_then(|part| part.thing.close()) {
            let _ = coil.set(Level::Low);
        }
        for mut pin in self.lamps.iter_mut().filter_map(|lamp| lamp.thing.close()) {
            let _ = pin.set(Level::Low);
        }
    }
}

impl RelayPart {
    fn step(&mut self, now: Instant, hand: &dyn Hand, alive: bool, news: &mut VecDeque<News>) {
        let Self { entry, relay, thing } = self;
        if alive {
            relay.pet(now);
        }
        let open = || {
            let coil = hand.output(&entry.pet, Level::Low)?;
            Ok((coil, hand.input(&entry.position, Bias::AsIs)?))
        };
        thing.act(now, news, open, |(coil, contact)| {
            relay.step(now, coil, contact)?;
            Ok(match relay.position() {
                Position::Held | Position::Released => Verdict::Works,
                Position::Moving => Verdict::Unsure,
                Position::Contradiction { .. } => Verdict::Trouble(Trouble::Contradiction),
            })
        });
    }
}

impl Lamp {
    fn pattern(&self, warns: bool, alive: bool, health: Health) -> Pattern {
        let mood = match self.name.as_str() {
            _ if !alive => Mood::Out,
            "status" => health.status,
            "lines" => health.lines,
            _ => Mood::Out,
        };
        match mood {
            _ if warns => Pattern::Fast,
            Mood::Out => Pattern::Off,
            Mood::Trouble => Pattern::Slow,
            Mood::Well => Pattern::On,
        }
    }

    fn step(&mut self, now: Instant, hand: &dyn Hand, pattern: Pattern, news: &mut VecDeque<News>) {
        let Self { entry, led, thing, .. } = self;
        led.show(now, pattern);
        let open = || hand.output(&entry.pin, Level::Low);
        if !thing.act(now, news, open, |pin| led.step(now, pin).map(|()| Verdict::Works)) {
            // Opened again, it is dark, whatever it showed.
            *led = Led::new();
        }
    }
}

impl ButtonPart {
    fn step(&mut self, now: Instant, hand: &dyn Hand, news: &mut VecDeque<News>) {
        let Self { entry, button, stuck, thing } = self;
        // A button that nobody presses is pulled to where it is not pressed.
        let bias = if entry.pin.active_low { Bias::PullUp } else { Bias::PullDown };
        let (mut held, mut pressed) = (false, false);
        let there = thing.act(
            now,
            news,
            || hand.input(&entry.pin, bias),
            |pin| {
                match button.step(now, pin)? {
                    Some(Event::Long) => held = true,
                    Some(Event::Stuck) => *stuck = true,
                    Some(Event::Freed) => *stuck = false,
                    Some(Event::Short) => pressed = entry.role == ButtonRole::Call,
                    Some(Event::Warning | Event::Cancelled) | None => {}
                }
                let trouble = Verdict::Trouble(Trouble::Contradiction);
                Ok(if *stuck { trouble } else { Verdict::Works })
            },
        );
        if !there {
            // Whether it was pressed meanwhile nobody has seen.
            (*button, *stuck) = (Button::new(button_settings(entry)), false);
        }
        if pressed {
            news.extend(thing.socket().map(|socket| News::Heard(Heard::ButtonPressed(socket))));
        }
        if held {
            news.extend(thing.socket().map(|socket| News::Heard(Heard::ButtonHeld(socket))));
            news.push_back(News::Log(format!("{}: held to the end", entry.label)));
        }
    }
}
