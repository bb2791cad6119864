//! The exchange's end of the E1: framing, D channel, and every fault of the line.

use std::collections::VecDeque;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use g704::{Alarms, CasDeframer, CasFramer, Counters, Deframer, Delay, FRAME, Framer};
use hal_socket::Reading;
use hal_virtual::frame::{LINE_OCTETS, Line as Datagram};
use hdlc::{Decoder, Encoder};

use crate::BLOCK;
use crate::command::FaultKind;
use crate::sound::Random;

/// Octets of the longest frame that libpri makes.
const MOST_FRAME: usize = 300;
/// One frame too many or too few in so many blocks, while the line slips.
const SLIP_BLOCKS: u64 = 10;

/// One frame of 32 slots.
pub type Frame = [u8; FRAME];

/// A flag, some octets and more ones than a frame may have in a row.
const BROKEN_OFF: [u8; 8] = [0x7E, 0x00, 0x01, 0x7F, 0x08, 0x02, 0xFF, 0xFF];

/// A fault and its end.
#[derive(Clone, Copy, Debug)]
struct Fault {
    kind: FaultKind,
    until_us: u64,
    rate: f64,
}

/// One E1 to the card.
pub struct Line {
    path: PathBuf,
    stream: Option<UnixStream>,
    framer: Framer,
    deframer: Deframer,
    delay: Delay,
    encoder: Encoder<MOST_FRAME>,
    decoder: Decoder<MOST_FRAME>,
    waiting: VecDeque<Vec<u8>>,
    frames: VecDeque<Vec<u8>>,
    heard: [Frame; BLOCK],
    crc_told: u64,
    faults: Vec<Fault>,
    garbage: Encoder<MOST_FRAME>,
    random: Random,
    bad_frames: u64,
    /// The slot of the D channel.
    data: Option<usize>,
    /// Slot 16 carries signalling bits.
    cas: Option<Cas>,
}

/// Signalling bits both ways.
struct Cas {
    framer: CasFramer,
    deframer: CasDeframer,
    came: VecDeque<(usize, u8)>,
}

/// What an idle slot carries.
const IDLE: Frame = [0xD5; FRAME];

impl Line {
    /// To the card's socket at `path`, its bits shifted by `bit_offset`.
    #[must_use]
    pub fn new(path: PathBuf, bit_offset: u8, crc4: bool, seed: u64) -> Self {
        Self {
            path,
            stream: None,
            framer: Framer::new(crc4),
            deframer: Deframer::new(crc4),
            delay: Delay::new(bit_offset),
            encoder: Encoder::new(),
            decoder: Decoder::new(),
            waiting: VecDeque::new(),
            frames: VecDeque::new(),
            heard: [IDLE; BLOCK],
            crc_told: 0,
            faults: Vec::new(),
            garbage: Encoder::new(),
            random: Random::new(seed),
            bad_frames: 0,
            data: Some(16),
            cas: None,
        }
    }

    /// Its D channel is in this slot, or it has none.
    #[must_use]
    pub const fn with_data(mut self, slot: Option<usize>) -> Self {
        self.data = slot;
        self
    }

    /// Slot 16 carries signalling bits from now on.
    pub fn carry_bits(&mut self) {
        let (framer, deframer) = (CasFramer::new(0b1001), CasDeframer::new());
        self.cas = Some(Cas { framer, deframer, came: VecDeque::new() });
    }

    /// Whether bits go both ways.
    #[must_use]
    pub fn has_bits(&self) -> bool {
        let both = |cas: &Cas| cas.deframer.aligned() && !cas.deframer.far_alarm();
        self.cas.as_ref().is_some_and(both)
            && self.deframer.in_service()
            && !self.deframer.alarms().rai
    }

    /// Bits of a circuit, 0 to 29, that have changed.
    pub fn poll_bits(&mut self) -> Option<(usize, u8)> {
        self.cas.as_mut().and_then(|cas| cas.came.pop_front())
    }

    /// Sends these bits of a circuit from now on.
    pub fn set_bits(&mut self, circuit: usize, bits: u8) {
        if let Some(cas) = &mut self.cas {
            cas.framer.set(circuit, bits);
        }
    }

    /// Tries to reach the card, if it is not connected; `true` if it is now.
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

    /// What the exchange sees of the line.
    #[must_use]
    pub const fn alarms(&self) -> Alarms {
        self.deframer.alarms()
    }

    /// What it has counted; and frames of the D channel that came in wrong.
    #[must_use]
    pub const fn counters(&self) -> (Counters, u64) {
        (self.deframer.counters(), self.bad_frames)
    }

    /// Disturbs the line until a time.
    pub fn fault(&mut self, kind: FaultKind, until_us: u64, rate: Option<f64>) {
        self.faults.retain(|fault| fault.kind != kind);
        let usual = match kind {
            FaultKind::BitErrors => 0.001,
            FaultKind::LoseBlocks => 0.1,
            _ => 1.0,
        };
        self.faults.push(Fault { kind, until_us, rate: rate.unwrap_or(usual) });
    }

    fn rate(&self, kind: FaultKind) -> Option<f64> {
        self.faults.iter().rfind(|fault| fault.kind == kind).map(|fault| fault.rate)
    }

    /// The next block from the card, if one waits: its number. Its samples are in
    /// [`Self::heard`], its frames in [`Self::poll_frame`].
    pub fn receive(&mut self) -> Option<u64> {
        let mut room = [0; LINE_OCTETS + 64];
        let length = match hal_socket::read(self.stream.as_ref()?, &mut room) {
            Reading::Datagram(length) => length,
            Reading::Nothing => return None,
            Reading::End => {
                self.stream = None;
                return None;
            }
        };
        let line = Datagram::parse(&room[..length])?;
        let mut frames = Vec::with_capacity(BLOCK + 1);
        if line.signal && self.rate(FaultKind::Los).is_none() {
            self.deframer.push(line.octets, |frame| frames.push(*frame));
        } else {
            self.deframer.push_no_signal(line.octets.len(), |frame| frames.push(*frame));
        }
        for (index, place) in self.heard.iter_mut().enumerate() {
            *place = frames.get(index).copied().unwrap_or(IDLE);
        }
        let aligned = self.deframer.in_service();
        for frame in &frames {
            if let Some(cas) = &mut self.cas {
                if aligned {
                    cas.deframer
                        .push(frame[16], |circuit, bits| cas.came.push_back((circuit, bits)));
                } else {
                    cas.deframer.lose();
                }
                cas.framer.set_alarm(!cas.deframer.aligned());
                continue;
            }
            let Some(octet) = self.data.and_then(|slot| frame.get(slot)) else { continue };
            match self.decoder.push(*octet) {
                Some(hdlc::Received::Good(octets)) => self.frames.push_back(octets.to_vec()),
                Some(_) => self.bad_frames += 1,
                None => {}
            }
        }
        self.framer.set_receiving(aligned);
        self.framer.set_rai(!aligned);
        let errors = self.deframer.counters().crc_errors;
        self.framer.report_crc_errors(errors - self.crc_told);
        self.crc_told = errors;
        Some(line.sequence)
    }

    /// The samples of the last block: 16 frames of 32 slots.
    #[must_use]
    pub const fn heard(&self) -> &[Frame; BLOCK] {
        &self.heard
    }

    /// A good frame of the D channel.
    pub fn poll_frame(&mut self) -> Option<Vec<u8>> {
        self.frames.pop_front()
    }

    /// Queues a frame for the D channel.
    pub fn send_frame(&mut self, frame: Vec<u8>) {
        self.waiting.push_back(frame);
    }

    /// Answers block `sequence` with these samples; slot 0 and that of the D channel or of
    /// signalling bits are filled here.
    pub fn send(&mut self, sequence: u64, now_us: u64, frames: &[Frame; BLOCK]) {
        self.faults.retain(|fault| fault.until_us > now_us);
        let ais = self.rate(FaultKind::Ais).is_some();
        let rai = self.rate(FaultKind::Rai).is_some() || !self.deframer.in_service();
        self.framer.set_ais(ais);
        self.framer.set_rai(rai);
        let slip = self.rate(FaultKind::Slip).filter(|_| sequence.is_multiple_of(SLIP_BLOCKS));
        let count = match slip {
            Some(rate) if rate < 0.0 => BLOCK - 1,
            Some(_) => BLOCK + 1,
            None => BLOCK,
        };
        let looped = self.rate(FaultKind::Loop).is_some();
        let garbage = self.rate(FaultKind::Garbage).map(|_| self.random.below(2) == 0);
        let mut octets = Vec::with_capacity(count * FRAME);
        for index in 0..count {
            let looped = self.heard.get(index).filter(|_| looped);
            let mut frame = looped.or(frames.get(index)).copied().unwrap_or(IDLE);
            let taken = if self.cas.is_some() { Some(16) } else { self.data };
            if let Some(taken) = taken {
                if looped.is_none() {
                    frame[taken] = self.d_octet(garbage);
                }
                if self.rate(FaultKind::Idle).is_some() {
                    frame[taken] = 0xFF;
                }
                if self.rate(FaultKind::Aborts).is_some() {
                    frame[taken] = BROKEN_OFF[index % BROKEN_OFF.len()];
                }
            }
            self.framer.frame(&mut frame);
            octets.extend(frame.map(|octet| self.delay.push(octet)));
        }
        if let Some(rate) = self.rate(FaultKind::BitErrors) {
            self.damage(&mut octets, rate);
        }
        if let Some(rate) = self.rate(FaultKind::LoseBlocks)
            && self.random.uniform() < rate
        {
            octets.clear();
        }
        let signal = self.rate(FaultKind::Los).is_none();
        let mut room = [0; LINE_OCTETS + 64];
        let line = Datagram { sequence, signal, octets: &octets };
        let sent = match (line.write(&mut room), &self.stream) {
            (Some(datagram), Some(stream)) => hal_socket::write(stream, datagram),
            _ => true,
        };
        if !sent {
            self.stream = None;
        }
    }

    /// The next octet of signalling: `garbage` says whether random frames (`true`) or random bits
    /// stand in for those of libpri.
    fn d_octet(&mut self, garbage: Option<bool>) -> u8 {
        match (garbage, &mut self.cas) {
            (None, Some(cas)) => cas.framer.pull(),
            (None, None) => {
                if self.encoder.ready()
                    && let Some(frame) = self.waiting.pop_front()
                {
                    // An impossible length is libpri's; the frame is lost.
                    let _ = self.encoder.send(&frame);
                }
                self.encoder.pull()
            }
            (Some(true), _) => {
                if self.garbage.ready() {
                    let length = 1 + self.random.below(60);
                    let frame: Vec<u8> = (0..length).map(|_| self.random_octet()).collect();
                    let _ = self.garbage.send(&frame);
                }
                self.garbage.pull()
            }
            (Some(false), _) => self.random_octet(),
        }
    }

    fn random_octet(&mut self) -> u8 {
        self.random.bits().to_le_bytes()[0]
    }

    fn damage(&mut self, octets: &mut [u8], rate: f64) {
        for octet in octets {
            for place in 0..8 {
                if self.random.uniform() < rate {
                    *octet ^= 1 << place;
                }
            }
        }
    }
}
