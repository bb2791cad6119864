//! A short piece of what `cargo xtask bench progress` does at length.

use progress_test::{All, countries, music, speech, tones};

#[test]
fn no_minute_of_speech_or_music_releases_a_call() {
    let mut all = All::default();
    for seed in 100..103 {
        let spoken = speech::piece(seed, 20).expect("espeak-ng");
        assert_eq!(all.releases(&spoken), [], "speech {seed}");
        for seed in seed * 5..seed * 5 + 5 {
            assert_eq!(all.releases(&music::piece(seed, 20)), [], "music {seed}");
        }
    }
}

#[test]
fn true_tones_release_within_three_cycles() {
    let before = speech::piece(7, 10).expect("espeak-ng");
    assert_eq!(countries().len(), 5);
    let (released, worst) =
        tones::told(2, 60, &countries(), &before, |country| Some(tones::ours(country)));
    assert_eq!(released, 60);
    assert!(worst <= 3.0, "{worst}");
}
