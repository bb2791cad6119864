//! The property of all machines, over links that hear everything a line can bring.

use alloc::string::String;
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{Duration, Instant};

use crate::event::{Config, Frame, Input, Message, Role};
use crate::link::Link;
use crate::wire::{MODULUS, Repr, Supervisory};

/// Drives one link through `steps` random stimuli beside a twin that is restored at every step.
///
/// # Errors
/// The first difference, in words.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let role = *random.pick(&[Role::User, Role::Network]);
    let config = Config { k: *random.pick(&[1, 2, 7, 32]), ..Config::new(role) };
    restored_behaves_the_same(Link::new(config), steps, |link, _: Instant| match random.below(20) {
        0 => Stimulus::Wait(Duration::from_millis(random.below(2000))),
        1..=3 => Stimulus::Timeout,
        4..=7 => Stimulus::Input(primitive(&mut random)),
        8 => Stimulus::Input(Input::Frame(noise(&mut random))),
        _ => Stimulus::Input(Input::Frame(frame(&mut random, link))),
    })
}

fn message(random: &mut Random) -> Message {
    let length = 1 + random.below(6);
    (0..length).map(|_| random.octet()).collect()
}

fn primitive(random: &mut Random) -> Input {
    match random.below(40) {
        0..=3 => Input::EstablishRequest,
        4..=5 => Input::ReleaseRequest,
        6..=9 => Input::ReceiverBusy,
        10..=17 => Input::ReceiverReady,
        18..=19 => Input::PersistentDeactivation,
        _ => Input::DataRequest(message(random)),
    }
}

fn noise(random: &mut Random) -> Frame {
    let length = random.below(12);
    let mut octets: Frame = (0..length).map(|_| random.octet()).collect();
    if !random.one_in(4)
        && let Some([sapi, tei]) = octets.first_chunk_mut::<2>()
    {
        *sapi &= 2;
        *tei = 1;
    }
    octets
}

fn frame(random: &mut Random, link: &Link) -> Frame {
    let flag = random.one_in(2);
    // Mostly near the numbers in use, so that the link lives for a while.
    let near = |random: &mut Random, number: u8| match random.below(30) {
        0 => random.octet() % MODULUS,
        1..=3 => number.wrapping_add(1) % MODULUS,
        _ => number,
    };
    let nr = if random.one_in(2) { link.va } else { link.vs };
    let supervisory = Supervisory { command: random.one_in(2), nr: near(random, nr), pf: flag };
    let information = message(random);
    let repr = match random.below(60) {
        0..=3 => Repr::Sabme { p: flag },
        4..=5 => Repr::Disc { p: flag },
        6..=11 => Repr::Ua { f: flag },
        12..=13 => Repr::Dm { f: flag },
        14 => Repr::Frmr { f: flag, reason: [0; 5] },
        15 => Repr::Ui { p: flag, information: &information },
        16 => Repr::Xid { command: flag, pf: flag, information: &[] },
        17..=28 => Repr::Rr(supervisory),
        29..=34 => Repr::Rnr(supervisory),
        35..=39 => Repr::Rej(supervisory),
        _ => {
            let ns = near(random, link.vr);
            Repr::I { ns, nr: supervisory.nr, p: flag, information: &information }
        }
    };
    repr.emit(link.config.role.peer()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_link_goes_on_as_if_nothing_had_happened_in_all_states_and_inputs() {
        let mut visits = Visits::default();
        for seed in 0..60 {
            visits.join(&visit(seed, 1500).expect("the same"));
        }
        let (table, wrong) = visits.report::<Link>("q921 Link");
        assert!(wrong.is_empty(), "{wrong:#?}\n{table}");
    }
}
