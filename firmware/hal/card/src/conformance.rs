//! What every line card must do, whoever made it.
//!
//! [`alone`] needs one card that is open and paced. [`Pair`] needs two cards whose lines are joined
//! back to back, each seen through its own driver: the virtual card and an exchange's end of its
//! line, two spans of a fake kernel, two spans of the real one.
//!
//! A promise is a sentence; the first that is broken is the error.
extern crate alloc;

use alloc::vec;
use alloc::vec::Vec;

use units::Duration;

use crate::{Card, Command, Event, Fault, Frame, Kind, Octets};

/// The sentence of a broken promise.
pub type Broken = &'static str;

/// What a port that is not used sends: A-law silence.
const IDLE: Octets = [0xD5; 16];
/// How long a block may take to come.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs `blocks` blocks of silence through the card.
///
/// # Errors
/// The promise that it broke.
pub fn alone(card: &mut dyn Card, blocks: u32) -> Result<(), Broken> {
    let count = card.channels().len();
    let mut octets: Vec<Octets> = vec![IDLE; count];
    refusals(card)?;
    let (mut clock, mut seen) = (None, 0);
    for _ in 0..blocks * 4 {
        let received =
            card.receive(&mut octets, PATIENCE).map_err(|_| "a card that is there receives")?;
        if !received.block {
            return Err("a block comes within the patience");
        }
        if clock.is_some_and(|before| received.clock <= before) {
            return Err("the clock goes forward with every block");
        }
        clock = Some(received.clock);
        card.transmit(&vec![IDLE; count]).map_err(|_| "a card that is there transmits")?;
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

fn refusals(card: &mut dyn Card) -> Result<(), Broken> {
    let count = card.channels().len();
    let refused = Err(Fault::NoSuchChannel);
    if card.send_frame(count, &[0; 5]) != refused {
        return Err("a frame for a channel that is not there is refused");
    }
    if card.command(Command::Ring { channel: count, on: true }) != refused {
        return Err("a channel that is not there cannot ring");
    }
    let bearer = first(card, |kind| matches!(kind, Kind::Bearer { .. }));
    if let Some(channel) = bearer
        && (card.send_frame(channel, &[0; 5]) != refused
            || card.command(Command::Ring { channel, on: true }) != refused
            || card.command(Command::Loop { channel, closed: true }) != refused)
    {
        return Err("a bearer channel carries no frames, does not ring and has no loop");
    }
    Ok(())
}

fn first(card: &dyn Card, which: impl Fn(Kind) -> bool) -> Option<usize> {
    card.channels().iter().position(|channel| which(channel.kind))
}

/// A sequence of octets that does not repeat soon: its next place tells where it is.
#[derive(Clone, Copy, Debug)]
struct Noise(u32);

impl Noise {
    const fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9) | 1)
    }

    /// The next octet (Marsaglia's xorshift32).
    const fn next(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0.to_le_bytes()[1]
    }
}

/// How an ear finds its noise in what it hears, and then follows it octet by octet.
#[derive(Debug)]
struct Ear {
    seed: u32,
    follow: Option<Noise>,
    /// The octets heard last.
    tail: [u8; 8],
    heard: u64,
    right: u64,
    wrong: u64,
}

impl Ear {
    const fn new(seed: u32) -> Self {
        Self { seed, follow: None, tail: [0; 8], heard: 0, right: 0, wrong: 0 }
    }

    /// Hears an octet of a line that makes `line` of what was sent.
    fn hear(&mut self, octet: u8, line: fn(u8) -> u8) {
        self.heard += 1;
        self.tail.rotate_left(1);
        self.tail[7] = octet;
        if let Some(noise) = &mut self.follow {
            if line(noise.next()) == octet {
                self.right += 1
            } else {
                self.wrong += 1
            }
            return;
        }
        // The noise begins with these; before it came silence.
        let mut noise = Noise::new(self.seed);
        if self.tail.iter().all(|heard| *heard == line(noise.next())) {
            self.follow = Some(noise);
        }
    }
}

/// What [`Pair::run`] saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Octets that were compared, both ways together.
    pub octets: u64,
    /// Of them, those that were not what the other side sent.
    pub wrong: u64,
    /// Ways (channels times two) in which the other side's noise was never found.
    pub deaf: u64,
    /// D-channel frames that came over whole.
    pub frames: u64,
}

/// Two cards back to back.
pub struct Pair<'a> {
    /// The card under test.
    pub near: &'a mut dyn Card,
    /// The other end of its line.
    pub far: &'a mut dyn Card,
    events: [Vec<Event>; 2],
    /// What the other side hears of an octet.
    heard: fn(u8) -> u8,
}

impl<'a> Pair<'a> {
    /// Of two cards with the same channels, joined channel by channel.
    pub fn new(near: &'a mut dyn Card, far: &'a mut dyn Card) -> Self {
        Self { near, far, events: [vec![], vec![]], heard: |octet| octet }
    }

    /// Of lines that change octets: what the other side hears of each.
    #[must_use]
    pub fn hearing(mut self, heard: fn(u8) -> u8) -> Self {
        self.heard = heard;
        self
    }

    fn side(&mut self, side: usize) -> &mut dyn Card {
        if side == 0 { self.near } else { self.far }
    }

    /// One block each way: the near card paces, the far one follows.
    fn tick(
        &mut self,
        blocks: &mut [Vec<Octets>; 2],
        out: &[Vec<Octets>; 2],
    ) -> Result<(), Broken> {
        for side in 0..2 {
            let patience = if side == 0 { PATIENCE } else { Duration::from_millis(20) };
            let card = self.side(side);
            let received =
                card.receive(&mut blocks[side], patience).map_err(|_| "a joined card receives")?;
            if !received.block {
                blocks[side].clear();
            }
            if received.block || side == 0 {
                card.transmit(&out[side]).map_err(|_| "a joined card transmits")?;
            }
            for _ in 0..1000 {
                let Some(event) = self.side(side).poll_event() else { break };
                self.events[side].push(event);
            }
        }
        Ok(())
    }

    /// Silence for `blocks` blocks, for lines to come up; what happened is forgotten.
    ///
    /// # Errors
    /// The promise that was broken.
    pub fn settle(&mut self, blocks: u32) -> Result<(), Broken> {
        let out = self.idle();
        for _ in 0..blocks {
            let mut room = self.idle();
            self.tick(&mut room, &out)?;
        }
        self.events = [vec![], vec![]];
        Ok(())
    }

    fn idle(&self) -> [Vec<Octets>; 2] {
        [vec![IDLE; self.near.channels().len()], vec![IDLE; self.far.channels().len()]]
    }

    /// Noise on every bearer channel both ways for `blocks` blocks, and a frame on every data
    /// channel every `frame_every` blocks.
    ///
    /// # Errors
    /// The promise that was broken. Wrong octets are counted, not an error: whoever knows the line
    /// judges.
    pub fn run(&mut self, blocks: u32, frame_every: u32) -> Result<Seen, Broken> {
        let bearers: Vec<usize> = of_kind(self.near, |k| matches!(k, Kind::Bearer { .. }));
        let data: Vec<usize> = of_kind(self.near, |k| matches!(k, Kind::Data { .. }));
        let mut noise: [Vec<Noise>; 2] = core::array::from_fn(|side| {
            bearers.iter().map(|c| Noise::new(seed(side, *c))).collect()
        });
        let mut ears: [Vec<Ear>; 2] = core::array::from_fn(|side| {
            bearers.iter().map(|c| Ear::new(seed(1 - side, *c))).collect()
        });
        let (mut sent, mut frames) = ([0_u64; 2], 0);
        for block in 0..blocks {
            let mut out = self.idle();
            for side in 0..2 {
                for (noise, channel) in noise[side].iter_mut().zip(&bearers) {
                    out[side][*channel] = core::array::from_fn(|_| noise.next());
                }
                if block.is_multiple_of(frame_every.max(1)) && block + 200 < blocks {
                    for channel in &data {
                        let frame = frame(side, block);
                        if self.side(side).send_frame(*channel, &frame).is_ok() {
                            sent[side] += 1;
                        }
                    }
                }
            }
            let mut room = self.idle();
            self.tick(&mut room, &out)?;
            for side in 0..2 {
                for (ear, channel) in ears[side].iter_mut().zip(&bearers) {
                    let block = room[side].get(*channel).into_iter().flatten();
                    block.for_each(|octet| ear.hear(*octet, self.heard));
                }
                frames += take_frames(&mut self.events[side], 1 - side)?;
            }
        }
        let all = || ears.iter().flatten();
        Ok(Seen {
            octets: all().map(|ear| ear.right + ear.wrong).sum(),
            wrong: all().map(|ear| ear.wrong).sum(),
            deaf: all().filter(|ear| ear.follow.is_none()).count() as u64,
            frames,
        })
        .and_then(|seen| {
            let sent = sent[0] + sent[1];
            // The kernel's HDLC receiver may drop the very first frame after it was opened.
            let lost = sent.saturating_sub(seen.frames);
            if lost > 2 { Err("every frame comes over") } else { Ok(seen) }
        })
    }

    /// Commands the near card and waits at most `blocks` blocks for an event of the far card; how
    /// many it took.
    ///
    /// # Errors
    /// `promise`, if it does not come or the command is refused.
    pub fn expect(
        &mut self,
        command: Command,
        blocks: u32,
        promise: Broken,
        wanted: impl Fn(&Event) -> bool,
    ) -> Result<u32, Broken> {
        self.near.command(command).map_err(|_| promise)?;
        self.await_event(1, blocks, promise, wanted)
    }

    /// Waits at most `blocks` blocks for an event of a side: 0 is near, 1 is far; how many it took.
    ///
    /// # Errors
    /// `promise`, if it does not come.
    pub fn await_event(
        &mut self,
        side: usize,
        blocks: u32,
        promise: Broken,
        wanted: impl Fn(&Event) -> bool,
    ) -> Result<u32, Broken> {
        let out = self.idle();
        for block in 0..blocks {
            if let Some(place) = self.events[side].iter().position(&wanted) {
                self.events[side].drain(..=place);
                return Ok(block);
            }
            let mut room = self.idle();
            self.tick(&mut room, &out)?;
        }
        Err(promise)
    }
}

fn of_kind(card: &dyn Card, which: impl Fn(Kind) -> bool) -> Vec<usize> {
    let all = card.channels().iter().enumerate();
    all.filter(|(_, channel)| which(channel.kind)).map(|(index, _)| index).collect()
}

fn seed(side: usize, channel: usize) -> u32 {
    u32::try_from(1 + side * 1000 + channel).unwrap_or(1)
}

/// A frame that says who sent it and when, of a length that differs from one to the next.
fn frame(side: usize, block: u32) -> Frame {
    let mut frame = Frame::new();
    let mark = [0x02, 0x01, 0x03, side.to_le_bytes()[0]];
    // Both are shorter than a frame may be.
    let _ = frame.extend_from_slice(&mark);
    let _ = frame.extend_from_slice(&block.to_le_bytes());
    for more in 0..block % 200 {
        let _ = frame.push(more.to_le_bytes()[0]);
    }
    frame
}

/// Takes the frames out of the events; each must be one that `from` sent.
fn take_frames(events: &mut Vec<Event>, from: usize) -> Result<u64, Broken> {
    let mut whole = 0;
    for event in events.iter() {
        let Event::Frame { frame: got, .. } = event else { continue };
        let block = got.get(4..8).and_then(|octets| octets.try_into().ok());
        let block = u32::from_le_bytes(block.ok_or("a frame comes over as long as it was")?);
        if *got != frame(from, block) {
            return Err("a frame comes over as it was");
        }
        whole += 1;
    }
    events.retain(|event| !matches!(event, Event::Frame { .. }));
    Ok(whole)
}
