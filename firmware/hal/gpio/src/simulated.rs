//! Pins, registers and SPI that are not there: for tests and for boxes without hardware, each with
//! the faults that real ones have.
//!
//! ```text
//!   output(4) ──► pin 4 ──wire──► pin 7 ──► input(7)      stick(7): the pin ignores everybody
//!                                                         fail(7): its driver says why
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use units::{Duration, Instant};

use crate::{Edge, Fault, Input, Level, Output, Place, Reason, Registers, Transfer};

/// Pins of a board.
pub const PINS: usize = 64;
/// Edges that wait at an input; a real driver has a limit too, and drops the oldest.
const EDGES: usize = 16;

#[derive(Debug, Default, Clone)]
struct Pin {
    level: Level,
    stuck: Option<Level>,
    fails: Option<Reason>,
    /// Pins that follow this one.
    wires: Vec<usize>,
    edges: VecDeque<Edge>,
}

/// A board with [`PINS`] pins, all low, with no wires between them. Clones are the same board.
#[derive(Clone, Debug)]
pub struct Board(Arc<Mutex<Vec<Pin>>>);

impl Default for Board {
    fn default() -> Self {
        Self::new()
    }
}

impl Board {
    /// A new board.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(vec![Pin::default(); PINS])))
    }

    fn pins(&self) -> MutexGuard<'_, Vec<Pin>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, pin: u32, what: impl FnOnce(&mut Pin) -> T) -> T {
        what(&mut self.pins()[index(pin)])
    }

    /// Joins two pins: the second follows the first, its present level included.
    pub fn wire(&self, from: u32, to: u32) {
        let level = self.with(from, |pin| {
            pin.wires.push(index(to));
            pin.level
        });
        self.drive(to, level);
    }

    /// Somebody outside, or an output, drives a pin and all that hang on it.
    pub fn drive(&self, pin: u32, level: Level) {
        let mut pins = self.pins();
        // Wires may make a ring: each pin is driven once.
        let (mut waiting, mut driven) = (vec![index(pin)], [false; PINS]);
        while let Some(at) = waiting.pop() {
            if std::mem::replace(&mut driven[at], true) {
                continue;
            }
            let pin = &mut pins[at];
            let level = pin.stuck.unwrap_or(level);
            if pin.level != level {
                pin.level = level;
                if pin.edges.len() == EDGES {
                    pin.edges.pop_front();
                }
                pin.edges.push_back(if level.is_high() { Edge::Rising } else { Edge::Falling });
            }
            waiting.extend(&pin.wires);
        }
    }

    /// Makes a pin keep a level whatever drives it, or frees it; freed, it keeps its level until
    /// somebody drives it.
    pub fn stick(&self, pin: u32, at: Option<Level>) {
        self.with(pin, |pin| pin.stuck = at);
        if let Some(level) = at {
            self.drive(pin, level);
        }
    }

    /// Makes every call on a pin fail, or work again.
    pub fn fail(&self, pin: u32, reason: Option<Reason>) {
        self.with(pin, |pin| pin.fails = reason);
    }

    /// The level of a pin, as an instrument on the board shows it.
    #[must_use]
    pub fn level(&self, pin: u32) -> Level {
        self.with(pin, |pin| pin.level)
    }

    /// Takes a pin as an output.
    #[must_use]
    pub fn output(&self, pin: u32) -> SimulatedPin {
        SimulatedPin { board: self.clone(), pin }
    }

    /// Takes a pin as an input. Edges from before are forgotten.
    #[must_use]
    pub fn input(&self, pin: u32) -> SimulatedPin {
        self.with(pin, |pin| pin.edges.clear());
        SimulatedPin { board: self.clone(), pin }
    }
}

fn index(pin: u32) -> usize {
    usize::try_from(pin).unwrap_or(0) % PINS
}

/// One pin of a [`Board`].
#[derive(Clone, Debug)]
pub struct SimulatedPin {
    board: Board,
    pin: u32,
}

impl SimulatedPin {
    fn check(&self) -> Result<(), Fault> {
        let place = Place::Pin { chip: 0, line: self.pin };
        self.board.with(self.pin, |pin| pin.fails).map_or(Ok(()), |r| Err(place.fault(r)))
    }
}

impl Output for SimulatedPin {
    fn set(&mut self, level: Level) -> Result<(), Fault> {
        self.check()?;
        self.board.drive(self.pin, level);
        Ok(())
    }
}

impl Input for SimulatedPin {
    fn level(&mut self) -> Result<Level, Fault> {
        self.check()?;
        Ok(self.board.level(self.pin))
    }

    fn poll_edge(&mut self) -> Result<Option<Edge>, Fault> {
        self.check()?;
        Ok(self.board.with(self.pin, |pin| pin.edges.pop_front()))
    }
}

/// The hardware of a failover relay: a charge pump that edges on the coil's pin fill, and a contact
/// that is closed while it holds.
#[derive(Debug)]
pub struct ChargePump {
    board: Board,
    coil: SimulatedPin,
    contact: u32,
    holds: Duration,
    filled: Option<Instant>,
}

impl ChargePump {
    /// A relay that lets go `holds` after the last edge.
    #[must_use]
    pub fn new(board: &Board, coil: u32, contact: u32, holds: Duration) -> Self {
        let (board, coil) = (board.clone(), board.input(coil));
        Self { board, coil, contact, holds, filled: None }
    }

    /// Time goes on.
    pub fn step(&mut self, now: Instant) {
        while let Ok(Some(_)) = self.coil.poll_edge() {
            self.filled = Some(now);
        }
        let closed = self.filled.is_some_and(|at| now - at < self.holds);
        self.board.drive(self.contact, Level::from(closed));
    }
}

#[derive(Debug)]
struct File {
    octets: [u8; 256],
    fails: Option<Reason>,
}

/// 256 registers of one octet behind an I2C address, as i2c-stub has them: a word is two registers
/// that follow one another. Clones are the same device.
#[derive(Clone, Debug)]
pub struct RegisterFile {
    place: Place,
    file: Arc<Mutex<File>>,
}

impl RegisterFile {
    /// All registers zero.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self { place, file: Arc::new(Mutex::new(File { octets: [0; 256], fails: None })) }
    }

    fn file(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets registers from `first` on; those past the last wrap round.
    pub fn load(&self, first: u8, octets: &[u8]) {
        let mut file = self.file();
        let mut register = first;
        for octet in octets {
            file.octets[usize::from(register)] = *octet;
            register = register.wrapping_add(1);
        }
    }

    /// Makes every transfer fail ([`Reason::NoAnswer`]: nothing acknowledges), or work again.
    pub fn fail(&self, reason: Option<Reason>) {
        self.file().fails = reason;
    }

    fn access<T>(&self, what: impl FnOnce(&mut [u8; 256]) -> T) -> Result<T, Fault> {
        let mut file = self.file();
        match file.fails {
            Some(reason) => Err(self.place.fault(reason)),
            None => Ok(what(&mut file.octets)),
        }
    }
}

impl Registers for RegisterFile {
    fn place(&self) -> Place {
        self.place
    }

    fn read_byte(&mut self, register: u8) -> Result<u8, Fault> {
        self.access(|octets| octets[usize::from(register)])
    }

    fn write_byte(&mut self, register: u8, value: u8) -> Result<(), Fault> {
        self.access(|octets| octets[usize::from(register)] = value)
    }

    fn read_word(&mut self, register: u8) -> Result<u16, Fault> {
        let (first, second) = (usize::from(register), usize::from(register.wrapping_add(1)));
        self.access(|octets| u16::from_le_bytes([octets[first], octets[second]]))
    }

    fn write_word(&mut self, register: u8, value: u16) -> Result<(), Fault> {
        let (first, second) = (usize::from(register), usize::from(register.wrapping_add(1)));
        self.access(|octets| [octets[first], octets[second]] = value.to_le_bytes())
    }
}

/// SPI whose data out is joined to its data in.
#[derive(Clone, Debug)]
pub struct Loop {
    place: Place,
    /// What every transfer says, if it fails.
    pub fails: Option<Reason>,
}

impl Loop {
    /// A loop that works.
    #[must_use]
    pub const fn new(bus: u8, select: u8) -> Self {
        Self { place: Place::Spi { bus, select }, fails: None }
    }
}

impl Transfer for Loop {
    fn place(&self) -> Place {
        self.place
    }

    fn transfer(&mut self, out: &[u8], back: &mut [u8]) -> Result<(), Fault> {
        if let Some(reason) = self.fails {
            return Err(self.place.fault(reason));
        }
        if out.len() != back.len() || out.is_empty() {
            return Err(self.place.fault(Reason::OutOfRange));
        }
        back.copy_from_slice(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wire_carries_levels_and_edges_one_way() {
        let board = Board::new();
        board.wire(1, 2);
        board.wire(2, 1);
        let (mut out, mut back) = (board.output(1), board.input(2));
        out.set(Level::High).unwrap();
        out.set(Level::High).unwrap();
        out.set(Level::Low).unwrap();
        assert_eq!(back.poll_edge(), Ok(Some(Edge::Rising)));
        assert_eq!(back.poll_edge(), Ok(Some(Edge::Falling)));
        assert_eq!(back.poll_edge(), Ok(None));
        assert_eq!(back.level(), Ok(Level::Low));
    }

    #[test]
    fn a_pin_that_sticks_ignores_its_wire() {
        let board = Board::new();
        board.wire(1, 2);
        board.stick(2, Some(Level::High));
        board.output(1).set(Level::High).unwrap();
        board.output(1).set(Level::Low).unwrap();
        assert_eq!(board.input(2).level(), Ok(Level::High));
    }

    #[test]
    fn a_bus_that_does_not_acknowledge_says_so_and_changes_nothing() {
        let mut file = RegisterFile::new(Place::I2c { bus: 1, address: 0x20 });
        file.write_word(7, 0x1234).unwrap();
        file.fail(Some(Reason::NoAnswer));
        assert_eq!(file.write_byte(7, 0).unwrap_err().reason, Reason::NoAnswer);
        file.fail(None);
        assert_eq!((file.read_byte(7), file.read_byte(8)), (Ok(0x34), Ok(0x12)));
    }
}
