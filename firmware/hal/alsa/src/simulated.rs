//! A sound card that is not there, for tests: a clock of its own, a cable from out to in, and the
//! faults that cards have.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::Reason;
use crate::convert::Format;
use crate::flow::{Sink, Source, Trouble};

/// Frames of each buffer.
const BUFFER: usize = 6144;

struct State {
    format: Format,
    /// Frames of the card's clock that have passed, and the part of the next.
    passed: f64,
    queued: VecDeque<i16>,
    heard: VecDeque<i16>,
    playing: bool,
    hearing: bool,
    xrun: [bool; 2],
    gone: bool,
}

/// A card, mono. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Card(Rc<RefCell<State>>);

impl Card {
    pub(crate) fn new(rate_hz: u32) -> Self {
        Self(Rc::new(RefCell::new(State {
            format: Format { rate_hz, channels: 1 },
            passed: 0.0,
            queued: VecDeque::new(),
            heard: VecDeque::new(),
            playing: false,
            hearing: false,
            xrun: [false; 2],
            gone: false,
        })))
    }

    /// So much time passes, of a card whose clock is `ppm` fast.
    pub(crate) fn pass(&self, seconds: f64, ppm: f64) {
        let mut state = self.0.borrow_mut();
        state.passed += seconds * f64::from(state.format.rate_hz) * (1.0 + ppm * 1e-6);
        while state.passed >= 1.0 {
            state.passed -= 1.0;
            let played = if state.playing { state.queued.pop_front() } else { None };
            if state.playing && played.is_none() {
                (state.playing, state.xrun[0]) = (false, true);
            }
            if state.hearing {
                state.heard.push_back(played.unwrap_or(0));
                if state.heard.len() > BUFFER {
                    (state.hearing, state.xrun[1]) = (false, true);
                }
            }
        }
    }

    pub(crate) fn pull_out(&self, gone: bool) {
        self.0.borrow_mut().gone = gone;
    }

    fn with<T>(
        &self,
        side: usize,
        what: impl FnOnce(&mut State) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut state = self.0.borrow_mut();
        if state.gone {
            Err(Trouble::Gone(Reason::Missing.into()))
        } else if state.xrun[side] {
            Err(Trouble::Xrun)
        } else {
            what(&mut state)
        }
    }
}

impl Source for Card {
    fn format(&self) -> Format {
        self.0.borrow().format
    }

    fn start(&mut self) -> Result<(), Trouble> {
        self.0.borrow_mut().xrun[1] = false;
        self.with(1, |state| {
            state.heard.clear();
            state.hearing = true;
            Ok(())
        })
    }

    fn read(&mut self, frames: &mut [i16]) -> Result<usize, Trouble> {
        self.with(1, |state| {
            let count = frames.len().min(state.heard.len());
            for (frame, heard) in frames.iter_mut().zip(state.heard.drain(..count)) {
                *frame = heard;
            }
            Ok(count)
        })
    }

    fn waiting(&mut self) -> Result<u32, Trouble> {
        self.with(1, |state| Ok(u32::try_from(state.heard.len()).unwrap()))
    }
}

impl Sink for Card {
    fn format(&self) -> Format {
        self.0.borrow().format
    }

    fn start(&mut self, silence: usize) -> Result<(), Trouble> {
        self.0.borrow_mut().xrun[0] = false;
        self.with(0, |state| {
            state.queued = VecDeque::from(vec![0; silence]);
            state.playing = true;
            Ok(())
        })
    }

    fn write(&mut self, frames: &[i16]) -> Result<usize, Trouble> {
        self.with(0, |state| {
            let count = frames.len().min(BUFFER - state.queued.len());
            state.queued.extend(&frames[..count]);
            Ok(count)
        })
    }

    fn queued(&mut self) -> Result<u32, Trouble> {
        self.with(0, |state| Ok(u32::try_from(state.queued.len()).unwrap()))
    }
}
