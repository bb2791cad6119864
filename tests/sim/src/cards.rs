//! The cards: one with the line, one with the telephone.
//!
//! Fault model. A card's hardware goes at any moment and comes back, seconds or minutes later; one
//! at a time. Its driver says so as a driver for each port does, which also tells that the line has
//! no signal and the telephone is on hook (DAHDI); or as a driver of a whole card does, which tells
//! nothing of what it does not see (the virtual card). Meanwhile nothing crosses it. What people do
//! at a telephone that is gone is not seen, except how it stands in the end.
//!
//! ```text
//!            a port says it is gone: its calls end (telephone), or wait for T309 (line)
//!   there ──────────────────────────────────────────────────────────────────► gone
//!      ▲     the whole card is gone: its calls stay as they are                │
//!      └──────────────── alarm cleared, signal and hook told as they are ◄─────┘
//! ```

use link::{CallPhase, Trouble};
use ringmain_core::control::Heard;
use units::{CallId, Duration, Instant, PortId};

use crate::check::Violation;
use crate::world::World;

/// By when calls on a line that is down are cleared: T309 (90 s), before it what layer 2 takes to
/// notice when nobody says so (T203, and T200 four times).
const CLEARED_AFTER: Duration = Duration::from_secs(120);

/// By when a telephone that is on hook is known not to flash.
const NO_FLASH_AFTER: Duration = Duration::from_secs(1);

/// Which card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Line,
    Telephone,
}

impl Which {
    /// Its socket, as the board counts and as it is labelled.
    pub(crate) const fn socket(self) -> (u16, &'static str) {
        match self {
            Self::Line => (0, "E1 1"),
            Self::Telephone => (1, "TEL 1"),
        }
    }
}

/// A card that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    pub(crate) card: Which,
    /// Its driver is one of the whole card.
    pub(crate) whole: bool,
    since: Instant,
}

impl Gone {
    /// Its driver says that the telephone is on hook.
    fn hangs_up(self) -> bool {
        self.card == Which::Telephone && !self.whole
    }
}

impl World {
    pub(crate) fn is_gone(&self, card: Which) -> bool {
        self.gone.is_some_and(|gone| gone.card == card)
    }

    /// A card goes; the calls of the other one must not notice.
    pub(crate) fn card_goes(&mut self) -> Result<(), Violation> {
        let card = if self.random.one_in(2) { Which::Line } else { Which::Telephone };
        let gone = Gone { card, whole: self.random.one_in(2), since: self.now };
        let before = self.calls();
        self.gone = Some(gone);
        self.telephone.ringing &= card == Which::Line;
        self.note(|| format!("{gone:?}"));
        self.tell_gone();
        self.calls_after(gone, &before)
    }

    /// What the driver says, when it goes or when the box starts without it.
    pub(crate) fn tell_gone(&mut self) {
        let Some(Gone { card, whole, .. }) = self.gone else { return };
        if card == Which::Telephone && !whole {
            self.tell_hook(false);
        }
        if card == Which::Line {
            self.tell_layer1();
        }
        self.heard(Heard::Trouble(card.socket().0, Some(Trouble::Missing)));
        if whole {
            self.heard(Heard::CardGone);
        }
    }

    /// It is back.
    pub(crate) fn card_comes(&mut self) {
        let Some(Gone { card, whole, .. }) = self.gone.take() else { return };
        self.heard(Heard::Trouble(card.socket().0, None));
        if whole {
            self.heard(Heard::CardBack);
        }
        match card {
            Which::Line => self.tell_layer1(),
            Which::Telephone => self.tell_hook(self.telephone.off_hook),
        }
    }

    /// The telephone's card tells the hook, if there is news and the card is there or going.
    pub(crate) fn tell_hook(&mut self, off_hook: bool) {
        if self.hook_told != Some(off_hook) {
            self.hook_told = Some(off_hook);
            let port = self.telephone_port();
            self.heard(Heard::Hook(port, off_hook));
        }
    }

    fn calls(&self) -> Vec<(CallId, CallPhase, [Option<PortId>; 2])> {
        let calls = self.appliance.control.iter().flat_map(|control| control.calls_now());
        calls.map(|status| (status.call, status.phase, [status.port, status.other])).collect()
    }

    /// Of the calls before, those of other cards and those that wait for their line are as they
    /// were, and whose telephone is gone talks no more.
    fn calls_after(
        &self,
        gone: Gone,
        before: &[(CallId, CallPhase, [Option<PortId>; 2])],
    ) -> Result<(), Violation> {
        let telephone = Some(self.telephone_port());
        let after = self.calls();
        for (call, phase, ports) in before {
            let now = after.iter().find(|(other, ..)| other == call).map(|(_, phase, _)| *phase);
            let here = ports
                .iter()
                .flatten()
                .any(|port| (Some(*port) == telephone) == (gone.card == Which::Telephone));
            let waits = gone.whole || (*phase == CallPhase::Talking && !gone.hangs_up());
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
    for card in [Which::Line, Which::Telephone] {
        let (_, label) = card.socket();
        let (gone, told) = (world.is_gone(card), world.truth.troubles.contains(label));
        if gone != told {
            let what = format!("{label}: gone {gone}, alarm {told}");
            return Err(Violation::new("an alarm stands while a card is gone", what));
        }
    }
    let whole = world.gone.is_some_and(|gone| gone.whole);
    if world.truth.cards_gone != u32::from(whole) {
        let what = format!("{} cards are told to be gone", world.truth.cards_gone);
        return Err(Violation::new("an alarm stands while a card is gone", what));
    }
    let telephone = world.telephone_port();
    let talks_at = |at: fn(PortId, PortId) -> bool| {
        let mut talking = control.calls_now().filter(|s| s.phase == CallPhase::Talking);
        let found = talking
            .find(|s| [s.port, s.other].into_iter().flatten().any(|port| at(port, telephone)));
        found.map(|status| status.call.to_string())
    };
    let held = |name, call: Option<String>| match call {
        Some(call) => Err(Violation::new(name, call)),
        None => Ok(()),
    };
    let past = |since: Instant, limit| world.now >= since + limit;
    if world.line_down_since.is_some_and(|since| past(since, CLEARED_AFTER)) {
        // The channels of the line stand before the telephone, jacks behind it.
        let talks = talks_at(|port, telephone| port < telephone);
        held("a call whose line is gone is cleared after T309", talks)?;
    }
    // A core that was dead when the card went hears of it when it starts.
    let told = |gone: Gone| gone.since.max(world.appliance.awake_since);
    if world.gone.is_some_and(|gone| gone.hangs_up() && past(told(gone), NO_FLASH_AFTER)) {
        let talks = talks_at(|port, telephone| port == telephone);
        held("a call whose telephone is gone is cleared", talks)?;
    }
    Ok(())
}
