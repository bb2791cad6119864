//! What hangs on buses, and the fan: thermometer, fan, the memory that names the board. A bus may
//! hang for a second, so this has a thread of its own: the relay's wave must not wait for it.

use std::collections::VecDeque;
use std::sync::Arc;

use board::{Board, Bus, EEPROM, FAN, FanEntry, Layout, THERMOMETER};
use hal_gpio::fan::{Fan, Step};
use hal_gpio::thermometer::{MilliCelsius, Model, Thermometer};
use hal_gpio::{Level, Output, Registers};
use link::Trouble;
use units::{Duration, Instant};

use super::hand::Hand;
use super::thing::{News, Thing, Verdict};

/// How often the temperature is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// Either chip's resolution is no finer than the other's error.
const MODEL: Model = Model::Lm75;

struct Memory {
    bus: Bus,
    thing: Thing<()>,
    known: bool,
}

struct FanPart {
    entry: FanEntry,
    fan: Option<Fan>,
    thing: Thing<Box<dyn Output>>,
}

type Chip = Thermometer<Box<dyn Registers>>;

/// Thermometer, fan and memory of a board.
pub(super) struct Cabinet {
    hand: Arc<dyn Hand>,
    /// What the memory may call the board.
    names: [String; 2],
    memory: Option<Memory>,
    thermometer: Option<(Bus, Thing<Chip>)>,
    fan: Option<FanPart>,
    temperature: Option<MilliCelsius>,
    news: VecDeque<News>,
    due: Instant,
}

/// One step from off to on. The board file was checked to turn on above where it turns off.
fn fan(entry: &FanEntry) -> Option<Fan> {
    let degrees = |celsius: i16| MilliCelsius(i32::from(celsius) * 1000);
    let (above, below) = (degrees(entry.on_above), degrees(entry.off_below));
    Fan::new(&[Step { above, below, duty_percent: 100 }]).ok()
}

impl Cabinet {
    /// Of a board; nothing is opened yet.
    pub(super) fn new(board: &Board, layout: &Layout, hand: Arc<dyn Hand>) -> Self {
        Self {
            hand,
            names: [board.name.clone(), board.title.clone()],
            memory: board.eeprom.clone().map(|bus| Memory {
                bus,
                thing: Thing::new(EEPROM, layout),
                known: false,
            }),
            thermometer: board
                .thermometer
                .clone()
                .map(|bus| (bus, Thing::new(THERMOMETER, layout))),
            fan: board.fan.clone().map(|entry| {
                let fan = fan(&entry);
                FanPart { entry, fan, thing: Thing::new(FAN, layout) }
            }),
            temperature: None,
            news: VecDeque::new(),
            due: Instant::ZERO,
        }
    }

    /// Whether the board names nothing of it.
    pub(super) const fn is_empty(&self) -> bool {
        self.memory.is_none() && self.thermometer.is_none() && self.fan.is_none()
    }

    /// Does what is due.
    pub(super) fn step(&mut self, now: Instant) {
        let (hand, news) = (&*self.hand, &mut self.news);
        if let Some(memory) = &mut self.memory {
            memory.step(now, hand, &self.names, news);
        }
        if now < self.due {
            return;
        }
        self.due = now + EVERY;
        self.temperature = None;
        if let Some((bus, thing)) = &mut self.thermometer {
            let open = || Ok(Thermometer::new(MODEL, hand.registers(bus)?));
            thing.act(now, news, open, |chip| {
                self.temperature = Some(chip.read()?);
                Ok(Verdict::Works)
            });
        }
        if let Some(FanPart { entry, fan, thing }) = &mut self.fan {
            // Until the temperature is known it turns.
            let open = || hand.output(&entry.pin, Level::High);
            thing.act(now, news, open, |pin| {
                match fan {
                    Some(fan) => drop(fan.step(self.temperature, pin)?),
                    None => pin.set(Level::High)?,
                }
                Ok(Verdict::Works)
            });
        }
    }

    /// What happened, oldest first.
    pub(super) fn poll(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// When [`Self::step`] has something to do again.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let memory = self.memory.as_ref().filter(|memory| !memory.known);
        let memory = memory.and_then(|memory| memory.thing.retry());
        let climate = self.thermometer.is_some() || self.fan.is_some();
        memory.into_iter().chain(climate.then_some(self.due)).min()
    }
}

impl Memory {
    fn step(
        &mut self,
        now: Instant,
        hand: &dyn Hand,
        names: &[String; 2],
        news: &mut VecDeque<News>,
    ) {
        if self.known || self.thing.retry().is_some_and(|retry| now < retry) {
            return;
        }
        match hand.identity(&self.bus) {
            Ok(found) => {
                self.known = true;
                let (vendor, product) = (&found.vendor, &found.product);
                let uuid = found.uuid_text();
                news.push_back(News::Log(format!("{EEPROM}: {vendor} {product}, {uuid}")));
                let ours = names.iter().any(|name| name.eq_ignore_ascii_case(product));
                let other = Verdict::Trouble(Trouble::Unexpected);
                let why = format!("it names {product}, the board file is for {}", names[0]);
                self.thing.judge(if ours { Verdict::Works } else { other }, news, why);
            }
            Err(unknown) => self.thing.fail(now, Trouble::Missing, news, unknown),
        }
    }
}
