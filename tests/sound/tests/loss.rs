//! A slice of `cargo xtask bench plc`.

use sound::loss::{self, Losses};
use sound::network::{self, Profile};

#[test]
fn what_stands_in_place_of_lost_packets_is_nearer_to_speech_than_spandsps() {
    let speech = loss::speeches(40).expect("espeak-ng");
    // With fewer losses chance has a say: the bench has those.
    for rate in [0.05, 0.1] {
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

#[test]
fn a_buffer_of_packets_follows_every_network_with_little_delay_and_little_made_up() {
    let speech = loss::speeches(400).expect("espeak-ng").concat();
    // Ten minutes of each: mean delay in ms, and share made up, at most.
    for (profile, delay, concealed) in [
        (Profile::Constant, 14.0, 0.001),
        (Profile::Uniform(40.0), 60.0, 0.03),
        (Profile::Spikes(200.0), 110.0, 0.05),
        (Profile::Drift(100.0), 20.0, 0.005),
        (Profile::Drift(-100.0), 20.0, 0.005),
    ] {
        let found = network::through(&speech, profile, 30_000);
        assert!(found.mean_ms <= delay && found.concealed <= concealed, "{profile:?} {found:?}");
        assert!(found.most_ms <= 202.0, "{profile:?} {found:?}");
    }
}
