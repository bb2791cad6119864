//! The machine: its variables, and how inputs find the function of the present state.

use heapless::Deque;
use machine::{Machine, Outbox, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Duration, Instant};

use crate::event::{Config, Frame, Input, Message, Output, Refused};
use crate::fault::{Counters, MdlError};
use crate::timers::Timers;
use crate::wire::{MODULUS, Repr, Supervisory, Unusable, View};

/// Outputs of one call at most: all frames of the window, and a few more.
const OUTPUTS: usize = limits::D_QUEUE + 16;

/// The states of Q.921 that a point-to-point link with a fixed TEI has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// 4: no link.
    TeiAssigned,
    /// 5: SABME sent.
    AwaitingEstablishment,
    /// 6: DISC sent.
    AwaitingRelease,
    /// 7: messages flow.
    MultipleFrameEstablished,
    /// 8: the peer was asked for its state.
    TimerRecovery,
}

machine::names!(State {
    TeiAssigned => "TeiAssigned",
    AwaitingEstablishment => "AwaitingEstablishment",
    AwaitingRelease => "AwaitingRelease",
    MultipleFrameEstablished => "MultipleFrameEstablished",
    TimerRecovery => "TimerRecovery",
});

/// Everything that the functions of the states tell apart.
pub(crate) enum Event {
    EstablishRequest,
    ReleaseRequest,
    ReceiverBusy,
    ReceiverReady,
    PersistentDeactivation,
    T200,
    T203,
    Sabme {
        p: bool,
    },
    Disc {
        p: bool,
    },
    Ua {
        f: bool,
    },
    Dm {
        f: bool,
    },
    Frmr,
    I {
        ns: u8,
        nr: u8,
        p: bool,
    },
    Rr(Supervisory),
    Rnr(Supervisory),
    Rej(Supervisory),
    /// Frame rejection condition (5.8.5).
    Rejected(MdlError),
}

/// One end of the data link of a primary access.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    pub(crate) config: Config,
    pub(crate) state: State,
    /// V(S): the number of the next I frame to send.
    pub(crate) vs: u8,
    /// V(A): the oldest that is not acknowledged.
    pub(crate) va: u8,
    /// V(R): the next expected.
    pub(crate) vr: u8,
    /// RC: how often the command that waits was sent again.
    pub(crate) rc: u8,
    pub(crate) peer_busy: bool,
    pub(crate) own_busy: bool,
    pub(crate) reject_exception: bool,
    pub(crate) acknowledge_pending: bool,
    pub(crate) layer3_initiated: bool,
    /// In 5: release as soon as the link is up. In 6: establish as soon as it is down.
    pub(crate) opposite_pending: bool,
    /// The first V(S) - V(A) are sent and not acknowledged, the rest wait.
    pub(crate) queue: Deque<Message, { limits::MESSAGE_QUEUE }>,
    pub(crate) timers: Timers,
    pub(crate) counters: Counters,
    #[serde(skip)]
    pub(crate) outputs: Outbox<Output<(), ()>, OUTPUTS, { OUTPUTS * limits::FRAME_OCTETS }>,
    /// Outputs that wait are not all frames.
    #[serde(skip)]
    news: bool,
}

impl Link {
    /// A link in state 4. A window outside 1 to [`limits::D_QUEUE`] is brought into it.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let most = u8::try_from(limits::D_QUEUE).unwrap_or(MODULUS - 1);
        Self {
            config: Config { k: config.k.clamp(1, most), ..config },
            state: State::TeiAssigned,
            vs: 0,
            va: 0,
            vr: 0,
            rc: 0,
            peer_busy: false,
            own_busy: false,
            reject_exception: false,
            acknowledge_pending: false,
            layer3_initiated: false,
            opposite_pending: false,
            queue: Deque::new(),
            timers: Timers::default(),
            counters: Counters::default(),
            outputs: Outbox::new(),
            news: false,
        }
    }

    /// The present state.
    #[must_use]
    pub const fn link_state(&self) -> State {
        self.state
    }

    /// Whether DL-DATA requests are taken: state 7 or 8.
    #[must_use]
    pub const fn is_established(&self) -> bool {
        matches!(self.state, State::MultipleFrameEstablished | State::TimerRecovery)
    }

    /// What was counted.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The parameters in force.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Sets T200 and T203 for what is started from here on (5.9.1, 5.9.8).
    pub const fn set_timers(&mut self, t200: Duration, t203: Duration) {
        (self.config.t200, self.config.t203) = (t200, t203);
    }

    /// Messages that are not acknowledged yet, sent or not.
    #[must_use]
    pub fn unacknowledged(&self) -> usize {
        self.queue.len()
    }

    /// I frames sent and not acknowledged: V(S) - V(A).
    pub(crate) const fn sent(&self) -> u8 {
        self.vs.wrapping_sub(self.va) % MODULUS
    }

    /// For outputs without octets.
    pub(crate) fn put(&mut self, output: Output<(), ()>) {
        self.outputs.put(output);
        self.news = true;
    }

    /// Whether nothing waits to be polled.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.outputs.is_empty()
    }

    /// Whether more than frames may wait to be polled: news of the link for its owner.
    #[must_use]
    pub const fn has_news(&self) -> bool {
        self.news
    }

    fn dispatch(&mut self, now: Instant, event: Event) {
        match self.state {
            State::TeiAssigned => self.tei_assigned(now, event),
            State::AwaitingEstablishment => self.awaiting_establishment(now, event),
            State::AwaitingRelease => self.awaiting_release(now, event),
            State::MultipleFrameEstablished => self.multiple_frame_established(now, event),
            State::TimerRecovery => self.timer_recovery(now, event),
        }
    }

    /// A frame with a good FCS came from the line: as [`Input::Frame`], but the message that it
    /// brings is given back. Its acknowledgement waits for [`Self::flush`], so that an answer can
    /// carry it.
    pub fn frame<'f>(&mut self, now: Instant, frame: &'f [u8]) -> Option<&'f [u8]> {
        let before = self.vr;
        let information = self.take(now, frame);
        // 5.6.2: V(R) counts the messages that were delivered.
        let delivered = information.filter(|_| self.vr != before);
        if delivered.is_none() {
            self.flush(now);
        }
        delivered
    }

    /// A message for the peer: as [`Input::DataRequest`].
    ///
    /// # Errors
    /// [`Refused`], in place of [`Output::Full`] and [`Output::NotEstablished`].
    pub fn data(&mut self, now: Instant, message: &[u8]) -> Result<(), Refused> {
        self.enqueue(message)?;
        self.send_i_frames(now);
        Ok(())
    }

    /// The next output, oldest first, its octets where they stand.
    #[inline]
    pub fn poll(&mut self) -> Option<Output<&[u8], &[u8]>> {
        let Some((output, octets)) = self.outputs.poll() else {
            self.news = false;
            return None;
        };
        Some(output.map(|()| octets, |()| octets))
    }

    /// Acts on a frame; gives back the information of an I frame.
    fn take<'f>(&mut self, now: Instant, frame: &'f [u8]) -> Option<&'f [u8]> {
        let count = |counter: &mut u32| *counter = counter.saturating_add(1);
        let event = match Repr::parse(frame, self.config.role.peer()) {
            Ok(Repr::I { ns, nr, p, information }) => {
                self.dispatch(now, Event::I { ns, nr, p });
                return Some(information);
            }
            Ok(Repr::Rr(supervisory)) => Event::Rr(supervisory),
            Ok(Repr::Rnr(supervisory)) => Event::Rnr(supervisory),
            Ok(Repr::Rej(supervisory)) => Event::Rej(supervisory),
            Ok(Repr::Sabme { p }) => Event::Sabme { p },
            Ok(Repr::Disc { p }) => Event::Disc { p },
            Ok(Repr::Ua { f }) => Event::Ua { f },
            Ok(Repr::Dm { f }) => Event::Dm { f },
            Ok(Repr::Frmr { .. }) => Event::Frmr,
            Err(Unusable::Rejected(code)) => {
                if Repr::parse(frame, self.config.role).is_ok() {
                    count(&mut self.counters.mirrored);
                }
                Event::Rejected(code)
            }
            unused => {
                match unused {
                    Ok(Repr::Ui { .. }) => count(&mut self.counters.ui),
                    Ok(_) => count(&mut self.counters.xid),
                    Err(Unusable::OtherSapi(_)) => count(&mut self.counters.other_sapi),
                    Err(Unusable::OtherTei(_)) => count(&mut self.counters.other_tei),
                    Err(_) => count(&mut self.counters.invalid),
                }
                return None;
            }
        };
        self.dispatch(now, event);
        None
    }

    /// Whether the variables can belong together: octets of a snapshot may be anything.
    fn is_sound(&self) -> bool {
        let numbers = [self.vs, self.va, self.vr].iter().all(|n| *n < MODULUS);
        let window = (1..=limits::D_QUEUE).contains(&usize::from(self.config.k));
        numbers && window && usize::from(self.sent()) <= self.queue.len()
    }
}

impl Machine for Link {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::EstablishRequest => self.dispatch(now, Event::EstablishRequest),
            Input::ReleaseRequest => self.dispatch(now, Event::ReleaseRequest),
            Input::DataRequest(message) => match self.data(now, &message) {
                // A `Message` is never too long.
                Ok(()) | Err(Refused::TooLong) => {}
                Err(Refused::Full) => self.put(Output::Full),
                Err(Refused::NotEstablished) => self.put(Output::NotEstablished),
            },
            Input::ReceiverBusy => self.dispatch(now, Event::ReceiverBusy),
            Input::ReceiverReady => self.dispatch(now, Event::ReceiverReady),
            Input::PersistentDeactivation => self.dispatch(now, Event::PersistentDeactivation),
            Input::Frame(frame) => {
                if let Some(message) = self.frame(now, &frame) {
                    self.flush(now);
                    self.outputs.put_first(Output::Data(()), message);
                }
            }
        }
        self.flush(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.timers.t200.is_some_and(|at| at <= now) {
            self.timers.t200 = None;
            self.dispatch(now, Event::T200);
        }
        if self.timers.t203.is_some_and(|at| at <= now) {
            self.timers.t203 = None;
            self.dispatch(now, Event::T203);
        }
        self.flush(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        let frame = |octets: &[u8]| Frame::from_slice(octets).unwrap_or_default();
        let message = |octets: &[u8]| Message::from_slice(octets).unwrap_or_default();
        self.poll().map(|output| output.map(frame, message))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }
}

impl Restore for Link {
    const VERSION: u16 = 1;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, self, room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        let link: Self = machine::restore(Self::OLDEST, Self::VERSION, octets)?;
        if link.is_sound() { Ok(link) } else { Err(SnapshotFault::Malformed) }
    }
}

impl Survey for Link {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = &[
        "EstablishRequest",
        "ReleaseRequest",
        "DataRequest",
        "ReceiverBusy",
        "ReceiverReady",
        "PersistentDeactivation",
        "SABME",
        "UA",
        "DM",
        "DISC",
        "I",
        "RR",
        "RNR",
        "REJ",
        "FRMR",
        "other",
        "timeout",
    ];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] =
        &[("TeiAssigned", "timeout", "no timer runs without a link")];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::EstablishRequest => "EstablishRequest",
            Input::ReleaseRequest => "ReleaseRequest",
            Input::DataRequest(_) => "DataRequest",
            Input::ReceiverBusy => "ReceiverBusy",
            Input::ReceiverReady => "ReceiverReady",
            Input::PersistentDeactivation => "PersistentDeactivation",
            Input::Frame(frame) => View::new(frame).map_or("other", |view| view.name()),
        }
    }
}
