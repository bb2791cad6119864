//! Its sound in place of lost packets.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use crate::length;

unsafe extern "C" {
    fn plc_init(state: *mut c_void) -> *mut c_void;
    fn plc_rx(state: *mut c_void, samples: *mut i16, count: c_int) -> c_int;
    fn plc_fillin(state: *mut c_void, samples: *mut i16, count: c_int) -> c_int;
    fn plc_free(state: *mut c_void) -> c_int;
}

/// Its concealer of one stream.
#[derive(Debug)]
pub struct Concealer(NonNull<c_void>);

impl Concealer {
    /// Silence came before. `None` if the library has no memory.
    #[must_use]
    pub fn new() -> Option<Self> {
        // SAFETY: a null state asks the library for a new one.
        NonNull::new(unsafe { plc_init(std::ptr::null_mut()) }).map(Self)
    }

    /// These samples arrived; what is heard stands in their place, without delay.
    pub fn arrived(&mut self, samples: &mut [i16]) {
        // SAFETY: the state is alive, and the library changes at most as many samples as told.
        unsafe { plc_rx(self.0.as_ptr(), samples.as_mut_ptr(), length(samples.len())) };
    }

    /// So many samples are lost; what is heard stands in their place.
    pub fn lost(&mut self, samples: &mut [i16]) {
        // SAFETY: the state is alive, and the library writes at most as many samples as told.
        unsafe { plc_fillin(self.0.as_ptr(), samples.as_mut_ptr(), length(samples.len())) };
    }
}

impl Drop for Concealer {
    fn drop(&mut self) {
        // SAFETY: made by `plc_init`, freed once.
        unsafe { plc_free(self.0.as_ptr()) };
    }
}
