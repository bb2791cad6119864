//! What a call will cost, told when it begins (AOC-S, EN 300 182-1).

use heapless::{Vec, VecView};
use units::Charge;

use crate::ber::{self, ENUMERATED, INTEGER, NULL, Reader, SEQUENCE, tag, within};
use crate::charge::{money, write_money};

/// What a network says of the tariff of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tariff {
    /// It does not know it.
    Unknown,
    /// By an agreement with the exchange, of this code from 1 to 10.
    Special(i32),
    /// Item by item.
    Items(Vec<Item, 10, u8>),
}

/// One thing that costs, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The thing.
    pub of: Charged,
    /// How much.
    pub price: Price,
}

/// What a charge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// To talk.
    Talk,
    /// To try it.
    Attempt,
    /// To set it up.
    SetUp,
    /// Information from user to user.
    UserToUser,
    /// A supplementary service.
    Service,
}

/// How a charge is reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// It is not told.
    Unknown,
    /// Nothing.
    Free,
    /// By an agreement of this code.
    Special(i32),
    /// Once.
    Flat(Charge),
    /// By time.
    Duration {
        /// For each piece of time.
        charge: Charge,
        /// The piece, in hundredths of a second.
        time: u64,
        /// Whether a piece that has begun is charged whole (a step function); otherwise by what
        /// of it has passed.
        steps: bool,
    },
    /// By how much is sent.
    Volume {
        /// For each of the units.
        charge: Charge,
        /// The units.
        of: Volume,
    },
}

/// What is counted where a price is by volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    /// Octets.
    Octet,
    /// Segments.
    Segment,
    /// Messages.
    Message,
}

/// Hundredths of a second in one of the scale.
const SCALE: [u64; 7] = [1, 10, 100, 1000, 6000, 360_000, 8_640_000];

/// The element of a list that stands for a number, and back.
const CHARGED: [Charged; 5] =
    [Charged::Talk, Charged::Attempt, Charged::SetUp, Charged::UserToUser, Charged::Service];
const VOLUMES: [Volume; 3] = [Volume::Octet, Volume::Segment, Volume::Message];

fn of<T: Copy>(list: &[T], number: i32) -> Option<T> {
    list.get(usize::try_from(number).ok()?).copied()
}

fn number_of<T: PartialEq>(list: &[T], wanted: &T) -> Option<i32> {
    i32::try_from(list.iter().position(|one| one == wanted)?).ok()
}

impl Tariff {
    /// Of both operations: the one has items or knows nothing, the other a code or knows nothing.
    pub(crate) fn parse(argument: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(argument);
        if reader.take(NULL).is_some() {
            return Some(Self::Unknown);
        }
        if let Some(code) = reader.number(INTEGER) {
            return Some(Self::Special(code));
        }
        let mut list = reader.open(SEQUENCE)?;
        let mut items = Vec::new();
        while let Some(mut inside) = list.open(SEQUENCE) {
            let of = of(&CHARGED, inside.number(ENUMERATED)?)?;
            items.push(Item { of, price: Price::parse(&mut inside)? }).ok()?;
        }
        list.rest().is_empty().then_some(Self::Items(items))
    }

    /// Writes the argument that [`Self::parse`] reads.
    pub(crate) fn write(&self, out: &mut VecView<u8>) -> Option<()> {
        match self {
            Self::Unknown => ber::write_octets(out, NULL, &[]),
            Self::Special(code) => ber::write_number(out, INTEGER, *code),
            Self::Items(items) => ber::write(out, SEQUENCE, |out| {
                items.iter().try_for_each(|item| {
                    ber::write(out, SEQUENCE, |out| {
                        ber::write_number(out, ENUMERATED, number_of(&CHARGED, &item.of)?)?;
                        item.price.write(out)
                    })
                })
            }),
        }
    }
}

impl Price {
    fn parse(reader: &mut Reader<'_>) -> Option<Self> {
        if let Some(code) = reader.number(INTEGER) {
            return Some(Self::Special(code));
        }
        let (kind, content) = reader.next()?;
        let mut inside = Reader::new(content);
        match kind {
            0xA1 => {
                let charge = money(&mut inside)?;
                let steps = inside.number(tag(3))? == 1;
                let mut time = inside.open(within(4))?;
                let length = u64::try_from(time.number(tag(1))?).ok()?;
                let time = length.checked_mul(of(&SCALE, time.number(tag(2))?)?)?;
                Some(Self::Duration { charge, time, steps })
            }
            0xA2 => money(&mut inside).map(Self::Flat),
            0xA3 => {
                let charge = money(&mut inside)?;
                Some(Self::Volume { charge, of: of(&VOLUMES, inside.number(tag(3))?)? })
            }
            0x84 => Some(Self::Free),
            0x85 => Some(Self::Unknown),
            _ => None,
        }
    }

    fn write(self, out: &mut VecView<u8>) -> Option<()> {
        match self {
            Self::Unknown => ber::write_octets(out, tag(5), &[]),
            Self::Free => ber::write_octets(out, tag(4), &[]),
            Self::Special(code) => ber::write_number(out, INTEGER, code),
            Self::Flat(charge) => ber::write(out, within(2), |out| write_money(charge, out)),
            Self::Duration { charge, time, steps } => ber::write(out, within(1), |out| {
                write_money(charge, out)?;
                ber::write_number(out, tag(3), i32::from(steps))?;
                ber::write(out, within(4), |out| {
                    let fits = |scale: &&u64| time % **scale == 0 && time != 0;
                    let scale = SCALE.iter().rev().find(fits).unwrap_or(&SCALE[0]);
                    ber::write_number(out, tag(1), i32::try_from(time / scale).ok()?)?;
                    ber::write_number(out, tag(2), number_of(&SCALE, scale)?)
                })
            }),
            Self::Volume { charge, of } => ber::write(out, within(3), |out| {
                write_money(charge, out)?;
                ber::write_number(out, tag(3), number_of(&VOLUMES, &of)?)
            }),
        }
    }
}
