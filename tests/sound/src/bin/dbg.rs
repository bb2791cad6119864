//! x
use dsp_echo::Tail;
use sound_test::echo::{measure::*, signals::*, *};
fn main() {
    let mut path = Path::new(
        &MODELS[std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(2)],
        0,
        10.0,
    );
    let from: usize = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(0);
    let to: usize = std::env::args().nth(3).and_then(|a| a.parse().ok()).unwrap_or(90);
    let mut s = Sound::default();
    let mut near = vec![0.0; 5 * SECOND];
    near.extend(speech(true, 4 * SECOND, -15.0).unwrap());
    s.push(&mut path, &css(10 * SECOND, -15.0), if from > 0 { &near } else { &[] });
    let mut c = peers::linear(Tail::Ms64);
    for n in 0..s.sent.len() / 64 {
        for k in 0..4 {
            let at = n * 64 + k * 16;
            let x: [i16; 16] = s.sent[at..at + 16].try_into().unwrap();
            let mut d: [i16; 16] = s.heard[at..at + 16].try_into().unwrap();
            c.process(&x, &mut d);
        }
        if n < from || n > to {
            continue;
        }
        let f = c.figures();
        let db = |x: f32| 10.0 * (x.max(1.0) / 64.0 / 260_524_900.0).log10();
        println!(
            "{} ms: heard {:.1} fg {:.1} bg {:.1} both {} taken {} restored {}",
            n * 8,
            db(f.dbg[0]),
            db(f.dbg[1]),
            db(f.dbg[2]),
            f.dbg[3],
            f.taken,
            f.restored
        );
    }
}
