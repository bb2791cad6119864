//! The worker of a jack: opens the card, moves sound while it is there, waits for it while it is
//! not. It waits in ALSA, so the line thread need not.

use std::sync::atomic::Ordering;
use std::thread;

use nix::poll::{PollTimeout, poll};
use units::{Duration, Instant};

use crate::convert::LINE_HZ;
use crate::device::Pcm;
use crate::ends::{Event, LineEnd, Monitor, WorkerEnd, ends};
use crate::flow::{Capture, Playback, Sink, Source, Trouble};
use crate::{Fault, Reason, Role};

/// What a jack is, from the board file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What ALSA calls the PCM that hears, as `hw:CARD=Device,DEV=0`; `None`: it does not hear.
    pub capture: Option<String>,
    /// The same of the PCM that speaks.
    pub playback: Option<String>,
    /// What waits between card and line in each direction, at most 100 ms.
    pub latency: Duration,
}

impl Settings {
    /// A jack of this role on one PCM.
    #[must_use]
    pub fn of(role: Role, name: &str) -> Self {
        let traits = role.traits();
        let when = |wanted: bool| wanted.then(|| name.to_owned());
        Self {
            capture: when(traits.captures),
            playback: when(traits.plays),
            latency: traits.latency,
        }
    }
}

/// How long the card may be silent at once: then the worker looks whether it is to stop.
const PATIENCE: Duration = Duration::from_millis(20);
/// How long a card may move nothing while the line ticks, before it is opened again.
const STALL: Duration = Duration::from_secs(1);
/// A line that has not ticked for so long is silent.
const SILENT: Duration = Duration::from_millis(100);
/// Between two attempts to open a card that is not there.
const RETRY: Duration = Duration::from_millis(500);
/// The longest latency: the rings hold twice as much.
const LONGEST: Duration = Duration::from_millis(100);

/// Starts the worker of a jack. A card that is not there is no error: the [`Monitor`] tells it, and
/// the worker waits for it. `clock` tells the time that [`LineEnd::exchange`] is given; here it is
/// only read.
///
/// # Errors
/// [`Reason::Thread`] if the system gives no thread.
pub fn open(
    settings: Settings,
    clock: impl Fn() -> Instant + Send + 'static,
) -> Result<(LineEnd, Monitor), Fault> {
    let (line, end, mut monitor) = ends();
    let run = move || run(&settings, &clock, end);
    monitor.watch(thread::Builder::new().name("jack".into()).spawn(run))?;
    Ok((line, monitor))
}

fn run(settings: &Settings, clock: &impl Fn() -> Instant, mut end: WorkerEnd) {
    let mut told = None;
    while !end.shared.stop.load(Ordering::Relaxed) {
        let fault = match Card::open(settings) {
            Ok(mut card) => {
                end.tell(Event::Up(card.format()));
                told = None;
                let fault = card.serve(clock, &mut end);
                drop(card);
                fault.map(|fault| why(settings, fault))
            }
            Err(fault) => Some(fault),
        };
        let Some(fault) = fault else { break };
        end.shared.flowing.store(false, Ordering::Relaxed);
        if told != Some(fault) {
            end.tell(Event::Down(fault));
            told = Some(fault);
        }
        thread::park_timeout(RETRY);
    }
}

/// What became of a card that failed. One that is being pulled out answers with any error for a
/// moment; opening it tells whether it is there.
fn why(settings: &Settings, seen: Fault) -> Fault {
    if !matches!(seen.reason, Reason::System(_)) {
        return seen;
    }
    thread::park_timeout(RETRY);
    Card::open(settings).err().unwrap_or(seen)
}

/// Whether the line ticks.
struct Pulse {
    number: u32,
    seen: Option<Instant>,
}

impl Pulse {
    fn alive(&mut self, now: Instant, number: u32) -> bool {
        if number != self.number {
            (self.number, self.seen) = (number, Some(now));
        }
        self.seen.is_some_and(|seen| now - seen < SILENT)
    }
}

struct Card {
    capture: Option<Capture<Pcm>>,
    playback: Option<Playback<Pcm>>,
}

impl Card {
    fn open(settings: &Settings) -> Result<Self, Fault> {
        // What the library says of a card that is not there would fill the log, twice a second; the
        // fault tells it once. This handler replaces the one of the last attempt.
        let _quiet = alsa::Output::local_error_handler();
        let latency = settings.latency.min(LONGEST);
        let target = latency.as_secs_f64() * f64::from(LINE_HZ);
        let capture = settings
            .capture
            .as_deref()
            .map(|name| Pcm::capture(name).and_then(|pcm| Capture::new(pcm, target)));
        let playback = settings
            .playback
            .as_deref()
            .map(|name| Pcm::playback(name, latency).and_then(|pcm| Playback::new(pcm, target)));
        Ok(Self { capture: capture.transpose()?, playback: playback.transpose()? })
    }

    fn format(&self) -> crate::convert::Format {
        let heard = self.capture.as_ref().map(|capture| Source::format(&capture.source));
        let spoken = || self.playback.as_ref().map(|playback| Sink::format(&playback.sink));
        let none = crate::convert::Format { rate_hz: 0, channels: 0 };
        heard.or_else(spoken).unwrap_or(none)
    }

    /// Until the card is lost, or until the worker is told to stop: then `None`.
    fn serve(&mut self, clock: &impl Fn() -> Instant, end: &mut WorkerEnd) -> Option<Fault> {
        let mut pulse = Pulse { number: end.shared.ticks.last().number, seen: None };
        let mut moved_at = clock();
        while !end.shared.stop.load(Ordering::Relaxed) {
            let now = clock();
            let alive = pulse.alive(now, end.shared.ticks.last().number);
            match self.step(clock, alive, end) {
                Ok(0) if now - moved_at >= STALL && alive => return Some(Reason::Stalled.into()),
                Ok(0) if !alive => moved_at = now,
                Ok(0) => {}
                Ok(_) => moved_at = now,
                Err(fault) => return Some(fault),
            }
        }
        None
    }

    /// Waits for the card, then moves what there is.
    fn step(
        &mut self,
        clock: &impl Fn() -> Instant,
        alive: bool,
        end: &mut WorkerEnd,
    ) -> Result<usize, Fault> {
        self.wait().map_or_else(survive, |()| Ok(0))?;
        let mut moved = 0;
        if let Some(capture) = &mut self.capture {
            moved += capture.step(clock, alive, end).or_else(survive)?;
        }
        if let Some(playback) = &mut self.playback {
            moved += playback.step(clock, alive, end).or_else(survive)?;
        }
        if moved == 0 {
            // What a card says it is ready for need not be what we have: do not spin.
            let _ = poll(&mut [], PollTimeout::from(1u8));
        }
        Ok(moved)
    }

    fn wait(&self) -> Result<(), Trouble> {
        match (&self.capture, &self.playback) {
            (Some(capture), _) => capture.source.wait(PATIENCE),
            (None, Some(playback)) => playback.sink.wait(PATIENCE),
            (None, None) => Err(Trouble::Gone(Reason::Missing.into())),
        }
    }
}

/// The flow that ran dry or over begins again by itself.
fn survive(trouble: Trouble) -> Result<usize, Fault> {
    match trouble {
        Trouble::Xrun => Ok(0),
        Trouble::Gone(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use units::LinearBlock;

    use super::*;

    #[test]
    fn a_missing_card_is_told_once_and_the_line_goes_on() {
        let settings = Settings::of(Role::Handset, "hw:250,0");
        let (mut line, mut monitor) = open(settings, || Instant::ZERO).unwrap();
        let mut told = None;
        // At most ten seconds; the worker says it in its first moments.
        for _ in 0..1000 {
            line.exchange(Instant::ZERO, &LinearBlock::SILENCE);
            told = told.or(monitor.poll_event());
            if told.is_some() {
                break;
            }
            let _ = poll(&mut [], PollTimeout::from(10u8));
        }
        assert_eq!(told, Some(Event::Down(Reason::Missing.into())));
        // Longer than until the next attempt: it is not told again.
        for _ in 0..70 {
            let _ = poll(&mut [], PollTimeout::from(10u8));
        }
        assert_eq!(monitor.poll_event(), None);
        drop(monitor);
    }

    #[test]
    fn a_line_is_alive_while_it_ticks() {
        let mut pulse = Pulse { number: 7, seen: None };
        let at = Instant::from_millis;
        assert!(!pulse.alive(at(1000), 7));
        assert!(pulse.alive(at(1001), 8));
        assert!(pulse.alive(at(1100), 8));
        assert!(!pulse.alive(at(1101), 8));
    }
}
