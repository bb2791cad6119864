//! A telephone and the person before it.
//!
//! Fault model. The person lifts and hangs up at any moment, dials numbers that exist and that do
//! not, too short ones, none; answers or does not; the hook bounces. In the end the handset is on
//! the hook.

use std::collections::BTreeSet;

use machine::check::Random;
use units::{Duration, Instant, LineId, PortId};

use crate::appliance::plant::{DOOR, FLOW, HALL, LINES, MEETING, desk, prefix, secret};
use crate::mix::Mix;

/// What the person does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Lifts, to call or because it rings.
    Lift,
    HangUp,
    /// A key.
    Press(u8),
    /// The hook opens for a moment.
    Bounce(bool),
}

/// A time when the dial tone began: a call exists.
#[derive(Clone, Debug)]
pub(crate) struct Lifted {
    pub(crate) at: Instant,
    /// Keys that the box could hear.
    pub(crate) pressed: String,
    /// A power cut fell into it.
    pub(crate) cut: bool,
    /// The core was killed in it: it may not have heard every key.
    pub(crate) killed: bool,
}

/// The telephone.
#[derive(Debug)]
pub(crate) struct Telephone {
    pub(crate) line: LineId,
    pub(crate) port: PortId,
    /// Its socket, by the index in the layout.
    pub(crate) unit: usize,
    /// Its number.
    pub(crate) number: String,
    /// How the hook stands, as the box was told last.
    pub(crate) told: Option<bool>,
    mix: Mix,
    pub(crate) off_hook: bool,
    pub(crate) ringing: bool,
    /// Changes with every lift and hang-up: what was planned before is void.
    pub(crate) generation: u32,
    pub(crate) lifted: Vec<Lifted>,
    /// It is heard.
    pub(crate) dial_tone: bool,
    /// The core was killed after the handset was lifted: a dial tone may be that of a call that
    /// the person has been told of already, or be heard later than the call began.
    resumes: bool,
    dialled: u32,
    hung_up: Instant,
    random: Random,
}

/// A hook that was open for longer, the core dead meanwhile or not, did not flash.
const FLASH: Duration = Duration::from_secs(5);

impl Telephone {
    /// The telephone of this number, the first is 1, at its place.
    pub(crate) fn new(
        seed: u64,
        mix: Mix,
        number: u16,
        (line, port): (LineId, PortId),
        unit: usize,
    ) -> Self {
        let random = Random::new(seed ^ 0x7E ^ u64::from(number) << 32);
        Self {
            line,
            port,
            unit,
            number: desk(number),
            told: None,
            mix,
            off_hook: false,
            ringing: false,
            generation: 0,
            lifted: vec![],
            dial_tone: false,
            resumes: false,
            dialled: 0,
            hung_up: Instant::ZERO,
            random,
        }
    }

    /// Ringing current began: when the handset is lifted, if it is.
    pub(crate) fn rings(&mut self) -> Option<u64> {
        let plans = !self.off_hook && self.random.one_in(2);
        plans.then(|| 300 + self.random.below(3000))
    }

    /// Whether the dial tone is heard now.
    pub(crate) fn hears_dial_tone(&mut self, now: Instant, heard: bool) {
        let resumes = heard && std::mem::take(&mut self.resumes);
        // With the handset on the hook nobody hears it.
        if heard && !self.dial_tone && !resumes && self.off_hook {
            let (pressed, cut, killed) = (String::new(), false, false);
            self.lifted.push(Lifted { at: now, pressed, cut, killed });
        }
        self.dial_tone = heard;
    }

    /// The core is dead, or the whole box: nothing rings or sounds.
    pub(crate) fn box_stopped(&mut self, power: bool, open: &BTreeSet<Instant>) {
        self.ringing = false;
        self.dial_tone = false;
        self.resumes = self.off_hook && !power;
        for lifted in self.lifted.iter_mut().filter(|lifted| open.contains(&lifted.at)) {
            lifted.cut |= power;
        }
        if let Some(lifted) = self.lifted.last_mut() {
            lifted.cut |= power;
            lifted.killed = true;
        }
    }

    /// The handset was lifted: what follows, each after so many milliseconds.
    /// Who hung up a moment ago and lifts while the core is dead may go on with the same call: for
    /// the box the hook has only flashed.
    pub(crate) fn lift(&mut self, now: Instant, core_lives: bool) -> Vec<(u64, Act)> {
        let answers = self.ringing;
        self.off_hook = true;
        self.resumes = !core_lives && now - self.hung_up < FLASH;
        self.generation += 1;
        let mut plan = vec![];
        let mut after = 400 + self.random.below(1500);
        if !answers {
            for digit in self.dial().bytes() {
                after += 60 + self.random.below(300);
                plan.push((after, Act::Press(digit)));
            }
        }
        if self.random.one_in(6) {
            let at = self.random.below(after);
            plan.push((at, Act::Bounce(true)));
            plan.push((at + 10 + self.random.below(200), Act::Bounce(false)));
        }
        plan.push((after + self.random.below(60_000), Act::HangUp));
        plan
    }

    fn dial(&mut self) -> String {
        self.dialled += 1;
        let (n, random) = (self.dialled, &mut self.random);
        let below = |random: &mut Random, n| u16::try_from(random.below(n)).unwrap_or(0);
        let span = 1 + below(random, u64::from(self.mix.spans)).to_le_bytes()[0];
        let telephone = 1 + below(random, u64::from(self.mix.telephones));
        if self.mix.lines > 0 && random.one_in(4) {
            return format!("{LINES}{}#", 60_000_000 + 1000 * u32::from(self.line.0) + n);
        }
        match random.below(17) {
            0 => FLOW.into(),
            1 => self.number.clone(),
            2 => "444".into(),
            3 => "01".into(),
            4 => String::new(),
            5 => format!("0{n:06}"),
            6 | 7 => desk(telephone),
            8 => HALL.into(),
            9 => DOOR.into(),
            10 | 11 => format!("{}{}#", prefix(true, span), 30_000_000 + n),
            12 => format!("{}{}#", prefix(false, span), 40_000_000 + n),
            13 | 14 => MEETING.into(),
            15 => secret(),
            _ => format!("0{:08}#", 20_000_000 + n),
        }
    }

    pub(crate) fn hang_up(&mut self, now: Instant) {
        self.off_hook = false;
        self.hung_up = now;
        self.resumes = false;
        self.generation += 1;
    }
}
