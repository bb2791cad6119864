//! libpri behind a wall: the only file with `unsafe`, the only one that knows its numbers.
//!
//! libpri's clock and messages are kept per thread by the shim, so each thread has its own world.
#![expect(unsafe_code, reason = "libpri is C")]

use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::Error;

#[repr(C)]
struct RawEvent {
    kind: c_int,
    channel: c_int,
    cause: c_int,
    progress: c_int,
    complete: c_int,
    call: *mut c_void,
    calling: [c_char; 64],
    called: [c_char; 64],
    text: [c_char; 256],
    service: c_int,
    invoke: c_int,
    other: *mut c_void,
    name: [c_char; 64],
}

#[repr(C)]
struct RawCity {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn city_enslave(master: *mut RawCity, slave: *mut RawCity);
    fn city_set_time(us: u64);
    fn city_next_text(text: *mut c_char, room: c_int) -> c_int;
    fn city_new(
        network: c_int,
        qsig: c_int,
        debug: c_int,
        t203_ms: c_int,
        t309_ms: c_int,
    ) -> *mut RawCity;
    fn city_receive(
        city: *mut RawCity,
        octets: *const u8,
        length: c_int,
        event: *mut RawEvent,
    ) -> c_int;
    fn city_run(city: *mut RawCity, event: *mut RawEvent) -> c_int;
    fn city_next_frame(city: *mut RawCity, octets: *mut u8, room: c_int) -> c_int;
    fn city_call(
        city: *mut RawCity,
        channel: c_int,
        calling: *mut c_char,
        called: *mut c_char,
        user: *mut c_char,
        name: *mut c_char,
    ) -> *mut c_void;
    fn city_show(
        city: *mut RawCity,
        call: *mut c_void,
        number: *mut c_char,
        name: *mut c_char,
    ) -> c_int;
    fn city_charge(
        city: *mut RawCity,
        call: *mut c_void,
        last: c_int,
        each_s: c_int,
        count: c_long,
        currency: *mut c_char,
    ) -> c_int;
    fn city_deflected(city: *mut RawCity, call: *mut c_void, invoke: c_int, done: c_int) -> c_int;
    fn city_joined(city: *mut RawCity, call: *mut c_void, invoke: c_int, done: c_int) -> c_int;
    fn city_notify(city: *mut RawCity, call: *mut c_void, info: c_int) -> c_int;
    fn city_identifies(city: *mut RawCity, on: c_int);
    fn city_proceeding(city: *mut RawCity, call: *mut c_void, channel: c_int) -> c_int;
    fn city_more(city: *mut RawCity, call: *mut c_void, channel: c_int) -> c_int;
    fn city_alerting(city: *mut RawCity, call: *mut c_void, channel: c_int) -> c_int;
    fn city_answer(city: *mut RawCity, call: *mut c_void, channel: c_int) -> c_int;
    fn city_hangup(city: *mut RawCity, call: *mut c_void, cause: c_int) -> c_int;
    fn city_destroy(city: *mut RawCity, call: *mut c_void);
    fn city_restart(city: *mut RawCity, channel: c_int) -> c_int;
}

/// Timers of libpri, in milliseconds; `None` is its own default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timers {
    /// How long the data link may be silent before it is asked.
    pub t203_ms: Option<i32>,
    /// How long active calls are kept without the data link.
    pub t309_ms: Option<i32>,
}

/// A call as libpri names it. Valid until libpri said that the call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallRef(usize);

/// Which side of the interface a controller plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The exchange.
    Network,
    /// The subscriber's equipment.
    User,
}

/// What libpri says happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriEvent {
    /// The data link is up.
    Up,
    /// It is down.
    Down,
    /// SETUP came.
    Setup {
        /// The new call.
        call: CallRef,
        /// Its slot, if the other side chose one.
        channel: Option<u8>,
        /// The calling number.
        calling: String,
        /// The called number.
        called: String,
        /// What the caller says to the called one (user-user).
        user: String,
        /// The caller's name, in a private network.
        name: String,
    },
    /// Who answered was told, with the CONNECT that follows.
    Shown {
        /// The call.
        call: CallRef,
        /// The number.
        number: String,
        /// The name, in a private network.
        name: String,
    },
    /// The other side wants a caller sent elsewhere.
    Deflect {
        /// The call.
        call: CallRef,
        /// For the answer.
        invoke: i32,
        /// Where to.
        to: String,
    },
    /// It wants two calls joined.
    Join {
        /// Both.
        calls: [CallRef; 2],
        /// For the answer.
        invoke: i32,
    },
    /// It wanted the caller noted, and was told that this is done.
    Identified(CallRef),
    /// NOTIFY came, with this description.
    Notified(CallRef, u8),
    /// CALL PROCEEDING or PROGRESS came.
    Proceeding(CallRef),
    /// SETUP ACKNOWLEDGE came: more digits are wanted.
    MoreDigits(CallRef),
    /// INFORMATION came: more digits of the called number.
    Digits(CallRef, String),
    /// ALERTING came.
    Alerting(CallRef),
    /// CONNECT came.
    Connect(CallRef),
    /// The other side clears the call (DISCONNECT): it must be hung up.
    Disconnect(CallRef, u8),
    /// The call is over (RELEASE, RELEASE COMPLETE, a timer): it must be hung up a last time.
    Released(CallRef, u8),
    /// The other side has confirmed our release; the call is gone.
    Gone(CallRef),
    /// The other side restarts a channel; -1 is all.
    Restart(i32),
    /// It has confirmed our restart.
    RestartDone(i32),
    /// Another of two D channels is used from here on; 0 is the first.
    Uses(usize),
    /// Anything else, by libpri's number and text.
    Other(i32, String),
}

/// One D channel, or two of which the second is the backup of the first.
pub struct Pri {
    raw: [Option<NonNull<RawCity>>; 2],
    /// Which of them is used: as long as it is up, and then the first that is.
    used: usize,
    up: [bool; 2],
    /// Layer 1 of each is in alarm: an exchange leaves that one before its data link has failed.
    alarm: [bool; 2],
    events: VecDeque<PriEvent>,
    /// Channels of several spans, each named with its interface: the slot in the low five bits,
    /// the span above.
    several: bool,
    /// Clock and messages belong to the thread that made it.
    _thread: PhantomData<*const ()>,
}

/// Sets libpri's clock on this thread, in microseconds; it must never go back.
pub fn set_time_us(us: u64) {
    // SAFETY: stores a number in a variable of this thread.
    unsafe { city_set_time(us) }
}

/// The next message of libpri on this thread, and whether it is an error.
#[must_use]
pub fn next_text() -> Option<(bool, String)> {
    let mut text = [0 as c_char; 512];
    // SAFETY: writes at most 512 octets with a zero at the end.
    let kind = unsafe { city_next_text(text.as_mut_ptr(), 512) };
    (kind >= 0).then(|| (kind == 1, string(&text).trim_end().to_owned()))
}

/// Gives C strings that live through `act`.
fn with_texts<const N: usize, T>(
    texts: [&str; N],
    act: impl FnOnce([*mut c_char; N]) -> T,
) -> Result<T, Error> {
    let mut owned = texts.map(|_| CString::default());
    for (to, text) in owned.iter_mut().zip(texts) {
        *to = CString::new(text).map_err(|_| Error::new("a text with a zero"))?;
    }
    let raw = owned.map(CString::into_raw);
    let result = act(raw);
    for text in raw {
        // SAFETY: made by into_raw above.
        drop(unsafe { CString::from_raw(text) });
    }
    Ok(result)
}

fn string(text: &[c_char]) -> String {
    let octets: Vec<u8> = text.iter().map(|c| c.to_ne_bytes()[0]).collect();
    CStr::from_bytes_until_nul(&octets)
        .map_or_else(|_| String::new(), |text| text.to_string_lossy().into_owned())
}

impl Pri {
    /// EuroISDN on an E1, or QSIG. `debug` is libpri's mask of messages, 0 for none; `backup`:
    /// there is a second D channel.
    ///
    /// # Errors
    /// If libpri cannot make one.
    pub fn new(
        side: Side,
        qsig: bool,
        debug: i32,
        timers: Timers,
        backup: bool,
    ) -> Result<Self, Error> {
        let network = c_int::from(side == Side::Network);
        let [t203, t309] = [timers.t203_ms, timers.t309_ms].map(|ms| ms.unwrap_or(-1));
        let make = || {
            // SAFETY: no condition but memory, which is checked.
            let raw = NonNull::new(unsafe { city_new(network, qsig.into(), debug, t203, t309) });
            raw.ok_or_else(|| Error::new("libpri makes no D channel"))
        };
        let mut raw = [Some(make()?), None];
        if backup {
            raw[1] = Some(make()?);
        }
        if let [Some(one), Some(two)] = raw {
            // SAFETY: both live as long as self, which never frees one without the other.
            unsafe { city_enslave(one.as_ptr(), two.as_ptr()) };
        }
        let (events, up) = (VecDeque::new(), [false; 2]);
        Ok(Self { raw, used: 0, up, alarm: up, events, several: false, _thread: PhantomData })
    }

    /// That of the D channel that is used.
    fn raw(&self) -> *mut RawCity {
        let raw = self.raw[self.used].or(self.raw[0]);
        raw.map_or(std::ptr::null_mut(), NonNull::as_ptr)
    }

    /// It controls several spans from now on, their interface identifiers 0, 1 and so on.
    pub const fn control_several(&mut self) {
        self.several = true;
    }

    /// libpri's number of a channel: slot, interface, and that it is named.
    fn number(&self, channel: u8) -> c_int {
        let slot = c_int::from(channel & 31);
        let interface = c_int::from(channel >> 5);
        if self.several { slot | interface << 8 | 1 << 16 } else { c_int::from(channel) }
    }

    /// The channel of libpri's number; negative: all.
    fn channel(&self, number: c_int) -> c_int {
        match number {
            0.. if self.several => number & 31 | (number >> 8 & 7) << 5,
            0.. => number & 0xFF,
            _ => number,
        }
    }

    /// Takes a frame without its FCS in; `on`: which D channel, 0 is the first.
    pub fn receive(&mut self, on: usize, frame: &[u8]) {
        let Some(raw) = self.raw.get(on).copied().flatten() else { return };
        let Ok(length) = c_int::try_from(frame.len()) else { return };
        let mut event = RawEvent::zero();
        // SAFETY: `raw` lives as long as self, `frame` has `length` octets, `event` is writable.
        let made = unsafe { city_receive(raw.as_ptr(), frame.as_ptr(), length, &raw mut event) };
        if made != 0 {
            self.push(on, &event);
        }
    }

    /// Runs the timers that are due at the time set last.
    pub fn run(&mut self) {
        for (on, raw) in self.raw.into_iter().enumerate() {
            let Some(raw) = raw else { continue };
            // A bound, should libpri start a timer of no time at all again and again.
            for _ in 0..1000 {
                let mut event = RawEvent::zero();
                // SAFETY: `raw` lives as long as self, `event` is writable.
                match unsafe { city_run(raw.as_ptr(), &raw mut event) } {
                    0 => break,
                    2 => self.push(on, &event),
                    _ => {}
                }
            }
        }
    }

    /// The next frame to send, without FCS, on one of the D channels.
    pub fn poll_frame(&mut self, on: usize) -> Option<Vec<u8>> {
        let raw = self.raw.get(on).copied().flatten()?;
        let mut octets = vec![0; 300];
        // SAFETY: `raw` lives as long as self, at most 300 octets are written.
        let length = unsafe { city_next_frame(raw.as_ptr(), octets.as_mut_ptr(), 300) };
        octets.truncate(usize::try_from(length).unwrap_or(0));
        (!octets.is_empty()).then_some(octets)
    }

    /// A D channel came up or went down.
    fn is_up(&mut self, on: usize, up: bool) {
        let before = self.up.contains(&true);
        self.up[on] = up;
        self.choose();
        match (before, self.up.contains(&true)) {
            (_, true) if self.raw[1].is_none() => self.events.push_back(PriEvent::Up),
            (false, true) => self.events.push_back(PriEvent::Up),
            (_, false) => self.events.push_back(PriEvent::Down),
            (true, true) => {}
        }
    }

    /// Layer 1 of a D channel is in alarm, or not.
    pub fn set_alarm(&mut self, on: usize, alarm: bool) {
        if std::mem::replace(&mut self.alarm[on], alarm) != alarm {
            self.choose();
        }
    }

    fn choose(&mut self) {
        let serves = |of: &usize| self.up[*of] && !self.alarm[*of];
        if serves(&self.used) {
            return;
        }
        let next = (0..self.up.len()).find(serves);
        if let Some(next) = next.filter(|_| self.raw[1].is_some()) {
            self.used = next;
            self.events.push_back(PriEvent::Uses(next));
        }
    }

    /// What happened, oldest first.
    pub fn poll_event(&mut self) -> Option<PriEvent> {
        self.events.pop_front()
    }

    /// Sends SETUP on a slot, with a user-user element unless `user` is empty, and a name.
    ///
    /// # Errors
    /// If libpri refuses.
    pub fn call(
        &mut self,
        channel: u8,
        calling: &str,
        called: &str,
        user: &str,
        name: &str,
    ) -> Result<CallRef, Error> {
        let channel = self.number(channel);
        let call = with_texts([calling, called, user, name], |[calling, called, user, name]| {
            // SAFETY: they are strings that live through the call; libpri copies them.
            unsafe { city_call(self.raw(), channel, calling, called, user, name) }
        })?;
        if call.is_null() {
            Err(Error::new("libpri refuses the call"))
        } else {
            Ok(CallRef(call as usize))
        }
    }

    /// Sends CALL PROCEEDING.
    pub fn proceeding(&mut self, call: CallRef, channel: u8) {
        // SAFETY: the call is one that libpri has not said to be over (see `CallRef`).
        unsafe { city_proceeding(self.raw(), call.raw(), self.number(channel)) };
    }

    /// Sends SETUP ACKNOWLEDGE: more digits are wanted.
    pub fn more(&mut self, call: CallRef, channel: u8) {
        // SAFETY: as above.
        unsafe { city_more(self.raw(), call.raw(), self.number(channel)) };
    }

    /// Sends ALERTING.
    pub fn alerting(&mut self, call: CallRef, channel: u8) {
        // SAFETY: as above.
        unsafe { city_alerting(self.raw(), call.raw(), self.number(channel)) };
    }

    /// Sends CONNECT.
    pub fn answer(&mut self, call: CallRef, channel: u8) {
        // SAFETY: as above.
        unsafe { city_answer(self.raw(), call.raw(), self.number(channel)) };
    }

    /// Clears the call one step on: DISCONNECT, RELEASE or RELEASE COMPLETE.
    pub fn hang_up(&mut self, call: CallRef, cause: u8) {
        // SAFETY: as above.
        unsafe { city_hangup(self.raw(), call.raw(), c_int::from(cause)) };
    }

    /// Forgets the call without a word, as RESTART asks.
    pub fn destroy(&mut self, call: CallRef) {
        // SAFETY: as above.
        unsafe { city_destroy(self.raw(), call.raw()) };
    }

    /// Sends RESTART for one channel.
    ///
    /// # Errors
    /// If libpri refuses.
    pub fn restart(&mut self, channel: u8) -> Result<(), Error> {
        // SAFETY: `raw` lives as long as self.
        let failed = unsafe { city_restart(self.raw(), self.number(channel)) };
        if failed == 0 { Ok(()) } else { Err(Error::new("libpri refuses the restart")) }
    }

    /// Tells who answers with the answer that follows: a number and, in a private network, a name.
    ///
    /// # Errors
    /// A text with a zero.
    pub fn show(&mut self, call: CallRef, number: &str, name: &str) -> Result<(), Error> {
        with_texts([number, name], |[number, name]| {
            // SAFETY: as above; libpri copies the strings.
            unsafe { city_show(self.raw(), call.raw(), number, name) };
        })
    }

    /// Tells what a call costs: units, or hundredths of a currency unless that is empty; the last
    /// word goes with the end of the call. For each so many seconds, unless 0: its tariff.
    ///
    /// # Errors
    /// libpri refuses.
    pub fn charge(
        &mut self,
        call: CallRef,
        last: bool,
        each_s: u16,
        count: u32,
        currency: &str,
    ) -> Result<(), Error> {
        let failed = with_texts([currency], |[currency]| {
            let count = c_long::from(count);
            // SAFETY: as above.
            let (raw, each_s) = (call.raw(), each_s.into());
            unsafe { city_charge(self.raw(), raw, last.into(), each_s, count, currency) }
        })?;
        if failed == 0 { Ok(()) } else { Err(Error::new("libpri tells no charge")) }
    }

    /// Says whether a caller is sent elsewhere; then the call must be hung up.
    pub fn deflected(&mut self, call: CallRef, invoke: i32, done: bool) {
        // SAFETY: as above.
        unsafe { city_deflected(self.raw(), call.raw(), invoke, done.into()) };
    }

    /// Says whether two calls are joined; then both must be hung up.
    pub fn joined(&mut self, call: CallRef, invoke: i32, done: bool) {
        // SAFETY: as above.
        unsafe { city_joined(self.raw(), call.raw(), invoke, done.into()) };
    }

    /// Notifies the other side of something in a call, as Q.931 4.5.22 numbers it.
    ///
    /// # Errors
    /// libpri refuses.
    pub fn notify(&mut self, call: CallRef, what: u8) -> Result<(), Error> {
        // SAFETY: as above.
        let failed = unsafe { city_notify(self.raw(), call.raw(), what.into()) };
        if failed == 0 { Ok(()) } else { Err(Error::new("libpri notifies of nothing")) }
    }

    /// Whether callers are noted when the other side asks for it.
    pub fn identifies(&mut self, on: bool) {
        // SAFETY: `raw` lives as long as self.
        unsafe { city_identifies(self.raw(), on.into()) };
    }

    fn push(&mut self, on: usize, event: &RawEvent) {
        let call = CallRef(event.call as usize);
        let (invoke, other) = (event.invoke, CallRef(event.other as usize));
        match event.service {
            1 => {
                let to = string(&event.called);
                return self.events.push_back(PriEvent::Deflect { call, invoke, to });
            }
            2 => {
                let calls = [call, other];
                return self.events.push_back(PriEvent::Join { calls, invoke });
            }
            3 => return self.events.push_back(PriEvent::Identified(call)),
            4 => {
                let (number, name) = (string(&event.called), string(&event.name));
                self.events.push_back(PriEvent::Shown { call, number, name });
            }
            _ => {}
        }
        let cause = u8::try_from(event.cause).unwrap_or(0);
        let slot = u8::try_from(self.channel(event.channel)).unwrap_or(0);
        let channel = (slot & 31 != 0).then_some(slot);
        // The numbers are those of libpri.h, PRI_EVENT_*.
        self.events.push_back(match event.kind {
            1 | 2 => return self.is_up(on, event.kind == 1),
            3 => PriEvent::Restart(self.channel(event.channel)),
            5 => PriEvent::Setup {
                call,
                channel,
                calling: string(&event.calling),
                called: string(&event.called),
                user: string(&event.text),
                name: string(&event.name),
            },
            6 => PriEvent::Released(call, cause),
            7 => PriEvent::Alerting(call),
            8 => PriEvent::Connect(call),
            9 => PriEvent::Gone(call),
            10 => PriEvent::RestartDone(self.channel(event.channel)),
            12 => PriEvent::Digits(call, string(&event.called)),
            13 | 17 => PriEvent::Proceeding(call),
            14 => PriEvent::MoreDigits(call),
            16 => PriEvent::Notified(call, u8::try_from(event.progress).unwrap_or(u8::MAX)),
            15 => PriEvent::Disconnect(call, cause),
            other => PriEvent::Other(other, string(&event.text)),
        });
    }
}

impl CallRef {
    /// A call of other signalling than libpri's, which never sees it.
    pub(crate) const fn named(name: usize) -> Self {
        Self(name)
    }

    /// The name that it was given.
    pub(crate) const fn name(self) -> usize {
        self.0
    }

    const fn raw(self) -> *mut c_void {
        self.0 as *mut c_void
    }
}

impl RawEvent {
    const fn zero() -> Self {
        Self {
            kind: 0,
            channel: 0,
            cause: 0,
            progress: 0,
            complete: 0,
            call: std::ptr::null_mut(),
            calling: [0; 64],
            called: [0; 64],
            text: [0; 256],
            service: 0,
            invoke: 0,
            other: std::ptr::null_mut(),
            name: [0; 64],
        }
    }
}

#[cfg(test)]
mod tests;
