//! Conferences through the matrix.

use units::media::BLOCK_SAMPLES;
use units::{Law, LinearBlock, PortId};

use crate::{Chime, Command, Echo, EchoFigures, Engine, Octets, RoomId, Tone};

const ROOM: RoomId = RoomId(3);

fn meet(engine: &mut Engine, port: u16) {
    engine.command(Command::Meet { port: PortId(port), room: ROOM, gain_db: Some(0) });
}

fn room(laws: &[Law]) -> Engine {
    let mut engine = Engine::new(laws);
    for port in 0..u16::try_from(laws.len()).expect("few") {
        meet(&mut engine, port);
    }
    engine
}

fn idle(laws: &[Law]) -> Vec<Octets> {
    laws.iter().map(|law| [law.idle(); BLOCK_SAMPLES]).collect()
}

fn tick(engine: &mut Engine, rx: &[Octets]) -> Vec<Octets> {
    let mut tx = vec![[0; 16]; rx.len()];
    engine.tick(rx, &mut tx);
    tx
}

fn linear(law: Law, octets: &Octets) -> [i16; 16] {
    let mut samples = [0; 16];
    g711::decode_block(law, octets, &mut samples);
    samples
}

fn octets(law: Law, samples: &[i16; 16]) -> Octets {
    let mut octets = [0; 16];
    g711::encode_block(law, samples, &mut octets);
    octets
}

const SPEECH: [i16; 16] = [
    300, 900, 2100, 4000, 8000, 16000, 24000, 30000, 8100, -900, -7000, -15000, -31000, -4000,
    -200, 90,
];

#[test]
fn one_who_speaks_is_heard_by_all_others_octet_for_octet_in_one_law_and_close_in_the_other() {
    let laws = [Law::A, Law::A, Law::Mu, Law::A, Law::Mu];
    let mut engine = room(&laws);
    for speaker in 0..laws.len() {
        let mut rx = idle(&laws);
        rx[speaker] = octets(laws[speaker], &SPEECH);
        let said = linear(laws[speaker], &rx[speaker]);
        let tx = tick(&mut engine, &rx);
        for (listener, law) in laws.into_iter().enumerate() {
            if listener == speaker {
                assert_eq!(tx[listener], octets(law, &[0; 16]), "{speaker} hears itself");
            } else if law == laws[speaker] {
                assert_eq!(tx[listener], rx[speaker], "{speaker} to {listener}");
            } else {
                assert_eq!(tx[listener], octets(law, &said), "{speaker} to {listener}");
            }
        }
    }
    assert_eq!(engine.refused(), 0);
}

#[test]
fn two_who_speak_at_once_are_heard_together_and_each_hears_the_other() {
    let laws = [Law::A; 3];
    let mut engine = room(&laws);
    let (one, two) = ([1000; 16], [-3000; 16]);
    let rx = [octets(Law::A, &one), octets(Law::A, &two), [Law::A.idle(); 16]];
    let (one, two) = (linear(Law::A, &rx[0]), linear(Law::A, &rx[1]));
    let tx = tick(&mut engine, &rx);
    assert_eq!((tx[0], tx[1]), (rx[1], rx[0]));
    let sum: [i16; 16] = std::array::from_fn(|i| one[i] + two[i]);
    assert_eq!(tx[2], octets(Law::A, &sum));
}

#[test]
fn who_hears_something_else_has_left_and_is_heard_no_more() {
    let laws = [Law::A; 4];
    let mut engine = room(&laws);
    let rx: Vec<_> = (1..=4).map(|n: i16| octets(Law::A, &[n * 1000; 16])).collect();
    let sums =
        |tx: &[Octets]| tx.iter().map(|tx| (linear(Law::A, tx)[0] + 250) / 500).collect::<Vec<_>>();
    assert_eq!(sums(&tick(&mut engine, &rx)), [18, 16, 14, 12]);
    engine.command(Command::Silence(PortId(1)));
    assert_eq!(sums(&tick(&mut engine, &rx)), [14, 0, 10, 8]);
    engine.command(Command::Join(PortId(3), PortId(1)));
    assert_eq!(sums(&tick(&mut engine, &rx)), [6, 8, 2, 4]);
    // Both come back; the room is as it was.
    meet(&mut engine, 1);
    meet(&mut engine, 3);
    assert_eq!(sums(&tick(&mut engine, &rx)), [18, 16, 14, 12]);
}

#[test]
fn the_attention_tone_of_a_party_stays_with_it_and_its_tone_takes_it_out() {
    let laws = [Law::A; 3];
    let mut engine = room(&laws);
    let mut rx = idle(&laws);
    rx[0] = octets(Law::A, &SPEECH);
    engine.command(Command::Attention(PortId(1)));
    let tx = tick(&mut engine, &rx);
    assert_ne!(tx[1], rx[0]);
    assert_eq!(tx[2], rx[0]);
    // It is heard meanwhile.
    rx[1] = octets(Law::A, &[500; 16]);
    assert_eq!(tick(&mut engine, &rx)[0], rx[1]);
    engine.command(Command::Tone(PortId(1), Tone::Busy));
    let tx = tick(&mut engine, &rx);
    assert_eq!((tx[0], tx[2]), (octets(Law::A, &[0; 16]), rx[0]));
}

#[test]
fn all_hear_the_chime_of_who_comes_and_goes_over_what_is_said() {
    let laws = [Law::A; 3];
    let mut engine = room(&laws);
    for chime in [Chime::Came, Chime::Went] {
        engine.command(Command::Chime(ROOM, chime));
        let heard: Vec<_> = (0..150).map(|_| tick(&mut engine, &idle(&laws))).collect();
        assert!(heard.iter().all(|tx| tx[0] == tx[1] && tx[1] == tx[2]));
        let sounds = |tx: &Vec<Octets>| linear(Law::A, &tx[0]).iter().any(|s| s.abs() > 100);
        assert_eq!(heard.iter().filter(|tx| sounds(tx)).count(), 120, "240 ms");
        assert!(heard[..120].iter().all(sounds));
    }
}

#[test]
fn a_party_is_set_softer_and_mute_without_leaving() {
    let laws = [Law::A; 3];
    let mut engine = room(&laws);
    let mut rx = idle(&laws);
    rx[0] = octets(Law::A, &[8000; 16]);
    let said = linear(Law::A, &rx[0])[0];
    let mut set = |gain_db| {
        engine.command(Command::Meet { port: PortId(0), room: ROOM, gain_db });
        let tx = tick(&mut engine, &rx);
        assert_eq!(tx[1], tx[2]);
        linear(Law::A, &tx[1])[0]
    };
    assert_eq!(set(Some(0)), said);
    assert!((said / 2 - 200..said / 2 + 200).contains(&set(Some(-6))));
    assert!(set(None).abs() <= 8);
    assert_eq!(set(Some(0)), said);
}

#[test]
fn a_room_holds_64_and_refuses_the_next_and_rooms_that_are_not_there() {
    let laws = [Law::A; 66];
    assert_eq!(room(&laws[..64]).refused(), 0);
    let mut engine = room(&laws);
    assert_eq!(engine.refused(), 2);
    let mut rx = idle(&laws);
    rx[7] = octets(Law::A, &SPEECH);
    let tx = tick(&mut engine, &rx);
    assert_eq!(tx.iter().filter(|tx| **tx == rx[7]).count(), 63);
    // One goes, another comes, between two ticks.
    engine.command(Command::Silence(PortId(3)));
    meet(&mut engine, 64);
    assert_eq!(engine.refused(), 2);
    assert_eq!(tick(&mut engine, &rx)[64], rx[7]);
    engine.command(Command::Meet { port: PortId(3), room: RoomId(16), gain_db: Some(0) });
    engine.command(Command::Meet { port: PortId(99), room: ROOM, gain_db: Some(0) });
    engine.command(Command::Chime(RoomId(16), Chime::Came));
    assert_eq!(engine.refused(), 5);
}

/// Hears its own line only.
#[derive(Debug)]
struct Deaf;

impl Echo for Deaf {
    fn process(&mut self, _: &LinearBlock, heard: &mut LinearBlock) -> bool {
        heard.samples = [0; 16];
        true
    }

    fn begin(&mut self) {}

    fn figures(&self) -> EchoFigures {
        EchoFigures::default()
    }
}

#[test]
fn the_sum_is_made_of_what_echo_cancellers_leave() {
    let laws = [Law::A; 3];
    let mut engine = Engine::new(&laws).with_echo(vec![(PortId(0), Box::new(Deaf))]);
    (0..3).for_each(|port| meet(&mut engine, port));
    let mut rx = idle(&laws);
    rx[0] = octets(Law::A, &SPEECH);
    assert_eq!(linear(Law::A, &tick(&mut engine, &rx)[1]), [8; 16]);
}
