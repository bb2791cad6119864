//! Advice of charge (EN 300 182-1): during the call (AOC-D) and at its end (AOC-E).

use heapless::VecView;
use units::{Charge, Currency};

use crate::ber::{self, INTEGER, NULL, Reader, SEQUENCE, tag, within};

/// What a network says of the cost of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it costs; `None`: the network does not know.
    pub charge: Option<Charge>,
    /// All of it, at the end of the call (AOC-E); otherwise so far (AOC-D).
    pub last: bool,
}

/// Thousandths of a currency in one of the amount, by the multiplier (EN 300 182-1 annex).
const THOUSANDTHS: [u64; 7] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

impl Advice {
    /// In currency or in units; `last` by the operation.
    pub(crate) fn parse(argument: &[u8], in_money: bool, last: bool) -> Option<Self> {
        let mut reader = Reader::new(argument);
        if reader.take(NULL).is_some() {
            return Some(Self { charge: None, last });
        }
        if !last && reader.take(tag(1)).is_some() {
            return Some(Self { charge: Some(Charge::FREE), last });
        }
        let mut inside = reader.open(SEQUENCE)?;
        if last {
            if inside.take(tag(1)).is_some() {
                return Some(Self { charge: Some(Charge::FREE), last });
            }
            // Only whom the charge is for: of another call than this.
            inside = inside.open(SEQUENCE)?;
        }
        let mut recorded = inside.open(within(1))?;
        let charge = if in_money { money(&mut recorded)? } else { units(recorded) };
        Some(Self { charge: Some(charge), last })
    }

    /// Writes the argument that [`Self::parse`] reads.
    pub(crate) fn write(&self, out: &mut VecView<u8>) -> Option<()> {
        let Some(charge) = self.charge else { return ber::write_octets(out, NULL, &[]) };
        let recorded = |out: &mut VecView<u8>| match charge {
            Charge::Units(units) => ber::write(out, within(1), |out| {
                ber::write(out, SEQUENCE, |out| {
                    ber::write_number(out, INTEGER, i32::try_from(units).ok()?)
                })
            }),
            Charge::Money { .. } => ber::write(out, within(1), |out| write_money(charge, out)),
        };
        if charge.is_free() {
            if !self.last {
                return ber::write_octets(out, tag(1), &[]);
            }
            return ber::write(out, SEQUENCE, |out| ber::write_octets(out, tag(1), &[]));
        }
        ber::write(out, SEQUENCE, |out| {
            if self.last {
                return ber::write(out, SEQUENCE, recorded);
            }
            recorded(out)?;
            // A subtotal.
            ber::write_number(out, tag(2), 0)
        })
    }
}

/// Currency and amount.
pub(crate) fn money(reader: &mut Reader<'_>) -> Option<Charge> {
    let currency = Currency::new(reader.take(tag(1))?)?;
    let mut amount = reader.open(within(2))?;
    let count = u64::try_from(amount.number(tag(1))?).ok()?;
    let multiplier = usize::try_from(amount.number(tag(2))?).ok()?;
    let thousandths = count.checked_mul(*THOUSANDTHS.get(multiplier)?)?;
    Some(if thousandths == 0 { Charge::FREE } else { Charge::Money { thousandths, currency } })
}

/// Writes what [`money`] reads. `None`: there is no room, or it is no money.
pub(crate) fn write_money(charge: Charge, out: &mut VecView<u8>) -> Option<()> {
    let Charge::Money { thousandths, currency } = charge else { return None };
    ber::write_octets(out, tag(1), currency.as_str().as_bytes())?;
    ber::write(out, within(2), |out| {
        ber::write_number(out, tag(1), i32::try_from(thousandths).ok()?)?;
        ber::write_number(out, tag(2), 0)
    })
}

/// A list of units, of which several kinds may be counted; those that are not known count as none.
fn units(mut list: Reader<'_>) -> Charge {
    let mut sum = 0u32;
    while let Some((kind, content)) = list.next() {
        if kind == SEQUENCE
            && let Some(units) = Reader::new(content).number(INTEGER)
        {
            sum = sum.saturating_add(u32::try_from(units).unwrap_or(0));
        }
    }
    Charge::Units(sum)
}
