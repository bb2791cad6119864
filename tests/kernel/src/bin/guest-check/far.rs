//! A span to another guest, whose power comes and goes.

use std::io;
use std::time::{Duration, Instant};

use kernel_tests::pair::{OFF, ON};

use crate::dahdi::{ALARM, CLEAR, Channel, NO_ALARM, start_span};

/// Octets of the other that are enough to believe in it: half a second.
const ENOUGH: usize = 4000;
const MINUTE: Duration = Duration::from_secs(60);

fn say(line: &str) {
    let _ = io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes());
}

/// Talks until enough of the other has been heard, or this event comes.
fn until(channel: &Channel, own: u8, far: u8, event: Option<i32>) -> io::Result<()> {
    let (begin, mut heard) = (Instant::now(), 0);
    while begin.elapsed() < MINUTE {
        let (octets, came) = channel.talk(own)?;
        heard += octets.iter().filter(|&&octet| octet == far).count();
        match event {
            Some(_) if came == event => return Ok(()),
            None if heard >= ENOUGH => return Ok(()),
            _ => {}
        }
    }
    Err(io::Error::other(format!("{heard} octets heard, event {event:?} did not come")))
}

/// Hears the other, pulls its plug, notices, puts it back, hears it again.
pub(crate) fn one() -> io::Result<()> {
    start_span(1, true, true)?;
    let channel = Channel::open(1, CLEAR)?;
    until(&channel, 0x11, 0x22, None)?;
    say(OFF);
    let begin = Instant::now();
    until(&channel, 0x11, 0x22, Some(ALARM))?;
    say(&format!("the alarm came after {:.1} s", begin.elapsed().as_secs_f32()));
    say(ON);
    until(&channel, 0x11, 0x22, Some(NO_ALARM))?;
    until(&channel, 0x11, 0x22, None)
}

/// Hears the first, and talks until it is gone.
pub(crate) fn other() -> io::Result<()> {
    start_span(1, true, true)?;
    let channel = Channel::open(1, CLEAR)?;
    until(&channel, 0x22, 0x11, None)?;
    until(&channel, 0x22, 0x11, Some(ALARM))
}
