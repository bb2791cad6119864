//! What a receiver of the library tells by a callback: codes, in a list of ours.

use std::ffi::{c_int, c_void};

/// The codes that a receiver has told, in order.
#[derive(Debug, Default)]
pub(crate) struct Told(pub(crate) Vec<c_int>);

pub(crate) unsafe extern "C" fn told(user: *mut c_void, code: c_int, _level: c_int, _delay: c_int) {
    // SAFETY: `user` is the boxed list of the receiver, which nobody else holds while the library
    // runs.
    unsafe { (*user.cast::<Told>()).0.push(code) };
}
