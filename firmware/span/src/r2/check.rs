//! Drives a span of circuits for the property test over all machines: against another, through a
//! line that loses some of what is said.

use std::collections::VecDeque;

use bearer::{Calling, Indication, Request, Service};
use machine::Machine;
use machine::check::{Random, Stimulus, Visits, restored_in_company};
use units::{
    BoxId, Cause, Digits, Duration, Instant, LegId, LineId, MfSignal, Mint, PortId, Timeslot,
};

use super::{Config, R2};
use crate::event::{Frame, Input, Output};

/// China's, or the one of Q.441, with five digits and the caller.
#[must_use]
pub fn config(china: bool) -> Config {
    let variant = if china { q441::check::china() } else { q441::check::itu() };
    Config {
        code: q421::Code::ITU,
        timing: q421::Timing::default(),
        variant,
        wants: q441::Wants { called: 5, caller: true, caller_after: 0 },
    }
}

/// A span of the first `count` slots.
#[must_use]
pub fn span(config: Config, lane: u16, count: usize) -> R2 {
    let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D).take(count);
    R2::new(LineId(1), config, Mint::new(BoxId(1), 1, lane), slots.zip((0..).map(PortId)))
}

/// What of an output the other end of the line hears.
#[must_use]
pub fn crosses(output: &Output) -> Option<Input> {
    match output {
        Output::Cas(port, bits) => Some(Input::Cas { port: *port, bits: *bits }),
        Output::Mf(port, signal) => Some(Input::Mf { port: *port, signal: *signal }),
        // Whoever is detached falls silent.
        Output::Register(port, None) => Some(Input::Mf { port: *port, signal: None }),
        _ => None,
    }
}

fn asked(random: &mut Random, leg: LegId, fresh: LegId) -> Input {
    Input::Request(match random.below(14) {
        13 => Request::Notify { leg, what: 1 },
        10 => {
            let digits = Digits::parse("17").unwrap_or_default();
            Request::Digits { leg, digits, complete: random.one_in(3) }
        }
        9 => return Input::Say { leg, elements: Frame::from_iter([0x28, 1, 65]) },
        0..=2 => Request::Place {
            leg: fresh,
            line: LineId(1),
            calling: Calling {
                number: Digits::parse("138").unwrap_or_default(),
                ..Calling::default()
            },
            called: Digits::parse("80123").unwrap_or_default(),
        },
        12 => Request::Ask { leg, service: Service::Identify },
        3 => Request::MoreDigits { leg },
        4 => Request::Proceed { leg },
        5 => Request::Alert { leg },
        6 => Request::Progress { leg },
        7 | 8 => Request::Answer { leg },
        _ => Request::Release { leg, cause: Cause::NORMAL_CLEARING },
    })
}

/// Runs one span through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let china = random.one_in(2);
    let mut far = span(config(china), 2, 4);
    far.handle(Instant::from_millis(1000), Input::Layer1 { of: 0, up: true });
    let mut to_near: VecDeque<Input> = VecDeque::new();
    let (mut near_legs, mut far_legs) = (vec![LegId(2)], vec![LegId(1)]);
    let near = span(config(china), 1, 4);
    let mut begun = false;
    restored_in_company(near, steps, move |_, now, said| {
        let drain = |far: &mut R2, to_near: &mut VecDeque<Input>, far_legs: &mut Vec<LegId>| {
            while let Some(output) = far.poll_output() {
                to_near.extend(crosses(&output));
                if let Output::Indication(Indication::Offered { leg, .. }) = output {
                    far_legs.push(leg);
                }
            }
        };
        for output in said {
            if let Some(input) = crosses(&output).filter(|_| !random.one_in(60)) {
                far.handle(now, input);
            }
            if let Output::Indication(Indication::Offered { leg, .. }) = output {
                near_legs.push(leg);
            }
        }
        while far.poll_timeout().is_some_and(|at| at <= now) {
            far.handle_timeout(now);
        }
        if random.one_in(8) {
            let fresh = LegId(1 << 40 | random.below(1 << 30));
            far_legs.push(fresh);
            let leg = far_legs[far_legs.len() - 1 - usize::from(random.one_in(3))];
            far.handle(now, asked(&mut random, leg, fresh));
        }
        drain(&mut far, &mut to_near, &mut far_legs);
        if !begun {
            begun = random.one_in(8);
            return Stimulus::Input(Input::Layer1 { of: 0, up: begun });
        }
        if let Some(input) = to_near.pop_front().filter(|_| !random.one_in(60)) {
            return Stimulus::Input(input);
        }
        let port = PortId(random.below(4).to_le_bytes()[0].into());
        match random.below(24) {
            0..=7 => {
                let fresh = LegId(1 << 41 | random.below(1 << 30));
                near_legs.push(fresh);
                let back = usize::try_from(random.below(3)).unwrap_or(0);
                let leg = near_legs[near_legs.len().saturating_sub(1 + back)];
                Stimulus::Input(asked(&mut random, leg, fresh))
            }
            8 if random.one_in(4) => {
                let bits = random.below(16).to_le_bytes()[0];
                Stimulus::Input(Input::Cas { port, bits })
            }
            9 if random.one_in(4) => {
                let signal = MfSignal::new(random.below(16).to_le_bytes()[0]);
                Stimulus::Input(Input::Mf { port, signal })
            }
            10 if random.one_in(6) => Stimulus::Input(Input::Layer1 { of: 0, up: false }),
            11 => Stimulus::Input(Input::Layer1 { of: 0, up: true }),
            12..=18 => Stimulus::Timeout,
            _ => Stimulus::Wait(Duration::from_millis(random.below(60))),
        }
    })
}
