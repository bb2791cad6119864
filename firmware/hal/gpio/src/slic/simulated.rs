//! The chip that is not there: its registers as the data sheet tells them, and a telephone.

use crate::slic::{LineFeed, Loop, register};
use crate::{Fault, Place, Reason, Transfer};

/// Indirect registers of the chip.
const INDIRECT: usize = 100;

/// A simulated chip on a bus of its own.
#[derive(Clone, Debug)]
pub struct Chip {
    place: Place,
    direct: [u8; 128],
    indirect: [u16; INDIRECT],
    /// The indirect data were written since the last access: the next one writes.
    writes: bool,
    /// Looks at the status until the access is done.
    busy: u16,
    /// How many such looks an access takes.
    pub slowness: u16,
    /// What every transfer says, if it fails.
    pub fails: Option<Reason>,
    off_hook: bool,
}

impl Chip {
    /// A chip after a reset, with this revision, its telephone on hook.
    #[must_use]
    pub fn new(bus: u8, select: u8, revision: u8) -> Self {
        let mut direct = [0; 128];
        direct[usize::from(register::REVISION)] = revision & 0x0F;
        direct[usize::from(register::LOOPBACK)] = 0x02;
        Self {
            place: Place::Spi { bus, select },
            direct,
            indirect: [0; INDIRECT],
            writes: false,
            busy: 0,
            slowness: 3,
            fails: None,
            off_hook: false,
        }
    }

    fn feeding(&self) -> LineFeed {
        LineFeed::from_code(self.direct[usize::from(register::LINE_FEED)] >> 4)
    }

    /// Somebody takes the handset up, or lays it down.
    pub fn set_hook(&mut self, off_hook: bool) {
        self.off_hook = off_hook;
        let ringing = self.feeding() == LineFeed::Ringing;
        if ringing && off_hook {
            // Ring trip: the chip feeds the line by itself.
            self.set_feed(LineFeed::ForwardActive.code(), true);
        } else {
            self.show_loop(false);
        }
    }

    fn set_feed(&mut self, code: u8, tripped: bool) {
        let code = code & 7;
        self.direct[usize::from(register::LINE_FEED)] = code << 4 | code;
        self.show_loop(tripped);
    }

    fn show_loop(&mut self, ring_trip: bool) {
        // Without feeding nobody can see whether the loop is closed.
        let closed = self.off_hook && self.feeding() != LineFeed::Open;
        let shown = Loop { closed, ring_trip };
        self.direct[usize::from(register::LOOP_STATUS)] =
            u8::from(shown.closed) | u8::from(shown.ring_trip) << 1;
    }

    fn read(&mut self, at: u8) -> u8 {
        if at == register::INDIRECT_STATUS {
            let busy = self.busy > 0;
            self.busy = self.busy.saturating_sub(1);
            return u8::from(busy);
        }
        self.direct[usize::from(at & 0x7F)]
    }

    fn write(&mut self, at: u8, value: u8) {
        match at {
            register::REVISION | register::INDIRECT_STATUS | register::LOOP_STATUS => {}
            register::LINE_FEED => self.set_feed(value, false),
            register::INDIRECT_ADDRESS => self.access(value),
            register::INDIRECT_LOW | register::INDIRECT_HIGH => {
                self.writes = true;
                self.direct[usize::from(at)] = value;
            }
            _ => self.direct[usize::from(at & 0x7F)] = value,
        }
    }

    fn access(&mut self, at: u8) {
        let data = [register::INDIRECT_LOW, register::INDIRECT_HIGH].map(usize::from);
        if let Some(cell) = self.indirect.get_mut(usize::from(at)) {
            if self.writes {
                *cell = u16::from_le_bytes(data.map(|index| self.direct[index]));
            } else {
                let octets = cell.to_le_bytes();
                (self.direct[data[0]], self.direct[data[1]]) = (octets[0], octets[1]);
            }
        }
        (self.writes, self.busy) = (false, self.slowness);
    }
}

impl Transfer for Chip {
    fn place(&self) -> Place {
        self.place
    }

    fn transfer(&mut self, out: &[u8], back: &mut [u8]) -> Result<(), Fault> {
        if let Some(reason) = self.fails {
            return Err(self.place.fault(reason));
        }
        let ([command, data], [first, second]) = (out, back) else {
            return Err(self.place.fault(Reason::OutOfRange));
        };
        *first = 0xFF;
        *second = 0xFF;
        if command & 0x80 == 0 {
            self.write(*command, *data);
        } else {
            *second = self.read(command & 0x7F);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simulated;
    use crate::slic::Slic;

    #[test]
    fn a_chip_is_told_from_a_bus_without_one() {
        assert_eq!(Slic::new(Chip::new(0, 0, 5)).revision(), Ok(5));
        let mut open = Slic::new(simulated::Loop::new(0, 0));
        assert_eq!(open.revision().unwrap_err().reason, Reason::NoAnswer);
        let mut used = Slic::new(Chip::new(0, 0, 5));
        used.feed(LineFeed::ForwardActive).unwrap();
        assert!(used.revision().is_err(), "not after a reset");
    }

    #[test]
    fn ringing_stops_when_the_handset_is_taken_up() {
        let mut slic = Slic::new(Chip::new(0, 0, 5));
        slic.feed(LineFeed::ForwardActive).unwrap();
        assert_eq!(slic.hook(), Ok(Loop::default()));
        slic.ring(true).unwrap();
        assert_eq!(slic.feeding(), Ok(LineFeed::Ringing));
        slic.bus.set_hook(true);
        assert_eq!(slic.hook(), Ok(Loop { closed: true, ring_trip: true }));
        assert_eq!(slic.feeding(), Ok(LineFeed::ForwardActive));
        slic.ring(false).unwrap();
        slic.bus.set_hook(false);
        assert_eq!(slic.hook(), Ok(Loop::default()));
    }

    #[test]
    fn a_chip_that_never_finishes_is_given_up() {
        let mut chip = Chip::new(0, 0, 5);
        chip.slowness = u16::MAX;
        let mut slic = Slic::new(chip);
        assert_eq!(slic.write_indirect(7, 1).unwrap_err().reason, Reason::NoAnswer);
    }

    #[test]
    fn faults_of_the_bus_come_through_and_names_are_checked() {
        let mut chip = Chip::new(2, 1, 5);
        chip.fails = Some(Reason::System(5));
        let fault = Slic::new(chip).hook().unwrap_err();
        assert_eq!(fault, Place::Spi { bus: 2, select: 1 }.fault(Reason::System(5)));
        let mut slic = Slic::new(Chip::new(0, 0, 5));
        assert_eq!(slic.write(0x80, 0).unwrap_err().reason, Reason::OutOfRange);
    }

    proptest! {
        #[test]
        fn indirect_registers_keep_what_was_written(
            values in prop::collection::vec((0..100u8, any::<u16>()), 1..40)
        ) {
            let mut slic = Slic::new(Chip::new(0, 0, 5));
            let mut expected = [0; INDIRECT];
            for (at, value) in values {
                slic.write_indirect(at, value).unwrap();
                expected[usize::from(at)] = value;
            }
            for (at, value) in (0..).zip(expected) {
                prop_assert_eq!(slic.read_indirect(at), Ok(value));
            }
        }

        #[test]
        fn a_line_is_fed_as_it_was_told(code in 0..8usize) {
            let mut slic = Slic::new(Chip::new(0, 0, 5));
            slic.feed(LineFeed::ALL[code]).unwrap();
            prop_assert_eq!(slic.feeding(), Ok(LineFeed::ALL[code]));
        }
    }
}
