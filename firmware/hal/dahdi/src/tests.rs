//! The driver against a kernel in memory with DAHDI's habits.

use std::sync::Arc;

use hal_card::conformance::{Pair, alone};
use hal_card::{Alarms, Card, Command, Event, Fault, Trouble};
use units::{ClockDomain, Duration, Law, SpanId, Timeslot};

use crate::fake::{Fake, Mischief};
use crate::{
    Blocks, Buffers, DahdiCard, Flash, Frames, Plan, PortPlan, Side, Signalling, SpanPlan,
    Transport, UnitPlan, alarm, config,
};

const ATTEND: Duration = Duration::from_millis(2);

fn span_plan(number: i32) -> SpanPlan {
    SpanPlan {
        span: SpanId(u8::try_from(number).expect("small")),
        number,
        crc4: true,
        clock_priority: 1,
        signalling: Signalling::USUAL,
        frames: Frames::Kernel,
        transport: Transport::Together,
    }
}

fn plan_of(units: Vec<UnitPlan>) -> Plan {
    Plan {
        clock: ClockDomain(0),
        law: Law::A,
        buffers: Buffers::REALTIME,
        blocks: Blocks::Law,
        flash: Flash::USUAL,
        units,
    }
}

fn card_of(fake: &Fake, units: Vec<UnitPlan>) -> DahdiCard<Fake> {
    open(fake, &plan_of(units))
}

fn open(fake: &Fake, plan: &Plan) -> DahdiCard<Fake> {
    DahdiCard::open_attended(Arc::new(fake.clone()), plan, ATTEND).expect("a thread")
}

fn pair(change: impl Fn(&mut SpanPlan)) -> (Fake, DahdiCard<Fake>, DahdiCard<Fake>) {
    let fake = Fake::new(1, 0);
    let card = |number| {
        let mut plan = span_plan(number);
        change(&mut plan);
        card_of(&fake, vec![UnitPlan::Span(plan)])
    };
    let (near, far) = (card(1), card(2));
    (fake, near, far)
}

/// Runs blocks until an event that is wanted came, for a while at most; attends in real time.
fn until(card: &mut dyn Card, wanted: impl Fn(&Event) -> bool) -> bool {
    let mut blocks = vec![[0xD5; 16]; card.channels().len()];
    for _ in 0..3000 {
        match card.receive(&mut blocks, Duration::from_millis(4)) {
            Ok(received) if received.block => drop(card.transmit(&blocks.clone())),
            Ok(_) => {}
            Err(_) => std::thread::yield_now(),
        }
        while let Some(event) = card.poll_event() {
            if wanted(&event) {
                return true;
            }
        }
        let _ = std::sync::mpsc::channel::<()>().1.recv_timeout(Duration::from_micros(100));
    }
    false
}

#[test]
fn a_span_keeps_every_promise_of_a_card() {
    let (_fake, mut near, _far) = pair(|_| {});
    alone(&mut near, 50).expect("conforms");
}

#[test]
fn every_octet_and_every_frame_comes_over_however_the_slots_are_read() {
    let ways = [
        (Transport::Together, Frames::Kernel),
        (Transport::Together, Frames::Own),
        (Transport::Each, Frames::Kernel),
    ];
    let slots = [Some(16), Some(1), Some(31), None].map(|slot| slot.and_then(Timeslot::new));
    for (way, slot) in ways.into_iter().flat_map(|way| slots.map(|slot| (way, slot))) {
        let (transport, frames) = way;
        let (_fake, mut near, mut far) = pair(|plan| {
            plan.transport = transport;
            plan.frames = frames;
            plan.signalling = Signalling::Common(slot);
        });
        let mut pair = Pair::new(&mut near, &mut far);
        pair.settle(20).expect("settles");
        let seen = pair.run(1000, 7).expect("keeps its promises");
        assert_eq!((seen.wrong, seen.deaf), (0, 0), "{way:?} {slot:?}");
        let bearers = if slot.is_some() { 60 } else { 62 };
        assert!(seen.octets > bearers * 900 * 16, "{way:?} {slot:?}: {seen:?}");
        assert!(seen.octets <= bearers * 1000 * 16, "{way:?} {slot:?}: {seen:?}");
        assert_eq!(seen.frames > 200, slot.is_some(), "{way:?} {slot:?}: {seen:?}");
    }
}

#[test]
fn every_octet_comes_over_as_samples_but_that_the_kernel_has_one_zero() {
    let fake = Fake::new(1, 0);
    for signalling in [Signalling::USUAL, Signalling::Associated] {
        let card = |number| {
            let span = SpanPlan { signalling, ..span_plan(number) };
            let plan = plan_of(vec![UnitPlan::Span(span)]);
            open(&fake, &Plan { blocks: Blocks::Linear, ..plan })
        };
        let (mut near, mut far) = (card(1), card(2));
        let mut pair = Pair::new(&mut near, &mut far).hearing(heard_as_samples);
        pair.settle(20).expect("settles");
        let seen = pair.run(1000, 7).expect("keeps its promises");
        assert_eq!((seen.wrong, seen.deaf), (0, 0), "{signalling:?}");
        assert!(seen.octets > 60 * 900 * 16, "{signalling:?}: {seen:?}");
        let given = fake.law_and_flash(Fake::channel_of(1, 7)).0;
        assert_eq!(given, Some(Law::A), "the law of an E1 is the country's");
    }
}

/// What the other side hears of an octet: -1 of 4096 is 0 to the kernel.
fn heard_as_samples(octet: u8) -> u8 {
    if octet == 0x55 { 0xD5 } else { octet }
}

#[test]
fn an_analog_port_with_samples_has_the_law_of_its_driver() {
    let fake = Fake::new(0, 1);
    let port = |side, channel| UnitPlan::Port(PortPlan { side, channel, echo: false });
    for (blocks, law) in [(Blocks::Law, Some(Law::A)), (Blocks::Linear, None)] {
        let card = |unit| open(&fake, &Plan { blocks, ..plan_of(vec![unit]) });
        let mut near = card(port(Side::Telephone, 1));
        let mut far = card(port(Side::Exchange, 2));
        assert_eq!(fake.law_and_flash(1).0, law);
        let mut heard = [[0; 16]];
        for block in 0..40 {
            far.transmit(&[[0xAA; 16]]).expect("there");
            far.receive(&mut [[0; 16]], Duration::ZERO).expect("there");
            near.receive(&mut heard, Duration::from_millis(4)).expect("there");
            near.transmit(&[[0xD5; 16]]).expect("there");
            assert!(block < 20 || heard == [[0xAA; 16]], "{blocks:?}: {heard:x?}");
        }
    }
}

#[test]
fn a_telephone_is_on_hook_when_it_can_be_no_flash_any_more() {
    for most_ms in [300, 500, 800] {
        let fake = Fake::new(0, 1);
        let flash = Flash { least_ms: 100, most_ms };
        let card = |side, channel| {
            let port = UnitPlan::Port(PortPlan { side, channel, echo: false });
            open(&fake, &Plan { flash, ..plan_of(vec![port]) })
        };
        let (mut near, mut far) = (card(Side::Telephone, 1), card(Side::Exchange, 2));
        assert_eq!(fake.law_and_flash(2).1, i32::from(100 + most_ms) / 2, "our own flash");
        let mut pair = Pair::new(&mut near, &mut far);
        pair.settle(10).expect("settles");
        pair.far.command(Command::Loop { channel: 0, closed: true }).expect("closes");
        let hook = |off_hook| move |e: &Event| *e == Event::Hook { channel: 0, off_hook };
        pair.await_event(0, 20, "off hook", hook(true)).expect("off hook");
        pair.far.command(Command::Loop { channel: 0, closed: false }).expect("opens");
        let blocks = pair.await_event(0, 1000, "on hook", hook(false)).expect("on hook");
        let ms = blocks * 2;
        assert!((u32::from(most_ms)..u32::from(most_ms) + 20).contains(&ms), "{ms} ms");
    }
}

#[test]
fn frames_of_the_kernel_and_our_own_understand_each_other() {
    let fake = Fake::new(1, 0);
    let mut near = card_of(&fake, vec![UnitPlan::Span(span_plan(1))]);
    let own = SpanPlan { frames: Frames::Own, ..span_plan(2) };
    let mut far = card_of(&fake, vec![UnitPlan::Span(own)]);
    let mut pair = Pair::new(&mut near, &mut far);
    pair.settle(20).expect("settles");
    let seen = pair.run(800, 9).expect("keeps its promises");
    assert_eq!((seen.wrong, seen.deaf), (0, 0));
}

#[test]
fn a_tick_of_a_span_costs_three_calls_however_many_slots_it_has() {
    let (fake, mut near, _far) = pair(|_| {});
    let mut blocks = vec![[0xD5; 16]; 31];
    let mut tick = || {
        near.receive(&mut blocks, Duration::from_millis(4)).expect("there");
        near.transmit(&blocks.clone()).expect("there");
        while near.poll_event().is_some() {}
    };
    for _ in 0..20 {
        tick();
    }
    let before = fake.calls();
    for _ in 0..400 {
        tick();
    }
    // A block in, a block out, a look at the D channel; one look at the buffers each second.
    assert!((1200..=1202).contains(&(fake.calls() - before)), "{}", fake.calls() - before);
}

#[test]
fn signalling_bits_cross_both_ways() {
    let (_fake, mut near, mut far) = pair(|plan| plan.signalling = Signalling::Associated);
    let mut pair = Pair::new(&mut near, &mut far);
    pair.settle(20).expect("settles");
    for (channel, bits) in [(0, 0b1001), (30, 0b0101), (7, 0b0010)] {
        pair.expect(Command::Cas { channel, bits }, 20, "bits cross", |event| {
            *event == Event::Cas { channel, bits }
        })
        .expect("they do");
    }
    let refused = pair.near.command(Command::Cas { channel: 15, bits: 1 });
    assert_eq!(refused, Err(Fault::NoSuchChannel), "slot 16 has no bits of its own");
    let seen = pair.run(300, 50).expect("keeps its promises");
    assert_eq!((seen.wrong, seen.deaf), (0, 0));
}

#[test]
fn telephones_and_exchange_lines_ring_answer_flash_and_turn_over() {
    let fake = Fake::new(0, 1);
    let port = |side, channel| UnitPlan::Port(PortPlan { side, channel, echo: true });
    let mut near = card_of(&fake, vec![port(Side::Telephone, 1)]);
    let mut far = card_of(&fake, vec![port(Side::Exchange, 2)]);
    assert_eq!(far.command(Command::Ring { channel: 0, on: true }), Err(Fault::NoSuchChannel));
    let mut pair = Pair::new(&mut near, &mut far);
    pair.settle(10).expect("settles");
    let is = |wanted: Event| move |event: &Event| *event == wanted;
    pair.expect(Command::Ring { channel: 0, on: true }, 20, "ringing is heard", {
        is(Event::Ringing { channel: 0, on: true })
    })
    .expect("rings");
    pair.expect(Command::Ring { channel: 0, on: false }, 20, "and its end", {
        is(Event::Ringing { channel: 0, on: false })
    })
    .expect("stops");
    pair.expect(Command::Polarity { channel: 0, reversed: true }, 20, "polarity is seen", {
        is(Event::Polarity { channel: 0 })
    })
    .expect("turns");
    pair.near.command(Command::OnHookSound { channel: 0, ms: 3000 }).expect("a telephone");
    assert_eq!(fake.on_hook_ms(1), 3000);
    let refused = pair.far.command(Command::OnHookSound { channel: 0, ms: 3000 });
    assert_eq!(refused, Err(Fault::NoSuchChannel), "an exchange is not told who calls");
    pair.far.command(Command::Loop { channel: 0, closed: true }).expect("closes");
    pair.await_event(0, 20, "off hook", is(Event::Hook { channel: 0, off_hook: true }))
        .expect("off hook");
    assert!(pair.near.voltages(0).expect("told").tip_mv < -5000);
    pair.far.command(Command::Flash { channel: 0 }).expect("flashes");
    pair.await_event(0, 20, "a flash", is(Event::Flash { channel: 0 })).expect("a flash");
    pair.far.command(Command::Loop { channel: 0, closed: false }).expect("opens");
    pair.await_event(0, 300, "on hook", is(Event::Hook { channel: 0, off_hook: false }))
        .expect("on hook");
}

#[test]
fn the_cards_echo_canceller_is_switched_where_slots_have_a_descriptor_each() {
    let (fake, mut near, mut far) = pair(|plan| plan.transport = Transport::Each);
    near.command(Command::Echo { channel: 4, on: true }).expect("switched on");
    assert_eq!(fake.echo_taps(Fake::channel_of(1, 5)), 512);
    near.command(Command::Echo { channel: 4, on: false }).expect("switched off");
    assert_eq!(fake.echo_taps(Fake::channel_of(1, 5)), 0);
    Pair::new(&mut near, &mut far).settle(5).expect("goes on");
    let (_fake, mut near, _far) = pair(|_| {});
    let refused = near.command(Command::Echo { channel: 4, on: true });
    assert_eq!(refused, Err(Fault::NoSuchChannel), "slots that are read together have none");
}

#[test]
fn alarms_and_errors_of_the_line_are_told() {
    let (fake, mut near, _far) = pair(|_| {});
    assert!(until(&mut near, |e| matches!(e, Event::Alarms { alarms, .. } if !alarms.down())));
    for (bits, wanted) in [
        (alarm::RED | alarm::LOS, Alarms { los: true, ..Alarms::default() }),
        (alarm::RED, Alarms { lof: true, ..Alarms::default() }),
        (alarm::BLUE, Alarms { ais: true, ..Alarms::default() }),
        (alarm::RECOVER, Alarms { lof: true, ..Alarms::default() }),
        (alarm::YELLOW, Alarms { rai: true, ..Alarms::default() }),
        (alarm::LMFA, Alarms { lomf: true, ..Alarms::default() }),
        (0, Alarms::default()),
    ] {
        fake.play(1, Mischief::Alarms(bits));
        let told = |event: &Event| *event == Event::Alarms { span: SpanId(1), alarms: wanted };
        assert!(until(&mut near, told), "{bits:#x}");
    }
    fake.play(1, Mischief::Counts([2, 3, 4, 5]));
    assert!(!until(&mut near, |event| matches!(event, Event::Trouble { .. })));
    let counted = near.counters(SpanId(1)).expect("there");
    assert_eq!((counted.code_violations, counted.crc_errors), (2, 3));
    assert_eq!((counted.far_crc_errors, counted.fas_errors), (4, 5));
}

#[test]
fn a_span_that_is_unplugged_and_put_back_serves_again_and_its_neighbour_never_notices() {
    let fake = Fake::new(2, 0);
    let both = |a, b| vec![UnitPlan::Span(span_plan(a)), UnitPlan::Span(span_plan(b))];
    let mut near = card_of(&fake, both(1, 3));
    let mut far = card_of(&fake, vec![UnitPlan::Span(span_plan(4))]);
    let trouble = |channel, trouble| move |e: &Event| *e == Event::Trouble { channel, trouble };
    fake.play(1, Mischief::Unplugged(true));
    assert!(until(&mut near, trouble(0, Some(Trouble::Missing))));
    let mut blocks = vec![[0; 16]; 62];
    let mut there = vec![[0; 16]; 31];
    for block in 0..20 {
        let received = near.receive(&mut blocks, Duration::from_millis(10)).expect("neighbour");
        assert!(received.block, "the neighbour delivers");
        far.receive(&mut there, Duration::from_millis(10)).expect("far");
        far.transmit(&[[block; 16]; 31]).expect("far");
        assert_eq!(blocks[..31], [[0xD5; 16]; 31], "nobody is heard on what is not there");
        blocks[..31].fill([0x33; 16]);
        near.transmit(&[[0xD5; 16]; 62]).expect("neighbour");
        if block > 8 {
            assert!(blocks[31][0].abs_diff(block) < 6, "{} at {block}", blocks[31][0]);
        }
    }
    fake.play(1, Mischief::Unplugged(false));
    assert!(until(&mut near, trouble(0, None)), "it is back");
    assert!(until(&mut near, |event| matches!(event, Event::Alarms { span: SpanId(1), alarms }
        if !alarms.down())));
}

#[test]
fn a_span_that_is_not_there_at_the_start_is_a_trouble_and_comes_later() {
    let fake = Fake::new(1, 0);
    fake.play(1, Mischief::Unplugged(true));
    let mut card = card_of(&fake, vec![UnitPlan::Span(span_plan(1))]);
    let trouble = |trouble| move |e: &Event| *e == Event::Trouble { channel: 0, trouble };
    assert_eq!(card.receive(&mut [[0; 16]; 31], Duration::ZERO), Err(Fault::Gone));
    assert!(until(&mut card, trouble(Some(Trouble::Missing))));
    fake.play(1, Mischief::Unplugged(false));
    assert!(until(&mut card, trouble(None)));
    let mut absent = card_of(&fake, vec![UnitPlan::Span(span_plan(9))]);
    assert!(until(&mut absent, trouble(Some(Trouble::Missing))), "no such span ever");
}

#[test]
fn another_program_on_the_span_is_named_and_waited_for() {
    let fake = Fake::new(1, 0);
    fake.play(1, Mischief::Taken(true));
    let mut card = card_of(&fake, vec![UnitPlan::Span(span_plan(1))]);
    let trouble = |trouble| move |e: &Event| *e == Event::Trouble { channel: 0, trouble };
    assert!(until(&mut card, trouble(Some(Trouble::Busy))));
    fake.play(1, Mischief::Taken(false));
    assert!(until(&mut card, trouble(None)));
    fake.play(1, Mischief::Line(config::HDB3));
    assert!(until(&mut card, trouble(Some(Trouble::Overridden))));
    fake.play(1, Mischief::Line(config::HDB3 | config::CRC4 | config::CCS));
    assert!(until(&mut card, trouble(None)));
}

#[test]
fn a_device_that_may_not_be_opened_is_told_and_tried_again() {
    let fake = Fake::new(1, 0);
    fake.play(1, Mischief::Locked(true));
    let mut card = card_of(&fake, vec![UnitPlan::Span(span_plan(1))]);
    let trouble = |trouble| move |e: &Event| *e == Event::Trouble { channel: 0, trouble };
    assert!(until(&mut card, trouble(Some(Trouble::Forbidden))));
    fake.play(1, Mischief::Locked(false));
    assert!(until(&mut card, trouble(None)));
}

#[test]
fn without_the_kernels_driver_every_socket_is_missing_and_nothing_fails() {
    let kernel = Arc::new(crate::System::new(std::path::Path::new("/nowhere/dahdi")));
    let port = UnitPlan::Port(PortPlan { side: Side::Telephone, channel: 40, echo: false });
    let units = vec![UnitPlan::Span(span_plan(1)), port];
    let plan = plan_of(units);
    let mut card = DahdiCard::open_attended(kernel, &plan, ATTEND).expect("a thread");
    assert_eq!(card.receive(&mut [[0; 16]; 32], Duration::ZERO), Err(Fault::Gone));
    let told: Vec<_> = std::iter::from_fn(|| card.poll_event()).collect();
    for channel in [0, 31] {
        let missing = Event::Trouble { channel, trouble: Some(Trouble::Missing) };
        assert!(told.contains(&missing), "{channel}: {told:?}");
    }
}

#[test]
fn a_driver_that_stops_delivering_or_fails_is_told_and_its_return_too() {
    let (fake, mut near, _far) = pair(|_| {});
    let trouble = |trouble| move |e: &Event| *e == Event::Trouble { channel: 0, trouble };
    fake.play(1, Mischief::Stopped(true));
    assert!(until(&mut near, trouble(Some(Trouble::Silent))));
    fake.play(1, Mischief::Stopped(false));
    assert!(until(&mut near, trouble(None)));
    fake.play(1, Mischief::Failing(libc::EIO));
    assert!(until(&mut near, |event| matches!(
        event,
        Event::Trouble { trouble: Some(Trouble::Failing(libc::EIO) | Trouble::Missing), .. }
    )));
    fake.play(1, Mischief::Failing(0));
    assert!(until(&mut near, trouble(None)));
}

#[test]
fn a_short_read_is_counted_and_costs_no_other_octet() {
    let (fake, mut near, mut far) = pair(|_| {});
    let mut pair = Pair::new(&mut near, &mut far);
    pair.settle(20).expect("settles");
    fake.play(1, Mischief::Short(5));
    pair.settle(4).expect("goes on");
    let seen = pair.run(200, 50).expect("keeps its promises");
    assert_eq!((seen.wrong, seen.deaf), (0, 0));
    assert_eq!(near.counters(SpanId(1)).expect("there").slips, 1);
}
