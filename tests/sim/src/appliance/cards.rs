//! The cards: one with the first span, one with all telephones, one with further spans.
//!
//! Fault model. A card's hardware goes at any moment and comes back, seconds or minutes later; one
//! at a time. Its driver says so as a driver for each port does, of one port of it, and tells that
//! the line has no signal or the telephone is on hook (DAHDI); or as a driver of a whole card does,
//! which tells nothing of what it does not see (the virtual card). Meanwhile nothing crosses it.
//! What people do at a telephone that is gone is not seen, except how it stands in the end.
//!
//! ```text
//!            a port says it is gone: its calls end (telephone), or wait for T309 (line)
//!   there ──────────────────────────────────────────────────────────────────► gone
//!      ▲     the whole card is gone: its calls stay as they are                │
//!      └──────────────── alarm cleared, signal and hook told as they are ◄─────┘
//! ```

use board::UnitKind;
use link::{CallPhase, Trouble};
use ringmain_core::control::Heard;
use units::{CallId, Duration, Instant, PortId, SpanId};

use crate::check::Violation;
use crate::trunk::cable::Cable;
use crate::world::World;

/// By when calls on a line that is down are cleared: T309 (90 s), before it what layer 2 takes to
/// notice when nobody says so (T203, and T200 four times).
const CLEARED_AFTER: Duration = Duration::from_secs(120);

/// By when a telephone that is on hook is known not to flash.
const NO_FLASH_AFTER: Duration = Duration::from_secs(1);

/// What is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    /// The socket at which it was seen, by the index in the layout.
    unit: usize,
    /// The card of that.
    card: usize,
    /// The driver is one of the whole card, and all of it is gone.
    whole: bool,
    since: Instant,
}

impl Gone {
    /// The driver of the port says that the line has no signal, the telephone is on hook.
    fn speaks(self, unit: usize) -> bool {
        !self.whole && self.unit == unit
    }
}

type Call = (CallId, CallPhase, [Option<PortId>; 2]);

impl World {
    /// Whether the hardware of a socket is gone.
    pub(crate) fn is_gone(&self, unit: usize) -> bool {
        self.gone.is_some_and(|gone| {
            let card = self.appliance.layout.units.get(unit).map(|unit| unit.card);
            gone.unit == unit || (gone.whole && card == Some(gone.card))
        })
    }

    /// A whole card is gone, whose driver says nothing of this socket.
    pub(crate) fn is_silent(&self, unit: usize) -> bool {
        self.is_gone(unit) && self.gone.is_some_and(|gone| gone.whole)
    }

    /// The socket that a port of the matrix belongs to, if that is a span or a telephone.
    pub(crate) fn unit_of(&self, port: PortId) -> Option<usize> {
        let span = self.cable_at(port).map(|cable| cable.unit);
        span.or_else(|| {
            let telephone = self.telephones.iter().find(|telephone| telephone.port == port);
            telephone.map(|telephone| telephone.unit)
        })
    }

    /// The trunk that a port of the matrix belongs to.
    pub(crate) fn trunk_at(&self, port: PortId) -> Option<usize> {
        let span = self.span_at(port)?;
        self.trunks.iter().position(|trunk| trunk.cables.iter().any(|cable| cable.span == span))
    }

    /// And the cable.
    pub(crate) fn cable_at(&self, port: PortId) -> Option<&Cable> {
        let span = self.span_at(port)?;
        self.cables().find(|cable| cable.span == span)
    }

    fn span_at(&self, port: PortId) -> Option<SpanId> {
        match self.appliance.layout.port(port)?.kind {
            board::PlaceKind::Bearer(span, _) => Some(span),
            _ => None,
        }
    }

    fn cables(&self) -> impl Iterator<Item = &Cable> {
        self.trunks.iter().flat_map(|trunk| &trunk.cables)
    }

    /// The trunk with the span of a socket.
    fn trunk_of(&self, unit: usize) -> Option<usize> {
        self.trunks.iter().position(|trunk| trunk.cables.iter().any(|cable| cable.unit == unit))
    }

    /// The sockets that are gone.
    fn gone_units(&self) -> Vec<usize> {
        let spans = self.cables().map(|cable| cable.unit);
        let telephones = self.telephones.iter().map(|telephone| telephone.unit);
        spans.chain(telephones).filter(|unit| self.is_gone(*unit)).collect()
    }

    /// A card goes; the calls of the other ones must not notice.
    pub(crate) fn card_goes(&mut self) -> Result<(), Violation> {
        let unit = if self.random.one_in(2) {
            let trunk = self.random.pick(&self.trunks);
            self.random.pick(&trunk.cables).unit
        } else {
            self.random.pick(&self.telephones).unit
        };
        let card = self.appliance.layout.units.get(unit).map_or(0, |unit| unit.card);
        let gone = Gone { unit, card, whole: self.random.one_in(2), since: self.now };
        self.tally.count(if gone.whole { "card-gone" } else { "port-gone" });
        let before = self.calls_going_on();
        self.gone = Some(gone);
        for unit in self.gone_units() {
            if let Some(index) = self.trunk_of(unit) {
                let trunk = &mut self.trunks[index];
                match trunk.cables.iter().position(|cable| cable.unit == unit) {
                    Some(of) if trunk.is_apart(of) => trunk.cables[of].harmed = true,
                    _ => trunk.harmed = true,
                }
                // A pause in the middle of a number ends it, where no signal does.
                let r2 = trunk.exchange.far.is_r2();
                trunk.exchange.confused |= r2;
                trunk.exchange.garbled |= r2;
            }
            for telephone in self.telephones.iter_mut().filter(|of| of.unit == unit) {
                telephone.ringing = false;
            }
        }
        self.note(|| format!("{gone:?}"));
        self.tell_gone();
        self.calls_after(gone, &before)
    }

    /// What the driver says, when it goes or when the box starts without it.
    pub(crate) fn tell_gone(&mut self) {
        let Some(gone) = self.gone else { return };
        for unit in self.gone_units() {
            if let Some(index) = self.telephones.iter().position(|of| of.unit == unit) {
                if gone.speaks(unit) {
                    self.tell_hook(index, false);
                }
            } else if let Some(index) = self.trunk_of(unit) {
                self.tell_layer1(index);
            }
            let socket = u16::try_from(unit).unwrap_or(u16::MAX);
            self.heard(Heard::Trouble(socket, Some(Trouble::Missing)));
        }
        if gone.whole {
            self.heard(Heard::CardGone);
        }
    }

    /// It is back.
    pub(crate) fn card_comes(&mut self) {
        let units = self.gone_units();
        let Some(gone) = self.gone.take() else { return };
        for unit in &units {
            let socket = u16::try_from(*unit).unwrap_or(u16::MAX);
            self.heard(Heard::Trouble(socket, None));
        }
        if gone.whole {
            self.heard(Heard::CardBack);
        }
        for unit in units {
            if let Some(index) = self.telephones.iter().position(|of| of.unit == unit) {
                self.tell_hook(index, self.telephones[index].off_hook);
            } else if let Some(index) = self.trunk_of(unit) {
                self.tell_layer1(index);
            }
        }
    }

    /// A telephone's card tells the hook, if there is news and the card is there or going.
    pub(crate) fn tell_hook(&mut self, index: usize, off_hook: bool) {
        let telephone = &mut self.telephones[index];
        if telephone.told != Some(off_hook) {
            telephone.told = Some(off_hook);
            let port = telephone.port;
            self.heard(Heard::Hook(port, off_hook));
        }
    }

    fn calls_going_on(&self) -> Vec<Call> {
        let calls = self.appliance.control.iter().flat_map(|control| control.calls_now());
        calls.map(|status| (status.call, status.phase, [status.port, status.other])).collect()
    }

    /// Of the calls before, those of other cards and those that wait for their line are as they
    /// were, and whose telephone is gone talks no more.
    fn calls_after(&self, gone: Gone, before: &[Call]) -> Result<(), Violation> {
        let after = self.calls_going_on();
        let units = self.gone_units();
        let telephone = self.telephones.iter().any(|of| of.unit == gone.unit);
        for (call, phase, ports) in before {
            let now = after.iter().find(|(other, ..)| other == call).map(|(_, phase, _)| *phase);
            let mut at = ports.iter().flatten().filter_map(|port| self.unit_of(*port));
            let here = at.any(|unit| units.contains(&unit));
            // A number that is on its way on circuits is given up.
            let mut ports_of = ports.iter().flatten();
            let circuits = ports_of.any(|port| {
                self.trunk_at(*port).is_some_and(|at| self.trunks[at].exchange.far.is_r2())
            });
            let talks = *phase == CallPhase::Talking;
            let waits = (gone.whole && (talks || !circuits)) || (talks && !telephone);
            let name = match here {
                true if !waits => continue,
                true => "a call waits for its card",
                false => "calls of other cards go on",
            };
            if now != Some(*phase) {
                return Err(Violation::new(name, format!("{call}: {phase:?}, then {now:?}")));
            }
        }
        Ok(())
    }
}

/// What holds after every event.
pub(crate) fn after_event(world: &World) -> Result<(), Violation> {
    let Some(control) = &world.appliance.control else { return Ok(()) };
    alarms_stand(world)?;
    let talking: Vec<_> =
        control.calls_now().filter(|status| status.phase == CallPhase::Talking).collect();
    let talks_at = |unit: usize, name| {
        let at = |port: PortId| world.unit_of(port) == Some(unit);
        match talking.iter().find(|s| s.port.is_some_and(at) || s.other.is_some_and(at)) {
            Some(status) => Err(Violation::new(name, status.call.to_string())),
            None => Ok(()),
        }
    };
    let awake = world.line_thread.awake_since;
    let past = |since: Instant, limit| world.now >= since.max(awake) + limit;
    for cable in world.cables() {
        if cable.down_since.is_some_and(|since| past(since, CLEARED_AFTER)) {
            talks_at(cable.unit, "a call whose line is gone is cleared after T309")?;
        }
    }
    // A core that was dead when the card went hears of it when it starts.
    let told = |gone: Gone| gone.since.max(world.appliance.awake_since);
    if let Some(gone) = world.gone.filter(|gone| past(told(*gone), NO_FLASH_AFTER))
        && !gone.whole
        && world.telephones.iter().any(|telephone| telephone.unit == gone.unit)
    {
        talks_at(gone.unit, "a call whose telephone is gone is cleared")?;
    }
    Ok(())
}

fn alarms_stand(world: &World) -> Result<(), Violation> {
    const NAME: &str = "an alarm stands while a card is gone";
    for (index, unit) in world.appliance.layout.units.iter().enumerate() {
        if !matches!(unit.kind, UnitKind::Pri(_) | UnitKind::Cas(_) | UnitKind::Telephone(_)) {
            continue;
        }
        let (gone, told) = (world.is_gone(index), world.truth.troubles.contains(&unit.label));
        if gone != told {
            let what = format!("{}: gone {gone}, alarm {told}", unit.label);
            return Err(Violation::new(NAME, what));
        }
    }
    let whole = world.gone.is_some_and(|gone| gone.whole);
    if world.truth.cards_gone != u32::from(whole) {
        let what = format!("{} cards are told to be gone", world.truth.cards_gone);
        return Err(Violation::new(NAME, what));
    }
    Ok(())
}
