//! Caller identification at 20 dB of signal to noise: who reads it whole.

use dsp_fsk::{Demodulator, Event, Framing, Modulator, Standard};
use progress_test::{Random, amplitude, line};
use spandsp_peer::adsi;
use units::Dbm0;
use units::media::BLOCK_SAMPLES;

/// Messages, and how many of them were not read or not read right: by ours, by spandsp.
#[derive(Clone, Copy, Debug, Default)]
pub struct Read {
    /// All.
    pub sent: u32,
    /// By ours.
    pub ours: u32,
    /// By spandsp.
    pub theirs: u32,
}

fn single(random: &mut Random) -> Vec<u8> {
    let mut digit = || b'0' + (random.uniform() * 10.0) as u8;
    let number = 3 + digit() % 16;
    // A time of the right form, then the number.
    let mut octets = vec![4, 8 + number];
    octets.extend(*b"11022359");
    octets.extend((0..number).map(|_| digit()));
    octets
}

/// A list of parameters, as ETSI has it: time and number.
fn multiple(random: &mut Random) -> Vec<u8> {
    let single = single(random);
    let number = &single[10..];
    let length = u8::try_from(number.len()).unwrap_or(0);
    let mut octets = vec![0x80, 12 + length, 1, 8];
    octets.extend(*b"11022359");
    octets.extend([2, length]);
    octets.extend(number);
    octets
}

fn ours(sound: &[i16]) -> Vec<u8> {
    let mut demodulator = Demodulator::new();
    let (mut octets, mut open) = (vec![], false);
    for block in sound.as_chunks::<BLOCK_SAMPLES>().0 {
        match demodulator.push(block) {
            Some(Event::Mark) => {
                octets.clear();
                open = true;
            }
            Some(Event::Octet(octet)) if open => octets.push(octet),
            Some(Event::Lost) => open = false,
            _ => {}
        }
    }
    octets
}

/// Sends so many messages, ours and spandsp's in turns, Bell 202 and V.23 in turns, -32 to
/// -12 dBm0, noise 20 dB below, through A-law.
#[must_use]
pub fn read(count: u32, seed: u64) -> Read {
    let mut random = Random(seed);
    let mut read = Read { sent: count, ..Read::default() };
    for n in 0..count {
        let bell = n % 2 == 0;
        // As spandsp has them: single messages in Bell 202, lists in V.23.
        let mut octets = if bell { single(&mut random) } else { multiple(&mut random) };
        let peer = if bell { adsi::Standard::Aclip } else { adsi::Standard::Clip };
        let standard = if bell { Standard::Bell202 } else { Standard::V23 };
        let mut sound = vec![0_i16; 16_000];
        let bare = octets.clone();
        octets.push(octets.iter().fold(0_u8, |sum, octet| sum.wrapping_sub(*octet)));
        if n / 2 % 2 == 0 {
            let mut modulator = Modulator::new(standard, Dbm0(-13.5));
            if modulator.send(&octets, Framing::ON_HOOK).is_ok() {
                modulator.fill(&mut sound);
            }
        } else if let Some(mut sender) = adsi::Sender::new(peer) {
            sender.send(&bare);
            sender.fill(&mut sound);
        }
        let end = sound.iter().rposition(|sample| *sample != 0).unwrap_or(0) + 400;
        sound.truncate(end);
        let peak = sound.iter().map(|sample| f64::from(sample.unsigned_abs())).fold(1.0, f64::max);
        let dbm0 = random.between(-32.0, -12.0);
        let (gain, noise) = (amplitude(dbm0) / peak, amplitude(dbm0 - 20.0) / 2.0_f64.sqrt());
        let lead = vec![0; 400 + n as usize % 37];
        let all = lead.iter().chain(&sound);
        let sound: Vec<i16> =
            all.map(|sample| line(f64::from(*sample) * gain + noise * random.normal())).collect();
        read.ours += u32::from(!ours(&sound).eq(&octets));
        if let Some(mut receiver) = adsi::Receiver::new(peer) {
            receiver.push(&sound);
            read.theirs += u32::from(receiver.heard() != [bare]);
        }
    }
    read
}
