//! Its receiver of DTMF.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;

use crate::length;

unsafe extern "C" {
    fn dtmf_rx_init(
        state: *mut c_void,
        heard: Option<unsafe extern "C" fn(*mut c_void, *const c_char, c_int)>,
        user: *mut c_void,
    ) -> *mut c_void;
    fn dtmf_rx_parms(
        state: *mut c_void,
        filter_dialtone: c_int,
        twist: c_int,
        reverse_twist: c_int,
        threshold: c_int,
    );
    fn dtmf_rx(state: *mut c_void, samples: *const i16, count: c_int) -> c_int;
    fn dtmf_rx_get(state: *mut c_void, digits: *mut c_char, most: c_int) -> usize;
    fn dtmf_rx_free(state: *mut c_void) -> c_int;
}

/// Its receiver.
#[derive(Debug)]
pub struct Receiver(NonNull<c_void>);

impl Receiver {
    /// Hears nothing yet; with its filter for dial tone or without, all else as the library has
    /// it. `None` if the library has no memory.
    #[must_use]
    pub fn new(filter_dial_tone: bool) -> Option<Self> {
        // SAFETY: a null state asks the library for a new one; without a callback `user` is not
        // used. Negative values leave what they stand for as it is.
        unsafe {
            let state =
                NonNull::new(dtmf_rx_init(std::ptr::null_mut(), None, std::ptr::null_mut()))?;
            dtmf_rx_parms(state.as_ptr(), filter_dial_tone.into(), -1, -1, -99);
            Some(Self(state))
        }
    }

    /// Takes samples in.
    pub fn push(&mut self, samples: &[i16]) {
        // SAFETY: the state is alive, and the library reads at most as many samples as told.
        unsafe { dtmf_rx(self.0.as_ptr(), samples.as_ptr(), length(samples.len())) };
    }

    /// The digits since the last call, as characters.
    pub fn digits(&mut self) -> Vec<u8> {
        let mut room = [0_u8; 129];
        // SAFETY: the state is alive, and the library writes at most 128 characters and a zero.
        let count = unsafe { dtmf_rx_get(self.0.as_ptr(), room.as_mut_ptr().cast(), 128) };
        room[..count.min(128)].to_vec()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // SAFETY: made by `dtmf_rx_init`, freed once.
        unsafe { dtmf_rx_free(self.0.as_ptr()) };
    }
}
