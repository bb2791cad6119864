//! Which events go up to the daemon, and when: from the spool in order, then live, never more than
//! a window ahead of what the daemon has made durable.

use link::Event;

/// What the feed wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// Read this many events from the spool, beginning with this number.
    Read {
        /// The first.
        from: u64,
        /// How many at most.
        count: u64,
    },
    /// Send this to the daemon.
    Send(Event),
    /// The event of this number cannot be read: tell the daemon that there is a gap.
    Lost(u64),
}

/// Events asked of the disk at a time.
const BATCH: u64 = 32;
const WINDOW: u64 = limits::LINK_WINDOW as u64;

/// The feed of events to one daemon at a time.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    connected: bool,
    /// The next number to send.
    next: u64,
    acknowledged: u64,
    /// The newest number in the spool.
    last: u64,
    reading: bool,
}

impl Feed {
    /// A feed of a spool that holds `acknowledged + 1 ..= last`.
    #[must_use]
    pub const fn new(acknowledged: u64, last: u64) -> Self {
        Self { connected: false, next: acknowledged + 1, acknowledged, last, reading: false }
    }

    /// The number that the next event will have.
    #[must_use]
    pub const fn next_number(&self) -> u64 {
        self.last + 1
    }

    /// A daemon is there; it has been told where we are.
    pub fn connect(&mut self) {
        self.connected = true;
        self.next = self.acknowledged + 1;
    }

    /// The daemon is gone.
    pub fn disconnect(&mut self) {
        self.connected = false;
    }

    /// An event is in the spool.
    pub fn appended(&mut self, event: Event) -> Option<Want> {
        self.last = self.last.max(event.number);
        if self.may_send() && !self.reading && event.number == self.next {
            self.next += 1;
            return Some(Want::Send(event));
        }
        self.more()
    }

    /// The daemon has made all up to `number` durable.
    pub fn acknowledged(&mut self, number: u64) -> Option<Want> {
        self.acknowledged = self.acknowledged.max(number.min(self.last));
        self.next = self.next.max(self.acknowledged + 1);
        self.more()
    }

    /// The disk has read what was asked: perhaps less, perhaps nothing.
    pub fn read(&mut self, from: u64, events: Vec<Event>) -> Vec<Want> {
        self.reading = false;
        let mut wants = vec![];
        if self.connected && from == self.next && events.is_empty() && from <= self.last {
            self.next += 1;
            wants.push(Want::Lost(from));
        }
        for event in events {
            if self.may_send() && event.number == self.next {
                self.next += 1;
                wants.push(Want::Send(event));
            }
        }
        wants.extend(self.more());
        wants
    }

    fn may_send(&self) -> bool {
        self.connected && self.next <= self.acknowledged + WINDOW
    }

    /// Reads on if there is something to send and room for it.
    pub fn more(&mut self) -> Option<Want> {
        if self.reading || !self.may_send() || self.next > self.last {
            return None;
        }
        self.reading = true;
        let room = self.acknowledged + WINDOW + 1 - self.next;
        Some(Want::Read { from: self.next, count: BATCH.min(room) })
    }
}

#[cfg(test)]
mod tests {
    use link::Detail;
    use units::Utc;

    use super::*;

    fn event(number: u64) -> Event {
        Event { number, at: Utc(0), detail: Detail::CoreStarted { boot: 1 } }
    }

    /// Runs the feed against a spool of `last` events until it wants nothing more.
    fn sent(feed: &mut Feed, mut want: Option<Want>) -> Vec<u64> {
        let mut sent = vec![];
        while let Some(Want::Read { from, count }) = want.take() {
            let events = (from..(from + count).min(feed.next_number())).map(event).collect();
            for next in feed.read(from, events) {
                match next {
                    Want::Send(event) => sent.push(event.number),
                    Want::Read { .. } => want = Some(next),
                    Want::Lost(number) => panic!("{number} lost"),
                }
            }
        }
        sent
    }

    #[test]
    fn a_daemon_that_comes_late_gets_everything_once_in_order_within_its_window() {
        let mut feed = Feed::new(0, 1000);
        feed.connect();
        let want = feed.more();
        assert_eq!(sent(&mut feed, want), (1..=WINDOW).collect::<Vec<_>>());
        let want = feed.acknowledged(WINDOW);
        assert_eq!(sent(&mut feed, want), (WINDOW + 1..=2 * WINDOW).collect::<Vec<_>>());
    }

    #[test]
    fn live_events_go_up_at_once_and_again_after_a_reconnect_if_not_acknowledged() {
        let mut feed = Feed::new(0, 0);
        feed.connect();
        assert_eq!(feed.appended(event(1)), Some(Want::Send(event(1))));
        assert_eq!(feed.appended(event(2)), Some(Want::Send(event(2))));
        feed.acknowledged(1);
        feed.disconnect();
        assert_eq!(feed.appended(event(3)), None);
        feed.connect();
        let want = feed.more();
        assert_eq!(sent(&mut feed, want), [2, 3]);
    }

    #[test]
    fn an_event_that_cannot_be_read_is_told_as_a_gap_and_the_rest_follows() {
        let mut feed = Feed::new(0, 3);
        feed.connect();
        assert_eq!(feed.more(), Some(Want::Read { from: 1, count: 32 }));
        let wants = feed.read(1, vec![]);
        assert_eq!(wants, [Want::Lost(1), Want::Read { from: 2, count: 32 }]);
    }
}
