//! Lamp, relay and button by the GPIO character device.

use hal_gpio::button::{Button, Event, Settings};
use hal_gpio::chardev::{InputLine, OutputLine};
use hal_gpio::led::{Led, Pattern};
use hal_gpio::pins::Wiring;
use hal_gpio::relay::{self, Position, Relay};
use hal_gpio::{Fault, Input, Level, Output, Reason};

use crate::bench::{Chip, check, each_millisecond, now};

const LED: u32 = 1;
const COIL: u32 = 2;
const CONTACT: u32 = 3;
const BUTTON: u32 = 4;

pub(crate) fn text(fault: Fault) -> String {
    fault.to_string()
}

fn output(chip: &Chip, line: u32, wiring: Wiring) -> Result<OutputLine, String> {
    OutputLine::open(chip.number, line, wiring, Level::Low).map_err(text)
}

fn input(chip: &Chip, line: u32, wiring: Wiring) -> Result<InputLine, String> {
    InputLine::open(chip.number, line, wiring).map_err(text)
}

/// A lamp flashes as its pattern says, and one that is active low is lit by a low level.
pub(crate) fn led() -> Result<(), String> {
    let chip = Chip::get()?;
    let mut pin = output(&chip, LED, Wiring::default())?;
    let (mut led, mut changes, mut last) = (Led::new(), 0, Level::Low);
    led.show(now(), Pattern::Fast);
    each_millisecond(2000, |now| {
        led.step(now, &mut pin).map_err(text)?;
        let level = chip.level(LED)?;
        changes += i32::from(level != last);
        last = level;
        Ok(())
    })?;
    // 125 ms each: 16 changes in two seconds.
    check((15..=17).contains(&changes), &format!("{changes} changes in 2 s, not 16"))?;
    drop(pin);
    let mut pin = output(&chip, LED, Wiring { active_low: true, ..Wiring::default() })?;
    check(chip.level(LED)?.is_high(), "an active-low lamp is not dark")?;
    pin.set(Level::High).map_err(text)?;
    check(!chip.level(LED)?.is_high(), "an active-low lamp is not lit")
}

/// The relay's mechanics: the contact follows while edges come from the coil.
#[derive(Default)]
struct Mechanics {
    coil: Level,
    edge_ms: u64,
    closed: bool,
}

impl Mechanics {
    fn step(&mut self, chip: &Chip) -> Result<(), String> {
        let (level, ms) = (chip.level(COIL)?, now().as_millis());
        if level != self.coil {
            (self.coil, self.edge_ms) = (level, ms);
        }
        let closed = self.edge_ms > 0 && ms - self.edge_ms < 40;
        if closed != self.closed {
            self.closed = closed;
            chip.pull(CONTACT, Level::from(closed))?;
        }
        Ok(())
    }
}

/// Held while petted, released when not, and a contact that does not follow is a contradiction.
pub(crate) fn relay() -> Result<(), String> {
    let chip = Chip::get()?;
    chip.pull(CONTACT, Level::Low)?;
    let mut coil = output(&chip, COIL, Wiring::default())?;
    let mut contact = input(&chip, CONTACT, Wiring::default())?;
    let mut relay = Relay::new(relay::Settings::USUAL);
    let mut mechanics = Mechanics::default();
    let mut run = |relay: &mut Relay, ms, pet: bool, moves: bool| {
        each_millisecond(ms, |now| {
            if pet {
                relay.pet(now);
            }
            relay.step(now, &mut coil, &mut contact).map_err(text)?;
            if moves { mechanics.step(&chip) } else { Ok(()) }
        })
    };
    run(&mut relay, 400, true, true)?;
    check(relay.lines_are_ours(), &format!("petted, it is {:?}", relay.position()))?;
    run(&mut relay, 150, false, true)?;
    check(relay.lines_are_ours(), "it let go before its patience ended")?;
    run(&mut relay, 300, false, true)?;
    let position = relay.position();
    check(position == Position::Released, &format!("not petted, it is {position:?}"))?;
    check(!chip.level(COIL)?.is_high(), "the coil of a relay that let go is driven")?;
    run(&mut relay, 300, true, false)?;
    let contradiction = Position::Contradiction { closed: false };
    check(relay.position() == contradiction, "a contact that sticks went unseen")?;
    check(!relay.lines_are_ours(), "the lines are ours without a closed contact")
}

/// A short press, a long one that warns first, and a bounce.
pub(crate) fn button() -> Result<(), String> {
    let chip = Chip::get()?;
    chip.pull(BUTTON, Level::High)?;
    // As buttons are wired: pressed, it is at ground.
    let wiring = Wiring { active_low: true, ..Wiring::default() };
    let mut pin = input(&chip, BUTTON, wiring)?;
    let mut button = Button::new(Settings::FACTORY_RESET);
    let mut run = |ms, pressed: bool| {
        chip.pull(BUTTON, Level::from(!pressed))?;
        let mut events = vec![];
        each_millisecond(ms, |now| {
            events.extend(button.step(now, &mut pin).map_err(text)?);
            Ok(())
        })?;
        Ok::<_, String>(events)
    };
    check(run(200, false)?.is_empty(), "events before it was pressed")?;
    run(100, true)?;
    check(run(100, false)? == [Event::Short], "a short press was not told")?;
    run(5, true)?;
    check(run(100, false)?.is_empty(), "a bounce was told")?;
    check(run(5_100, true)? == [Event::Warning], "no warning after 5 s")?;
    check(run(5_000, true)? == [Event::Long], "no factory reset after 10 s")?;
    check(run(100, false)?.is_empty(), "letting go after the long press was told")?;
    // A press between two looks: its edges wait in the kernel, in their order.
    for level in [Level::Low, Level::High] {
        chip.pull(BUTTON, level)?;
        each_millisecond(3, |_| Ok(()))?;
    }
    let mut edges = vec![];
    for _ in 0..3 {
        edges.extend(pin.poll_edge().map_err(text)?);
    }
    check(edges == [hal_gpio::Edge::Rising, hal_gpio::Edge::Falling], &format!("{edges:?}"))
}

/// A line that somebody has is told as such; one past the last as missing or out of range.
pub(crate) fn busy() -> Result<(), String> {
    let chip = Chip::get()?;
    let wiring = Wiring::default();
    let first = output(&chip, LED, wiring)?;
    let fault = OutputLine::open(chip.number, LED, wiring, Level::Low).err();
    check(fault.map(|fault| fault.reason) == Some(Reason::Busy), &format!("{fault:?}"))?;
    drop(first);
    output(&chip, LED, wiring)?;
    let fault = OutputLine::open(chip.number, 999, wiring, Level::Low).err();
    check(fault.map(|fault| fault.reason) == Some(Reason::OutOfRange), &format!("{fault:?}"))
}
