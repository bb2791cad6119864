//! What every line card must do, whoever made it: run against a card that is open and paced.

use hal_card::{Card, Command, Fault, Kind, Octets};
use units::Duration;

/// Runs `blocks` blocks of silence through the card and says the first promise that it broke.
///
/// # Errors
/// A sentence about the promise.
pub fn check(card: &mut dyn Card, blocks: u32) -> Result<(), &'static str> {
    let count = card.channels().len();
    let mut octets: Vec<Octets> = vec![[0xD5; 16]; count];
    check_refusals(card)?;
    let (mut clock, mut seen) = (None, 0);
    for _ in 0..blocks * 4 {
        let received = card
            .receive(&mut octets, Duration::from_millis(500))
            .map_err(|_| "a card that is there receives")?;
        if !received.block {
            return Err("a block comes within the patience");
        }
        if clock.is_some_and(|before| received.clock <= before) {
            return Err("the clock goes forward with every block");
        }
        clock = Some(received.clock);
        card.transmit(&vec![[0xD5; 16]; count]).map_err(|_| "a card that is there transmits")?;
        let mut events = 0;
        while card.poll_event().is_some() {
            events += 1;
            if events > 1000 {
                return Err("events come to an end");
            }
        }
        seen += 1;
        if seen == blocks {
            return Ok(());
        }
    }
    Err("blocks come")
}

fn check_refusals(card: &mut dyn Card) -> Result<(), &'static str> {
    let count = card.channels().len();
    let refused = Err(Fault::NoSuchChannel);
    if card.send_frame(count, &[0; 5]) != refused {
        return Err("a frame for a channel that is not there is refused");
    }
    if card.command(Command::Ring { channel: count, on: true }) != refused {
        return Err("a channel that is not there cannot ring");
    }
    let bearer =
        card.channels().iter().position(|channel| matches!(channel.kind, Kind::Bearer { .. }));
    if let Some(channel) = bearer
        && (card.send_frame(channel, &[0; 5]) != refused
            || card.command(Command::Ring { channel, on: true }) != refused)
    {
        return Err("a bearer channel carries no frames and does not ring");
    }
    Ok(())
}
