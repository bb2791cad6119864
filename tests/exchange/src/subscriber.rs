//! One line that the exchange has for a subscriber: the box, at an exchange line of its card.
//!
//! ```text
//!          line_call           loop closed              hangup_after_ms: busy tone, reversal, open
//!  Idle ─────────────► Ringing ───────────► Talking ─────────────────────────► Over
//!    │  loop closed         │ it gives up      ▲                                │ loop open
//!    └──────► DialTone ─► Dialling ─► Alerting ┘ answer_after_ms                ▼ Idle
//! ```
//!
//! Pulses are openings of the loop of less than 200 ms; longer ones end the call.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use clid::{Call, Dtmf, Format, Message, Told};
use dsp_dtmf::Receiver;
use dsp_fsk::{Framing, Modulator, Standard};
use dsp_tone::{CHINA_BUSY, CHINA_DIAL, CHINA_RING_BACK, DigitSender, Generator, Tone};
use g711::{decode_a, encode_a};
use hal_socket::Reading;
use hal_virtual::frame::{Feed, PORT_LEN, Port};
use serde_json::{Value, json};
use units::{Dbm0, Digits};

use crate::command::{Command, End, Shown, Talk};
use crate::ear::{MATCH, NoiseEar};
use crate::script::Looks;
use crate::sound::noise_octets;
use crate::telephone::play;
use crate::{BLOCK, Error};

/// A second of ringing current in five (GB 3380).
const RING_US: u64 = 1_000_000;
const ROUND_US: u64 = 5_000_000;
/// From the end of the first ring to the message (EN 300 659-1 6.1.1).
const TOLD_US: u64 = 600_000;
/// From the digits that tell who calls to the first ring.
const QUIET_US: u64 = 400_000;
/// An opening of the loop that is longer is no pulse.
const OPEN_US: u64 = 200_000;
/// Silence behind the last pulse of a digit, and behind the last digit.
const DIGIT_US: u64 = 300_000;
const NUMBER_US: u64 = 2_000_000;
/// Without the signal that was there before, for so long, it is told again when it comes back.
const LOST_US: u64 = 1_000_000;

/// What becomes of calls on the line.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// Microseconds of ring-back tone until the called one answers; `None`: never.
    pub answer_after_us: Option<u64>,
    /// What the far party says and expects.
    pub talk: Option<Talk>,
    /// Microseconds from the answer until the far party hangs up.
    pub hangup_after_us: Option<u64>,
    /// The line is reversed while a called one has answered.
    pub reversal: bool,
    /// How the end of a call is told.
    pub end: End,
    /// Microseconds of ringing until a caller gives up.
    pub give_up_us: u64,
}

impl Default for Habit {
    fn default() -> Self {
        Self {
            answer_after_us: Some(1_000_000),
            talk: None,
            hangup_after_us: None,
            reversal: false,
            end: End::Busy,
            give_up_us: 60_000_000,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// Digits that tell who calls are being sent.
    Telling,
    Ringing {
        since_us: u64,
        told: bool,
    },
    DialTone,
    Dialling {
        last_us: u64,
    },
    Alerting {
        since_us: u64,
    },
    Talking {
        since_us: u64,
    },
    Over,
}

/// One line.
pub struct Subscriber {
    number: usize,
    path: PathBuf,
    stream: Option<UnixStream>,
    habit: Habit,
    state: State,
    feed: Feed,
    message: Option<Modulator>,
    keys: DigitSender,
    tone: Option<Generator>,
    noise: Option<Vec<u8>>,
    ear: Option<NoiseEar>,
    matched: bool,
    looks: Looks,
    last_match_us: u64,
    receiver: Receiver,
    dialled: String,
    /// The loop is open since; pulses of the digit that is coming, and when the last one ended.
    open_us: Option<u64>,
    pulses: u32,
    pulse_us: u64,
    closed: bool,
    events: Vec<Value>,
}

impl Subscriber {
    /// Line `number`, whose socket is at `path`.
    #[must_use]
    pub fn new(number: usize, path: PathBuf) -> Self {
        Self {
            number,
            path,
            stream: None,
            habit: Habit::default(),
            state: State::Idle,
            feed: Feed::default(),
            message: None,
            keys: DigitSender::new(80, 80, Dbm0(-9.0), Dbm0(-7.0)),
            tone: None,
            noise: None,
            ear: None,
            matched: false,
            looks: Looks::default(),
            last_match_us: 0,
            receiver: Receiver::new(),
            dialled: String::new(),
            open_us: None,
            pulses: 0,
            pulse_us: 0,
            closed: false,
            events: Vec::new(),
        }
    }

    /// Tries to reach the card, if it is not connected.
    pub fn connect(&mut self) -> bool {
        if self.stream.is_none() {
            self.stream = hal_socket::dial(&self.path).ok();
        }
        self.stream.is_some()
    }

    /// For waiting.
    #[must_use]
    pub const fn stream(&self) -> Option<&UnixStream> {
        self.stream.as_ref()
    }

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// What happened since the last question.
    pub fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    /// Does what a tester said of this line.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn obey(&mut self, command: Command, now_us: u64) -> Result<(), Error> {
        let us = |ms: u64| ms.saturating_mul(1000);
        match command {
            Command::LineCall { calling, shown, .. } => self.call(&calling, shown, now_us)?,
            Command::Line {
                answer_after_ms,
                talk,
                hangup_after_ms,
                reversal,
                end,
                give_up_ms,
                ..
            } => {
                self.habit = Habit {
                    answer_after_us: answer_after_ms.map(us),
                    talk,
                    hangup_after_us: hangup_after_ms.map(us),
                    reversal,
                    end,
                    give_up_us: us(give_up_ms),
                };
            }
            _ => {}
        }
        Ok(())
    }

    /// Somebody calls the subscriber.
    ///
    /// # Errors
    /// The line is in use, or the number is none.
    pub fn call(&mut self, calling: &str, shown: Shown, now_us: u64) -> Result<(), Error> {
        if self.state != State::Idle || self.closed {
            return Err(Error::new("the line is in use"));
        }
        let number = Digits::parse(calling).ok_or_else(|| Error::new("not a number"))?;
        let told = if number.is_empty() { Told::Withheld } else { Told::Is(number) };
        match shown {
            Shown::Keys => {
                let digits = Dtmf::CHINA.emit(&told).ok_or_else(|| Error::new("not to be sent"))?;
                for digit in digits.as_slice() {
                    self.keys.push(*digit).map_err(|_| Error::new("too many digits"))?;
                }
                self.state = State::Telling;
                return Ok(());
            }
            Shown::Message => {
                let call = Call { number: Some(told), ..Call::default() };
                let octets = Message::Call(call).emit(Format::Mdmf).unwrap_or_default();
                let mut modulator = Modulator::new(Standard::Bell202, Dbm0(-13.5));
                let sent = modulator.send(&octets, Framing::ON_HOOK);
                sent.map_err(|_| Error::new("too long"))?;
                self.message = Some(modulator);
            }
            Shown::Nothing => {}
        }
        self.state = State::Ringing { since_us: now_us, told: false };
        Ok(())
    }

    /// For `status`.
    #[must_use]
    pub fn status(&self) -> Value {
        json!({"line": self.number, "state": format!("{:?}", self.state), "closed": self.closed,
            "matched": self.matched, "looks": self.looks.0})
    }

    /// Answers one block of the card, if one waits; `base` is added to its number.
    pub fn block(&mut self, base: u64) -> bool {
        let Some(stream) = &self.stream else { return false };
        let mut room = [0; PORT_LEN];
        let port = match hal_socket::read(stream, &mut room) {
            Reading::Datagram(length) => Port::parse(&room[..length]),
            Reading::Nothing => return false,
            Reading::End => {
                self.stream = None;
                return false;
            }
        };
        let Some(port) = port else { return true };
        self.hear(base + port.sequence, &port);
        let octets = self.speak(base + port.sequence);
        let answer = Port::to_telephone(port.sequence, self.feed, octets);
        if let Some(stream) = &self.stream
            && !hal_socket::write(stream, &answer.write())
        {
            self.stream = None;
        }
        true
    }

    /// The loop as it has been for longer than a pulse; counts pulses.
    fn loop_closed(&mut self, now_us: u64, closed: bool) -> bool {
        match (closed, self.open_us) {
            (true, Some(since)) => {
                self.open_us = None;
                if self.closed && now_us - since < OPEN_US {
                    self.pulses += 1;
                    self.pulse_us = now_us;
                }
                self.closed = true;
            }
            (true, None) => self.closed = true,
            (false, None) => self.open_us = Some(now_us),
            (false, Some(since)) => self.closed &= now_us - since < OPEN_US,
        }
        self.closed
    }

    fn hear(&mut self, block: u64, port: &Port) {
        let now_us = block * limits::TICK_US;
        let closed = self.loop_closed(now_us, port.off_hook());
        match self.state {
            State::Idle => {
                if closed {
                    self.say("line_seized", now_us);
                    self.give(Some(&CHINA_DIAL));
                    (self.dialled, self.pulses) = (String::new(), 0);
                    self.receiver = Receiver::new();
                    self.state = State::DialTone;
                }
            }
            State::Telling if self.keys.idle() => {
                let since_us = now_us + QUIET_US;
                self.state = State::Ringing { since_us, told: true };
            }
            State::Ringing { since_us, told } => self.ring(now_us, since_us, told, closed),
            State::DialTone | State::Dialling { .. } | State::Alerting { .. } if !closed => {
                self.idle(now_us);
            }
            State::DialTone | State::Dialling { .. } => self.dial(now_us, port),
            State::Alerting { since_us } => {
                if self.habit.answer_after_us.is_some_and(|after| now_us - since_us >= after) {
                    self.feed.reversed = self.habit.reversal;
                    self.say("line_answered", now_us);
                    self.talk(now_us);
                }
            }
            State::Talking { .. } | State::Over if !closed => self.idle(now_us),
            State::Talking { since_us } => self.converse(block, since_us, port),
            State::Telling | State::Over => {}
        }
    }

    fn ring(&mut self, now_us: u64, since_us: u64, told: bool, closed: bool) {
        if closed {
            self.feed.ring = false;
            self.message = None;
            self.say("line_answered", now_us);
            return self.talk(now_us);
        }
        let Some(passed) = now_us.checked_sub(since_us) else { return };
        if passed >= self.habit.give_up_us {
            self.feed.ring = false;
            self.state = State::Idle;
            return self.say("line_given_up", now_us);
        }
        let rings = passed % ROUND_US < RING_US;
        if !std::mem::replace(&mut self.feed.ring, rings) && rings && passed < ROUND_US {
            self.say("line_ringing", now_us);
        }
        // The message begins by itself when it is sent: see `speak`.
        let told = told || passed >= RING_US + TOLD_US;
        self.state = State::Ringing { since_us, told };
    }

    fn dial(&mut self, now_us: u64, port: &Port) {
        let samples = port.octets.map(decode_a);
        let key = match self.receiver.push(&samples) {
            Some(dsp_dtmf::Event::Begin(digit)) => Some(digit.ascii().into()),
            Some(dsp_dtmf::Event::End(_)) | None => None,
        };
        let pulsed = self.pulses > 0 && now_us - self.pulse_us >= DIGIT_US;
        let pulsed = pulsed.then(|| char::from_digit(self.pulses % 10, 10)).flatten();
        if pulsed.is_some() {
            self.pulses = 0;
        }
        if let Some(digit) = key.or(pulsed) {
            self.give(None);
            self.dialled.push(digit);
            self.state = State::Dialling { last_us: now_us };
        } else if self.pulses > 0 {
            self.give(None);
        } else if let State::Dialling { last_us } = self.state
            && now_us - last_us >= NUMBER_US
        {
            let digits = self.dialled.clone();
            self.events.push(json!({
                "event": "line_dialled", "line": self.number, "at_us": now_us, "digits": digits,
            }));
            self.give(Some(&CHINA_RING_BACK));
            self.state = State::Alerting { since_us: now_us };
        }
    }

    fn talk(&mut self, now_us: u64) {
        self.give(None);
        self.noise = self.habit.talk.map(|talk| noise_octets(talk.send));
        self.ear = self.habit.talk.map(|talk| NoiseEar::new(talk.send, talk.expect));
        (self.matched, self.looks, self.last_match_us) = (false, Looks::default(), 0);
        self.state = State::Talking { since_us: now_us };
    }

    fn converse(&mut self, block: u64, since_us: u64, port: &Port) {
        let now_us = block * limits::TICK_US;
        let found = self.ear.as_mut().and_then(|ear| ear.push(block * BLOCK as u64, &port.octets));
        if let Some(found) = found {
            self.looks.push(found.correlation);
            if found.correlation >= MATCH {
                self.last_match_us = now_us;
                if !std::mem::replace(&mut self.matched, true) {
                    self.events.push(json!({
                        "event": "matched", "end": "line", "line": self.number, "at_us": now_us,
                        "correlation": found.correlation, "other_correlation": found.other,
                        "delay_samples": found.delay,
                    }));
                }
            } else if self.matched && now_us - self.last_match_us > LOST_US {
                // Told again when it comes back.
                self.matched = false;
            }
        }
        if self.habit.hangup_after_us.is_some_and(|after| now_us - since_us >= after) {
            self.noise = None;
            match self.habit.end {
                End::Busy => self.give(Some(&CHINA_BUSY)),
                End::Reversal => self.feed.reversed = !self.feed.reversed,
                End::Open => self.feed.open = true,
            }
            self.say("line_over", now_us);
            self.state = State::Over;
        }
    }

    fn idle(&mut self, now_us: u64) {
        self.give(None);
        (self.noise, self.ear, self.feed) = (None, None, Feed::default());
        self.state = State::Idle;
        self.say("line_idle", now_us);
    }

    fn give(&mut self, tone: Option<&Tone>) {
        self.tone = tone.map(Generator::new);
    }

    fn say(&mut self, event: &str, now_us: u64) {
        self.events.push(json!({"event": event, "line": self.number, "at_us": now_us}));
    }

    fn speak(&mut self, block: u64) -> [u8; BLOCK] {
        let mut samples = [0; BLOCK];
        match (self.state, &mut self.tone, &mut self.message, &self.noise) {
            (State::Telling, ..) => self.keys.fill(&mut samples),
            (State::Ringing { told: true, .. }, _, Some(message), _) => message.fill(&mut samples),
            (_, Some(tone), ..) => tone.fill(&mut samples),
            (State::Talking { .. }, _, _, Some(noise)) => return play(noise, block),
            _ => {}
        }
        samples.map(encode_a)
    }
}
