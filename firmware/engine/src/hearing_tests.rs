//! What is found in the sound of ports that are used for voice.

use core::f32::consts::TAU;

use units::{Finding, Law, PortId};

use crate::{Command, Engine, Notice, Octets, Tone};

const A: PortId = PortId(0);
const B: PortId = PortId(1);

/// A tone at -10 dBm0 from this sample on.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn tone(hz: f32, from: usize) -> Octets {
    core::array::from_fn(|at| {
        let turns = hz * (from + at) as f32 / 8000.0;
        g711::encode_a((9800.0 * (TAU * turns.fract()).sin()) as i16)
    })
}

fn silence() -> Octets {
    [Law::A.idle(); 16]
}

/// Ticks of `ms`, with `a` at the first port; what was found.
fn run(engine: &mut Engine, ms: usize, a: impl Fn(usize) -> Octets) -> Vec<(PortId, Finding)> {
    let mut found = vec![];
    for tick in 0..ms / 2 {
        let mut tx = [[0; 16]; 2];
        engine.tick(&[a(tick * 16), silence()], &mut tx);
        while let Some(notice) = engine.poll_notice() {
            if let Notice::Found(port, finding) = notice {
                found.push((port, finding));
            }
        }
    }
    found
}

#[test]
fn a_fax_machine_is_found_once_in_a_call_and_again_in_the_next() {
    let mut engine = Engine::new(&[Law::A, Law::A]);
    assert_eq!(run(&mut engine, 1000, |at| tone(1100.0, at)), []);
    engine.command(Command::Join(A, B));
    assert_eq!(run(&mut engine, 3000, |at| tone(1100.0, at)), [(A, Finding::FaxCalls)]);
    run(&mut engine, 1000, |_| silence());
    assert_eq!(run(&mut engine, 600, |at| tone(1100.0, at)), []);
    engine.command(Command::Silence(A));
    engine.command(Command::Silence(B));
    run(&mut engine, 10, |_| silence());
    engine.command(Command::Tone(A, Tone::Dial));
    assert_eq!(run(&mut engine, 600, |at| tone(1100.0, at)), [(A, Finding::FaxCalls)]);
}

#[test]
fn who_answered_is_judged_only_from_the_answer_on() {
    let mut engine = Engine::new(&[Law::A, Law::A]);
    engine.command(Command::Join(A, B));
    assert_eq!(run(&mut engine, 5000, |_| silence()), []);
    engine.command(Command::Judge(A));
    assert_eq!(run(&mut engine, 5000, |_| silence()), [(A, Finding::Nobody)]);
    // What beeps is a machine that records.
    let beep = |at| if at < 4000 { tone(1000.0, at) } else { silence() };
    assert_eq!(run(&mut engine, 2000, beep), [(A, Finding::Recording)]);
}

#[test]
fn a_second_that_is_looked_at_tells_how_much_of_it_was_speech() {
    let mut engine = Engine::new(&[Law::A, Law::A]);
    engine.command(Command::Join(A, B));
    run(&mut engine, 2000, |_| silence());
    engine.command(Command::Watch(Some(A)));
    // Half a second of something like a voice; its end is told a third of a second later.
    let mut seen = None;
    for tick in 0..500 {
        let a = if tick < 250 { tone(300.0 + tick as f32, tick * 16) } else { silence() };
        let mut tx = [[0; 16]; 2];
        engine.tick(&[a, silence()], &mut tx);
        while let Some(notice) = engine.poll_notice() {
            if let Notice::Sound(port, sound) = notice {
                seen = Some((port, sound));
            }
        }
    }
    let (port, sound) = seen.expect("a second");
    assert_eq!(port, A);
    assert!((50..90).contains(&sound.speech), "{sound:?}");
}

/// What is told of a second of this at the first port, whose law is A-law.
fn second(a: impl Fn(usize) -> Octets) -> crate::Sound {
    let mut engine = Engine::new(&[Law::A, Law::A]);
    engine.command(Command::Join(A, B));
    engine.command(Command::Watch(Some(A)));
    for tick in 0..500 {
        let mut tx = [[0; 16]; 2];
        engine.tick(&[a(tick * 16), silence()], &mut tx);
    }
    let told = core::iter::from_fn(|| engine.poll_notice()).find_map(|notice| match notice {
        Notice::Sound(_, sound) => Some(sound),
        _ => None,
    });
    told.expect("a second")
}

#[test]
fn the_frequency_of_a_tone_is_told_and_a_voice_has_none() {
    let tones = |hz: [f32; 2], size: f32, on_ms: usize| {
        move |from: usize| {
            core::array::from_fn(|at| {
                let time = (from + at) as f32 / 8000.0;
                let on = (from + at) / 8 % 750 < on_ms;
                let sample: f32 = hz.iter().map(|hz| (TAU * hz * time).sin() * size).sum();
                #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
                let sample = if on { sample as i16 } else { 0 };
                g711::encode(Law::A, sample)
            })
        }
    };
    for hz in [400u16, 425, 450, 620, 950, 2100] {
        for size in [400.0, 6000.0] {
            let told = second(tones([f32::from(hz), 0.0], size, 375)).tone_hz;
            assert!(told.abs_diff(hz) <= 2, "{told} of {hz} Hz");
        }
    }
    let told = second(tones([350.0, 440.0], 3000.0, 750)).tone_hz;
    assert!((385..=405).contains(&told), "{told} between the two");
    assert_eq!(second(tones([697.0, 1336.0], 3000.0, 750)).tone_hz, 0, "a key");
    assert_eq!(second(tones([450.0, 0.0], 20.0, 750)).tone_hz, 0, "too quiet");
    let short = |on_ms| second(tones([450.0, 0.0], 3000.0, on_ms)).tone_hz;
    assert!(short(200).abs_diff(450) <= 2);
    assert_eq!(short(80), 0);
}

#[test]
fn the_other_law_a_constant_and_clipping_are_seen() {
    let voice = |law: Law, size: f32, offset: f32| {
        move |from: usize| {
            core::array::from_fn(|at| {
                let time = (from + at) as f32 / 8000.0;
                let swell = (TAU * 3.0 * time).sin().max(0.05);
                let sample = (TAU * (180.0 * time)).sin() + 0.5 * (TAU * (560.0 * time)).sin();
                #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
                let sample = (sample * swell * size + offset) as i16;
                g711::encode(law, sample)
            })
        }
    };
    for size in [300.0, 3000.0, 15_000.0] {
        let right = second(voice(Law::A, size, 0.0));
        assert!(!right.other_law && right.offset.abs() < 40, "{size}: {right:?}");
        assert_eq!(right.tone_hz, 0, "{size}");
        assert!(second(voice(Law::Mu, size, 0.0)).other_law, "{size}");
    }
    let leaning = second(voice(Law::A, 3000.0, 900.0));
    assert!((800..1000).contains(&leaning.offset) && !leaning.other_law, "{leaning:?}");
    assert!(second(voice(Law::A, 60_000.0, 0.0)).clipped > 500);
}
