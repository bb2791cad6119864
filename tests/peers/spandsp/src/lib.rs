//! spandsp as a peer in tests: its senders and receivers of R2's register signals, of caller
//! identification, of DTMF and of the tones of exchanges, fax machines and modems; and what it puts
//! in place of lost packets.
//!
//! The library is of others (LGPL-2.1) and is linked as it stands in the system; only this test
//! crate sees it.
#![allow(unsafe_code, reason = "calls C")]

pub mod adsi;
pub mod connect;
pub mod dtmf;
pub mod plc;
pub mod supervisory;
mod told;

use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;

type Heard = unsafe extern "C" fn(*mut c_void, c_int, c_int, c_int);

unsafe extern "C" {
    fn r2_mf_tx_init(state: *mut c_void, forward: c_int) -> *mut c_void;
    fn r2_mf_tx_put(state: *mut c_void, digit: c_char) -> c_int;
    fn r2_mf_tx(state: *mut c_void, samples: *mut i16, count: c_int) -> c_int;
    fn r2_mf_tx_free(state: *mut c_void) -> c_int;
    fn r2_mf_rx_init(
        state: *mut c_void,
        forward: c_int,
        heard: Option<Heard>,
        user: *mut c_void,
    ) -> *mut c_void;
    fn r2_mf_rx(state: *mut c_void, samples: *const i16, count: c_int) -> c_int;
    fn r2_mf_rx_get(state: *mut c_void) -> c_int;
    fn r2_mf_rx_free(state: *mut c_void) -> c_int;
}

/// Its names of the signals 1 to 15.
pub const NAMES: &[u8; 15] = b"1234567890BCDEF";

fn length(samples: usize) -> c_int {
    c_int::try_from(samples).unwrap_or(0)
}

/// Its sender.
#[derive(Debug)]
pub struct Sender(NonNull<c_void>);

impl Sender {
    /// Silent. `None` if the library has no memory.
    #[must_use]
    pub fn new(forward: bool) -> Option<Self> {
        // SAFETY: a null state asks the library for a new one.
        NonNull::new(unsafe { r2_mf_tx_init(std::ptr::null_mut(), forward.into()) }).map(Self)
    }

    /// Sends signal 1 to 15 from the next sample on; 0 is silence.
    pub fn send(&mut self, number: usize) {
        let name = number.checked_sub(1).and_then(|place| NAMES.get(place)).copied().unwrap_or(0);
        // SAFETY: the state is alive until drop.
        unsafe { r2_mf_tx_put(self.0.as_ptr(), name as c_char) };
    }

    /// The next samples.
    pub fn fill(&mut self, samples: &mut [i16]) {
        // SAFETY: the state is alive, and the library writes at most as many samples as told.
        unsafe { r2_mf_tx(self.0.as_ptr(), samples.as_mut_ptr(), length(samples.len())) };
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // SAFETY: made by `r2_mf_tx_init`, freed once.
        unsafe { r2_mf_tx_free(self.0.as_ptr()) };
    }
}

/// Its receiver.
#[derive(Debug)]
pub struct Receiver(NonNull<c_void>);

impl Receiver {
    /// Hears nothing yet. `None` if the library has no memory.
    #[must_use]
    pub fn new(forward: bool) -> Option<Self> {
        let (state, user) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: a null state asks for a new one; without a callback `user` is not used.
        NonNull::new(unsafe { r2_mf_rx_init(state, forward.into(), None, user) }).map(Self)
    }

    /// Takes samples in; the signal that it hears now, 1 to 15, or 0.
    pub fn push(&mut self, samples: &[i16]) -> usize {
        // SAFETY: the state is alive, and the library reads at most as many samples as told.
        let name = unsafe {
            r2_mf_rx(self.0.as_ptr(), samples.as_ptr(), length(samples.len()));
            r2_mf_rx_get(self.0.as_ptr())
        };
        NAMES.iter().position(|other| c_int::from(*other) == name).map_or(0, |place| place + 1)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // SAFETY: made by `r2_mf_rx_init`, freed once.
        unsafe { r2_mf_rx_free(self.0.as_ptr()) };
    }
}
