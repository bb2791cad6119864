//! The suite of every line card against the kernel: two E1 spans back to back (1 and 2 unless
//! said), signalling bits, analog ports, alarms, a span that is taken away and given back.
//!
//! `ringmain-card-test [--blocks N] [--analog FIRST] [--card FIRST] [NAME]...`; the first FIRST is
//! the telephone side of a pair of analog ports, the second the first E1 span of our test card.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use card_tests::counting::Counting;
use card_tests::{Checked, dynamic, knobs, plans, tell};
use hal_card::conformance::{Pair, Seen, alone};
use hal_card::{Card, Command, Event, Trouble};
use hal_dahdi::{
    Blocks, Flash, Frames, Kernel, Plan, Side, Signalling, SpanPlan, System, Transport, UnitPlan,
    config,
};
use units::{Duration, SpanId};

/// Blocks in which lines come up.
const SETTLE: u32 = 1500;
/// Ticks over which system calls are counted.
const COUNTED: u32 = 1000;
/// System calls that a tick of a span may take at most.
const MOST_CALLS: f64 = 12.0;
/// Blocks within which an event comes.
const SOON: u32 = 1500;

fn spans(change: impl Fn(&mut SpanPlan)) -> Result<[Box<dyn Card>; 2], String> {
    let card = |number| {
        let mut plan = plans::span(number);
        change(&mut plan);
        plans::open(vec![UnitPlan::Span(plan)]).map(|card| Box::new(card) as Box<dyn Card>)
    };
    Ok([card(1)?, card(2)?])
}

fn judged(seen: Seen, ways: u64, blocks: u32) -> Checked {
    let text = format!(
        "octets={} wrong={} deaf={} frames={}",
        seen.octets, seen.wrong, seen.deaf, seen.frames
    );
    let enough = ways * u64::from(blocks.saturating_sub(20)) * 16;
    if seen.wrong == 0 && seen.deaf == 0 && seen.octets > enough { Ok(text) } else { Err(text) }
}

/// Every octet and every frame, in one way of reading the slots.
fn octets(transport: Transport, frames: Frames, blocks: u32) -> Checked {
    let [mut near, mut far] = spans(|plan| {
        plan.transport = transport;
        plan.frames = frames;
    })?;
    let mut pair = Pair::new(&mut *near, &mut *far);
    pair.settle(SETTLE)?;
    let seen = pair.run(blocks, 11)?;
    judged(seen, 60, blocks)
}

/// Every octet and every frame as samples; the kernel has one zero.
fn linear(blocks: u32) -> Checked {
    let card = |number| {
        let units = vec![UnitPlan::Span(plans::span(number))];
        plans::open_plan(&Plan { blocks: Blocks::Linear, ..plans::card(units) })
    };
    let (mut near, mut far) = (card(1)?, card(2)?);
    let mut pair = Pair::new(&mut near, &mut far).hearing(as_samples);
    pair.settle(SETTLE)?;
    let seen = pair.run(blocks, 11)?;
    judged(seen, 60, blocks)
}

/// What is heard of an octet through a kernel that has one zero.
const fn as_samples(octet: u8) -> u8 {
    if octet == 0x55 { 0xD5 } else { octet }
}

/// Noise both ways through a pair of analog ports as samples.
fn analog_linear(telephone: i32, line: i32, blocks: u32) -> Checked {
    let card = |side, channel| {
        let units = vec![plans::port(side, channel)];
        plans::open_plan(&Plan { blocks: Blocks::Linear, ..plans::card(units) })
    };
    let mut near = card(Side::Telephone, telephone)?;
    let mut far = card(Side::Exchange, line)?;
    far.command(Command::Loop { channel: 0, closed: true }).map_err(|_| "closes")?;
    // The telephone's side is quiet, so that what the line says is found and followed.
    let (mut sent, mut heard) = (vec![], vec![]);
    let mut random = 1_u32;
    for block in 0..blocks + SETTLE {
        let mut room = [[0xD5; 16]];
        let there = near.receive(&mut room, Duration::from_millis(500)).map_err(|_| "near")?;
        near.transmit(&[[0xD5; 16]]).map_err(|_| "near")?;
        if block >= SETTLE && there.block {
            heard.extend(room[0]);
        }
        let there = far.receive(&mut room, Duration::from_millis(20)).map_err(|_| "far")?;
        if there.block {
            let said = std::array::from_fn(|_| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                random.to_be_bytes()[0]
            });
            sent.extend(said.map(as_samples));
            far.transmit(&[said]).map_err(|_| "far")?;
        }
        while near.poll_event().is_some() {}
        while far.poll_event().is_some() {}
    }
    let place = sent.windows(64).position(|window| heard.starts_with(window));
    let place = place.ok_or("what the line said is heard")?;
    let wrong = heard.iter().zip(&sent[place..]).filter(|(a, b)| a != b).count();
    let text = format!("octets={} wrong={wrong}", heard.len());
    if wrong == 0 { Ok(text) } else { Err(text) }
}

/// How soon an on-hook is told, for countries with a long flash and a short one: with the clock of
/// the kernel that tells it. And that a flash of our own is one to the other side.
fn flash(telephone: i32, line: i32) -> Checked {
    let mut told = vec![];
    for most_ms in [500, 350] {
        let flash = Flash { least_ms: 210, most_ms };
        let card = |unit| plans::open_plan(&Plan { flash, ..plans::card(vec![unit]) });
        let mut near = card(plans::port(Side::Telephone, telephone))?;
        let mut far = card(plans::port(Side::Exchange, line))?;
        let mut pair = Pair::new(&mut near, &mut far);
        pair.settle(SETTLE)?;
        let hook = |off_hook| move |e: &Event| *e == Event::Hook { channel: 0, off_hook };
        pair.far.command(Command::Loop { channel: 0, closed: true }).map_err(|_| "closes")?;
        pair.await_event(0, SOON, "the answer is seen", hook(true))?;
        pair.settle(500)?;
        pair.far.command(Command::Flash { channel: 0 }).map_err(|_| "flashes")?;
        let flashed = |event: &Event| *event == Event::Flash { channel: 0 };
        pair.await_event(0, SOON, "our flash is one to the other side", flashed)?;
        pair.settle(500)?;
        pair.far.command(Command::Loop { channel: 0, closed: false }).map_err(|_| "opens")?;
        let opened = Instant::now();
        pair.await_event(0, SOON, "the release is seen", hook(false))?;
        let ms = opened.elapsed().as_millis();
        told.push(format!("on_hook_ms_{most_ms}={ms}"));
        let most_ms = u128::from(most_ms);
        if !(most_ms..=most_ms + 100).contains(&ms) {
            return Err(told.join(" "));
        }
    }
    Ok(told.join(" "))
}

/// Framing and clock of both E1 spans of the test card, as DAHDI has them in the end.
fn settings(first: i32) -> Checked {
    let system = System::new(Path::new("/dev/dahdi"));
    let status = |number| system.span(number).map_err(|errno| format!("span {number}: {errno}"));
    let mut text = String::new();
    for (crc4, clocks, wanted) in [
        ([true, true], [1, 2], first),
        ([false, true], [2, 1], first + 1),
        ([true, false], [0, 3], first + 1),
        ([false, false], [0, 0], 0),
    ] {
        let plan = |place: usize, number| {
            let (crc4, clock_priority) = (crc4[place], clocks[place]);
            UnitPlan::Span(SpanPlan { crc4, clock_priority, ..plans::span(number) })
        };
        let mut card = plans::open(vec![plan(0, first), plan(1, first + 1)])?;
        alone(&mut card, 200)?;
        for (place, number) in (first..first + 2).enumerate() {
            let is = status(number)?;
            let line = config::HDB3 | config::CCS | if crc4[place] { config::CRC4 } else { 0 };
            if (is.line, is.clock_source) != (line, wanted) {
                return Err(format!(
                    "crc4 {crc4:?}, clock {clocks:?}: span {number} has {:#x} and follows {}",
                    is.line, is.clock_source
                ));
            }
        }
        if clocks == [1, 2] {
            knobs::set("alarms", "1 8")?;
            wait(
                &mut card,
                "the alarm of the first span",
                |event| matches!(event, Event::Alarms { alarms, .. } if alarms.down()),
            )?;
            let other = status(first)?.clock_source;
            knobs::set("alarms", "1 0")?;
            let again = status(first)?.clock_source;
            if (other, again) != (first + 1, first) {
                return Err(format!("follows {other} in an alarm and {again} after it"));
            }
        }
        text = format!("{text}{}", if text.is_empty() { "clocks=" } else { "," });
        text = format!("{text}{wanted}");
    }
    Ok(text)
}

/// What a span has counted, raised by the test card, and counted anew when it is plugged in again.
fn counters(first: i32) -> Checked {
    knobs::set("counts", "1 7 7 7 7")?;
    let span = SpanId(u8::try_from(first).unwrap_or(1));
    let mut card = plans::open(vec![UnitPlan::Span(plans::span(first))])?;
    let of = |card: &dyn Card| card.counters(span).unwrap_or_default();
    let as_counted = |card: &dyn Card| {
        let c = of(card);
        [c.code_violations, c.crc_errors, c.far_crc_errors, c.fas_errors]
    };
    pass(&mut card, 600);
    let mut seen = vec![as_counted(&card)];
    // More; and from zero, as a driver that was loaded anew counts.
    for counts in ["1 9 10 11 12", "1 1 2 3 4"] {
        knobs::set("counts", counts)?;
        pass(&mut card, 600);
        seen.push(as_counted(&card));
    }
    let before = of(&card).losses_of_frame;
    for alarm in ["1 8", "1 0", "1 8", "1 0"] {
        knobs::set("alarms", alarm)?;
        pass(&mut card, 100);
    }
    let lost = of(&card).losses_of_frame - before;
    // A stopped reader: what the kernel had no room for is missing, what was owed is a slip.
    std::thread::sleep(Duration::from_millis(200));
    let mut room = vec![[0xD5; 16]; card.channels().len()];
    let missing: u32 = (0..20)
        .filter_map(|_| card.receive(&mut room, Duration::from_millis(4)).ok())
        .map(|received| received.missing)
        .sum();
    let text = format!("counted={seen:?} losses={lost} missing={missing}").replace(' ', "");
    let wanted = vec![[0; 4], [2, 3, 4, 5], [3, 5, 7, 9]];
    let text = text.replace("losses", " losses").replace("missing", " missing");
    if seen == wanted && lost == 2 && missing > 0 { Ok(text) } else { Err(text) }
}

/// Ticks, with silence, whatever happens in them.
fn pass(card: &mut dyn Card, ticks: u32) {
    let mut blocks = vec![[0xD5; 16]; card.channels().len()];
    let idle = blocks.clone();
    for _ in 0..ticks {
        // A look that finds an event finds no block.
        if card.receive(&mut blocks, Duration::from_millis(20)).is_ok_and(|there| there.block) {
            let _ = card.transmit(&idle);
        }
        while card.poll_event().is_some() {}
    }
}

/// System calls that a tick of one span takes, with a frame on its D channel every eleven: both
/// ways of reading the slots, the one that boards have first.
fn cost() -> Checked {
    let mut of = [0.0; 2];
    for (transport, of) in [Transport::Together, Transport::Each].into_iter().zip(&mut of) {
        let plan = |number| vec![UnitPlan::Span(SpanPlan { transport, ..plans::span(number) })];
        let kernel = Arc::new(Counting::default());
        let mut near = plans::open_on(kernel.clone(), &plans::card(plan(1)))?;
        let mut far = plans::open(plan(2))?;
        let mut pair = Pair::new(&mut near, &mut far);
        pair.settle(SETTLE)?;
        let before = kernel.calls();
        judged(pair.run(COUNTED, 11)?, 60, COUNTED)?;
        let calls = u32::try_from(kernel.calls() - before).map_err(|_| "too many to count")?;
        *of = f64::from(calls) / f64::from(COUNTED);
    }
    let text = format!("syscalls_per_tick={:.1} each={:.1}", of[0], of[1]);
    // Not one for each channel and way: a handful for all.
    if of[0] < MOST_CALLS && of[0] * 4.0 < of[1] { Ok(text) } else { Err(text) }
}

fn promises() -> Checked {
    let [mut near, _far] = spans(|_| {})?;
    alone(&mut *near, 500)?;
    Ok(String::new())
}

fn bits() -> Checked {
    let [mut near, mut far] = spans(|plan| {
        plan.signalling = Signalling::Associated;
        plan.transport = Transport::Each;
    })?;
    let mut pair = Pair::new(&mut *near, &mut *far);
    pair.settle(SETTLE)?;
    let mut count = 0;
    for bits in [0b1001, 0b0101, 0b0001, 0b1101] {
        for channel in (0..31).filter(|channel| *channel != 15) {
            let cross = Command::Cas { channel, bits };
            pair.expect(cross, SOON, "signalling bits cross", |event| {
                *event == Event::Cas { channel, bits }
            })?;
            count += 1;
        }
    }
    Ok(format!("changes={count}"))
}

/// The kernel's echo canceller, switched on in a channel whose far side sends our own sound back.
fn echo() -> Checked {
    let [mut near, mut far] = spans(|plan| plan.transport = Transport::Each)?;
    let mut pair = Pair::new(&mut *near, &mut *far);
    pair.settle(SETTLE)?;
    let mut energy = [0_u64; 2];
    for (turn, energy) in energy.iter_mut().enumerate() {
        let on = turn == 1;
        pair.near
            .command(Command::Echo { channel: 3, on })
            .map_err(|fault| format!("the kernel's echo canceller: {fault:?}"))?;
        *energy = echo_energy(&mut pair)?;
    }
    let text = format!("energy without={} with={}", energy[0], energy[1]);
    // Silence has an energy of its own on this scale: one a sample.
    if energy[1] * 4 < energy[0] { Ok(text) } else { Err(text) }
}

/// Energy of what comes back in a channel that the far side echoes, at the end of four seconds.
fn echo_energy(pair: &mut Pair<'_>) -> Result<u64, String> {
    let mut random: u32 = 1;
    let mut back = vec![[0xD5; 16]; 31];
    let mut energy = 0;
    for block in 0..2000 {
        let mut near = vec![[0xD5; 16]; 31];
        pair.near.receive(&mut near, Duration::from_millis(500)).map_err(|_| "receives")?;
        if block > 1500 {
            energy += near[3].iter().map(|octet| magnitude(*octet)).sum::<u64>();
        }
        let mut out = vec![[0xD5; 16]; 31];
        out[3] = std::array::from_fn(|_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Loud noise: segments 5 and 6 of A-law, both signs.
            (((random >> 24) & 0x9F) | 0x40).to_le_bytes()[0] ^ 0x55
        });
        pair.near.transmit(&out).map_err(|_| "transmits")?;
        let mut far = vec![[0xD5; 16]; 31];
        let there = pair.far.receive(&mut far, Duration::from_millis(20)).map_err(|_| "far")?;
        if there.block {
            // Twelve decibels down, as a hybrid: two segments less.
            back[3] = far[3].map(|octet| {
                let plain = octet ^ 0x55;
                (if plain & 0x70 < 0x20 { plain } else { plain - 0x20 }) ^ 0x55
            });
            pair.far.transmit(&back).map_err(|_| "far")?;
        }
        while pair.near.poll_event().is_some() {}
        while pair.far.poll_event().is_some() {}
    }
    Ok(energy)
}

/// About the magnitude of a sample: the exponent of A-law.
const fn magnitude(octet: u8) -> u64 {
    let plain = (octet ^ 0x55) & 0x7F;
    1 << (plain >> 4)
}

/// A telephone port and an exchange line on signalling bits: ring, answer, release.
fn analog(telephone: i32, line: i32, flash: bool) -> Checked {
    let mut near = plans::open(vec![plans::port(Side::Telephone, telephone)])?;
    let mut far = plans::open(vec![plans::port(Side::Exchange, line)])?;
    for (name, card) in [("telephone", &mut near), ("line", &mut far)] {
        while let Some(event) = card.poll_event() {
            if matches!(event, Event::Trouble { .. }) {
                return Err(format!("{name}: {event:?}"));
            }
        }
    }
    let mut pair = Pair::new(&mut near, &mut far);
    pair.settle(SETTLE)?;
    let is = |wanted: Event| move |event: &Event| *event == wanted;
    for _ in 0..3 {
        pair.expect(
            Command::Ring { channel: 0, on: true },
            SOON,
            "ringing is heard",
            is(Event::Ringing { channel: 0, on: true }),
        )?;
        pair.expect(
            Command::Ring { channel: 0, on: false },
            SOON * 3,
            "the end of a ring is heard",
            is(Event::Ringing { channel: 0, on: false }),
        )?;
        let answered = Event::Hook { channel: 0, off_hook: true };
        pair.far.command(Command::Loop { channel: 0, closed: true }).map_err(|_| "closes")?;
        pair.await_event(0, SOON, "the answer is seen", is(answered))?;
        if flash {
            let turned = Command::Polarity { channel: 0, reversed: true };
            pair.expect(turned, SOON, "polarity is seen", is(Event::Polarity { channel: 0 }))?;
            let back = Command::Polarity { channel: 0, reversed: false };
            pair.expect(back, SOON, "polarity is seen", is(Event::Polarity { channel: 0 }))?;
            // A loop that was closed just now is not opened for a flash yet.
            pair.settle(500)?;
            pair.far.command(Command::Flash { channel: 0 }).map_err(|_| "flashes")?;
            pair.await_event(0, SOON, "a flash is seen", is(Event::Flash { channel: 0 }))?;
        }
        let released = Event::Hook { channel: 0, off_hook: false };
        pair.far.command(Command::Loop { channel: 0, closed: false }).map_err(|_| "opens")?;
        pair.await_event(0, SOON, "the release is seen", is(released))?;
        // The kernel takes a ring within two seconds of a release for its bounce.
        pair.settle(SETTLE)?;
    }
    let measured = pair.near.voltages(0);
    if flash && measured.is_none() {
        return Err("the card tells no voltages".into());
    }
    Ok(format!("rings=3 voltages={measured:?}"))
}

/// The far span is taken away and given back, then our own; a neighbour on the same card goes on.
fn comings_and_goings() -> Checked {
    let [mut near, far] = spans(|_| {})?;
    let alarms = |down: bool| {
        move |event: &Event| match event {
            Event::Alarms { span: SpanId(1), alarms } => alarms.down() == down,
            _ => false,
        }
    };
    wait(&mut *near, "the line comes up", alarms(false))?;
    drop(far);
    dynamic::destroy("1:1")?;
    wait(&mut *near, "an alarm when the far side is gone", alarms(true))?;
    let number = dynamic::create("1:1")?;
    let _far = plans::open(vec![UnitPlan::Span(plans::span(number))])?;
    wait(&mut *near, "the alarm ends when it is back", alarms(false))?;
    let ours = "/sys/bus/dahdi_devices/devices/dynamic:loc:0";
    write(&format!("{ours}/unassign_span"), "1")?;
    wait(&mut *near, "our own span is missed", |event| {
        matches!(event, Event::Trouble { channel: 0, trouble: Some(Trouble::Missing) })
    })?;
    write(&format!("{ours}/assign_span"), "1:1:1")?;
    wait(&mut *near, "and works when it is back", |event| {
        matches!(event, Event::Trouble { channel: 0, trouble: None })
    })?;
    Ok(String::new())
}

fn write(path: &str, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|fault| format!("{path}: {fault}"))
}

fn wait(
    card: &mut dyn Card,
    promise: &'static str,
    wanted: impl Fn(&Event) -> bool,
) -> Result<(), String> {
    let mut blocks = vec![[0xD5; 16]; card.channels().len()];
    let idle = blocks.clone();
    for _ in 0..10_000 {
        if card.receive(&mut blocks, Duration::from_millis(2)).is_err() {
            std::thread::sleep(Duration::from_millis(2));
        }
        // What is gone takes nothing.
        let _ = card.transmit(&idle);
        while let Some(event) = card.poll_event() {
            if wanted(&event) {
                return Ok(());
            }
        }
    }
    Err(promise.into())
}

/// What to run and how long.
struct Wanted {
    blocks: u32,
    analog: Option<i32>,
    card: Option<i32>,
    names: Vec<String>,
}

impl Wanted {
    fn read(mut words: impl Iterator<Item = String>) -> Self {
        let mut wanted = Self { blocks: 1500, analog: None, card: None, names: vec![] };
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse().ok());
            match word.as_str() {
                "--blocks" => wanted.blocks = number().unwrap_or(1500),
                "--analog" => wanted.analog = number().and_then(|n| i32::try_from(n).ok()),
                "--card" => wanted.card = number().and_then(|n| i32::try_from(n).ok()),
                _ => wanted.names.push(word),
            }
        }
        wanted
    }

    /// Runs a check, if it is wanted.
    fn run(&self, name: &str, check: impl FnOnce() -> Checked) -> bool {
        let wanted = self.names.is_empty() || self.names.iter().any(|wanted| wanted == name);
        !wanted || tell(&format!("card-{name}"), &check())
    }
}

fn main() -> ExitCode {
    let wanted = Wanted::read(std::env::args().skip(1));
    let mut all = wanted.run("promises", promises);
    for (name, transport, frames) in [
        ("together", Transport::Together, Frames::Kernel),
        ("together-own-hdlc", Transport::Together, Frames::Own),
        ("each", Transport::Each, Frames::Kernel),
    ] {
        all &= wanted.run(name, || octets(transport, frames, wanted.blocks));
    }
    all &= wanted.run("linear", || linear(wanted.blocks));
    all &= wanted.run("cost", cost);
    all &= wanted.run("echo", echo);
    all &= wanted.run("bits", bits);
    all &= wanted.run("analog-on-bits", || analog(1, 32, false));
    if let Some(first) = wanted.analog {
        all &= wanted.run("analog", || analog(first, first + 1, true));
        all &= wanted.run("flash", || flash(first, first + 1));
        all &= wanted.run("analog-linear", || analog_linear(first, first + 1, wanted.blocks));
    }
    if let Some(first) = wanted.card {
        all &= wanted.run("settings", || settings(first));
        all &= wanted.run("counters", || counters(first));
    }
    all &= wanted.run("comings", comings_and_goings);
    if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
