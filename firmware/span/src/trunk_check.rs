//! Drives exchange lines for the property test over all machines.

use bearer::Service;
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{BoxId, Digit};

use super::*;
use crate::event::Frame;

/// A line to begin with.
#[must_use]
pub fn trunk(timing: fxo::Timing) -> Trunk {
    Trunk::new(LineId::of_analog(5), PortId(30), Mint::new(BoxId(1), 1, 1), timing)
}

/// Runs one exchange line through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let timing = fxo::Timing { reversal: random.below(2) == 0, ..fxo::Timing::default() };
    let message = *b"\x80\x05\x02\x03801\xde";
    let mut place = 0;
    restored_behaves_the_same(trunk(timing), steps, move |trunk, _| {
        let leg = trunk.leg().unwrap_or(LegId(77));
        let (calling, called) = (Calling::default(), Digits::parse("114").unwrap_or_default());
        let line = LineId::of_analog(5);
        let asked = Input::Request(match random.below(13) {
            12 => Request::Notify { leg, what: 1 },
            11 => Request::Ask { leg, service: Service::Identify },
            10 => Request::Digits { leg, digits: Digits::new(), complete: false },
            9 => return Stimulus::Input(Input::Say { leg, elements: Frame::new() }),
            8 => Request::MoreDigits { leg },
            0 | 1 => Request::Place { leg: LegId(78), line, calling, called },
            2 => Request::Proceed { leg },
            3 => Request::Alert { leg },
            4 => Request::Progress { leg },
            5 | 6 => Request::Answer { leg },
            _ => Request::Release { leg, cause: Cause::NORMAL_CLEARING },
        });
        let exchange = match random.below(20) {
            0..=3 => Exchange::Ringing(true),
            4 => Exchange::Ringing(false),
            5 => Exchange::Polarity,
            6 => Exchange::Current(false),
            7 => Exchange::Tone(CallTone::Dial),
            8 => Exchange::Tone(CallTone::RingBack),
            9 => Exchange::Tone(CallTone::Busy),
            10 => {
                place = 0;
                Exchange::Mark
            }
            11 => Exchange::Key(Digit::ALL[usize::try_from(random.below(16)).unwrap_or(0)]),
            12 => Exchange::Cut,
            _ => {
                place = (place + 1) % message.len();
                Exchange::Octet(message[place])
            }
        };
        match random.below(10) {
            0..=3 => Stimulus::Input(asked),
            4..=6 => Stimulus::Input(Input::Exchange(exchange)),
            7 | 8 => Stimulus::Timeout,
            _ => Stimulus::Wait(Duration::from_millis(random.below(600))),
        }
    })
}
