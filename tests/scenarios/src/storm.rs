//! Calls of every kind at once at all spans of a box, that come and go at random, and what must be
//! true of them whatever is killed meanwhile: no answered call ends before its own script ends it,
//! both ends hear each other, nothing is left over, and each call has one record.
//!
//! ```text
//!  place ─► dialled ─► offered ─► answered ─► both ends heard ─► script over ─► released
//!                         │           └ from here on nothing may end it
//!                         └ from here on it has a record
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

mod documents;
mod judge;

pub use documents::documents;
pub use judge::Wrong;

use crate::{City, Program, Rig};

/// Calls through the box to another span at once.
const OUTSIDE: usize = 30;
/// Slots of a span in use at most, unless a storm says otherwise: both sides choose from what is
/// left.
const MOST_SLOTS: usize = 28;
/// How long a caller listens to the menu at most, unless a storm says otherwise.
const MENU_MS: u64 = 10_000;
/// Telephones that a key of the menu rings.
const KEYS: usize = 10;
/// How long all has for coming to an end, on the wall, unless a storm says otherwise.
const PATIENCE: Duration = Duration::from_secs(40);

/// Numbers from a seed (Knuth's MMIX generator, its upper half).
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// 0 to `limit` - 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// An index into something so long; 0 if it is empty.
    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length.max(1) as u64)).unwrap_or(0)
    }
}

/// The key of the menu that rings a telephone.
const fn key(port: usize) -> usize {
    port % 10
}

/// A small number of an event.
fn index_of(value: &Value) -> usize {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
}

/// What a call is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To a telephone that answers.
    Desk(usize),
    /// To a telephone that does not: the caller gives up.
    Ringing(usize),
    /// Through the menu to the telephone of a key.
    Menu(usize),
    /// Through the box to the city of another span.
    Outside(usize),
}

/// What was seen of a call.
#[derive(Debug)]
pub struct Seen {
    /// What it is.
    pub kind: Kind,
    /// Its span, counted from 1.
    pub span: usize,
    /// The number that its caller shows, which no other does.
    pub number: String,
    /// It is to go on until [`Storm::finish`].
    pub long: bool,
    /// The box has it.
    pub offered: bool,
    /// It was answered.
    pub answered: bool,
    /// Its script came to its end at this time of the line.
    pub passed_us: Option<u64>,
    /// It did not, and why.
    pub failed: Option<String>,
    /// libpri says that it is over.
    pub released: bool,
    /// It was answered and not over when the core was killed.
    pub interrupted: bool,
    /// Since when each end hears the other; `None`: not at present. By end.
    ends: BTreeMap<String, (bool, u64)>,
}

/// A gap in what an end heard.
#[derive(Clone, Debug)]
pub struct Gap {
    /// The call.
    pub call: String,
    /// The first missing sample, in microseconds of the line's time.
    pub from_us: u64,
    /// How long it was, in microseconds.
    pub length_us: u64,
    /// When it was known that it is over, as [`Storm::now_us`].
    pub told_us: i64,
}

/// When a core was killed, as [`Storm::now_us`].
#[derive(Clone, Copy, Debug)]
pub struct Killed {
    /// Just before the signal.
    pub signalled_us: i64,
    /// The old one was gone.
    pub started_us: i64,
}

/// All calls of a box.
#[derive(Debug)]
pub struct Storm {
    cities: Vec<City>,
    /// Asked for and come since.
    statuses: Vec<Option<Value>>,
    /// Chance.
    pub random: Random,
    /// Every call that is not over.
    pub calls: BTreeMap<String, Seen>,
    /// Every call that is over.
    pub done: Vec<(String, Seen)>,
    /// Every gap so far.
    pub gaps: Vec<Gap>,
    /// Calls that an exchange had no slot for.
    pub without_slot: usize,
    /// What libpri complained of, and how often.
    pub complaints: BTreeMap<String, usize>,
    ports: BTreeSet<usize>,
    outside: BTreeSet<usize>,
    lifted: BTreeSet<usize>,
    /// Of calls that are over, what may not be used again yet.
    leaving: Vec<Kind>,
    serial: usize,
    /// Slots of a span in use at most.
    pub most_slots: usize,
    /// How long a caller listens to the menu at most, in milliseconds.
    pub menu_ms: u64,
    /// How long all has for coming to an end, on the wall.
    pub patience: Duration,
    born: Instant,
}

/// What one end of a call says and hears, by a number that no other call has: 1000 to 1999 are
/// telephones, 3000 to 3999 those outside.
fn talk(own: usize, other: usize) -> Value {
    json!({"send": own, "expect": other, "gaps": true})
}

fn links_up(rig: &Rig, spans: usize) -> Result<(), String> {
    let up = |text: &str| text.matches("data link up").count() == spans;
    rig.console_when("show spans", up).map(drop)
}

/// What a caller does who talks for `ms`; the own noise is 1000 above the other's.
fn conversation(other: usize, ms: u64) -> Vec<Value> {
    let mut talk = talk(other + 1000, other);
    talk["ms"] = json!(ms);
    vec![json!({"wait": "answer", "ms": 120_000}), json!({ "talk": talk }), json!({"hangup": 16})]
}

impl Storm {
    /// Listens to every city.
    ///
    /// # Errors
    /// One is not there.
    pub fn new(rig: &Rig, seed: u64) -> Result<Self, String> {
        let (spans, telephones) = (rig.settings().spans, rig.settings().telephones);
        let mut cities = vec![];
        for span in 1..=spans {
            let mut city = rig.city_at(span)?;
            city.set_attention(Duration::from_millis(1));
            city.command(&json!({
                "cmd": "incoming", "answer_after_ms": 400, "talk": talk(3000, 4000),
                "by_number": true,
            }))?;
            cities.push(city);
        }
        links_up(rig, spans)?;
        Ok(Self {
            statuses: vec![None; cities.len()],
            cities,
            random: Random(seed),
            calls: BTreeMap::new(),
            done: vec![],
            leaving: vec![],
            gaps: vec![],
            without_slot: 0,
            complaints: BTreeMap::new(),
            ports: (1..=telephones).collect(),
            outside: (1..=OUTSIDE).collect(),
            lifted: BTreeSet::new(),
            serial: 0,
            most_slots: MOST_SLOTS,
            menu_ms: MENU_MS,
            patience: PATIENCE,
            born: Instant::now(),
        })
    }

    /// Calls that are not over, of those that `of` accepts.
    pub fn count(&self, of: impl Fn(&Seen) -> bool) -> usize {
        self.calls.values().filter(|call| of(call)).count()
    }

    /// Slots of a span that calls use or may use.
    fn slots(&self, span: usize) -> usize {
        let spans = self.cities.len();
        let uses = |call: &Seen| {
            let out = matches!(call.kind, Kind::Outside(way) if way % spans + 1 == span);
            usize::from(call.span == span) + usize::from(out)
        };
        self.calls.values().map(uses).sum()
    }

    fn a_port(&mut self, of: impl Fn(usize) -> bool) -> Option<usize> {
        let free: Vec<_> = self.ports.iter().copied().filter(|port| of(*port)).collect();
        let port = *free.get(self.random.index(free.len()))?;
        self.ports.remove(&port);
        Some(port)
    }

    /// Places a call of a kind that `wish` picks a number for; whether there was room for it.
    ///
    /// # Errors
    /// A city is gone.
    pub fn place(&mut self, wish: Wish, long: bool) -> Result<bool, String> {
        let spans = self.cities.len();
        let mut room: Vec<_> = (1..=spans).filter(|s| self.slots(*s) < self.most_slots).collect();
        let kind = match wish {
            Wish::Desk => self.a_port(|port| port > KEYS).map(Kind::Desk),
            Wish::Ringing => self.a_port(|port| port > KEYS).map(Kind::Ringing),
            Wish::Menu => self.a_port(|port| port <= KEYS).map(Kind::Menu),
            Wish::Outside => {
                let fits = |way: &&usize| room.contains(&(**way % spans + 1));
                let way = self.outside.iter().find(fits).copied();
                way.filter(|way| self.outside.remove(way)).map(Kind::Outside)
            }
        };
        let Some(kind) = kind else { return Ok(false) };
        if let Kind::Outside(way) = kind
            && spans > 1
        {
            room.retain(|span| *span != way % spans + 1);
        }
        if room.is_empty() {
            self.give_back(kind);
            return Ok(false);
        }
        let span = room[self.random.index(room.len())];
        self.dial(kind, span, long).map(|()| true)
    }

    fn dial(&mut self, kind: Kind, span: usize, long: bool) -> Result<(), String> {
        self.serial += 1;
        let (id, number) = (format!("s{}", self.serial), format!("13{:08}", self.serial));
        let ms = if long { 86_400_000 } else { 500 + self.random.below(8000) };
        let (called, script) = match kind {
            Kind::Desk(port) => {
                self.telephone(port, false)?;
                (format!("7{port:02}"), conversation(1000 + port, ms))
            }
            Kind::Ringing(port) => {
                self.telephone(port, true)?;
                let pause = json!({"pause_ms": 1000 + self.random.below(20_000)});
                let wait = json!({"wait": "alerting", "ms": 60_000});
                (format!("7{port:02}"), vec![wait, pause, json!({"hangup": 16})])
            }
            Kind::Menu(port) => {
                self.telephone(port, false)?;
                let listens = 1000 + self.random.below(self.menu_ms);
                let mut script = conversation(1000 + port, ms);
                script[1]["talk"]["press"] = json!(key(port).to_string());
                script.insert(1, json!({ "pause_ms": listens }));
                ("95599".to_owned(), script)
            }
            Kind::Outside(way) => (format!("6{way:03}"), conversation(3000 + way, ms)),
        };
        self.cities[span - 1].command(&json!({
            "cmd": "call", "id": id, "called": called, "calling": number, "script": script,
        }))?;
        let seen = Seen {
            kind,
            span,
            number,
            long,
            offered: false,
            answered: false,
            passed_us: None,
            failed: None,
            released: false,
            interrupted: false,
            ends: BTreeMap::new(),
        };
        self.calls.insert(id, seen);
        Ok(())
    }

    fn telephone(&mut self, port: usize, never: bool) -> Result<(), String> {
        let own = 1000 + port;
        let after = 50 + self.random.below(1500);
        self.cities[0].command(&json!({
            "cmd": "telephone", "port": port, "answer_after_ms": after, "never": never,
            "patience_ms": 30_000, "talk": talk(own, own + 1000),
        }))
    }

    /// Takes what all cities say now.
    ///
    /// # Errors
    /// A city is gone.
    pub fn pump(&mut self) -> Result<(), String> {
        for index in 0..self.cities.len() {
            while let Some(event) = self.cities[index].poll()? {
                self.event(index, &event);
            }
            self.cities[index].events.clear();
        }
        Ok(())
    }

    /// Microseconds of the wall since the storm began.
    #[must_use]
    pub fn now_us(&self) -> i64 {
        i64::try_from(self.born.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn event(&mut self, index: usize, event: &Value) {
        let kind = event["event"].as_str().unwrap_or_default();
        let (at_us, told_us) = (event["at_us"].as_u64().unwrap_or(0), self.now_us());
        match kind {
            // No slot at all: no call.
            "refused" if self.calls.contains_key(event["call"].as_str().unwrap_or_default()) => {
                self.without_slot += 1;
                if let Some(seen) = self.calls.remove(event["call"].as_str().unwrap_or_default()) {
                    self.give_back(seen.kind);
                }
            }
            "libpri_error" | "refused" => {
                let text = event["text"].as_str().or(event["why"].as_str()).unwrap_or_default();
                *self.complaints.entry(format!("{kind}: {text}")).or_default() += 1;
            }
            "status" => self.statuses[index] = Some(event.clone()),
            "ringing" | "telephone_answered" => {
                self.lifted.insert(index_of(&event["port"]));
            }
            "ringing_stopped" | "telephone_on_hook" => {
                self.lifted.remove(&index_of(&event["port"]));
                self.free_ports();
            }
            _ => {}
        }
        let call = event["call"].as_str().unwrap_or_default();
        let (call, end) = self.whose(call, event);
        let Some(seen) = self.calls.get_mut(&call) else { return };
        match kind {
            "proceeding" | "alerting" => seen.offered = true,
            "answered" => (seen.offered, seen.answered) = (true, true),
            "call_passed" => seen.passed_us = Some(at_us),
            "call_failed" => seen.failed = Some(event.to_string()),
            "released" => seen.released = true,
            "matched" => drop(seen.ends.insert(end, (true, at_us))),
            "lost" => {
                let from_us = event["from_us"].as_u64().unwrap_or(at_us);
                seen.ends.insert(end, (false, from_us));
            }
            "gap" => {
                seen.ends.insert(end, (true, at_us));
                let from_us = event["from_us"].as_u64().unwrap_or(at_us);
                let length_us = event["samples"].as_u64().unwrap_or(0) * 125;
                self.gaps.push(Gap { call: call.clone(), from_us, length_us, told_us });
            }
            _ => {}
        }
        if seen.over()
            && let Some(seen) = self.calls.remove(&call)
        {
            self.leaving.push(seen.kind);
            self.done.push((call, seen));
            self.free_ports();
        }
    }

    /// The call that an event is of, and which of its ends; a far end outside is told by its noise.
    fn whose(&self, call: &str, event: &Value) -> (String, String) {
        let end = event["end"].as_str().unwrap_or("caller").to_owned();
        if end == "caller" {
            return (call.to_owned(), end);
        }
        let of = |port: usize| {
            move |seen: &Seen| match seen.kind {
                Kind::Desk(at) | Kind::Menu(at) => at == port,
                Kind::Ringing(_) | Kind::Outside(_) => false,
            }
        };
        let way = event["sends"].as_u64().map(|_| index_of(&event["sends"]).saturating_sub(3000));
        let found = self.calls.iter().find(|(_, seen)| match (event["port"].as_u64(), way) {
            (Some(_), _) => of(index_of(&event["port"]))(seen),
            (None, Some(way)) => seen.kind == Kind::Outside(way),
            (None, None) => false,
        });
        (found.map_or_else(String::new, |(id, _)| id.clone()), end)
    }

    fn give_back(&mut self, kind: Kind) {
        match kind {
            Kind::Desk(port) | Kind::Ringing(port) | Kind::Menu(port) => {
                self.ports.insert(port);
            }
            Kind::Outside(way) => {
                self.outside.insert(way);
            }
        }
    }

    /// Of calls that are over, telephones that rest and ways out are free again.
    fn free_ports(&mut self) {
        for kind in std::mem::take(&mut self.leaving) {
            match kind {
                Kind::Desk(port) | Kind::Ringing(port) | Kind::Menu(port)
                    if self.lifted.contains(&port) =>
                {
                    self.leaving.push(kind);
                }
                _ => self.give_back(kind),
            }
        }
    }

    /// Places calls of random kinds until `wanted` are in progress beside the long ones.
    ///
    /// # Errors
    /// A city is gone.
    pub fn keep_busy(&mut self, wanted: usize) -> Result<(), String> {
        for _ in self.count(|call| !call.long)..wanted {
            let wish = match self.random.below(8) {
                0..3 => Wish::Desk,
                3..5 => Wish::Menu,
                5 => Wish::Ringing,
                _ => Wish::Outside,
            };
            self.place(wish, false)?;
        }
        Ok(())
    }

    /// Places calls until there are so many of each kind, long ones included, as far as there is
    /// room.
    ///
    /// # Errors
    /// A city is gone.
    pub fn keep_mix(&mut self, mix: &[(Wish, usize)], long: bool) -> Result<(), String> {
        for (wish, wanted) in mix {
            for _ in self.count(|call| wish.is(call.kind))..*wanted {
                self.place(*wish, long)?;
            }
        }
        Ok(())
    }

    /// Lets the core live for a while while `busy` keeps it so, then does as [`Self::kill`]. One
    /// life in eight is at most `short` ms long, so that some are killed while they start, others
    /// `long`.
    ///
    /// # Errors
    /// As [`Self::kill`], and what `busy` says.
    pub fn live_and_kill(
        &mut self,
        rig: &mut Rig,
        [short, long]: [u64; 2],
        busy: impl Fn(&mut Self) -> Result<(), String>,
    ) -> Result<Killed, String> {
        let most = if self.random.below(8) == 0 { short } else { long };
        let life = Duration::from_millis(self.random.below(most));
        let born = Instant::now();
        while born.elapsed() < life {
            busy(self)?;
            self.pump()?;
        }
        self.kill(rig)
    }

    /// Kills the core, and starts it at once.
    ///
    /// # Errors
    /// The core is not built, or a city is gone.
    pub fn kill(&mut self, rig: &mut Rig) -> Result<Killed, String> {
        self.pump()?;
        let open = |seen: &Seen| seen.answered && seen.passed_us.is_none();
        let before: Vec<_> =
            self.calls.iter().filter(|(_, seen)| open(seen)).map(|(id, _)| id.clone()).collect();
        let signalled_us = self.now_us();
        rig.end(Program::Core, Signal::SIGKILL);
        let started_us = self.now_us();
        rig.spawn_program(Program::Core)?;
        self.pump()?;
        for id in before {
            if let Some(seen) = self.calls.get_mut(&id).filter(|seen| open(seen)) {
                seen.interrupted = true;
            }
        }
        Ok(Killed { signalled_us, started_us })
    }

    /// Both ends of every long call hear each other.
    #[must_use]
    pub fn long_ones_sound(&self) -> bool {
        self.calls.values().filter(|seen| seen.long).all(Seen::sounds)
    }

    /// Ends the long calls as soon as all data links are up.
    ///
    /// # Errors
    /// A data link stays down, or a city is gone.
    pub fn finish(&mut self, rig: &Rig) -> Result<(), String> {
        links_up(rig, self.cities.len())?;
        for (id, seen) in self.calls.iter().filter(|(_, seen)| seen.long) {
            self.cities[seen.span - 1].command(&json!({"cmd": "finish", "id": id}))?;
        }
        Ok(())
    }

    /// Pumps until `ready`.
    ///
    /// # Errors
    /// It does not come to that, or a city is gone.
    pub fn until(&mut self, what: &str, ready: impl Fn(&Self) -> bool) -> Result<(), String> {
        let begin = Instant::now();
        loop {
            self.pump()?;
            if ready(self) {
                return Ok(());
            }
            if begin.elapsed() > self.patience {
                let open: Vec<_> = self.calls.iter().take(5).collect();
                return Err(format!(
                    "{what} within {:?}: {open:?}, {:?}",
                    self.patience, self.statuses
                ));
            }
        }
    }
}

/// A kind of call before it has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// [`Kind::Desk`].
    Desk,
    /// [`Kind::Ringing`].
    Ringing,
    /// [`Kind::Menu`].
    Menu,
    /// [`Kind::Outside`].
    Outside,
}

impl Wish {
    /// Whether a call is of this kind.
    #[must_use]
    pub const fn is(self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Desk, Kind::Desk(_))
                | (Self::Ringing, Kind::Ringing(_))
                | (Self::Menu, Kind::Menu(_))
                | (Self::Outside, Kind::Outside(_))
        )
    }
}

impl Seen {
    /// Its script and libpri have done with it.
    #[must_use]
    pub const fn over(&self) -> bool {
        (self.passed_us.is_some() || self.failed.is_some()) && self.released
    }

    /// Both ends hear each other.
    #[must_use]
    pub fn sounds(&self) -> bool {
        self.ends.len() == 2 && self.ends.values().all(|(sounds, _)| *sounds)
    }
}
