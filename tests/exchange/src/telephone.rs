//! One analog telephone with a person at it.
//!
//! ```text
//!            ring            answer_after_ms           gone: busy tone, silence, hangup_after_ms
//!  OnHook ─────────► Ringing ───────────────► Talking ─────────────────────────► OnHook
//!    │                  │ no ring for 6 s ► OnHook   ▲
//!    │ lift             dial tone            digits  │
//!    └────────────────► Lifted ─────────────► Dialling
//! ```

use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use dsp_tone::DigitSender;
use g711::encode_a;
use hal_socket::Reading;
use hal_virtual::frame::{PORT_LEN, Port};
use serde_json::{Value, json};
use units::{Dbm0, Digit};

use crate::command::{Command, Talk};
use crate::ear::{MATCH, NoiseEar};
use crate::gaps::{Change, Gaps};
use crate::hybrid::Hybrid;
use crate::script::Looks;
use crate::sound::{PERIOD, ToneEar, noise_octets};
use crate::{BLOCK, Error};

/// Silence between two rings is 4 s: after 6 s the caller has given up.
const RING_GAP_US: u64 = 6_000_000;
/// Without the signal that was there before, for so long: the other side is gone.
const LOST_US: u64 = 1_000_000;

/// How a telephone treats ringing.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// Microseconds from the first ring to the answer.
    pub answer_after_us: u64,
    /// What it says and expects.
    pub talk: Option<Talk>,
    /// Microseconds from the answer to the end.
    pub hangup_after_us: Option<u64>,
    /// Microseconds of silence, where the other side was heard before, until it hangs up.
    pub patience_us: u64,
    /// It lets it ring.
    pub never: bool,
    /// It is off hook all the time.
    pub busy: bool,
    /// What it hears comes back weaker by so many dB.
    pub hybrid_db: Option<u8>,
}

impl Default for Habit {
    fn default() -> Self {
        Self {
            answer_after_us: 0,
            talk: None,
            hangup_after_us: None,
            patience_us: LOST_US,
            never: false,
            busy: false,
            hybrid_db: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    OnHook,
    Ringing { since_us: u64, last_us: u64 },
    Lifted,
    Dialling,
    Talking { since_us: u64 },
}

/// One telephone at one port.
pub struct Telephone {
    number: usize,
    path: PathBuf,
    stream: Option<UnixStream>,
    habit: Habit,
    hybrid: Option<Hybrid>,
    state: State,
    talk: Option<Talk>,
    ear: Option<NoiseEar>,
    /// In place of the ear where gaps are told.
    gaps: Option<Gaps>,
    tone: ToneEar,
    noise: Option<Vec<u8>>,
    digits: DigitSender,
    matched: bool,
    looks: Looks,
    last_match_us: u64,
    events: Vec<Value>,
}

impl Telephone {
    /// At port `number`, whose socket is at `path`.
    #[must_use]
    pub fn new(number: usize, path: PathBuf) -> Self {
        Self {
            number,
            path,
            stream: None,
            habit: Habit::default(),
            hybrid: None,
            state: State::OnHook,
            talk: None,
            ear: None,
            gaps: None,
            tone: ToneEar::default(),
            noise: None,
            digits: DigitSender::new(80, 80, Dbm0(-9.0), Dbm0(-7.0)),
            matched: false,
            looks: Looks::default(),
            last_match_us: 0,
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

    /// Leaves its port, which is on hook then.
    pub fn unplug(&mut self) {
        self.stream = None;
    }

    /// For waiting.
    #[must_use]
    pub const fn stream(&self) -> Option<&UnixStream> {
        self.stream.as_ref()
    }

    /// Its port.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// What happened since the last question.
    pub fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    /// How it treats ringing from now on.
    pub(crate) fn obey(&mut self, command: &Command) {
        let &Command::Telephone {
            answer_after_ms,
            talk,
            hangup_after_ms,
            patience_ms,
            never,
            busy,
            hybrid_db,
            ..
        } = command
        else {
            return;
        };
        let us = |ms: u64| ms.saturating_mul(1000);
        self.set_habit(Habit {
            answer_after_us: us(answer_after_ms),
            talk,
            hangup_after_us: hangup_after_ms.map(us),
            patience_us: us(patience_ms),
            never,
            busy,
            hybrid_db,
        });
    }

    fn set_habit(&mut self, habit: Habit) {
        self.hybrid = habit.hybrid_db.map(Hybrid::new);
        self.habit = habit;
    }

    /// Lifts the handset to dial.
    ///
    /// # Errors
    /// If it is off hook already or a digit is none.
    pub fn lift(&mut self, digits: &str, talk: Option<Talk>) -> Result<(), Error> {
        if self.state != State::OnHook {
            return Err(Error::new("the telephone is in use"));
        }
        for digit in digits.bytes() {
            let digit = Digit::new(digit).ok_or_else(|| Error::new("not a digit"))?;
            self.digits.push(digit).map_err(|_| Error::new("too many digits"))?;
        }
        self.begin(State::Lifted, talk);
        Ok(())
    }

    /// Puts the handset down.
    pub fn hang_up(&mut self) {
        if self.state != State::OnHook {
            self.end("told to");
        }
    }

    /// Whether it is on hook and nothing rings, for `status`.
    #[must_use]
    pub fn status(&self) -> Value {
        json!({"port": self.number, "state": format!("{:?}", self.state),
            "matched": self.matched, "looks": self.looks.0,
            "sounds": self.gaps.as_ref().is_some_and(Gaps::sounds)})
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
        let block = base + port.sequence;
        let (off_hook, octets) = self.turn(block, &port);
        let answer = Port::to_card(port.sequence, off_hook, octets);
        if let Some(stream) = &self.stream
            && !hal_socket::write(stream, &answer.write())
        {
            self.stream = None;
        }
        true
    }

    /// One block: whether it is off hook, and what it says.
    pub fn turn(&mut self, block: u64, port: &Port) -> (bool, [u8; BLOCK]) {
        let said = self.hear(block, port);
        let octets = match &mut self.hybrid {
            Some(hybrid) => hybrid.turn(&port.octets, said),
            None => said,
        };
        let rests = matches!(self.state, State::OnHook | State::Ringing { .. });
        (self.habit.busy || !rests, octets)
    }

    fn hear(&mut self, block: u64, port: &Port) -> [u8; BLOCK] {
        let now_us = block * limits::TICK_US;
        match self.state {
            State::OnHook => {
                if port.feed().ring && !self.habit.busy {
                    self.state = State::Ringing { since_us: now_us, last_us: now_us };
                    self.say("ringing", now_us);
                }
            }
            State::Ringing { since_us, last_us } => {
                let last_us = if port.feed().ring { now_us } else { last_us };
                self.state = State::Ringing { since_us, last_us };
                if now_us - last_us > RING_GAP_US {
                    self.state = State::OnHook;
                    self.say("ringing_stopped", now_us);
                } else if !self.habit.never && now_us - since_us >= self.habit.answer_after_us {
                    self.begin(State::Talking { since_us: now_us }, self.habit.talk);
                    self.say("telephone_answered", now_us);
                }
            }
            State::Lifted => {
                self.tone.push(&port.octets);
                if self.tone.steady() {
                    self.say("dial_tone", now_us);
                    self.tone = ToneEar::default();
                    self.state = State::Dialling;
                }
            }
            State::Dialling => {
                if self.digits.idle() {
                    self.say("digits_sent", now_us);
                    self.state = State::Talking { since_us: now_us };
                }
            }
            State::Talking { since_us } => self.converse(block, since_us, port),
        }
        self.speak(block)
    }

    fn converse(&mut self, block: u64, since_us: u64, port: &Port) {
        let now_us = block * limits::TICK_US;
        self.tone.push(&port.octets);
        if let Some(found) =
            self.ear.as_mut().and_then(|ear| ear.push(block * BLOCK as u64, &port.octets))
        {
            self.looks.push(found.correlation);
            if found.correlation >= MATCH {
                self.last_match_us = now_us;
                if !std::mem::replace(&mut self.matched, true) {
                    self.events.push(json!({
                        "event": "matched", "end": "telephone", "port": self.number,
                        "at_us": now_us, "correlation": found.correlation,
                        "other_correlation": found.other, "delay_samples": found.delay,
                        "expect": self.talk.map(|talk| talk.expect),
                    }));
                }
            } else if now_us - self.last_match_us > LOST_US && self.last_match_us > 0 {
                // Told again when it comes back.
                self.matched = false;
                if now_us - self.last_match_us > self.habit.patience_us {
                    self.end("the other side has gone silent");
                    return;
                }
            }
        }
        if self.hear_gaps(block, since_us, port) {
            return;
        }
        let over = |after| now_us - since_us >= after;
        if self.habit.hangup_after_us.is_some_and(over) {
            self.end("it has said all");
        } else if self.tone.busy() {
            self.end("busy tone");
        }
    }

    /// As an ear, octet by octet; `true` if the other side has gone.
    fn hear_gaps(&mut self, block: u64, since_us: u64, port: &Port) -> bool {
        let now_us = block * limits::TICK_US;
        let Some(gaps) = &mut self.gaps else { return false };
        let change = gaps.push(block * BLOCK as u64, &port.octets);
        let sounds = gaps.sounds();
        match change {
            Some(Change::Found { delay }) => {
                self.matched = true;
                self.events.push(json!({
                    "event": "matched", "end": "telephone", "port": self.number,
                    "at_us": now_us, "correlation": 1.0, "other_correlation": 0.0,
                    "delay_samples": delay, "expect": self.talk.map(|talk| talk.expect),
                }));
            }
            Some(Change::Lost { at }) => self.events.push(json!({
                "event": "lost", "end": "telephone", "port": self.number, "at_us": now_us,
                "from_us": at * 125, "expect": self.talk.map(|talk| talk.expect),
            })),
            Some(Change::Back { lost_at, samples }) => self.events.push(json!({
                "event": "gap", "end": "telephone", "port": self.number, "at_us": now_us,
                "from_us": lost_at * 125, "samples": samples,
                "expect": self.talk.map(|talk| talk.expect),
            })),
            None => {}
        }
        if sounds {
            self.last_match_us = now_us;
        }
        let heard_us = self.last_match_us.max(since_us);
        let gone = now_us.saturating_sub(heard_us) > self.habit.patience_us;
        if gone {
            self.end("the other side has gone silent");
        }
        gone
    }

    fn begin(&mut self, state: State, talk: Option<Talk>) {
        self.state = state;
        self.talk = talk;
        let (exact, usual) = (talk.filter(|talk| talk.gaps), talk.filter(|talk| !talk.gaps));
        self.ear = usual.map(|talk| NoiseEar::new(talk.send, talk.expect));
        self.gaps = exact.map(|talk| Gaps::new(talk.expect));
        self.noise = talk.map(|talk| noise_octets(talk.send));
        self.tone = ToneEar::default();
        self.matched = false;
        self.looks = Looks::default();
        self.last_match_us = 0;
    }

    fn end(&mut self, why: &str) {
        self.state = State::OnHook;
        self.ear = None;
        self.gaps = None;
        self.noise = None;
        self.digits = DigitSender::new(80, 80, Dbm0(-9.0), Dbm0(-7.0));
        self.events.push(json!({"event": "telephone_on_hook", "port": self.number, "why": why}));
    }

    fn say(&mut self, event: &str, now_us: u64) {
        self.events.push(json!({"event": event, "port": self.number, "at_us": now_us}));
    }

    fn speak(&mut self, block: u64) -> [u8; BLOCK] {
        match (self.state, &self.noise) {
            (State::Dialling, _) => {
                let mut samples = [0; BLOCK];
                self.digits.fill(&mut samples);
                samples.map(encode_a)
            }
            (State::Talking { .. }, Some(noise)) => play(noise, block),
            _ => [0xD5; BLOCK],
        }
    }
}

/// The part of a period of noise that belongs to a block of the city's clock.
#[must_use]
pub fn play(noise: &[u8], block: u64) -> [u8; BLOCK] {
    let start = usize::try_from(block * BLOCK as u64 % PERIOD as u64).unwrap_or(0);
    let mut octets = [0xD5; BLOCK];
    octets.copy_from_slice(&noise[start..start + BLOCK]);
    octets
}
