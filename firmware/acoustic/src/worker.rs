//! The thread that does the arithmetic of all rooms of a box.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::room::{Bench, Room, with_rings};
use crate::{Fault, Settings};

/// How often the worker looks: a frame comes each 10 ms.
const LOOK: Duration = Duration::from_millis(2);

/// The thread; it ends when this is dropped.
#[derive(Debug)]
pub struct Worker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A room for each of the settings, and the worker of all; no thread where there is no room.
///
/// # Errors
/// WebRTC's, or the system has no thread.
pub fn start(settings: &[Settings]) -> Result<(Vec<Room>, Worker), Fault> {
    let stop = Arc::new(AtomicBool::new(false));
    let (mut rooms, mut benches) = (vec![], vec![]);
    for settings in settings {
        let (room, bench) = with_rings(*settings)?;
        rooms.push(room);
        benches.push(bench);
    }
    if benches.is_empty() {
        return Ok((rooms, Worker { stop, thread: None }));
    }
    let ends = Arc::clone(&stop);
    let thread = std::thread::Builder::new()
        .name("acoustic".into())
        .spawn(move || work(&mut benches, &ends))
        .map_err(|fault| Fault(fault.to_string()))?;
    Ok((rooms, Worker { stop, thread: Some(thread) }))
}

fn work(benches: &mut [Bench], stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        for bench in &mut *benches {
            serve(bench);
        }
        std::thread::park_timeout(LOOK);
    }
}

/// Works off what waits of one room.
pub(crate) fn serve(bench: &mut Bench) {
    while let Some(pair) = bench.pairs.dequeue() {
        let Some(clean) = bench.work.take(&pair) else { continue };
        for block in clean {
            // It has room for as much as the other ring; nobody takes it when the line stands
            // still, and then the sound is of the past.
            let _ = bench.clean.enqueue(block);
        }
        bench.shared.publish(&bench.work);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
