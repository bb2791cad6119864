//! The line, a tone on it, and what comes back.

use std::time::{Duration, Instant as Host};

use hal_alsa::{Event, LineEnd, Monitor, Settings};
use jack_test::tone::{self, Tone};
use units::{Instant, LinearBlock};

use crate::{Arguments, say};

/// Not listened to at the beginning: the way is empty.
pub(crate) const DEAF_SECONDS: usize = 3;

/// A line that ticks each 2 ms.
pub(crate) struct Line {
    begin: Host,
    ticks: u64,
    /// Ticks that began more than a block late.
    pub(crate) late: u64,
    line: LineEnd,
    pub(crate) monitor: Monitor,
    /// What the jack told, in its order.
    pub(crate) events: Vec<Event>,
    tone: Tone,
    heard: Vec<i16>,
}

fn now(begin: Host) -> Instant {
    Instant::from_millis(1000) + begin.elapsed()
}

impl Line {
    /// Opens the jack.
    pub(crate) fn open(arguments: &Arguments) -> Result<Self, String> {
        let begin = Host::now();
        let settings = Settings {
            capture: Some(arguments.capture.clone()),
            playback: Some(arguments.playback.clone()),
            latency: Duration::from_millis(arguments.latency_ms),
        };
        let opened = hal_alsa::open(settings, move || now(begin));
        let (line, monitor) = opened.map_err(|fault| fault.to_string())?;
        let (tone, heard, events) = (Tone::new(), vec![], vec![]);
        Ok(Self { begin, ticks: 0, late: 0, line, monitor, events, tone, heard })
    }

    /// Ticks for so long.
    pub(crate) fn run(&mut self, seconds: u64) {
        for _ in 0..seconds * 500 {
            self.ticks += 1;
            let due = self.begin + Duration::from_millis(self.ticks * 2);
            std::thread::sleep(due.saturating_duration_since(Host::now()));
            self.late += u64::from(due.elapsed() > Duration::from_millis(2));
            let block = LinearBlock { samples: self.tone.block(), ..LinearBlock::SILENCE };
            let heard = self.line.exchange(now(self.begin), &block);
            self.heard.extend(heard.samples);
            while let Some(event) = self.monitor.poll_event() {
                say(&format!("jack: {event:?}"));
                self.events.push(event);
            }
        }
    }

    /// The worst and the median window, dB, without the first so many seconds.
    pub(crate) fn snr_db(&self, without_seconds: usize) -> (f64, f64) {
        let heard = self.heard.get(without_seconds * 8000..).unwrap_or(&[]);
        let mut each: Vec<f64> = heard.chunks_exact(tone::WINDOW).map(tone::snr_db).collect();
        each.sort_by(f64::total_cmp);
        let median = each.get(each.len() / 2).copied().unwrap_or(0.0);
        (each.first().copied().unwrap_or(0.0), median)
    }
}
