//! scratch
#![allow(clippy::print_stdout)]
use sound::detect::{dtmf::{Sent, errors, ours, theirs}, material, time};
fn main() {
    let u = Sent::USUAL;
    let show = |name: &str, sent: Sent| println!("{name:40} {:?} of 320", errors(&sent, 20));
    show("usual", u);
    for t in [-14.0, -12.0,-10.0,-9.0,-8.0,4.0,5.0,6.0,7.0,8.0,10.0] { show(&format!("twist {t}"), Sent { low: -10.0 - f64::max(t,0.0), high: -10.0+f64::min(t,0.0), ..u }); }
    for l in [3.0-3.0, -3.0,-30.0,-34.0,-36.0,-38.0,-40.0,-42.0,-44.0] { show(&format!("level {l}"), Sent { low: l, high: l, ..u }); }
    for (a,b) in [(0.015,0.015),(-0.015,-0.015),(0.015,-0.015),(-0.015,0.015),(0.02,0.02),(0.025,0.025),(-0.025,-0.025),(0.03,0.0),(0.0,0.03),(0.035,0.0),(-0.035,0.0),(0.0,0.035),(0.0,-0.035)] { show(&format!("offset {a} {b}"), Sent { off_low: a, off_high: b, ..u }); }
    for n in [15.0,12.0,10.0,9.0,8.0,7.0,6.0] { show(&format!("noise {n}"), Sent { noise_db: Some(n), ..u }); }
    for n in [15.0,12.0] { for (a,b) in [(-10.0,-6.0),(-6.0,-14.0)] { show(&format!("noise {n} twist {a}/{b} off 1.5"), Sent { noise_db: Some(n), low:a,high:b,off_low:0.015,off_high:-0.015, ..u }); } }
    for d in [-25.0,-20.0,-15.0,-12.0,-10.0,-8.0,-5.0] { show(&format!("dial 350+440 {d} each"), Sent { dial: Some((&[350.0,440.0], d)), ..u }); show(&format!("dial 425 {d}"), Sent { dial: Some((&[425.0], d)), ..u });
      show(&format!("dial 450 {d}"), Sent { dial: Some((&[450.0], d)), ..u }); }
    for on in [18.0,20.0,23.0,26.0,30.0,33.0,36.0,38.0] { show(&format!("on {on}"), Sent { on_ms: on, ..u }); }
    for off in [10.0,15.0,20.0,25.0,30.0,35.0] { show(&format!("off {off}"), Sent { off_ms: off, ..u }); }
    let prompts = material::all(material::PROMPTS);
    let seconds: usize = prompts.iter().map(Vec::len).sum::<usize>() / 8000;
    let mut hits = [0; 2];
    let mut sound = vec![];
    for p in &prompts { sound.extend(p); hits[0] += ours(p).len(); hits[1] += theirs(p, false).len(); }
    println!("prompts {seconds} s, false {hits:?}");
    let begin = std::time::Instant::now();
    let (mut hits, mut hours) = ([0; 2], 0.0);
    for (speed, db) in [(0.8,0.0),(0.85,-10.0),(0.9,6.0),(0.95,-20.0),(1.05,6.0),(1.1,0.0),(1.15,-10.0),(1.25,0.0)] {
        for p in &prompts { let mut s = vec![]; material::shifted(p, speed, db, &mut s); hours += s.len() as f64 / 8000.0/3600.0; hits[0] += ours(&s).len(); hits[1] += theirs(&s, false).len(); }
    }
    println!("shifted {hours} h, false {hits:?}, {:?}", begin.elapsed());
    sound.truncate(8000*60);
    let digits: Vec<i16> = (0..20).flat_map(|s| Sent{on_ms:100.0,..u}.digits(s)).collect();
    for s in [&sound, &digits] {
        let mut a = dsp_dtmf::Receiver::new();
        let mut b = spandsp_peer::dtmf::Receiver::new(false).unwrap();
        let t = time::compare(s, &mut [("ours", Box::new(|s| for b in s.as_chunks::<16>().0 { std::hint::black_box(a.push(b)); })), ("theirs", Box::new(|s| for x in s.chunks(80) { b.push(x); b.digits(); }))]);
        println!("time {t:?}");
    }
}
