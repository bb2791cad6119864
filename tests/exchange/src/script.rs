//! One call of the city: its stage, its caller's script, its sound.

use std::collections::VecDeque;
use std::rc::Rc;

use dsp_tone::DigitSender;
use g711::encode_a;
use serde_json::{Value, json};
use units::{Dbm0, Digit};

use crate::BLOCK;
use crate::command::{AGAIN_US, Stage, Step, Talk};
use crate::ear::{MATCH, Match, NoiseEar, PromptEar};
use crate::exact::{Exact, ExactPrompt};
use crate::gaps::{Change, Gaps};
use crate::pri::CallRef;
use crate::sound::shared_noise;
use crate::telephone::play;

/// How long a talk lasts unless said.
const TALK_MS: u64 = 3000;

/// How long a sound whose gaps are told may be missing at the end of its talk.
const RETURN_US: u64 = 20_000_000;
/// How long the two talk at least when they hear each other, or again.
const HOLD_US: u64 = 500_000;

/// Samples heard before a step that count for it.
const HISTORY: usize = 4000;

/// What the step under way listens with.
enum Ear {
    None,
    Prompt(Box<PromptEar>),
    Noise(Box<NoiseEar>),
    ExactPrompt(Box<ExactPrompt>),
    Exact(Box<Exact>),
    Gaps(Box<Gaps>),
}

/// A call between the city and the box, either way.
pub struct Call {
    /// Its name in events.
    pub id: String,
    /// Its slot.
    pub slot: u8,
    /// libpri's name of it, while libpri knows it.
    pub handle: Option<CallRef>,
    /// Placed by the box.
    pub incoming: bool,
    /// When the box's call is to be answered.
    pub answer_at_us: Option<u64>,
    /// What the one says and hears who answers the box's call.
    pub answer_with: Option<Talk>,
    /// Whether we have begun to clear it.
    pub hung_up: bool,
    setup_us: u64,
    reached: Option<Stage>,
    released: Option<u8>,
    steps: VecDeque<Step>,
    number: usize,
    deadline_us: u64,
    started: bool,
    finishing: bool,
    press_at_us: u64,
    over: bool,
    ear: Ear,
    /// The last half second, for a prompt that began just before its step.
    history: VecDeque<u8>,
    found: Option<Match>,
    looks: Looks,
    noise: Option<Rc<[u8]>>,
    /// Seed of that noise.
    sends: Option<u64>,
    digits: DigitSender,
    events: Vec<Value>,
    wish: Option<u8>,
}

/// The newest correlations of a conversation, oldest first, four a second.
#[derive(Clone, Debug, Default)]
pub struct Looks(pub VecDeque<f32>);

/// How many of them are kept: 2 s.
const LOOKS: usize = 8;

impl Looks {
    /// One more look.
    pub fn push(&mut self, correlation: f32) {
        if self.0.len() == LOOKS {
            self.0.pop_front();
        }
        self.0.push_back(correlation);
    }
}

impl Call {
    /// A call whose SETUP goes or came now.
    #[must_use]
    pub fn new(id: String, slot: u8, handle: CallRef, now_us: u64, script: Vec<Step>) -> Self {
        Self {
            id,
            slot,
            handle: Some(handle),
            incoming: false,
            answer_at_us: None,
            answer_with: None,
            hung_up: false,
            setup_us: now_us,
            reached: None,
            released: None,
            steps: script.into(),
            number: 0,
            deadline_us: 0,
            started: false,
            finishing: false,
            press_at_us: 0,
            over: false,
            ear: Ear::None,
            history: VecDeque::new(),
            found: None,
            looks: Looks::default(),
            noise: None,
            sends: None,
            digits: DigitSender::new(80, 80, Dbm0(-9.0), Dbm0(-7.0)),
            events: Vec::new(),
            wish: None,
        }
    }

    /// What the caller did and heard since the last question.
    pub fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    /// The cause with which the caller wants to hang up now, if it does.
    pub fn take_wish(&mut self) -> Option<u8> {
        self.wish.take()
    }

    /// The call has come so far.
    pub fn reach(&mut self, stage: Stage) {
        self.reached = Some(stage);
    }

    /// The call is over: the box cleared it, or has confirmed that we did. `true` the first time.
    pub fn release(&mut self, cause: u8) -> bool {
        let first = self.released.is_none();
        self.released = self.released.or(Some(cause));
        first
    }

    /// Whether script and call are both over.
    #[must_use]
    pub const fn finished(&self) -> bool {
        self.over && self.handle.is_none()
    }

    /// For `status`.
    #[must_use]
    pub fn status(&self) -> Value {
        let stage = self.reached.map(|stage| format!("{stage:?}"));
        json!({"call": self.id, "slot": self.slot, "stage": stage, "step": self.number,
            "looks": self.looks.0, "sounds": self.sounds()})
    }

    /// Whether the other side is heard to the last octet; for a talk whose gaps are told.
    const fn sounds(&self) -> bool {
        matches!(&self.ear, Ear::Gaps(ear) if ear.sounds())
    }

    /// Ends the talk that the script is in.
    pub fn finish_talk(&mut self) {
        if matches!(self.steps.front(), Some(Step::Talk { .. })) {
            self.deadline_us = 0;
            self.finishing = true;
        }
    }

    /// Whether the city's end of this call sends the noise of this seed.
    #[must_use]
    pub fn sends(&self, seed: u64) -> bool {
        self.sends == Some(seed)
    }

    /// Begins to talk outside a script, as the called party of the box's call.
    pub fn talk(&mut self, talk: Talk) {
        self.noise = Some(shared_noise(talk.send));
        self.sends = Some(talk.send);
        self.ear = match talk.exact_ms {
            Some(ms) => Ear::Exact(Box::new(Exact::new(talk.expect, ms * crate::SAMPLES_PER_MS))),
            None if talk.gaps => Ear::Gaps(Box::new(Gaps::new(talk.expect))),
            None => Ear::Noise(Box::new(NoiseEar::new(talk.send, talk.expect))),
        };
    }

    /// Hears one block, acts, and says what goes out.
    pub fn block(&mut self, block: u64, heard: &[u8; BLOCK]) -> [u8; BLOCK] {
        let now_us = block * limits::TICK_US;
        self.listen(block, now_us, heard);
        self.history.extend(heard);
        let surplus = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..surplus);
        if !self.over && !self.incoming {
            // Steps that take no time follow one another at once.
            for _ in 0..=self.steps.len() {
                if self.over || !self.step(now_us) {
                    break;
                }
            }
        }
        if self.incoming && self.released.is_some() {
            self.over = true;
        }
        if self.digits.idle() {
            return self.noise.as_ref().map_or([0xD5; BLOCK], |noise| play(noise, block));
        }
        let mut samples = [0; BLOCK];
        self.digits.fill(&mut samples);
        samples.map(encode_a)
    }

    fn listen(&mut self, block: u64, now_us: u64, heard: &[u8; BLOCK]) {
        let at = block * BLOCK as u64;
        match &mut self.ear {
            Ear::None => {}
            Ear::Prompt(ear) => {
                if let Some(found) = ear.push(at, heard) {
                    self.heard(found.at, found.correlation, now_us);
                }
            }
            Ear::ExactPrompt(ear) => {
                if let Some(at) = ear.push(at, heard) {
                    self.heard(at, 1.0, now_us);
                }
            }
            Ear::Noise(ear) => {
                if let Some(now) = ear.push(at, heard) {
                    self.found(now, now_us);
                }
            }
            Ear::Gaps(ear) => {
                if let Some(change) = ear.push(at, heard) {
                    self.changed(change, now_us);
                }
            }
            Ear::Exact(ear) => {
                let before = ear.done();
                let delay = ear.push(at, heard);
                if ear.done() && !before {
                    let (octets, bad) = (ear.octets, ear.bad);
                    self.events.push(json!({
                        "event": "exact", "call": self.id, "end": self.end(), "at_us": now_us,
                        "octets": octets, "bad": bad,
                    }));
                }
                if let Some(delay) = delay {
                    self.found(Match { correlation: 1.0, other: 0.0, delay }, now_us);
                }
            }
        }
    }

    /// What became of a sound whose gaps are told.
    fn changed(&mut self, change: Change, now_us: u64) {
        if !matches!(change, Change::Lost { .. }) {
            // The other end needs a moment to hear this one.
            self.deadline_us = self.deadline_us.max(now_us + HOLD_US);
        }
        match change {
            Change::Found { delay } => {
                self.found(Match { correlation: 1.0, other: 0.0, delay }, now_us);
            }
            Change::Lost { at } => self.events.push(json!({
                "event": "lost", "call": self.id, "end": self.end(), "at_us": now_us,
                "sends": self.sends,
                "from_us": at * 125,
            })),
            Change::Back { lost_at, samples } => self.events.push(json!({
                "event": "gap", "call": self.id, "end": self.end(), "at_us": now_us,
                "sends": self.sends,
                "from_us": lost_at * 125, "samples": samples,
            })),
        }
    }

    /// The caller hears nobody yet and presses the key, again after a while.
    fn press(&mut self, talk: &Talk, now_us: u64) {
        let digit = talk.press.and_then(|key| u8::try_from(key).ok()).and_then(Digit::new);
        if let Some(digit) = digit.filter(|_| self.found.is_none() && now_us >= self.press_at_us) {
            self.press_at_us = now_us + AGAIN_US;
            // Full: it is being pressed.
            let _ = self.digits.push(digit);
        }
    }

    const fn end(&self) -> &'static str {
        if self.incoming { "called" } else { "caller" }
    }

    /// The prompt of the step was heard, beginning at this sample.
    fn heard(&mut self, at: u64, correlation: f32, now_us: u64) {
        let sent = self.setup_us / 1000 * crate::SAMPLES_PER_MS;
        let after_ms = at.saturating_sub(sent) / crate::SAMPLES_PER_MS;
        let Some(Step::Hear { hear, .. }) = self.steps.front() else { return };
        self.events.push(json!({
            "event": "heard", "call": self.id, "at_us": now_us, "file": hear,
            "setup_to_first_sample_ms": after_ms,
            "first_sample_at_us": at * 125, "correlation": correlation,
        }));
        self.ear = Ear::None;
        self.next();
    }

    /// A look for the other side's noise found this.
    fn found(&mut self, now: Match, now_us: u64) {
        let better = self.found.is_none_or(|best| now.correlation > best.correlation);
        let first = self.found.is_none_or(|best| best.correlation < MATCH);
        self.looks.push(now.correlation);
        if better {
            self.found = Some(now);
        }
        if now.correlation >= MATCH && first {
            self.events.push(json!({
                "event": "matched", "call": self.id, "end": self.end(), "at_us": now_us,
                "sends": self.sends,
                "correlation": now.correlation, "other_correlation": now.other,
                "delay_samples": now.delay,
            }));
        }
    }

    fn next(&mut self) {
        self.steps.pop_front();
        self.number += 1;
        self.started = false;
    }

    /// Does the first step; `true` if the next one may follow at once.
    fn step(&mut self, now_us: u64) -> bool {
        let Some(step) = self.steps.front().cloned() else {
            self.pass(now_us);
            return false;
        };
        if !std::mem::replace(&mut self.started, true)
            && let Err(why) = self.start(&step, now_us)
        {
            self.fail(now_us, &why);
            return false;
        }
        if let Some(cause) = self.released
            && !matches!(step, Step::Await { .. } | Step::Wait { wait: Stage::Release, .. })
        {
            self.fail(now_us, &format!("released with cause {cause}"));
            return false;
        }
        let late = now_us >= self.deadline_us;
        if let Step::Talk { talk } = &step {
            self.press(talk, now_us);
        }
        let done = match &step {
            Step::Wait { wait, .. } | Step::Await { what: wait, .. } => self.has_reached(*wait),
            // `listen` goes on when it is heard.
            Step::Hear { .. } => false,
            Step::Digits { .. } => self.digits.idle(),
            Step::Pause { .. } => late,
            Step::Talk { talk } => {
                let passed = self.found.is_some_and(|f| f.correlation >= MATCH);
                late && passed && (!talk.gaps || self.sounds())
            }
            Step::Hangup { .. } => true,
        };
        if done {
            self.finish(&step, now_us);
            self.next();
            return true;
        }
        let patient = matches!(&step, Step::Talk { talk } if talk.gaps && !self.finishing)
            && now_us < self.deadline_us.saturating_add(RETURN_US);
        if late && !patient && !matches!(step, Step::Digits { .. }) {
            let why = self.why(&step);
            self.fail(now_us, &why);
        }
        false
    }

    fn start(&mut self, step: &Step, now_us: u64) -> Result<(), String> {
        let ms = match step {
            Step::Wait { ms, .. } | Step::Await { ms, .. } | Step::Hear { ms, .. } => *ms,
            Step::Pause { pause_ms } => *pause_ms,
            Step::Talk { talk } => talk.ms.unwrap_or(TALK_MS),
            Step::Digits { .. } | Step::Hangup { .. } => 0,
        };
        self.deadline_us = now_us.saturating_add(ms.saturating_mul(1000));
        match step {
            Step::Hear { hear, exact, whole, .. } => {
                let end = now_us / 1000 * crate::SAMPLES_PER_MS + BLOCK as u64;
                let history: Vec<u8> = self.history.iter().copied().collect();
                let begin = end - history.len() as u64;
                // What is too short for a prompt: nothing can be found in it alone.
                if *whole {
                    let mut ear = ExactPrompt::whole(hear).map_err(|error| error.to_string())?;
                    let _ = ear.push(begin, &history);
                    self.ear = Ear::ExactPrompt(Box::new(ear));
                } else if *exact {
                    let ear = ExactPrompt::open(hear).map_err(|error| error.to_string())?;
                    self.ear = Ear::ExactPrompt(Box::new(ear));
                } else {
                    let mut ear = PromptEar::open(hear).map_err(|error| error.to_string())?;
                    let _ = ear.push(begin, &history);
                    self.ear = Ear::Prompt(Box::new(ear));
                }
            }
            Step::Digits { digits } => {
                for digit in digits.bytes() {
                    let digit = Digit::new(digit).ok_or("not a digit")?;
                    self.digits.push(digit).map_err(|_| "too many digits")?;
                }
            }
            Step::Talk { talk } => {
                self.found = None;
                self.press_at_us = now_us;
                self.talk(*talk);
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, step: &Step, now_us: u64) {
        match step {
            Step::Digits { digits } => self.events.push(json!({
                "event": "digits_sent", "call": self.id, "at_us": now_us, "digits": digits,
            })),
            Step::Talk { .. } => self.ear = Ear::None,
            Step::Hangup { hangup } => self.wish = Some(*hangup),
            _ => {}
        }
    }

    fn has_reached(&self, stage: Stage) -> bool {
        let order = |stage: Stage| match stage {
            Stage::Proceeding => 1,
            Stage::Alerting => 2,
            Stage::Answer => 3,
            Stage::Release => 4,
        };
        match stage {
            Stage::Release => self.released.is_some(),
            _ => self.reached.is_some_and(|reached| order(reached) >= order(stage)),
        }
    }

    fn why(&self, step: &Step) -> String {
        match step {
            Step::Hear { hear, .. } => {
                let best = if let Ear::Prompt(ear) = &self.ear { ear.best() } else { 0.0 };
                format!("{} was not heard, best correlation {best:.2}", hear.display())
            }
            Step::Talk { talk } => {
                let best = self.found.map_or(0.0, |found| found.correlation);
                format!("signal {} was not heard, best correlation {best:.2}", talk.expect)
            }
            other => format!("too late: {other:?}"),
        }
    }

    fn pass(&mut self, now_us: u64) {
        self.over = true;
        self.events.push(json!({"event": "call_passed", "call": self.id, "at_us": now_us}));
        if self.released.is_none() && !self.hung_up && self.wish.is_none() {
            self.wish = Some(16);
        }
    }

    fn fail(&mut self, now_us: u64, why: &str) {
        self.over = true;
        self.ear = Ear::None;
        self.events.push(json!({
            "event": "call_failed", "call": self.id, "at_us": now_us,
            "step": self.number, "why": why,
        }));
        if self.released.is_none() && !self.hung_up {
            self.wish = Some(16);
        }
    }
}
