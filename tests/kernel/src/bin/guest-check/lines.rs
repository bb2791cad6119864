//! What the spans and our test card do, checked through DAHDI.

use std::time::Duration;
use std::{fs, io, thread};

use crate::dahdi::{
    ALARM, BITS_CHANGED, CAS, CLEAR, Channel, FLASH, FXOKS, FXSKS, NO_ALARM, ONHOOK, POLARITY,
    REMOVED, RING_BEGIN, RING_OFFHOOK, ring_cadence, start_span,
};

const SECOND: Duration = Duration::from_secs(1);

fn wrong(what: &str) -> io::Error {
    io::Error::other(what.to_owned())
}

/// Octets that do not repeat within 16,000.
fn pattern() -> Vec<u8> {
    let step = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(state.to_be_bytes()[0])
    };
    let mut state = 7_u32;
    std::iter::from_fn(|| step(&mut state)).take(16_000).collect()
}

/// Every octet that one end writes arrives at the other, in order.
fn crosses(from: &Channel, to: &Channel) -> io::Result<()> {
    let sent = pattern();
    let heard = thread::scope(|scope| {
        let writer = scope.spawn(|| from.write(&sent));
        let heard = to.read(sent.len() + 4000);
        writer.join().map_err(|_| wrong("the writer broke"))??;
        heard
    })?;
    let begin = heard.windows(32).position(|window| window == &sent[..32]);
    let begin = begin.ok_or_else(|| wrong("the beginning did not arrive"))?;
    let arrived = heard[begin..].iter().zip(&sent).take_while(|(a, b)| a == b).count();
    if arrived == sent.len() {
        return Ok(());
    }
    Err(wrong(&format!("{arrived} of {} octets arrived", sent.len())))
}

/// Two dynamic spans back to back.
pub(crate) fn spans() -> io::Result<()> {
    start_span(1, true, true)?;
    start_span(2, true, true)?;
    let (one, other) = (Channel::open(1, CLEAR)?, Channel::open(32, CLEAR)?);
    crosses(&one, &other)?;
    crosses(&other, &one)?;
    drop((one, other));
    cas()
}

/// Signalling bits cross dynamic spans, but each channel gets those of the next one on top.
fn cas() -> io::Result<()> {
    start_span(1, true, false)?;
    start_span(2, true, false)?;
    let (first, second) = (Channel::open(5, CAS)?, Channel::open(6, CAS)?);
    let far = Channel::open(36, CAS)?;
    second.set_bits(0)?;
    first.set_bits(9)?;
    thread::sleep(SECOND / 10);
    let alone = far.bits()?;
    second.set_bits(5)?;
    thread::sleep(SECOND / 10);
    let beside = far.bits()?;
    if (alone, beside) == (0x09, 0x59) {
        return Ok(());
    }
    Err(wrong(&format!("bits {alone:#x} alone, {beside:#x} beside others")))
}

fn knob(name: &str, text: &str) -> io::Result<()> {
    fs::write(format!("/sys/module/ringmain_card/parameters/{name}"), text)
}

/// Our card with one analog pair (channels 1 and 2) and two E1 spans (3 to 33, 34 to 64).
pub(crate) fn card() -> io::Result<()> {
    ring_cadence()?;
    start_span(1, false, false)?;
    analog()?;
    start_span(2, true, false)?;
    start_span(3, true, false)?;
    e1()?;
    let late = fs::read_to_string("/sys/module/ringmain_card/parameters/late")?;
    if late.trim() == "0" { Ok(()) } else { Err(wrong(&format!("{} late ticks", late.trim()))) }
}

fn analog() -> io::Result<()> {
    let (fxs, fxo) = (Channel::open(1, FXOKS)?, Channel::open(2, FXSKS)?);
    // DAHDI hears no ringing in the first two seconds after an FXO went on hook.
    thread::sleep(SECOND * 21 / 10);
    fxs.hook(5)?;
    fxo.event(RING_BEGIN, SECOND * 3)?;
    fxo.hook(1)?;
    fxs.event(RING_OFFHOOK, SECOND)?;
    // Until it is told so, DAHDI goes on with its cadence.
    fxs.hook(1)?;
    crosses(&fxs, &fxo)?;
    crosses(&fxo, &fxs)?;
    // An opening of up to 200 ms would be a dial pulse.
    fxo.hook(0)?;
    thread::sleep(SECOND * 2 / 5);
    fxo.hook(1)?;
    fxs.event(FLASH, SECOND)?;
    fxs.polarity(1)?;
    fxo.event(POLARITY, SECOND)?;
    fxo.hook(0)?;
    fxs.event(ONHOOK, SECOND * 3)?;
    knob("cut", "1")?;
    fxo.event(ALARM, SECOND * 3)?;
    knob("cut", "0")?;
    fxo.event(NO_ALARM, SECOND * 3)
}

fn e1() -> io::Result<()> {
    let (one, other) = (Channel::open(4, CAS)?, Channel::open(35, CAS)?);
    one.set_bits(9)?;
    other.event(BITS_CHANGED, SECOND)?;
    if other.bits()? != 9 {
        return Err(wrong("the bits are others"));
    }
    crosses(&one, &other)?;
    knob("alarms", "1 8")?;
    one.event(ALARM, SECOND)?;
    knob("alarms", "1 0")?;
    one.event(NO_ALARM, SECOND)?;
    knob("stopped", "2")?;
    thread::sleep(SECOND / 2);
    knob("stopped", "0")?;
    // Pulled while it is open: it says so, and then it is gone.
    let pull = thread::spawn(|| knob("pulled", "2"));
    one.event(REMOVED, SECOND * 3)?;
    pull.join().map_err(|_| wrong("pulling broke"))??;
    if one.read(1).is_ok() {
        return Err(wrong("a card that is pulled still delivers"));
    }
    knob("pulled", "0")?;
    start_span(2, true, false)?;
    let again = Channel::open(4, CLEAR)?;
    again.read(800).map(|_| ())
}
