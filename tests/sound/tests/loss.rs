//! A slice of `cargo xtask bench plc`.

use sound::loss::{self, Losses};

#[test]
fn what_stands_in_place_of_lost_packets_is_nearer_to_speech_than_spandsps() {
    let speech = loss::speeches(100).expect("espeak-ng");
    for rate in [0.01, 0.03, 0.05, 0.1] {
        let [ours, theirs, silence] = loss::distances(&speech, rate, Losses::Random);
        let all = format!("{rate}: {ours:?} {theirs:?} {silence:?}");
        assert!(ours.snr_db() > theirs.snr_db() + 0.3, "{all}");
        assert!(ours.spectral_db() < theirs.spectral_db() - 0.1, "{all}");
        assert!(theirs.spectral_db() < silence.spectral_db(), "{all}");
        let [ours, theirs, silence] = loss::distances(&speech, rate, Losses::Bursts);
        let all = format!("{rate} in bursts: {ours:?} {theirs:?} {silence:?}");
        assert!(ours.spectral_db() < theirs.spectral_db() + 0.1, "{all}");
        assert!(ours.spectral_db() < silence.spectral_db() - 0.5, "{all}");
    }
}
