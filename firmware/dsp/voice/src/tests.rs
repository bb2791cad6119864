//! Speech in outline, beeps, and lines that are broken. Real speech is in tests/sound.

#![expect(clippy::cast_possible_truncation, reason = "samples made on purpose")]

extern crate std;

use std::f64::consts::TAU;
use std::vec;
use std::vec::Vec;

use crate::{Activity, Beep, Event, Judge, Kind, Music, Verdict};

/// Milliseconds of a voice: pulses that glide through two resonances, four syllables a second.
fn voice(ms: usize) -> Vec<i16> {
    let mut memory = [[0.0_f64; 2]; 2];
    let mut phase = 0.0;
    (0..ms * 8)
        .map(|n| {
            let time = n as f64 / 8000.0;
            phase += (130.0 + 30.0 * (time * 2.5 * TAU).sin()) / 8000.0;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= pulse;
            let swell = 0.6 - 0.4 * (time * 4.0 * TAU).cos();
            let mut sum = 0.0;
            for (memory, hz) in memory.iter_mut().zip([600.0, 1700.0]) {
                let hz = hz * (1.0 + 0.2 * (time * 3.0 * TAU).sin());
                let next = pulse * 4000.0 * swell + 1.9 * (hz / 8000.0 * TAU).cos() * memory[0]
                    - 0.9 * memory[1];
                *memory = [next, memory[0]];
                sum += next;
            }
            sum.clamp(-30_000.0, 30_000.0) as i16
        })
        .collect()
}

fn hiss(ms: usize, size: f64) -> Vec<i16> {
    let mut state = 5_u64;
    (0..ms * 8)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) as f64 / (1u64 << 31) as f64 * 2.0 * size - size) as i16
        })
        .collect()
}

fn sine(hz: f64, ms: usize) -> Vec<i16> {
    (0..ms * 8).map(|n| (4000.0 * (n as f64 * hz / 8000.0 * TAU).sin()) as i16).collect()
}

fn verdicts(parts: &[&[i16]]) -> Vec<Verdict> {
    let mut judge = Judge::new();
    let sound = parts.concat();
    sound.as_chunks::<16>().0.iter().filter_map(|block| judge.push(block)).collect()
}

#[test]
fn a_hello_is_a_person_and_a_long_greeting_with_a_beep_a_machine() {
    let quiet = hiss(1000, 40.0);
    let person = verdicts(&[&quiet, &voice(600), &quiet, &quiet]);
    assert_eq!(person, [Verdict::Person]);
    let machine = verdicts(&[&quiet, &voice(6000), &quiet[..4000], &sine(1000.0, 400), &quiet]);
    assert_eq!(machine, [Verdict::Machine, Verdict::Recording]);
    assert_eq!(verdicts(&[&hiss(6000, 40.0)]), [Verdict::Nobody]);
}

#[test]
fn speech_begins_within_50_ms_and_ends_within_300_ms() {
    let mut activity = Activity::new();
    let sound = [hiss(2000, 60.0), voice(1000), hiss(1000, 60.0)].concat();
    let mut said = vec![];
    for (n, block) in sound.as_chunks::<16>().0.iter().enumerate() {
        said.extend(activity.push(block).map(|event| (event, n * 2)));
    }
    assert_eq!(
        said.iter().map(|(event, _)| *event).collect::<Vec<_>>(),
        [Event::Begin, Event::End]
    );
    assert!((2000..2050).contains(&said[0].1), "{said:?}");
    assert!((3000..3300).contains(&said[1].1), "{said:?}");
}

#[test]
fn a_quiet_that_grows_louder_is_quiet_again_within_two_seconds() {
    let mut activity = Activity::new();
    for block in [hiss(2000, 60.0), hiss(2200, 600.0)].concat().as_chunks::<16>().0 {
        activity.push(block);
    }
    assert!(!activity.speaks());
}

#[test]
fn a_beep_of_any_frequency_is_told_and_a_voice_is_none() {
    for hz in [400.0, 700.0, 1000.0, 1400.0, 2000.0, 2500.0] {
        let mut beep = Beep::new();
        let sound = [voice(3000), sine(hz, 200), hiss(300, 40.0)].concat();
        let said: Vec<_> =
            sound.as_chunks::<16>().0.iter().filter_map(|block| beep.push(block)).collect();
        assert_eq!(said, [Event::Begin, Event::End], "{hz} Hz");
    }
}

#[test]
fn a_broken_line_is_no_voice_for_long_and_no_beep() {
    for level in [i16::MIN, 0, 3000, i16::MAX] {
        let (mut activity, mut beep) = (Activity::new(), Beep::new());
        for _ in 0..2000 {
            activity.push(&[level; 16]);
            assert_eq!(beep.push(&[level; 16]), None);
        }
        assert!(!activity.speaks(), "{level}");
    }
}

/// What is told of a sound that goes on.
fn kinds(sound: &[i16]) -> Vec<Kind> {
    let mut music = Music::new();
    let mut told: Vec<_> =
        sound.as_chunks::<16>().0.iter().filter_map(|block| music.push(block)).collect();
    told.dedup();
    told
}

#[test]
fn tones_silence_words_and_a_melody_are_told_apart() {
    let (on, off) = (sine(450.0, 1000), vec![0; 4000 * 8]);
    assert_eq!(kinds(&[&on[..], &off, &on, &off, &on, &off].concat()), [Kind::Tone]);
    let (on, off) = (sine(425.0, 350), vec![0; 350 * 8]);
    assert_eq!(kinds(&[&on[..], &off].concat().repeat(12)), [Kind::Tone]);
    assert_eq!(kinds(&sine(425.0, 8000)), [Kind::Tone]);
    let pairs = sine(440.0, 8000).into_iter().zip(sine(480.0, 8000));
    assert_eq!(kinds(&pairs.map(|(a, b)| a + b).collect::<Vec<_>>()), [Kind::Tone]);
    assert_eq!(kinds(&hiss(8000, 30.0)), [Kind::Silence]);
    // Words and pauses.
    let said = voice(9000);
    let words = [0, 300, 450, 1000, 1300, 1450, 2100, 2300, 3000].map(|from| &said[from * 8..]);
    let words = words.map(|word| [&word[..8 * 420], &hiss(230, 30.0)].concat()).concat();
    assert_eq!(kinds(&words.repeat(2)), [Kind::Speech]);
    let notes = [262.0, 330.0, 392.0, 523.0, 392.0, 330.0, 294.0, 349.0, 440.0, 349.0];
    let chords = notes.iter().cycle().take(30).map(|hz| {
        let parts = [1.0, 2.0, 3.0].map(|part| sine(hz * part, 400));
        let held = |n: usize| parts.iter().map(|part| part[n] / 4).sum::<i16>();
        (0..3200).map(held).collect::<Vec<_>>()
    });
    assert_eq!(kinds(&chords.collect::<Vec<_>>().concat()), [Kind::Music]);
}

#[test]
fn any_samples_are_some_kind() {
    for sound in [vec![i16::MIN; 80_000], hiss(9000, 32_767.0), [0, i16::MAX].repeat(40_000)] {
        assert!(!kinds(&sound).is_empty());
    }
}
