//! Two of libpri, joined by the shim.
#![expect(unsafe_code, reason = "libpri is C")]

use std::ffi::{CString, c_char, c_int, c_uint};
use std::ptr::{NonNull, null_mut};

use crate::capture::Capture;
use crate::{AT_ONCE, CALLED, CALLING};

#[repr(C)]
struct RawPair {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn pair_new() -> *mut RawPair;
    fn pair_connect(pair: *mut RawPair) -> c_int;
    fn pair_capture(pair: *mut RawPair, room: *mut u8, octets: c_uint) -> c_uint;
    fn pair_calls(
        pair: *mut RawPair,
        calls: c_int,
        at_once: c_int,
        calling: *mut c_char,
        called: *mut c_char,
    ) -> c_int;
}

/// Octets of a capture at most.
const ROOM: u32 = 1 << 20;

/// The pair, with its data link up. It lives as long as the process: there is one.
pub(crate) struct Theirs {
    raw: NonNull<RawPair>,
    calling: CString,
    called: CString,
}

impl Theirs {
    pub(crate) fn new() -> Result<Self, String> {
        // SAFETY: no condition but memory, which is checked.
        let raw = NonNull::new(unsafe { pair_new() }).ok_or("libpri makes no pair")?;
        // SAFETY: made above, by this thread, the only one that uses it.
        if unsafe { pair_connect(raw.as_ptr()) } != 0 {
            return Err("libpri's data link does not come up".into());
        }
        let text = |text: &str| CString::new(text).map_err(|fault| fault.to_string());
        Ok(Self { raw, calling: text(CALLING)?, called: text(CALLED)? })
    }

    pub(crate) fn calls(&mut self, calls: usize) -> Result<(), String> {
        let number = |n: usize| c_int::try_from(n).map_err(|fault| fault.to_string());
        let (wanted, at_once) = (number(calls)?, number(AT_ONCE)?);
        let (calling, called) = (self.calling.as_ptr(), self.called.as_ptr());
        // SAFETY: the pair lives; libpri copies both strings and writes to neither.
        let ended = unsafe {
            let (calling, called) = (calling.cast_mut(), called.cast_mut());
            pair_calls(self.raw.as_ptr(), wanted, at_once, calling, called)
        };
        if ended == wanted { Ok(()) } else { Err(format!("libpri: {ended} of {wanted} calls")) }
    }

    /// The frames of some calls.
    pub(crate) fn capture(&mut self, calls: usize) -> Result<Capture, String> {
        let mut room = vec![0_u8; ROOM as usize];
        // SAFETY: the room outlives the capture, which the second call ends.
        unsafe { pair_capture(self.raw.as_ptr(), room.as_mut_ptr(), ROOM) };
        let done = self.calls(calls);
        // SAFETY: ends the capture.
        let used = unsafe { pair_capture(self.raw.as_ptr(), null_mut(), 0) };
        done?;
        let mut capture = Capture::default();
        let mut left = &room[..used as usize];
        while let [network, high, low, rest @ ..] = left {
            let (frame, behind) = rest.split_at(usize::from(u16::from_be_bytes([*high, *low])));
            capture.push(*network == 1, frame);
            left = behind;
        }
        Ok(capture)
    }
}
