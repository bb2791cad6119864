//! Any sound into what listens to lines, cancels their echo and adds them up: nothing is lost for
//! good by it.

use std::mem::discriminant;

use dsp_echo::{Canceller, Hybrid, Level, Settings, Tail};
use dsp_mix::{Block, Mix};
use units::MfDirection;
use units::media::BLOCK_SAMPLES;

use crate::script::Script;
use crate::seen;

/// A-law has no zero: what is no louder is taken for nothing in a conference.
const IDLE: u16 = 8;

/// Makes one kind of sound, block by block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Source {
    kind: u8,
    /// What the kind makes of them.
    a: u8,
    b: u8,
    random: u32,
    place: u32,
}

impl Source {
    /// The next kind of a script.
    pub(crate) fn read(script: &mut Script<'_>) -> Self {
        let (kind, a, b) = (script.octet() % 7, script.octet(), script.octet());
        Self { kind, a, b, random: u32::from(a) << 8 | u32::from(b), place: 0 }
    }

    fn noise(&mut self) -> i16 {
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [high, low, ..] = self.random.to_be_bytes();
        i16::from_be_bytes([high, low])
    }

    fn sine(&self, hertz: f32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "some seconds of samples")]
        let turns = (self.place as f32 * hertz / 8000.0).fract();
        (turns * std::f32::consts::TAU).sin()
    }

    #[expect(clippy::cast_possible_truncation, reason = "16 bits at most")]
    fn sample(&mut self) -> i16 {
        self.place += 1;
        match self.kind {
            0 => 0,
            1 => i16::from_be_bytes([self.a, self.b]),
            // All that 16 bits can be, from one end to the other.
            2 if self.place.is_multiple_of(u32::from(self.a) + 1) => i16::MAX,
            2 => i16::MIN,
            3 => self.noise() >> (self.a % 16),
            4 => (self.sine(f32::from(self.a) * 16.0) * f32::from(self.b) * 128.0) as i16,
            5 => {
                let both = self.sine(f32::from(self.a) * 8.0) + self.sine(f32::from(self.b) * 16.0);
                (both * 8000.0) as i16
            }
            // Octets of a line that is out of step: noise in A-law.
            _ => g711::decode(units::Law::A, self.noise().to_be_bytes()[0] ^ self.a),
        }
    }

    pub(crate) fn block(&mut self) -> Block {
        std::array::from_fn(|_| self.sample())
    }
}

/// A line out of order, both ways, over any tail, begun anew and from any hybrid at any time: the
/// same on every level, all figures are numbers, and behind it all silence is silent.
pub fn canceller(data: &[u8]) {
    let mut script = Script::new(data);
    let tail = script.pick(&[Tail::Ms32, Tail::Ms64, Tail::Ms128]);
    let settings = Settings::new(tail);
    let make = |level| Canceller::new(settings, level);
    let mut both = [make(Level::detect()), make(Level::PORTABLE)];
    let run = |both: &mut [Canceller; 2], sent: &Block, heard: &Block| {
        let (mut one, mut two) = (*heard, *heard);
        both[0].process(sent, &mut one);
        both[1].process(sent, &mut two);
        assert_eq!(one, two, "the level makes a difference");
        one
    };
    while !script.is_empty() {
        match script.octet() % 8 {
            0 => both = [make(Level::detect()), make(Level::PORTABLE)],
            1 => {
                let hybrid = both[0].hybrid();
                assert_eq!(hybrid, both[1].hybrid());
                both = [make(Level::detect()), make(Level::PORTABLE)];
                both.iter_mut().for_each(|one| one.start_from(&hybrid));
            }
            2 => {
                let on = script.octet();
                let set = |one: &mut Canceller| one.set(on & 1 > 0, on & 2 > 0, on & 4 > 0);
                both.iter_mut().for_each(set);
            }
            3 => {
                let frozen = script.flag();
                both.iter_mut().for_each(|one| one.freeze(frozen));
            }
            4 => both.iter_mut().for_each(|one| one.start_from(&Hybrid::UNKNOWN)),
            _ => {
                let (mut sent, mut heard) = (Source::read(&mut script), Source::read(&mut script));
                let (echo, kinds) = (script.flag(), (sent.kind, heard.kind));
                for _ in 0..script.octet() % 64 {
                    let out = sent.block();
                    let near = heard.block();
                    let came = if echo { mixed(&out, &near) } else { near };
                    run(&mut both, &out, &came);
                }
                seen::note((kinds, echo, tail as u8, both[0].figures().taken.min(20)));
            }
        }
        let told = both[0].figures();
        assert!(told.erl_db.is_finite() && told.erle_db.is_finite(), "{told:?}");
        assert_eq!(told, both[1].figures());
        seen::note((told.taken.min(30), told.restored.min(30), told.disabled));
    }
    // Longer than any tail, and than what is heard of a constant is held.
    let nothing = [0; BLOCK_SAMPLES];
    for _ in 0..3000 {
        both[0].process(&nothing, &mut nothing.clone());
    }
    let mut last = nothing;
    both[0].process(&nothing, &mut last);
    let loudest = last.iter().map(|s| s.unsigned_abs()).max();
    assert!(loudest <= Some(IDLE), "silence is {loudest:?} loud");
}

/// A quarter of what is sent comes back with what is said there.
fn mixed(sent: &Block, near: &Block) -> Block {
    std::array::from_fn(|n| (sent[n] / 4).saturating_add(near[n]))
}

/// All that listens to a line.
struct Listeners {
    digits: dsp_dtmf::Receiver,
    muter: dsp_dtmf::Muter,
    /// The digit that has begun.
    digit: Option<units::Digit>,
    signals: dsp_mf::Receiver,
    signal: Option<units::MfSignal>,
    answer: dsp_answer::Receiver,
    activity: dsp_voice::Activity,
    judge: dsp_voice::Judge,
    judged: bool,
    music: dsp_voice::Music,
    beep: dsp_voice::Beep,
    progress: dsp_progress::Detector,
    keyed: dsp_fsk::Demodulator,
}

impl Listeners {
    fn new() -> Self {
        Self {
            digits: dsp_dtmf::Receiver::new(),
            muter: dsp_dtmf::Muter::new(),
            digit: None,
            signals: dsp_mf::Receiver::new(MfDirection::Forward),
            signal: None,
            answer: dsp_answer::Receiver::new(),
            activity: dsp_voice::Activity::new(),
            judge: dsp_voice::Judge::new(),
            judged: false,
            music: dsp_voice::Music::new(),
            beep: dsp_voice::Beep::new(),
            progress: dsp_progress::Detector::new(&dsp_progress::Plan::china()),
            keyed: dsp_fsk::Demodulator::new(),
        }
    }

    /// What begins ends before the next begins, and who mutes digits hears the same ones.
    fn push(&mut self, block: &Block) -> Option<dsp_answer::Event> {
        let event = self.digits.push(block);
        let mut muted = *block;
        assert_eq!(self.muter.push(&mut muted), event);
        assert!(muted == *block || muted == [0; BLOCK_SAMPLES], "mutes all or nothing");
        match event {
            Some(dsp_dtmf::Event::Begin(digit)) => {
                assert_eq!(self.digit.replace(digit), None, "{digit:?} begins in another");
            }
            Some(dsp_dtmf::Event::End(digit)) => assert_eq!(self.digit.take(), Some(digit)),
            None => {}
        }
        match self.signals.push(block) {
            Some(dsp_mf::Event::Begin(signal)) => {
                assert_eq!(self.signal.replace(signal), None, "{signal:?} begins in another");
            }
            Some(dsp_mf::Event::End(signal)) => assert_eq!(self.signal.take(), Some(signal)),
            None => {}
        }
        if let Some(verdict) = self.judge.push(block) {
            seen::note(("judge", discriminant(&verdict), self.judged));
            self.judged = true;
        }
        let heard = (self.activity.push(block).is_some(), self.beep.push(block).is_some());
        seen::note((heard, self.activity.speaks(), self.keyed.is_there()));
        seen::note(("music", self.music.push(block).map(|kind| kind as u8)));
        seen::note(("tone", self.progress.push(block).map(|tone| tone as u8)));
        seen::note(("keyed", self.keyed.push(block).map(|event| discriminant(&event))));
        seen::note(("digits", self.digit.is_some(), self.digits.suspects(), self.signal.is_some()));
        let told = self.answer.push(block);
        seen::note(("answer", told.map(|event| discriminant(&event))));
        told
    }

    /// 100 ms of it.
    fn hear(&mut self, tones: &mut Tones) {
        for _ in 0..50 {
            self.push(&tones.block());
        }
    }

    fn quiet(&mut self, blocks: usize) {
        for _ in 0..blocks {
            self.push(&[0; BLOCK_SAMPLES]);
        }
    }
}

/// Any sound into all that listens: nobody is deafened by it. Behind two seconds of quiet a digit,
/// a signal of R2 and a fax machine are heard as what they are.
pub fn detectors(data: &[u8]) {
    let mut script = Script::new(data);
    let mut listeners = Listeners::new();
    while !script.is_empty() {
        let mut source = Source::read(&mut script);
        seen::note((source.kind, source.a / 32, source.b / 32));
        for _ in 0..script.octet() {
            listeners.push(&source.block());
        }
    }
    listeners.quiet(1000);
    assert_eq!((listeners.digit, listeners.signal), (None, None), "quiet ends everything");
    assert!(!listeners.activity.speaks() && !listeners.keyed.is_there());
    // 5 of DTMF; signal 1 of R2, forward; the call of a fax machine.
    let mut five = Tones([770.0, 1336.0], 0);
    listeners.hear(&mut five);
    assert_eq!(listeners.digit.map(|digit| digit.to_string()), Some("5".into()));
    listeners.quiet(100);
    let mut one = Tones([1380.0, 1500.0], 0);
    listeners.hear(&mut one);
    assert!(listeners.signal.is_some() && listeners.digit.is_none());
    listeners.quiet(500);
    let mut fax = Tones([1100.0, 1100.0], 0);
    let told = (0..250).filter_map(|_| listeners.push(&fax.block())).next();
    assert_eq!(told, Some(dsp_answer::Event::Fax));
}

/// Two tones together, and the samples that have been.
struct Tones([f32; 2], u32);

impl Tones {
    #[expect(clippy::cast_possible_truncation, reason = "8000 at most")]
    fn block(&mut self) -> Block {
        let mut sample = || {
            let source = Source { place: self.1, ..Source::default() };
            self.1 += 1;
            self.0.iter().map(|hertz| source.sine(*hertz) * 4000.0).sum::<f32>() as i16
        };
        std::array::from_fn(|_| sample())
    }
}

/// A party as it must be heard.
#[derive(Clone, Copy)]
struct Party {
    /// In dB; `None`: muted.
    gain: Option<i8>,
    said: [i32; BLOCK_SAMPLES],
    /// What it heard has been too loud.
    shouted_at: bool,
}

/// Parties join, leave, are louder, quieter and muted, and say anything: each hears the sum of all
/// others and not itself, exactly as long as it fits and never turned over.
pub fn mix(data: &[u8]) {
    let mut script = Script::new(data);
    let mut mix = Mix::new();
    let mut parties: Vec<Party> = vec![];
    while !script.is_empty() {
        match script.octet() % 6 {
            0 | 1 => {
                let fits = mix.join();
                assert_eq!(fits, parties.len() < limits::ROOM_PARTIES);
                if fits {
                    let said = [0; BLOCK_SAMPLES];
                    parties.push(Party { gain: Some(0), said, shouted_at: false });
                }
            }
            2 => {
                let party = script.below(limits::ROOM_PARTIES + 2);
                mix.leave(party);
                if party < parties.len() {
                    parties.swap_remove(party);
                }
            }
            3 => {
                let party = script.below(limits::ROOM_PARTIES + 2);
                let gain = script.flag().then(|| script.octet().cast_signed());
                mix.gain(party, gain);
                if let Some(party) = parties.get_mut(party) {
                    party.gain = gain;
                }
            }
            _ => one_block(&mut mix, &mut parties, &mut script),
        }
        assert_eq!(mix.count(), parties.len());
    }
}

fn one_block(mix: &mut Mix, parties: &mut [Party], script: &mut Script<'_>) {
    let beside = script.flag().then(|| Source::read(script).block());
    mix.begin(beside.as_ref());
    let mut sources = [Source::read(script), Source::read(script)];
    for (n, party) in parties.iter_mut().enumerate() {
        let block = sources[n % 2].block();
        mix.say(n, &block);
        let is_idle = block.iter().all(|sample| sample.unsigned_abs() <= IDLE);
        let gain = party.gain.filter(|_| !is_idle).map_or(0, whole_gain);
        party.said = block.map(|sample| (i32::from(sample) * gain + 2048) >> 12);
    }
    let mut sum = beside.map_or([0; BLOCK_SAMPLES], |block| block.map(i32::from));
    for party in parties.iter() {
        sum.iter_mut().zip(party.said).for_each(|(sum, said)| *sum += said);
    }
    for (n, party) in parties.iter_mut().enumerate() {
        let mut heard = [0; BLOCK_SAMPLES];
        mix.hear(n, &mut heard);
        let others: [i32; BLOCK_SAMPLES] = std::array::from_fn(|n| sum[n] - party.said[n]);
        party.shouted_at |= others.iter().any(|sample| i16::try_from(*sample).is_err());
        let heard = heard.map(i32::from);
        if party.shouted_at {
            let fair = |(heard, sum): (&i32, &i32)| {
                heard.abs() <= sum.abs() && heard.signum() * sum.signum() >= 0
            };
            assert!(heard.iter().zip(&others).all(fair), "{heard:?} of {others:?}");
        } else {
            assert_eq!(heard, others);
        }
        seen::note((parties_class(n), party.shouted_at, party.gain));
    }
}

const fn parties_class(n: usize) -> u32 {
    (n + 1).ilog2()
}

/// In 1/4096.
#[expect(clippy::cast_possible_truncation, reason = "less than 5 times 4096")]
fn whole_gain(db: i8) -> i32 {
    let db = f32::from(db.clamp(dsp_mix::GAIN_MIN_DB, dsp_mix::GAIN_MAX_DB));
    (10.0_f32.powf(db / 20.0) * 4096.0).round() as i32
}

/// Packets with any numbers, timestamps, lengths and times: the delay is bounded, what is heard is
/// no louder than what came, and a stream that goes on evenly behind it is heard whole.
pub fn jitter(data: &[u8]) {
    let mut script = Script::new(data);
    let mut buffer = dsp_jitter::Buffer::new();
    let (mut now, mut sequence, mut timestamp) = (units::Instant(1), 0_u16, 0_u32);
    let most = 200_000 + 2000;
    while !script.is_empty() {
        match script.octet() % 8 {
            0 => sequence = script.word(),
            1 => timestamp = u32::from(script.word()) << 16 | u32::from(script.word()),
            2 => now += script.time(),
            3 => timestamp = timestamp.wrapping_add(u32::from(script.word())),
            4 => timestamp = timestamp.wrapping_sub(u32::from(script.word())),
            5 => {
                let count = script.octet();
                for _ in 0..count {
                    heard(&mut buffer, &mut now, 1000);
                    assert!(buffer.delay_us(now) <= most, "{}", buffer.delay_us(now));
                }
            }
            _ => {
                let count = usize::from(script.octet());
                let samples = [1000; 255];
                let samples = &samples[..count];
                buffer.put(now, dsp_jitter::Packet { sequence, timestamp, samples });
                sequence = sequence.wrapping_add(1);
                timestamp = timestamp.wrapping_add(u32::try_from(count.min(240)).unwrap_or(0));
            }
        }
        let told = buffer.counters();
        let few = |count: u64| count.min(7);
        let strange = (few(told.strange), few(told.cut / 100), few(told.repeated / 100));
        seen::note((few(told.late), few(told.doubled), few(told.reordered), strange));
    }
    // Two packets are enough for a stream that lies elsewhere; then 500 ms are silent or led over.
    timestamp = timestamp.wrapping_add(1 << 30);
    let mut before = buffer.counters().concealed;
    for n in 0..200 {
        let samples = [500; 160];
        sequence = sequence.wrapping_add(1);
        buffer.put(now, dsp_jitter::Packet { sequence, timestamp, samples: &samples });
        timestamp = timestamp.wrapping_add(160);
        for _ in 0..10 {
            heard(&mut buffer, &mut now, 1000);
        }
        if n == 150 {
            before = buffer.counters().concealed;
        }
    }
    assert_eq!(buffer.counters().concealed, before, "an even stream is heard whole");
}

/// 2 ms, no louder than what came.
fn heard(buffer: &mut dsp_jitter::Buffer, now: &mut units::Instant, loudest: i16) {
    let mut block = [0; BLOCK_SAMPLES];
    buffer.get(*now, &mut block);
    *now += std::time::Duration::from_millis(2);
    assert!(block.iter().all(|sample| (-1..=loudest + 1).contains(sample)), "{block:?}");
}
