//! A slice of `cargo xtask bench detect`: some seconds of it, so that what it measured stays so.

use sound::detect::dtmf::{self, Sent};
use sound::detect::{fsk, material, mute, tones, voice};
use spandsp_peer::connect::Tone;

/// One prompt of so many; none where the packages of `cargo xtask setup` are not there.
fn some(step: usize) -> Vec<Vec<i16>> {
    let files = material::files(material::PROMPTS);
    let continuous = std::env::var_os("CI").is_some();
    assert!(!continuous || !files.is_empty(), "{} is empty", material::PROMPTS);
    files.iter().step_by(step).filter_map(|path| material::read(path)).collect()
}

#[test]
fn prompts_of_five_languages_at_any_speed_hold_no_digit_and_no_fax_machine() {
    for prompt in some(9) {
        for (speed, db) in [(1.0, 0.0), (0.8, -10.0), (0.9, 6.0), (1.25, 0.0)] {
            let mut sound = vec![];
            material::shifted(&prompt, speed, db, &mut sound);
            assert_eq!(dtmf::ours(&sound), [], "speed {speed}");
            assert_eq!(tones::ours(&sound), [], "speed {speed}");
        }
    }
}

#[test]
fn digits_at_the_limits_are_heard_where_spandsp_misses_some_of_them() {
    let usual = Sent::USUAL;
    for sent in [
        usual,
        Sent { low: -10.0, high: -18.0, ..usual },
        Sent { low: -14.0, high: -10.0, ..usual },
        Sent { low: -36.0, high: -36.0, ..usual },
        Sent { low: 0.0, high: 0.0, ..usual },
        Sent { off_low: 0.015, off_high: -0.015, ..usual },
        Sent { off_low: -0.015, off_high: 0.015, ..usual },
        Sent { noise_db: Some(12.0), ..usual },
        Sent { dial: Some((&[350.0, 440.0], -10.0)), ..usual },
        Sent { dial: Some((&[425.0], -10.0)), ..usual },
    ] {
        assert_eq!(dtmf::errors(&sent, 8)[0], 0, "{sent:?}");
    }
    let wide = Sent { low: -10.0, high: -19.0, ..usual };
    assert!(dtmf::errors(&wide, 2)[1] > 0, "the map of the bench is wrong");
}

#[test]
fn a_digit_leaks_for_10_ms_at_most() {
    let at_once = mute::leak(12);
    assert!(at_once > 0.0 && at_once <= 10.0, "{at_once} ms");
    assert!(mute::lost(&some(20)) < 0.001);
}

#[test]
fn tones_of_fax_machines_and_modems_are_told_as_what_they_are() {
    for (name, tone) in tones::TONES {
        for (dbm0, noise) in [(-10.0, 40.0), (-26.0, 15.0), (-38.0, 20.0)] {
            assert_eq!(tones::missed(tone, dbm0, noise, 4)[0], 0, "{name} at {dbm0} dBm0");
        }
    }
    let [[low, high], _] = tones::width(Tone::Cng, 1100, 500);
    assert!(low <= -38 && high >= 38, "{low} {high}");
    let [[low, high], _] = tones::width(Tone::Ans, 2100, 1000);
    assert!(low <= -15 && high >= 15, "{low} {high}");
}

#[test]
fn two_hundred_messages_at_20_db_are_read_right() {
    assert_eq!(fsk::read(200, 7).ours, 0);
}

#[test]
fn speech_is_found_in_noise_and_quiet_mostly_left_alone() {
    let prompts = some(100);
    if prompts.is_empty() {
        return;
    }
    // Few prompts: the bench has the figures of many.
    for (noise_db, least) in [(20.0, 0.88), (10.0, 0.85)] {
        let [found, wrong] = voice::activity(&prompts, noise_db).rates();
        assert!(found > least && wrong < 0.15, "{noise_db} dB: {found} {wrong}");
    }
}

#[test]
fn music_speech_and_silence_are_told_apart() {
    let (prompts, music) = (some(40), material::all(material::MUSIC));
    if prompts.is_empty() || music.is_empty() {
        return;
    }
    let part = |of: [u32; 4], kind: usize| f64::from(of[kind]) / f64::from(of.iter().sum::<u32>());
    let minute: Vec<_> = music.iter().map(|piece| piece[80_000..560_000].to_vec()).collect();
    let (speech, music) = (voice::kinds(&prompts, -20.0, 35.0), voice::kinds(&minute, -20.0, 35.0));
    assert!(part(speech, 1) > 0.93 && part(music, 2) > 0.9, "{speech:?} {music:?}");
    let quiet = voice::kinds(&[vec![8; 80_000]], -50.0, 5.0);
    assert_eq!(part(quiet, 0), 1.0, "{quiet:?}");
}

#[test]
fn spoken_hellos_are_mostly_persons_and_greetings_machines() {
    let judged = voice::judged(24, 5).expect("espeak-ng");
    assert!(judged.persons[1] + judged.machines[1] <= 3, "{judged:?}");
    assert!(judged.beeps <= 1, "{judged:?}");
}
