//! The thread that closes what was unplugged and opens what is plugged in: opening waits, and the
//! line thread must not.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};

use hal_card::Trouble;
use units::Duration;

use crate::bring_up::{Ports, bring_up};
use crate::kernel::Kernel;
use crate::plan::Plan;

/// What the attendant says of a unit.
pub(crate) type News<P> = (usize, Result<Ports<P>, Trouble>);

/// The line thread's end: neither method waits or allocates.
pub(crate) struct Attendant<P> {
    lost: SyncSender<(usize, Option<Ports<P>>)>,
    news: Receiver<News<P>>,
}

impl<P: Send + 'static> Attendant<P> {
    /// Starts the thread; it looks for missing units every `interval`, and ends with its card.
    ///
    /// # Errors
    /// The kernel's, if there can be no more threads.
    pub(crate) fn start<K>(kernel: Arc<K>, plan: Plan, interval: Duration) -> std::io::Result<Self>
    where
        K: Kernel<Port = P> + Send + Sync + 'static,
    {
        let room = plan.units.len() * 2 + 2;
        let (lost, wanted) = sync_channel(room);
        let (tell, news) = sync_channel(room);
        std::thread::Builder::new()
            .name("line-cards".into())
            .spawn(move || attend(&*kernel, &plan, interval, &wanted, &tell))?;
        Ok(Self { lost, news })
    }

    /// Hands a unit over: what is open is closed, and it is opened when it is there again.
    pub(crate) fn want(&self, unit: usize, ports: Option<Ports<P>>) {
        // There is room for each unit twice, and each is handed over once at a time.
        let _ = self.lost.try_send((unit, ports));
    }

    /// What is new.
    pub(crate) fn poll(&self) -> Option<News<P>> {
        self.news.try_recv().ok()
    }
}

fn attend<K: Kernel>(
    kernel: &K,
    plan: &Plan,
    interval: Duration,
    wanted: &Receiver<(usize, Option<Ports<K::Port>>)>,
    tell: &SyncSender<News<K::Port>>,
) {
    let mut missing: Vec<Option<Option<Trouble>>> = vec![None; plan.units.len()];
    loop {
        match wanted.recv_timeout(interval) {
            Ok((unit, ports)) => {
                drop(ports);
                if let Some(place) = missing.get_mut(unit) {
                    *place = Some(None);
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        for (index, unit) in plan.units.iter().enumerate() {
            let Some(told) = missing[index] else { continue };
            let news = bring_up(kernel, plan, unit);
            missing[index] = news.as_ref().err().map(|trouble| Some(*trouble));
            let known = news.as_ref().err() == told.as_ref() && told.is_some();
            if !known && tell.send((index, news)).is_err() {
                return;
            }
        }
    }
}
