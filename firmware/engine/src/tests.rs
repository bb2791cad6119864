//! Sound through the matrix, octet by octet.

use units::media::BLOCK_SAMPLES;
use units::{CallTone, Cause, Dbm0, Digit, Law, PortId};

use crate::{ATTENTION, Command, Ear, Engine, Failure, Fsk, Notice, Octets, Tone, TonePlan};

const A: PortId = PortId(0);
const B: PortId = PortId(1);

fn engine() -> Engine {
    Engine::new(&[Law::A, Law::A, Law::Mu])
}

fn tick(engine: &mut Engine, rx: [Octets; 3]) -> [Octets; 3] {
    let mut tx = [[0; 16]; 3];
    engine.tick(&rx, &mut tx);
    tx
}

fn notices(engine: &mut Engine) -> Vec<Notice> {
    std::iter::from_fn(|| engine.poll_notice()).collect()
}

#[test]
fn two_joined_ports_hear_every_octet_of_each_other() {
    let mut engine = engine();
    engine.command(Command::Join(A, B));
    for first in (0..=240).step_by(16) {
        let block = |offset: u8| std::array::from_fn(|i| (first + i).to_le_bytes()[0] ^ offset);
        let tx = tick(&mut engine, [block(0), block(0x55), [0; 16]]);
        assert_eq!((tx[0], tx[1]), (block(0x55), block(0)));
        assert_eq!(tx[2], [Law::Mu.idle(); 16]);
    }
}

/// The blocks that a port hears of another where keys are pressed, and the keys that are told.
fn pressed(commands: &[Command]) -> (Vec<Octets>, Vec<Notice>) {
    let mut engine = engine();
    engine.command(Command::Join(A, B));
    commands.iter().for_each(|command| engine.command(*command));
    let mut sender = dsp_tone::DigitSender::new(80, 80, Dbm0(-9.0), Dbm0(-7.0));
    for digit in [b'4', b'2'] {
        sender.push(Digit::new(digit).expect("a digit")).expect("room");
    }
    let (mut heard, mut told) = (vec![], vec![]);
    for _ in 0..200 {
        let mut block = [0; BLOCK_SAMPLES];
        sender.fill(&mut block);
        let mut came = [0; 16];
        g711::encode_block(Law::A, &block, &mut came);
        heard.push(tick(&mut engine, [came, [0xD5; 16], [0xFF; 16]])[1]);
        told.extend(notices(&mut engine));
    }
    (heard, told)
}

#[test]
fn keys_that_are_muted_are_told_and_nobody_hears_more_of_each_than_ten_milliseconds() {
    let loud = |heard: &[Octets]| heard.iter().filter(|block| **block != [0xD5; 16]).count();
    let (heard, told) = pressed(&[]);
    assert!(loud(&heard) >= 80 && told.is_empty(), "two keys of 80 ms: {}", loud(&heard));
    let listen = Command::Listen(A, true);
    let (heard, told) = pressed(&[listen, Command::MuteKeys(A, true)]);
    let leaked = loud(&heard);
    assert!((1..=10).contains(&leaked), "{leaked} blocks of 2 ms");
    let digits = [b'4', b'2'].map(|key| Notice::Digit(A, Digit::new(key).expect("a digit")));
    assert_eq!(told, digits);
    let mute = [Command::MuteKeys(A, true), listen, Command::MuteKeys(A, false)];
    let (heard, told) = pressed(&mute);
    assert!(loud(&heard) >= 80 && told.len() == 2, "they are heard again");
    assert!(pressed(&[Command::MuteKeys(A, true)]).1.is_empty(), "nobody asked for them");
}

#[test]
fn clips_are_heard_one_after_the_other_without_a_gap_and_the_last_tells_its_end() {
    let first: &'static [u8] = &[0x11; 20];
    let second: &'static [u8] = &[0x22; 28];
    let mut engine = engine();
    engine.command(Command::Play { port: A, token: 7, clip: first, last: false });
    engine.command(Command::Play { port: A, token: 7, clip: second, last: true });
    let mut heard = vec![];
    for n in 0..3 {
        assert!(notices(&mut engine).is_empty(), "before tick {n}");
        heard.extend(tick(&mut engine, [[0xD5; 16]; 3])[0]);
    }
    assert_eq!(notices(&mut engine), [Notice::Played(A, 7)]);
    assert_eq!(heard, [first, second].concat());
    assert_eq!(tick(&mut engine, [[0; 16]; 3])[0], [0xD5; 16]);
}

#[test]
fn an_empty_clip_ends_in_the_first_tick() {
    let mut engine = engine();
    engine.command(Command::Play { port: A, token: 1, clip: &[], last: true });
    tick(&mut engine, [[0xD5; 16]; 3]);
    assert_eq!(notices(&mut engine), [Notice::Played(A, 1)]);
}

#[test]
fn silence_stops_clips_without_telling_an_end() {
    let mut engine = engine();
    engine.command(Command::Play { port: A, token: 1, clip: &[0x11; 64], last: true });
    tick(&mut engine, [[0xD5; 16]; 3]);
    engine.command(Command::Silence(A));
    assert_eq!(tick(&mut engine, [[0xD5; 16]; 3])[0], [0xD5; 16]);
    assert!(notices(&mut engine).is_empty());
}

#[test]
fn a_tone_is_heard_until_the_ports_are_joined() {
    let mut engine = engine();
    engine.command(Command::Tone(A, Tone::Dial));
    let tone: Vec<_> = (0..10).flat_map(|_| tick(&mut engine, [[0xD5; 16]; 3])[0]).collect();
    assert!(tone.iter().any(|octet| *octet != 0xD5));
    engine.command(Command::Join(A, B));
    assert_eq!(tick(&mut engine, [[0xD5; 16], [0x33; 16], [0; 16]])[0], [0x33; 16]);
}

#[test]
fn a_country_has_tones_of_its_own() {
    let heard = |plan: TonePlan| -> Vec<Octets> {
        let mut engine = engine().with_tones(plan);
        engine.command(Command::Tone(A, Tone::Busy));
        (0..500).map(|_| tick(&mut engine, [[0xD5; 16]; 3])[0]).collect()
    };
    let silent = |blocks: &[Octets]| blocks.iter().filter(|block| **block == [0xD5; 16]).count();
    let busy = dsp_tone::Tone::single(425.0, Dbm0(-10.0), [480, 480, 0, 0]);
    let german = TonePlan { busy, ..TonePlan::default() };
    // 0.35 s on and off against 0.48 s, within a second.
    assert_eq!(silent(&heard(TonePlan::default())[..350]), 175);
    assert_eq!(silent(&heard(german)[..480]), 240);
}

#[test]
fn why_a_call_failed_is_told_by_the_tone_that_the_country_has_for_it_else_by_busy_tone() {
    let heard = |plan: TonePlan, tone| -> Vec<Octets> {
        let mut engine = engine().with_tones(plan);
        engine.command(Command::Tone(A, tone));
        (0..1200).map(|_| tick(&mut engine, [[0xD5; 16]; 3])[0]).collect()
    };
    let failed = |cause| Tone::Failed(Cause::new(cause).expect("a cause"));
    let china = TonePlan::default();
    let busy = heard(china, Tone::Busy);
    let vacant = heard(china, failed(1));
    assert!(vacant != busy && heard(china, failed(17)) == busy && heard(china, failed(22)) == busy);
    // Three short and one long in 1.4 s.
    let silent = |from: usize, to: usize| {
        vacant[from..to].iter().filter(|block| **block == [0xD5; 16]).count()
    };
    assert_eq!(
        (silent(0, 50), silent(50, 100), silent(300, 500), silent(500, 700)),
        (0, 50, 0, 200)
    );
    let information = Failure {
        causes: [1, 22, 27].into_iter().filter_map(Cause::new).collect(),
        tone: dsp_tone::Tone::single(950.0, Dbm0(-10.0), [330, 1000, 0, 0]),
    };
    let other = TonePlan { failures: [Some(information), None, None], ..china };
    let told = heard(other, failed(27));
    assert!(told != busy && told == heard(other, failed(1)) && told == heard(other, failed(22)));
    assert!(heard(other, failed(34)) == busy && heard(other, failed(127)) == busy);
}

#[test]
fn commands_for_ports_that_are_not_there_are_counted_and_do_nothing() {
    let mut engine = engine();
    engine.command(Command::Join(A, PortId(9)));
    engine.command(Command::Silence(PortId(9)));
    assert_eq!(engine.refused(), 2);
    assert_eq!(tick(&mut engine, [[0x33; 16]; 3])[0], [0xD5; 16]);
}

#[test]
fn any_number_of_ports_hear_one_player_and_it_hears_none_of_them() {
    let mut engine = Engine::new(&[Law::A; 4]);
    let player = PortId(3);
    for port in 0..3 {
        engine.command(Command::Hear(PortId(port), player));
    }
    let mut tx = [[0; 16]; 4];
    engine.tick(&[[1; 16], [2; 16], [3; 16], [0x42; 16]], &mut tx);
    assert_eq!(tx, [[0x42; 16], [0x42; 16], [0x42; 16], [0xD5; 16]]);
    // One of them talks to another; the third goes on.
    engine.command(Command::Join(A, B));
    engine.tick(&[[1; 16], [2; 16], [3; 16], [0x42; 16]], &mut tx);
    assert_eq!(tx, [[2; 16], [1; 16], [0x42; 16], [0xD5; 16]]);
    engine.command(Command::Hear(player, player));
    engine.command(Command::Hear(player, PortId(9)));
    assert_eq!(engine.refused(), 2);
}

/// Which of 400 ticks are not the idle octet at a port.
fn sounds(engine: &mut Engine, port: usize) -> Vec<bool> {
    (0..400).map(|_| tick(engine, [[0xD5; 16]; 3])[port] != [0xD5; 16]).collect()
}

#[test]
fn the_attention_tone_is_two_beeps_of_180_ms_and_then_what_was_heard() {
    let mut engine = engine();
    engine.command(Command::Attention(A));
    let heard = sounds(&mut engine, 0);
    let beeps = |from: usize, to: usize| heard[from..to].iter().filter(|on| **on).count();
    assert_eq!((beeps(0, 90), beeps(90, 150), beeps(150, 240), beeps(240, 400)), (90, 0, 90, 0));
}

#[test]
fn two_that_are_joined_under_the_attention_tone_hear_it_and_then_each_other() {
    let mut engine = engine();
    engine.command(Command::Attention(A));
    engine.command(Command::Join(A, B));
    let rx = [[1; 16], [2; 16], [0; 16]];
    let first = tick(&mut engine, rx);
    assert_eq!(first[0], first[1]);
    assert!(first[0] != [2; 16] && first[0] != [0xD5; 16]);
    let ticks = u64::try_from(ATTENTION.as_millis()).expect("short") / 2;
    for _ in 1..ticks {
        tick(&mut engine, rx);
    }
    assert_eq!(tick(&mut engine, rx)[..2], [[2; 16], [1; 16]]);
    engine.command(Command::Attention(A));
    engine.command(Command::Silence(A));
    assert!(!sounds(&mut engine, 0).contains(&true), "silence ends it");
}

#[test]
fn two_registers_at_joined_lines_hear_each_others_signals_and_silences() {
    use units::{MfDirection, MfSignal};
    let mut engine = Engine::new(&[Law::A; 2]);
    let (out, inc) = (PortId(0), PortId(1));
    engine.command(Command::Register(out, Some(MfDirection::Backward)));
    engine.command(Command::Register(inc, Some(MfDirection::Forward)));
    let mut lines = [[Law::A.idle(); 16]; 2];
    let mut sent = [[Law::A.idle(); 16]; 2];
    let mut heard = vec![];
    let (five, three) = (MfSignal::new(5), MfSignal::new(3));
    for tick in 0..60 {
        match tick {
            2 => engine.command(Command::Mf(out, five)),
            15 => engine.command(Command::Mf(inc, three)),
            30 => engine.command(Command::Mf(out, None)),
            45 => engine.command(Command::Mf(inc, None)),
            _ => {}
        }
        engine.tick(&lines, &mut sent);
        // What one sends the other gets with the next tick.
        lines = [sent[1], sent[0]];
        while let Some(notice) = engine.poll_notice() {
            heard.push(notice);
        }
    }
    let told = [
        Notice::Mf(inc, five),
        Notice::Mf(out, three),
        Notice::Mf(inc, None),
        Notice::Mf(out, None),
    ];
    assert_eq!(heard, told);
    // What was ordered meanwhile is heard from the beginning when the register has gone.
    engine.command(Command::Play { port: out, token: 1, clip: &[1, 2, 3], last: true });
    engine.tick(&lines, &mut sent);
    assert_eq!(sent[0], [Law::A.idle(); 16]);
    engine.command(Command::Register(out, None));
    engine.tick(&lines, &mut sent);
    assert_eq!(sent[0][..3], [1, 2, 3]);
    // Without a register nothing is sent, and that is counted.
    engine.command(Command::Mf(out, five));
    assert_eq!(engine.refused(), 1);
}

#[test]
fn a_looped_port_under_test_tells_each_second_what_the_line_changed() {
    let mut engine = engine();
    engine.command(Command::Test(A, true));
    let mut told = vec![];
    let mut line = [[0xD5; 16]; 3];
    for block in 0..1500 {
        line = tick(&mut engine, line);
        if block == 700 {
            line[0][3] ^= 0x81;
        }
        told.extend(notices(&mut engine));
    }
    let errors: Vec<_> = told
        .iter()
        .map(|notice| match notice {
            Notice::Tested(A, count, true) => (count.errors, count.losses),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(errors, [(0, 0), (2, 0), (0, 0)]);
    engine.command(Command::Test(A, false));
    assert_eq!(tick(&mut engine, line)[0], [Law::A.idle(); 16]);
    for _ in 0..1000 {
        line = tick(&mut engine, line);
    }
    assert_eq!(notices(&mut engine), []);
}

#[test]
fn an_exchange_line_tells_who_calls_and_its_tones_and_sends_digits() {
    let port = PortId(1);
    let plan = dsp_progress::Plan::china();
    let mut engine = Engine::new(&[Law::A; 2]).with_exchanges([port].into_iter(), &plan);
    let mut modulator = dsp_fsk::Modulator::new(dsp_fsk::Standard::Bell202, Dbm0(-13.5));
    modulator.send(&[4, 5], dsp_fsk::Framing::ON_HOOK).expect("short");
    let mut busy = dsp_tone::Generator::new(&dsp_tone::CHINA_BUSY);
    let (mut octets, mut notices) = (vec![], vec![]);
    for tick in 0..2000 {
        let mut samples = [0; BLOCK_SAMPLES];
        match tick {
            500 => engine.command(Command::Exchange(port, Ear::Tones)),
            1500 => engine.command(Command::Key(port, Digit::new(b'1').expect("a digit"))),
            _ => {}
        }
        if tick < 500 {
            modulator.fill(&mut samples)
        } else {
            busy.fill(&mut samples)
        }
        let mut rx = [[Law::A.idle(); BLOCK_SAMPLES]; 2];
        g711::encode_block(Law::A, &samples, &mut rx[1]);
        let mut tx = rx;
        engine.tick(&rx, &mut tx);
        if tx[1] != [Law::A.idle(); BLOCK_SAMPLES] {
            octets.push(tick);
        }
        notices.extend(std::iter::from_fn(|| engine.poll_notice()));
    }
    let fsk = |event| Notice::Fsk(port, event);
    let said = [Fsk::Mark, Fsk::Octet(4), Fsk::Octet(5), Fsk::Lost].map(fsk);
    assert_eq!(notices[..4], said);
    assert_eq!(notices[4], Notice::Progress(port, CallTone::Busy));
    assert_eq!((octets[0], octets.len()), (1500, 40), "80 ms of a key");
    engine.command(Command::Key(PortId(0), Digit::new(b'1').expect("a digit")));
    assert_eq!(engine.refused(), 1);
}
