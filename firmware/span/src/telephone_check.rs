//! Drives telephones for the property test over all machines.

use bearer::Service;
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{BoxId, Duration};

use super::*;
use crate::event::Frame;

/// A country of its own.
fn settings(random: &mut Random) -> Settings {
    let mut coin = || random.below(2) == 0;
    let keys = coin().then_some(clid::Dtmf::CHINA);
    let telling =
        Telling { before_ring: keys.is_some() || coin(), reversal: coin(), alert: coin(), keys };
    let telling = (coin() || coin()).then_some(telling);
    Settings { telling, reversal: coin(), ..Settings::default() }
}

/// Runs one telephone through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let line = LineId::of_analog(1);
    let mint = Mint::new(BoxId(1), 1, 1);
    let settings = settings(&mut random);
    let mut telephone = Telephone::new(line, PortId(30), mint, settings);
    let waiting = random.below(2) == 0;
    telephone.configure(Instant::from_millis(0), Extension { reversal: None, waiting });
    restored_behaves_the_same(telephone, steps, move |telephone, _| {
        let leg = telephone.leg().unwrap_or(LegId(77));
        let (calling, called) = (Calling::default(), Digits::new());
        let asked = Input::Request(match random.below(12) {
            11 => Request::Notify { leg, what: 1 },
            10 => Request::Ask { leg, service: Service::Identify },
            9 => Request::Digits { leg, digits: Digits::new(), complete: false },
            8 => return Stimulus::Input(Input::Say { leg, elements: Frame::new() }),
            7 => Request::MoreDigits { leg },
            0 | 1 => Request::Place { leg: LegId(78), line, calling, called },
            2 => Request::Proceed { leg },
            3 => Request::Alert { leg },
            4 => Request::Progress { leg },
            5 => Request::Answer { leg },
            _ => Request::Release { leg, cause: Cause::NORMAL_CLEARING },
        });
        match random.below(8) {
            0..=3 => Stimulus::Input(asked),
            4 => Stimulus::Input(Input::Hook { off_hook: true }),
            5 => Stimulus::Input(Input::Hook { off_hook: false }),
            6 => Stimulus::Timeout,
            _ => Stimulus::Wait(Duration::from_millis(random.below(600))),
        }
    })
}
