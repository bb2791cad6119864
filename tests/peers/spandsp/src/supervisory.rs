//! Its sender and receiver of supervisory tones: those by which an exchange says how a call goes.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use crate::told::{Told, told};
use crate::{Heard, length};

unsafe extern "C" {
    fn tone_gen_descriptor_init(
        descriptor: *mut c_void,
        hz: c_int,
        level: c_int,
        other_hz: c_int,
        other_level: c_int,
        on: c_int,
        off: c_int,
        on_again: c_int,
        off_again: c_int,
        repeat: c_int,
    ) -> *mut c_void;
    fn tone_gen_descriptor_free(descriptor: *mut c_void);
    fn tone_gen_init(state: *mut c_void, descriptor: *mut c_void) -> *mut c_void;
    fn tone_gen(state: *mut c_void, samples: *mut i16, count: c_int) -> c_int;
    fn tone_gen_free(state: *mut c_void) -> c_int;
    fn super_tone_rx_make_descriptor(descriptor: *mut c_void) -> *mut c_void;
    fn super_tone_rx_free_descriptor(descriptor: *mut c_void) -> c_int;
    fn super_tone_rx_add_tone(descriptor: *mut c_void) -> c_int;
    fn super_tone_rx_add_element(
        descriptor: *mut c_void,
        tone: c_int,
        hz: c_int,
        other_hz: c_int,
        least: c_int,
        most: c_int,
    ) -> c_int;
    fn super_tone_rx_init(
        state: *mut c_void,
        descriptor: *mut c_void,
        heard: Option<Heard>,
        user: *mut c_void,
    ) -> *mut c_void;
    fn super_tone_rx(state: *mut c_void, samples: *const i16, count: c_int) -> c_int;
    fn super_tone_rx_free(state: *mut c_void) -> c_int;
}

/// Its sender of one tone in a cadence of one time on and one off.
#[derive(Debug)]
pub struct Sender {
    descriptor: NonNull<c_void>,
    state: NonNull<c_void>,
}

impl Sender {
    /// One frequency or two, each at `dbm0`. `None` if the library has no memory.
    #[must_use]
    pub fn new(hz: [u16; 2], dbm0: i8, on_ms: u16, off_ms: u16) -> Option<Self> {
        let [one, other] = hz.map(c_int::from);
        let (level, on, off) = (dbm0.into(), on_ms.into(), off_ms.into());
        let null = std::ptr::null_mut();
        // SAFETY: a null descriptor and a null state ask the library for new ones.
        unsafe {
            let descriptor =
                tone_gen_descriptor_init(null, one, level, other, level, on, off, 0, 0, 1);
            let descriptor = NonNull::new(descriptor)?;
            let state = NonNull::new(tone_gen_init(null, descriptor.as_ptr()))?;
            Some(Self { descriptor, state })
        }
    }

    /// The next samples.
    pub fn fill(&mut self, samples: &mut [i16]) {
        // SAFETY: the state is alive, and the library writes at most as many samples as told.
        unsafe { tone_gen(self.state.as_ptr(), samples.as_mut_ptr(), length(samples.len())) };
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // SAFETY: both were made by the library and are freed once, the state first.
        unsafe {
            tone_gen_free(self.state.as_ptr());
            tone_gen_descriptor_free(self.descriptor.as_ptr());
        }
    }
}

/// Its receiver of some tones.
#[derive(Debug)]
pub struct Receiver {
    descriptor: NonNull<c_void>,
    state: NonNull<c_void>,
    /// Boxed, so that its address stays.
    told: Box<Told>,
}

impl Receiver {
    /// Listens for tones of one frequency, each by its times on and off in milliseconds, accepted
    /// within so many percent. `None` if the library has no memory.
    #[must_use]
    pub fn new(hz: u16, cadences: &[&[u16]], percent: u16) -> Option<Self> {
        let mut list = Box::<Told>::default();
        let (null, user) = (std::ptr::null_mut(), std::ptr::from_mut::<Told>(&mut list).cast());
        // SAFETY: nulls ask for new ones; the list outlives the state.
        unsafe {
            let descriptor = NonNull::new(super_tone_rx_make_descriptor(null))?;
            for cadence in cadences {
                let tone = super_tone_rx_add_tone(descriptor.as_ptr());
                for (place, ms) in cadence.iter().enumerate() {
                    let hz = if place % 2 == 0 { c_int::from(hz) } else { 0 };
                    let off = ms * percent / 100;
                    let (least, most) = (c_int::from(ms - off), c_int::from(ms + off));
                    super_tone_rx_add_element(descriptor.as_ptr(), tone, hz, 0, least, most);
                }
            }
            let state = super_tone_rx_init(null, descriptor.as_ptr(), Some(told), user);
            NonNull::new(state).map(|state| Self { descriptor, state, told: list })
        }
    }

    /// Takes samples in.
    pub fn push(&mut self, samples: &[i16]) {
        // SAFETY: the state is alive, and the library reads at most as many samples as told.
        unsafe { super_tone_rx(self.state.as_ptr(), samples.as_ptr(), length(samples.len())) };
    }

    /// The places of the tones heard so far, in order.
    #[must_use]
    pub fn heard(&self) -> Vec<usize> {
        self.told.0.iter().filter_map(|code| usize::try_from(*code).ok()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // SAFETY: both were made by the library and are freed once, the state first.
        unsafe {
            super_tone_rx_free(self.state.as_ptr());
            super_tone_rx_free_descriptor(self.descriptor.as_ptr());
        }
    }
}
