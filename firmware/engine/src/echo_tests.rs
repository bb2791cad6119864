//! The place of a canceller: what goes through it and when, and what is seen of sound.

use units::{Law, LinearBlock, PortId};

use crate::{Command, Echo, EchoFigures, Engine, Notice, Octets, Tapped, Tone};

const A: PortId = PortId(0);
const B: PortId = PortId(1);
const SEEN: EchoFigures = EchoFigures { erl: 120, erle: 300, delay_ms: 9, double_talk_ms: 40 };

/// Knows its line: the echo is half of what was sent.
#[derive(Debug, Default)]
struct Half {
    calls: i16,
}

impl Echo for Half {
    fn process(&mut self, sent: &LinearBlock, heard: &mut LinearBlock) -> bool {
        for (heard, sent) in heard.samples.iter_mut().zip(&sent.samples) {
            *heard -= sent / 2;
        }
        sent.samples.iter().any(|sample| *sample != 0)
    }

    fn begin(&mut self) {
        self.calls += 1;
    }

    fn figures(&self) -> EchoFigures {
        EchoFigures { erl: SEEN.erl * self.calls, ..SEEN }
    }
}

fn engine() -> Engine {
    Engine::new(&[Law::A, Law::A]).with_echo(vec![(A, Box::new(Half::default()))])
}

fn block(sample: i16) -> Octets {
    [g711::encode_a(sample); 16]
}

fn tick(engine: &mut Engine, a: Octets, b: Octets) -> [Octets; 2] {
    let mut tx = [[0; 16]; 2];
    engine.tick(&[a, b], &mut tx);
    tx
}

#[test]
fn who_is_joined_with_a_port_hears_it_without_the_echo_of_the_tick_before() {
    let mut engine = engine();
    engine.command(Command::Join(A, B));
    // B says something; a tick later half of it comes back from A.
    let said = tick(&mut engine, block(0), block(8064))[0];
    assert_eq!(said, block(8064));
    let heard = tick(&mut engine, block(4032), block(0))[1];
    assert_eq!(g711::decode_a(heard[3]).abs(), 8, "{heard:?}");
    // What comes later is no echo of it.
    let heard = tick(&mut engine, block(4032), block(0))[1];
    assert_eq!(heard, block(4032));
}

#[test]
fn sound_without_echo_passes_octet_for_octet() {
    let mut engine = engine();
    engine.command(Command::Join(A, B));
    for octet in 0..=u8::MAX {
        // Nothing was sent, and the canceller says that it did nothing.
        let idle = block(0);
        tick(&mut engine, idle, [0xD5; 16]);
        let heard = tick(&mut engine, [octet; 16], [0xD5; 16])[1];
        assert_eq!(heard, [octet; 16]);
    }
}

#[test]
fn a_test_and_a_port_without_a_call_are_left_alone_and_each_call_begins_anew() {
    let mut engine = engine();
    engine.command(Command::Tone(A, Tone::Dial));
    tick(&mut engine, block(0), block(0));
    engine.command(Command::Test(A, true));
    tick(&mut engine, block(0), block(0));
    engine.command(Command::Test(A, false));
    tick(&mut engine, block(0), block(0));
    engine.command(Command::Listen(A, true));
    engine.command(Command::Watch(Some(A)));
    let mut told = vec![];
    for _ in 0..500 {
        tick(&mut engine, block(0), block(0));
        told.extend(std::iter::from_fn(|| engine.poll_notice()));
    }
    let [Notice::Sound(A, sound)] = told[..] else { panic!("{told:?}") };
    assert_eq!(sound.echo, Some(EchoFigures { erl: 2 * SEEN.erl, ..SEEN }), "two calls");
}

#[test]
fn a_second_of_sound_is_told_with_its_levels_until_nobody_looks() {
    let mut engine = engine();
    engine.command(Command::Join(A, B));
    engine.command(Command::Watch(Some(B)));
    let mut told = vec![];
    for n in 0..1000 {
        let alternating = if n % 2 == 0 { 16_000 } else { -16_000 };
        let loud = if n == 7 { block(i16::MAX) } else { block(alternating) };
        tick(&mut engine, block(1000), loud);
        told.extend(std::iter::from_fn(|| engine.poll_notice()));
        if n == 499 {
            engine.command(Command::Watch(None));
        }
    }
    let [Notice::Sound(B, sound)] = told[..] else { panic!("{told:?}") };
    // 16,000 against a sine of 0 dBm0, whose root mean square is 16,141.
    assert!((-6..=2).contains(&sound.came), "{sound:?}");
    assert_eq!((sound.came, sound.clipped, sound.echo), (sound.clean, 16, None));
    engine.command(Command::Watch(Some(PortId(9))));
    assert_eq!(engine.refused(), 1, "there is no such port");
}

#[test]
fn a_tap_has_both_directions_of_the_same_tick_until_it_is_taken_away() {
    let mut engine = engine();
    engine.command(Command::Join(A, B));
    engine.command(Command::Tap(B, 3));
    tick(&mut engine, block(1000), block(8064));
    let tapped: Vec<_> = engine.tapped().collect();
    let wanted = Tapped { tap: 3, law: Law::A, came: block(8064), sent: block(1000) };
    assert_eq!(tapped, [wanted]);
    // A port may have several.
    engine.command(Command::Tap(B, 4));
    assert_eq!(engine.tapped().map(|block| block.tap).collect::<Vec<_>>(), [3, 4]);
    engine.command(Command::Untap(3));
    assert_eq!(engine.tapped().map(|block| block.tap).collect::<Vec<_>>(), [4]);
    engine.command(Command::Untap(4));
    assert_eq!(engine.tapped().count(), 0);
    engine.command(Command::Tap(PortId(7), 1));
    assert_eq!((engine.refused(), engine.tapped().count()), (1, 0));
}
