//! What signals mean, as data.

use serde::{Deserialize, Serialize};
use units::{Category, Cause, MfSignal};

use crate::event::Presented;

use crate::timers::Timing;

/// What a backward signal of group A or C asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// Nothing: it has no meaning here.
    #[default]
    Unused,
    /// The next digit of the called number; after [`Self::CallerThenNext`] of the calling one.
    Next,
    /// The last digit but one, two or three again (Q.441: ): so many back.
    Back(u8),
    /// The called number from its first digit.
    First,
    /// The calling party's category; asked again, the digits of its number (Q.441: A-5).
    Caller,
    /// The calling party's category, and from then on [`Self::Next`] means the calling number
    /// until that has ended (China: A-6).
    CallerThenNext,
    /// The calling party's category, and group C from then on (Mexico: A-6).
    CallerInC,
    /// The next digit of the calling number (Mexico: C-1).
    NextCalling,
    /// The next digit of the called number, and group A from then on (Mexico: C-5).
    NextInA,
    /// The called number from its first digit, and group A from then on (Mexico: C-2).
    FirstInA,
    /// Nothing more: the group II signal, and group B from then on.
    Complete,
    /// Nothing more: the call is through, with charge and without group B (A-6 in Q.441).
    Through,
    /// Nothing more: it cannot be.
    Fails(Cause),
}

/// What a backward signal of group B says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing: it has no meaning here.
    #[default]
    Unused,
    /// The called party is free and the call is charged.
    Free,
    /// The called party is free and the call is not charged.
    FreeNoCharge,
    /// The call cannot be.
    Fails(Cause),
}

/// A country's registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Meanings of.
    pub a: [Ask; MfSignal::COUNT],
    /// Meanings of B-1 to B-15.
    pub b: [Verdict; MfSignal::COUNT],
    /// Meanings of C-1 to C-15.
    pub c: [Ask; MfSignal::COUNT],
    /// The caller's category, as it is sent when it is asked for (II-1; China: KA).
    pub category: MfSignal,
    /// The group II signal that answers "complete" (II-1; China: KD).
    pub service: MfSignal,
    /// Categories of a caller by their signals (II; KA).
    pub categories: [Option<Category>; MfSignal::COUNT],
    /// The same by the signal behind "complete" (II; KD).
    pub services: [Option<Category>; MfSignal::COUNT],
    /// Ends the called number, where a signal does.
    pub end_of_called: Option<MfSignal>,
    /// Ends the calling number.
    pub end_of_calling: MfSignal,
    /// Says that the calling number may not be shown, where a signal does.
    pub restricted: Option<MfSignal>,
    /// Times.
    pub timing: Timing,
}

/// What an incoming register asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wants {
    /// Digits of a called number; 0: not known, it ends by a signal or by a pause.
    pub called: u8,
    /// Whether the caller's category and number are asked for.
    pub caller: bool,
    /// After how many digits of the called number; 0: after all of them.
    pub caller_after: u8,
}

impl Variant {
    /// Makes calls that are sent by it those of such a caller, as far as it has a signal for that.
    pub fn calls_as(&mut self, category: Category) {
        let signal = |meanings: &[Option<Category>; MfSignal::COUNT]| {
            let place = meanings.iter().position(|meaning| *meaning == Some(category))?;
            MfSignal::all().nth(place)
        };
        self.category = signal(&self.categories).unwrap_or(self.category);
        self.service = signal(&self.services).unwrap_or(self.service);
    }

    /// What kind of caller a call was presented with. The signal behind "complete" may say more
    /// than the category: that an operator has placed an ordinary subscriber's call (China: KD).
    #[must_use]
    pub fn category_of(&self, presented: &Presented) -> Option<Category> {
        let service = presented.service.and_then(|signal| self.services[signal.index()]);
        let category = presented.category.and_then(|signal| self.categories[signal.index()]);
        service.filter(|service| *service != Category::Ordinary).or(category).or(service)
    }

    /// What a backward signal asks for.
    pub(crate) const fn ask(&self, signal: MfSignal, group_c: bool) -> Ask {
        if group_c { self.c[signal.index()] } else { self.a[signal.index()] }
    }

    /// The first signal of group A, or C, with this meaning.
    pub(crate) fn signal(&self, wanted: Ask, group_c: bool) -> Option<MfSignal> {
        let group = if group_c { &self.c } else { &self.a };
        let place = group.iter().position(|ask| *ask == wanted)?;
        MfSignal::all().nth(place)
    }

    /// The signal of group A, or C, that says that a call cannot be: congestion, or any that does.
    pub(crate) fn failure(&self, group_c: bool) -> Option<MfSignal> {
        let congestion = Ask::Fails(Cause::SWITCHING_EQUIPMENT_CONGESTION);
        self.signal(congestion, group_c).or_else(|| {
            let group = if group_c { &self.c } else { &self.a };
            let place = group.iter().position(|ask| matches!(ask, Ask::Fails(_)))?;
            MfSignal::all().nth(place)
        })
    }

    /// The signal of group B that says this.
    pub(crate) fn verdict(&self, wanted: Verdict) -> Option<MfSignal> {
        let find = |wanted: Verdict| {
            let place = self.b.iter().position(|verdict| *verdict == wanted)?;
            MfSignal::all().nth(place)
        };
        let otherwise = match wanted {
            Verdict::Free => Verdict::FreeNoCharge,
            Verdict::FreeNoCharge => Verdict::Free,
            Verdict::Fails(Cause::NO_USER_RESPONDING | Cause::NO_ANSWER | Cause::CALL_REJECTED) => {
                Verdict::Fails(Cause::USER_BUSY)
            }
            Verdict::Unused | Verdict::Fails(_) => {
                Verdict::Fails(Cause::SWITCHING_EQUIPMENT_CONGESTION)
            }
        };
        let busy = || find(Verdict::Fails(Cause::USER_BUSY));
        find(wanted).or_else(|| find(otherwise)).or_else(busy)
    }
}
