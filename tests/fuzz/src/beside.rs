//! A machine, and beside it one that was restored from its snapshot: both must say the same.

use std::cell::RefCell;
use std::fmt::Debug;
use std::mem::discriminant;

use machine::{Restore, Survey};
use units::Instant;

use crate::script::Script;
use crate::seen;

/// Calls of `handle_timeout` after which a machine must have nothing more to do at one instant.
const AT_ONE_INSTANT: usize = 8;
/// Outputs of one input at most; more are a machine that never ends.
const OUTPUTS: usize = 5000;
/// Steps of one script.
const STEPS: usize = 300;

/// A machine and, from its first rebirth on, its twin.
pub(crate) struct Beside<M> {
    pub(crate) machine: M,
    twin: Option<M>,
}

thread_local! {
    static ROOMS: RefCell<[Vec<u8>; 2]> =
        RefCell::new([vec![0; limits::SNAPSHOT_OCTETS], vec![0; limits::SNAPSHOT_OCTETS]]);
}

/// What `machine` writes, and the machine that is read from it.
pub(crate) fn reborn<M: Restore>(machine: &M) -> M {
    ROOMS.with_borrow_mut(|[room, again]| {
        let octets = machine.snapshot(room).expect("a drained machine has a snapshot");
        let restored = M::restore(octets).expect("what was written can be read");
        let written = restored.snapshot(again).expect("a restored machine has one too");
        assert_eq!(octets, written, "restored and written again");
        restored
    })
}

impl<M> Beside<M>
where
    M: Restore + Survey,
    M::Input: Clone + Debug,
    M::Output: PartialEq + Debug,
{
    pub(crate) fn new(mut machine: M) -> Self {
        while machine.poll_output().is_some() {}
        Self { machine, twin: None }
    }

    /// The twin is what the machine's snapshot says now.
    pub(crate) fn twin(&mut self) {
        self.twin = Some(reborn(&self.machine));
    }

    /// The machine itself goes on restored.
    pub(crate) fn rebirth(&mut self) {
        self.machine = reborn(&self.machine);
    }

    pub(crate) fn handle(&mut self, now: Instant, input: M::Input) -> Vec<M::Output> {
        let met = (self.machine.state(), M::input(&input));
        if let Some(twin) = &mut self.twin {
            twin.handle(now, input.clone());
        }
        self.machine.handle(now, input);
        self.said(met)
    }

    /// Tells the machine that its time has come, until it asks for a later one.
    pub(crate) fn timeout(&mut self, now: Instant) -> Vec<M::Output> {
        let met = (self.machine.state(), "timeout");
        let mut said = vec![];
        for _ in 0..AT_ONE_INSTANT {
            if self.machine.poll_timeout().is_none_or(|at| at > now) {
                return said;
            }
            self.machine.handle_timeout(now);
            if let Some(twin) = &mut self.twin {
                twin.handle_timeout(now);
            }
            said.extend(self.said(met));
        }
        let next = self.machine.poll_timeout();
        assert!(next.is_none_or(|at| at > now), "{met:?} again and again at {now}");
        said
    }

    fn said(&mut self, met: (&'static str, &'static str)) -> Vec<M::Output> {
        let mut said = vec![];
        while let Some(output) = self.machine.poll_output() {
            assert!(said.len() < OUTPUTS, "{met:?}: it never ends");
            said.push(output);
        }
        let kinds: Vec<_> = said.iter().map(discriminant).collect();
        seen::note((met, kinds, self.machine.state()));
        if let Some(twin) = &mut self.twin {
            for output in &said {
                assert_eq!(Some(output), twin.poll_output().as_ref(), "{met:?}, restored");
            }
            assert_eq!(None, twin.poll_output(), "{met:?}, restored");
            assert_eq!(self.machine.poll_timeout(), twin.poll_timeout(), "{met:?}, restored");
        }
        said
    }
}

/// Runs a machine through a script. `choose` makes an input of a small number and the script; it
/// hears what the machine said last.
pub(crate) fn drive<M>(
    machine: M,
    script: &mut Script<'_>,
    mut choose: impl FnMut(&M, u8, &mut Script<'_>, Vec<M::Output>) -> M::Input,
) where
    M: Restore + Survey,
    M::Input: Clone + Debug,
    M::Output: PartialEq + Debug,
{
    let mut both = Beside::new(machine);
    let mut now = Instant::from_millis(1000);
    let mut said = vec![];
    for _ in 0..STEPS {
        if script.is_empty() {
            break;
        }
        let op = script.octet();
        if op & 0x80 != 0 && script.octet() & 1 == 0 {
            both.twin();
        }
        let next = both.machine.poll_timeout();
        match op & 0x7F {
            0..=9 => {
                now = now.max(next.unwrap_or(now));
                said.extend(both.timeout(now));
            }
            // To its next timeout at most.
            10..=12 => now = now.max((now + script.time()).min(next.unwrap_or(now))),
            // The owner comes late: what happened meanwhile is told before the time.
            13 => now += script.time(),
            14 => both.rebirth(),
            op => {
                let input = choose(&both.machine, op - 15, script, std::mem::take(&mut said));
                said.extend(both.handle(now, input));
            }
        }
    }
}
