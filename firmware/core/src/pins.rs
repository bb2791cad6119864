//! The appliance's pins and buses: two threads of ordinary priority that own what the board file
//! names, and tell control what is wrong with it.
//!
//! ```text
//!  thread "pins"    Panel: relay, lamps, buttons ──┐ mpsc: Heard   ┌─────────┐
//!  thread "buses"   Cabinet: thermometer, fan,     ├─────────────► │ control │
//!                   memory of the board ───────────┘ and its bell  └────┬────┘
//!        ▲  what lamps show, that control and line thread move: Vitals  │
//!        └───────────────────────── atomic words ───────────────────────┘
//! ```
//!
//! The relay is petted only while both the control and the line thread move: a box that hangs lets
//! its lines go. What cannot be opened is a trouble of its socket and is tried again; nothing here
//! keeps the box from starting, and the line thread knows nothing of it.

mod cabinet;
mod hand;
mod panel;
#[cfg(test)]
mod tests;
mod thing;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use board::{Board, Layout};
use units::{Duration, Instant};

use crate::clock;
use crate::control::Heard;
use crate::line_thread::Shared;
use crate::realtime;
use crate::vitals::{Vitals, Watch};
use cabinet::Cabinet;
use panel::Panel;
use thing::News;

/// The longest sleep: lamps follow what control says, and the end of the box is seen.
const LONGEST: Duration = Duration::from_millis(100);
/// The shortest sleep.
const SHORTEST: Duration = Duration::from_millis(1);

/// Where news go.
#[derive(Clone)]
pub struct Ears {
    /// To control.
    pub heard: Sender<Heard>,
    /// Control's bell, and whether to end.
    pub shared: Arc<Shared>,
    /// What lamps show.
    pub vitals: Arc<Vitals>,
    /// The core's log.
    pub log: fn(&str),
}

impl Ears {
    fn tell(&self, news: News) {
        match news {
            News::Heard(heard) => {
                // A control thread that has ended does not listen.
                let _ = self.heard.send(heard);
                let _ = self.shared.bell.write(1);
            }
            News::Log(text) => (self.log)(&text),
        }
    }

    fn ended(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }
}

fn sleep(until: Option<Instant>) {
    let left = until.map_or(LONGEST, |at| at - clock::monotonic());
    clock::pause(left.clamp(SHORTEST, LONGEST));
}

/// Starts the threads of what the board names; none for a board without. The one that is returned
/// lets the relay go when the box ends: wait for it.
///
/// # Errors
/// The system gives no thread.
pub fn start(board: &Board, layout: &Layout, ears: &Ears) -> io::Result<Option<JoinHandle<()>>> {
    let hand: Arc<dyn hand::Hand> = hand::of(board).into();
    let mut cabinet = Cabinet::new(board, layout, hand.clone());
    if !cabinet.is_empty() {
        let ears = ears.clone();
        realtime::thread("buses").spawn(move || {
            while !ears.ended() {
                cabinet.step(clock::monotonic());
                while let Some(news) = cabinet.poll() {
                    ears.tell(news);
                }
                sleep(cabinet.poll_timeout());
            }
        })?;
    }
    let mut panel = Panel::new(board, layout, hand);
    if panel.is_empty() {
        return Ok(None);
    }
    let ears = ears.clone();
    let run = move || {
        let mut watch = Watch::default();
        while !ears.ended() {
            let (now, (turns, health)) = (clock::monotonic(), ears.vitals.look());
            let idle = ears.shared.idle_ticks.load(Ordering::Relaxed);
            let ticks = ears.shared.blocks.load(Ordering::Relaxed).wrapping_add(idle);
            panel.step(now, watch.alive(now, turns, ticks), health);
            while let Some(news) = panel.poll() {
                ears.tell(news);
            }
            sleep(panel.poll_timeout());
        }
        panel.end();
    };
    realtime::thread("pins").spawn(run).map(Some)
}
