//! Its sender and receiver of the tones by which fax machines and modems find each other.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use crate::told::{Told, told};
use crate::{Heard, length};

unsafe extern "C" {
    fn modem_connect_tones_tx_init(state: *mut c_void, tone: c_int) -> *mut c_void;
    fn modem_connect_tones_tx(state: *mut c_void, samples: *mut i16, count: c_int) -> c_int;
    fn modem_connect_tones_tx_free(state: *mut c_void) -> c_int;
    fn modem_connect_tones_rx_init(
        state: *mut c_void,
        tone: c_int,
        heard: Option<Heard>,
        user: *mut c_void,
    ) -> *mut c_void;
    fn modem_connect_tones_rx(state: *mut c_void, samples: *const i16, count: c_int) -> c_int;
    fn modem_connect_tones_rx_free(state: *mut c_void) -> c_int;
}

/// Tones by the library's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// 1100 Hz of a calling fax.
    Cng = 1,
    /// 2100 Hz.
    Ans = 2,
    /// With phase reversals.
    AnsPr = 3,
    /// With amplitude modulation.
    AnsAm = 4,
    /// With both.
    AnsAmPr = 5,
    /// Flags at 300 bit/s.
    Preamble = 6,
    /// To listen for: either of the last and 2100 Hz.
    CedOrPreamble = 7,
    /// 1300 Hz of a calling modem.
    Calling = 9,
}

/// Its sender of one tone in its cadence.
#[derive(Debug)]
pub struct Sender(NonNull<c_void>);

impl Sender {
    /// At the beginning. `None` if the library has no memory.
    #[must_use]
    pub fn new(tone: Tone) -> Option<Self> {
        // SAFETY: a null state asks the library for a new one.
        NonNull::new(unsafe { modem_connect_tones_tx_init(std::ptr::null_mut(), tone as c_int) })
            .map(Self)
    }

    /// The next samples; how many the library had.
    pub fn fill(&mut self, samples: &mut [i16]) -> usize {
        let (room, count) = (samples.as_mut_ptr(), length(samples.len()));
        // SAFETY: the state is alive, and the library writes at most as many samples as told.
        let made = unsafe { modem_connect_tones_tx(self.0.as_ptr(), room, count) };
        usize::try_from(made).unwrap_or(0)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // SAFETY: made by `modem_connect_tones_tx_init`, freed once.
        unsafe { modem_connect_tones_tx_free(self.0.as_ptr()) };
    }
}

/// Its receiver of one tone.
#[derive(Debug)]
pub struct Receiver {
    state: NonNull<c_void>,
    /// Boxed, so that its address stays.
    told: Box<Told>,
}

impl Receiver {
    /// Hears nothing yet. `None` if the library has no memory.
    #[must_use]
    pub fn new(tone: Tone) -> Option<Self> {
        let mut list = Box::<Told>::default();
        let user = std::ptr::from_mut::<Told>(&mut list).cast();
        let null = std::ptr::null_mut();
        // SAFETY: a null state asks for a new one; the list outlives it.
        let state = unsafe { modem_connect_tones_rx_init(null, tone as c_int, Some(told), user) };
        NonNull::new(state).map(|state| Self { state, told: list })
    }

    /// Takes samples in.
    pub fn push(&mut self, samples: &[i16]) {
        let (at, count) = (samples.as_ptr(), length(samples.len()));
        // SAFETY: the state is alive, and the library reads at most as many samples as told.
        unsafe { modem_connect_tones_rx(self.state.as_ptr(), at, count) };
    }

    /// The library's numbers of the tones whose beginnings it has told.
    #[must_use]
    pub fn heard(&self) -> Vec<i32> {
        self.told.0.iter().copied().filter(|code| *code > 0).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // SAFETY: made by `modem_connect_tones_rx_init`, freed once, before the list.
        unsafe { modem_connect_tones_rx_free(self.state.as_ptr()) };
    }
}
