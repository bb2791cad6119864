//! Tones of China, sent by one and recognised by the other.

use dsp_progress::{Detector, Plan};
use dsp_tone::{CHINA_BUSY, CHINA_CONGESTION, Generator};
use spandsp_peer::supervisory::{Receiver, Sender};
use units::media::BLOCK_SAMPLES;
use units::{CallTone, Law};

/// Through the law of the line.
fn line(samples: &mut [i16]) {
    for sample in samples {
        *sample = g711::decode(Law::A, g711::encode(Law::A, *sample));
    }
}

#[test]
fn we_recognise_the_tones_that_spandsp_sends() {
    for (tone, ms) in [(CallTone::Busy, 350), (CallTone::Congestion, 700)] {
        for dbm0 in [-5, -15, -35] {
            let mut sender = Sender::new([450, 0], dbm0, ms, ms).expect("memory");
            let mut detector = Detector::new(&Plan::china());
            let mut heard = vec![];
            for _ in 0..3 * ms {
                let mut samples = [0; BLOCK_SAMPLES];
                sender.fill(&mut samples);
                line(&mut samples);
                heard.extend(detector.push(&samples));
            }
            assert_eq!(heard.first(), Some(&tone), "{dbm0} dBm0: {heard:?}");
        }
    }
}

#[test]
fn spandsp_recognises_the_tones_that_we_send() {
    let cadences: [&[u16]; 2] = [&[350, 350], &[700, 700]];
    for (wanted, tone) in [CHINA_BUSY, CHINA_CONGESTION].iter().enumerate() {
        let mut receiver = Receiver::new(450, &cadences, 10).expect("memory");
        let mut generator = Generator::new(tone);
        let mut samples = vec![0; 8000 * 8];
        generator.fill(&mut samples);
        line(&mut samples);
        receiver.push(&samples);
        assert_eq!(receiver.heard().first(), Some(&wanted), "{:?}", receiver.heard());
    }
}
