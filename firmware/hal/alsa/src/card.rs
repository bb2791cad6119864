//! A jack as a line card of one channel, so that the matrix carries it like any port.
//!
//! ```text
//!   receive ◄── A-law ◄── ring ◄── worker     Monitor: Down ──► Gone, Trouble
//!   transmit ─► A-law ──► ring ──► worker              Up ────► Back, Trouble ends
//! ```
//!
//! It never paces: `receive` returns at once, whatever the patience, because the jack's time is its
//! sound card's and the drift between the two is the worker's work. What is transmitted goes into
//! the ring with the next `receive`, so that each tick turns both rings once.

use hal_card::{Card, Channel, Command, Counters, Event, Fault, Kind, Octets, Received, Trouble};
use heapless::Deque;
use units::media::BLOCK_SAMPLES;
use units::{ClockDomain, Duration, Instant, Law, SpanId};

use crate::convert::Block;
use crate::ends::{LineEnd, Monitor};
use crate::{Event as Told, Reason, Settings};

/// The law of its octets, whatever the country's: the engine converts at ports.
const LAW: Law = Law::A;
/// Events that one news of the worker makes.
const EVENTS: usize = 2;

/// A jack as a card of one channel.
pub struct JackCard<C> {
    channel: [Channel; 1],
    line: LineEnd,
    monitor: Monitor,
    clock: C,
    /// What goes out with the next tick.
    play: Block,
    /// Ticks since it was opened.
    ticks: u64,
    /// It sounds.
    there: bool,
    /// It was told that it is gone.
    gone: bool,
    events: Deque<Event, EVENTS>,
}

/// Opens a jack as a card; a sound card that is not there is a trouble of it, and is waited for.
/// `clock` tells the time of the line's ticks.
///
/// # Errors
/// [`Reason::Thread`] if the system gives no thread.
pub fn open<C>(
    settings: Settings,
    domain: ClockDomain,
    clock: C,
) -> Result<JackCard<C>, crate::Fault>
where
    C: Fn() -> Instant + Clone + Send + 'static,
{
    let (line, monitor) = crate::open(settings, clock.clone())?;
    Ok(JackCard::new(line, monitor, domain, clock))
}

impl<C: Fn() -> Instant> JackCard<C> {
    /// A card of the ends of a jack that was opened with the same clock.
    pub fn new(line: LineEnd, monitor: Monitor, domain: ClockDomain, clock: C) -> Self {
        Self {
            channel: [Channel { kind: Kind::Jack, law: LAW, clock: domain }],
            line,
            monitor,
            clock,
            play: [0; BLOCK_SAMPLES],
            ticks: 0,
            there: false,
            gone: false,
            events: Deque::new(),
        }
    }

    fn told(&mut self, told: Told) {
        let (presence, trouble) = match told {
            Told::Up(_) => {
                self.there = true;
                (std::mem::take(&mut self.gone).then_some(Event::Back), None)
            }
            Told::Down(fault) => {
                let gone = std::mem::take(&mut self.there) && fault.reason == Reason::Missing;
                self.gone |= gone;
                (gone.then_some(Event::Gone), Some(as_told(fault.reason)))
            }
        };
        // Both fit: the queue is empty when the monitor is asked.
        for event in presence.into_iter().chain([Event::Trouble { channel: 0, trouble }]) {
            let _ = self.events.push_back(event);
        }
    }
}

/// Why a jack does not sound, as a card tells it.
const fn as_told(reason: Reason) -> Trouble {
    match reason {
        Reason::Missing => Trouble::Missing,
        Reason::Permission => Trouble::Forbidden,
        Reason::Busy => Trouble::Busy,
        Reason::Format => Trouble::Refused(libc::EINVAL),
        Reason::Stalled => Trouble::Silent,
        Reason::Thread => Trouble::Failing(libc::EAGAIN),
        Reason::System(errno) => Trouble::Failing(errno),
    }
}

impl<C: Fn() -> Instant> Card for JackCard<C> {
    fn channels(&self) -> &[Channel] {
        &self.channel
    }

    fn receive(&mut self, blocks: &mut [Octets], _: Duration) -> Result<Received, Fault> {
        self.ticks = self.ticks.wrapping_add(1);
        let heard = self.line.turn((self.clock)(), &self.play);
        self.play = [0; BLOCK_SAMPLES];
        if let (Some(heard), Some(block)) = (heard, blocks.first_mut()) {
            g711::encode_block(LAW, &heard, block);
        }
        Ok(Received { block: heard.is_some(), missing: 0, clock: self.ticks })
    }

    fn transmit(&mut self, blocks: &[Octets]) -> Result<(), Fault> {
        if let Some(block) = blocks.first() {
            g711::decode_block(LAW, block, &mut self.play);
        }
        Ok(())
    }

    fn poll_event(&mut self) -> Option<Event> {
        if self.events.is_empty()
            && let Some(told) = self.monitor.poll_event()
        {
            self.told(told);
        }
        self.events.pop_front()
    }

    fn send_frame(&mut self, _: usize, _: &[u8]) -> Result<(), Fault> {
        Err(Fault::NoSuchChannel)
    }

    fn command(&mut self, _: Command) -> Result<(), Fault> {
        Err(Fault::NoSuchChannel)
    }

    fn counters(&self, _: SpanId) -> Option<Counters> {
        None
    }

    fn paces(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::Format;
    use crate::ends::{WorkerEnd, ends};

    /// A jack whose worker is the test.
    fn jack() -> (JackCard<fn() -> Instant>, WorkerEnd) {
        let (line, worker, monitor) = ends();
        (JackCard::new(line, monitor, ClockDomain(7), || Instant::from_millis(5)), worker)
    }

    fn events(card: &mut impl Card) -> Vec<Event> {
        std::iter::from_fn(|| card.poll_event()).collect()
    }

    const UP: Told = Told::Up(Format { rate_hz: 48_000, channels: 1 });

    fn down(reason: Reason) -> Told {
        Told::Down(reason.into())
    }

    #[test]
    fn sound_goes_both_ways_as_a_law_one_block_a_tick() {
        let (mut card, mut worker) = jack();
        assert!(!card.paces(), "a jack follows");
        assert_eq!(card.channels()[0].kind, Kind::Jack);
        let mut blocks = [[0x55; BLOCK_SAMPLES]];
        // However long it may wait, an empty ring is told at once.
        let none = card.receive(&mut blocks, Duration::from_secs(3600));
        assert_eq!(none, Ok(Received { block: false, missing: 0, clock: 1 }));
        let heard: Block = std::array::from_fn(|n| i16::try_from(n * 100).unwrap());
        worker.to_line.enqueue(heard).unwrap();
        let said: Octets = std::array::from_fn(|n| 0x80 + u8::try_from(n).unwrap());
        card.transmit(&[said]).unwrap();
        let one = card.receive(&mut blocks, Duration::ZERO);
        assert_eq!(one, Ok(Received { block: true, missing: 0, clock: 2 }));
        assert_eq!(blocks[0].map(|octet| g711::decode(LAW, octet)), {
            heard.map(|sample| g711::decode(LAW, g711::encode(LAW, sample)))
        });
        assert_eq!(worker.from_line.dequeue(), Some([0; BLOCK_SAMPLES]), "the first tick");
        let played = worker.from_line.dequeue().unwrap();
        assert_eq!(played.map(|sample| g711::encode(LAW, sample)), said);
        assert_eq!(worker.shared.ticks.last().number, 2);
    }

    #[test]
    fn a_device_that_was_never_there_is_a_trouble_and_no_loss() {
        let (mut card, mut worker) = jack();
        worker.tell(down(Reason::Missing));
        let missing = Event::Trouble { channel: 0, trouble: Some(Trouble::Missing) };
        assert_eq!(events(&mut card), [missing]);
        worker.tell(UP);
        assert_eq!(events(&mut card), [Event::Trouble { channel: 0, trouble: None }]);
    }

    #[test]
    fn one_that_is_pulled_out_goes_and_comes_back() {
        let (mut card, mut worker) = jack();
        for told in [UP, down(Reason::Missing), down(Reason::Busy), UP] {
            worker.tell(told);
        }
        let trouble = |trouble| Event::Trouble { channel: 0, trouble };
        let expected = [
            trouble(None),
            Event::Gone,
            trouble(Some(Trouble::Missing)),
            trouble(Some(Trouble::Busy)),
            Event::Back,
            trouble(None),
        ];
        assert_eq!(events(&mut card), expected);
    }

    #[test]
    fn one_that_stalls_is_there_and_silent() {
        let (mut card, mut worker) = jack();
        worker.tell(UP);
        worker.tell(down(Reason::Stalled));
        let silent = Event::Trouble { channel: 0, trouble: Some(Trouble::Silent) };
        assert_eq!(events(&mut card)[1..], [silent]);
    }

    #[test]
    fn it_carries_sound_and_nothing_else() {
        let (mut card, _worker) = jack();
        assert_eq!(card.send_frame(0, &[0; 5]), Err(Fault::NoSuchChannel));
        let ring = Command::Ring { channel: 0, on: true };
        assert_eq!(card.command(ring), Err(Fault::NoSuchChannel));
        assert_eq!(card.counters(SpanId(1)), None);
    }
}
