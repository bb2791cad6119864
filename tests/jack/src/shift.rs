//! The clock of snd-aloop: its control "PCM Rate Shift 100000".
//!
//! 100,000 is the nominal rate; a larger number is a slower card, by 10 ppm a step.

use alsa::ctl::{ElemId, ElemIface, ElemType, ElemValue};
use alsa::hctl::HCtl;

/// The shift of the first cable, as the capturing device 1 has it.
pub(crate) struct RateShift {
    control: HCtl,
}

fn id() -> ElemId {
    let mut id = ElemId::new(ElemIface::PCM);
    id.set_name(c"PCM Rate Shift 100000");
    id.set_device(1);
    id.set_subdevice(0);
    id
}

impl RateShift {
    /// Opens the card.
    pub(crate) fn open(card: &str) -> Result<Self, String> {
        let fault =
            |fault: alsa::Error| format!("{card}: {fault}; is the module snd-aloop loaded?");
        let control = HCtl::new(card, false).map_err(fault)?;
        control.load().map_err(fault)?;
        let shift = Self { control };
        shift.set(0)?;
        Ok(shift)
    }

    /// Makes the card's clock `ppm` fast, to the next step of 10.
    pub(crate) fn set(&self, ppm: i32) -> Result<(), String> {
        let element = self.control.find_elem(&id()).ok_or("the card has no rate shift")?;
        let mut value = ElemValue::new(ElemType::Integer).map_err(|fault| fault.to_string())?;
        value.set_integer(0, 100_000 - ppm / 10).ok_or("the rate shift is no number")?;
        element.write(&value).map(drop).map_err(|fault| format!("rate shift: {fault}"))
    }
}
