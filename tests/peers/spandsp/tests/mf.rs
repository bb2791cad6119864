//! Every signal of R2 in both directions, sent by one and heard by the other.

use dsp_mf::{Event, Generator, Receiver};
use spandsp_peer as theirs;
use units::media::BLOCK_SAMPLES;
use units::{Law, MfDirection, MfSignal};

/// Through the law of the line.
fn line(samples: &mut [i16]) {
    for sample in samples {
        *sample = g711::decode(Law::A, g711::encode(Law::A, *sample));
    }
}

fn ways() -> impl Iterator<Item = (MfDirection, MfSignal)> {
    [MfDirection::Forward, MfDirection::Backward]
        .into_iter()
        .flat_map(|way| MfSignal::all().map(move |signal| (way, signal)))
}

#[test]
fn spandsp_hears_every_signal_that_we_send() {
    for (way, signal) in ways() {
        let forward = way == MfDirection::Forward;
        let mut receiver = theirs::Receiver::new(forward).expect("memory");
        let mut generator = Generator::new(way);
        let (mut samples, mut heard) = (vec![0; 2400], vec![0]);
        generator.send(Some(signal));
        generator.fill(&mut samples[800..1760]);
        line(&mut samples);
        for block in samples.chunks(BLOCK_SAMPLES) {
            let now = receiver.push(block);
            if heard.last() != Some(&now) {
                heard.push(now);
            }
        }
        assert_eq!(heard, [0, usize::from(signal.number()), 0], "{way:?} {signal}");
    }
}

#[test]
fn we_hear_every_signal_that_spandsp_sends() {
    for (way, signal) in ways() {
        let mut sender = theirs::Sender::new(way == MfDirection::Forward).expect("memory");
        let mut receiver = Receiver::new(way);
        let mut heard = vec![];
        for block in 0..150 {
            match block {
                30 => sender.send(signal.number().into()),
                90 => sender.send(0),
                _ => {}
            }
            let mut samples = [0; BLOCK_SAMPLES];
            sender.fill(&mut samples);
            line(&mut samples);
            heard.extend(receiver.push(&samples).map(|event| (block, event)));
        }
        let [(begin, Event::Begin(one)), (end, Event::End(other))] = heard[..] else {
            panic!("{way:?} {signal}: {heard:?}");
        };
        assert_eq!((one, other), (signal, signal));
        // Told 16 ms after the first sample at the latest, the end 14 ms after the last.
        assert!(begin < 30 + 8 && end < 90 + 8, "{way:?} {signal}: {heard:?}");
    }
}
