//! speexdsp's echo canceller as it stands in the system, to be measured beside ours: by itself, as
//! for lines, and with the preprocessor that takes away what is left of a room's echo.
//!
//! Only this test crate sees the library. The other one of Debian, spandsp's, writes several lines
//! for each sample to the output, so that nothing can be measured beside it.
#![allow(unsafe_code, reason = "calls C")]

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

unsafe extern "C" {
    fn speex_echo_state_init(frame: c_int, filter: c_int) -> *mut c_void;
    fn speex_echo_state_destroy(state: *mut c_void);
    fn speex_echo_cancellation(
        state: *mut c_void,
        heard: *const i16,
        sent: *const i16,
        out: *mut i16,
    );
    fn speex_echo_ctl(state: *mut c_void, request: c_int, value: *mut c_void) -> c_int;
    fn speex_preprocess_state_init(frame: c_int, rate: c_int) -> *mut c_void;
    fn speex_preprocess_state_destroy(state: *mut c_void);
    fn speex_preprocess_ctl(state: *mut c_void, request: c_int, value: *mut c_void) -> c_int;
    fn speex_preprocess_run(state: *mut c_void, samples: *mut i16) -> c_int;
}

/// Samples of a frame of speexdsp here: 10 ms, without which it would delay.
pub const FRAME: usize = 80;

const SET_SAMPLING_RATE: c_int = 24;
/// Of the preprocessor.
const SET_DENOISE: c_int = 0;
const SET_ECHO_STATE: c_int = 24;

/// speexdsp's canceller, without its preprocessor.
#[derive(Debug)]
pub struct Speex(NonNull<c_void>);

impl Speex {
    /// With a tail of so many samples. `None` if the library has no memory.
    #[must_use]
    pub fn new(taps: u16) -> Option<Self> {
        // SAFETY: numbers only.
        let state = unsafe { speex_echo_state_init(80, taps.into()) };
        let new = Self(NonNull::new(state)?);
        let mut rate: i32 = 8000;
        // SAFETY: the state is alive, and the request reads one 32-bit number.
        unsafe { speex_echo_ctl(state, SET_SAMPLING_RATE, (&raw mut rate).cast()) };
        Some(new)
    }

    /// One frame.
    pub fn process(&mut self, sent: &[i16; FRAME], heard: &mut [i16; FRAME]) {
        let came = *heard;
        // SAFETY: the state is alive; the library reads and writes one frame of each.
        unsafe {
            speex_echo_cancellation(
                self.0.as_ptr(),
                came.as_ptr(),
                sent.as_ptr(),
                heard.as_mut_ptr(),
            );
        }
    }
}

impl Drop for Speex {
    fn drop(&mut self) {
        // SAFETY: made by the library, freed once.
        unsafe { speex_echo_state_destroy(self.0.as_ptr()) };
    }
}

/// speexdsp's canceller with its preprocessor behind it, which suppresses the echo that is left and
/// leaves noise as it is.
#[derive(Debug)]
pub struct SpeexRoom {
    echo: Speex,
    rest: NonNull<c_void>,
}

impl SpeexRoom {
    /// With a tail of so many samples. `None` if the library has no memory.
    #[must_use]
    pub fn new(taps: u16) -> Option<Self> {
        let echo = Speex::new(taps)?;
        // SAFETY: numbers only.
        let state = unsafe { speex_preprocess_state_init(80, 8000) };
        let rest = NonNull::new(state)?;
        let mut off: i32 = 0;
        // SAFETY: both states are alive, the canceller's as long as the other, which keeps its
        // address; the requests read one 32-bit number and one address.
        unsafe {
            speex_preprocess_ctl(state, SET_DENOISE, (&raw mut off).cast());
            speex_preprocess_ctl(state, SET_ECHO_STATE, echo.0.as_ptr());
        }
        Some(Self { echo, rest })
    }

    /// One frame.
    pub fn process(&mut self, sent: &[i16; FRAME], heard: &mut [i16; FRAME]) {
        self.echo.process(sent, heard);
        // SAFETY: the state is alive; the library reads and writes one frame.
        unsafe { speex_preprocess_run(self.rest.as_ptr(), heard.as_mut_ptr()) };
    }
}

impl Drop for SpeexRoom {
    fn drop(&mut self) {
        // SAFETY: made by the library, freed once; the canceller goes after it.
        unsafe { speex_preprocess_state_destroy(self.rest.as_ptr()) };
    }
}
