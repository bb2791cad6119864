//! Its sender and receiver of caller identification.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

use crate::length;

type Message = unsafe extern "C" fn(*mut c_void, *const u8, c_int);

unsafe extern "C" {
    fn adsi_tx_init(state: *mut c_void, standard: c_int) -> *mut c_void;
    fn adsi_tx_put_message(state: *mut c_void, message: *const u8, length: c_int) -> c_int;
    fn adsi_tx(state: *mut c_void, samples: *mut i16, count: c_int) -> c_int;
    fn adsi_tx_free(state: *mut c_void) -> c_int;
    fn adsi_rx_init(
        state: *mut c_void,
        standard: c_int,
        heard: Option<Message>,
        user: *mut c_void,
    ) -> *mut c_void;
    fn adsi_rx(state: *mut c_void, samples: *const i16, count: c_int) -> c_int;
    fn adsi_rx_free(state: *mut c_void) -> c_int;
}

/// How it sends and what it listens for, by the library's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// Bell 202, Bellcore's messages.
    Class = 1,
    /// V.23, ETSI's messages.
    Clip = 2,
    /// Bell 202, the messages of China and Australia: SDMF and MDMF.
    Aclip = 3,
    /// DTMF.
    Dtmf = 5,
}

/// Its sender.
#[derive(Debug)]
pub struct Sender(NonNull<c_void>);

impl Sender {
    /// Silent. `None` if the library has no memory.
    #[must_use]
    pub fn new(standard: Standard) -> Option<Self> {
        // SAFETY: a null state asks the library for a new one.
        NonNull::new(unsafe { adsi_tx_init(std::ptr::null_mut(), standard as c_int) }).map(Self)
    }

    /// Sends a message from its type to its last parameter; whether it was taken. The library
    /// computes length and checksum itself.
    pub fn send(&mut self, message: &[u8]) -> bool {
        // SAFETY: the state is alive, and the library reads as many octets as told.
        unsafe { adsi_tx_put_message(self.0.as_ptr(), message.as_ptr(), length(message.len())) > 0 }
    }

    /// The next samples; how many the library had.
    pub fn fill(&mut self, samples: &mut [i16]) -> usize {
        // SAFETY: the state is alive, and the library writes at most as many samples as told.
        let count =
            unsafe { adsi_tx(self.0.as_ptr(), samples.as_mut_ptr(), length(samples.len())) };
        usize::try_from(count).unwrap_or(0)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // SAFETY: made by `adsi_tx_init`, freed once.
        unsafe { adsi_tx_free(self.0.as_ptr()) };
    }
}

/// Messages in the order in which they came.
#[derive(Debug, Default)]
struct Heard(Vec<Vec<u8>>);

/// Its receiver.
#[derive(Debug)]
pub struct Receiver {
    state: NonNull<c_void>,
    /// Where the library puts messages; boxed, so that its address stays.
    heard: Box<Heard>,
}

unsafe extern "C" fn heard(user: *mut c_void, message: *const u8, length: c_int) {
    // SAFETY: `user` is the boxed list of the receiver, which nobody else holds while the library
    // runs; the library hands over as many octets as it says.
    unsafe {
        let octets = std::slice::from_raw_parts(message, usize::try_from(length).unwrap_or(0));
        (*user.cast::<Heard>()).0.push(octets.to_vec());
    }
}

impl Receiver {
    /// Hears nothing yet. `None` if the library has no memory.
    #[must_use]
    pub fn new(standard: Standard) -> Option<Self> {
        let mut list = Box::<Heard>::default();
        let user = std::ptr::from_mut::<Heard>(&mut list).cast();
        // SAFETY: a null state asks for a new one; the list outlives it.
        let state =
            unsafe { adsi_rx_init(std::ptr::null_mut(), standard as c_int, Some(heard), user) };
        NonNull::new(state).map(|state| Self { state, heard: list })
    }

    /// Takes samples in.
    pub fn push(&mut self, samples: &[i16]) {
        // SAFETY: the state is alive, and the library reads at most as many samples as told.
        unsafe { adsi_rx(self.state.as_ptr(), samples.as_ptr(), length(samples.len())) };
    }

    /// The messages heard so far.
    #[must_use]
    pub fn heard(&self) -> &[Vec<u8>] {
        &self.heard.0
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // SAFETY: made by `adsi_rx_init`, freed once, before the list.
        unsafe { adsi_rx_free(self.state.as_ptr()) };
    }
}
