//! The one property that holds for all machines: restored after any event, the same outputs from
//! there on. It also counts which pairs of state and input it met, so that a pair which nobody
//! tried is seen.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::{format, vec, vec::Vec};
use core::fmt::{Debug, Write as _};

use units::{Duration, Instant};

use crate::{Restore, Survey};

/// Small seeded random numbers (SplitMix64, Steele and others 2014): the same on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of one seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound.max(1)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of `choices`, which is not empty.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let index = usize::try_from(self.below(choices.len() as u64)).unwrap_or(0);
        &choices[index]
    }

    /// An octet.
    pub fn octet(&mut self) -> u8 {
        self.next_u64().to_be_bytes()[0]
    }
}

/// What the property test does next to a machine.
#[derive(Clone, Debug)]
pub enum Stimulus<I> {
    /// Hand it an input at the present time.
    Input(I),
    /// Let time pass to its next timeout, if there is one, and tell it.
    Timeout,
    /// Let time pass, but not beyond its next timeout.
    Wait(Duration),
}

/// What came of a pair of state and input: for each state that followed, what was put out.
type After = BTreeMap<&'static str, BTreeSet<String>>;

/// The pairs of state and input that a run met, and what came of them.
#[derive(Clone, Debug, Default)]
pub struct Visits(BTreeMap<(&'static str, &'static str), After>);

impl Visits {
    /// Adds what another run met.
    pub fn join(&mut self, other: &Self) {
        for (pair, after) in &other.0 {
            let mine = self.0.entry(*pair).or_default();
            for (state, outputs) in after {
                mine.entry(state).or_default().extend(outputs.iter().cloned());
            }
        }
    }

    /// What came of a pair, by the state that followed, with the names of all that was ever put out
    /// on the way there; `None`: it was not met.
    #[must_use]
    pub fn after(&self, state: &'static str, input: &'static str) -> Option<&After> {
        self.0.get(&(state, input))
    }

    /// The table of a machine as text, and the pairs that are reachable and were not visited, and
    /// those that were visited although they are declared unreachable.
    #[must_use]
    pub fn report<M: Survey>(&self, machine: &str) -> (String, Vec<String>) {
        let mut table = format!("{machine}: states x inputs visited\n");
        let mut wrong = vec![];
        for state in M::STATES {
            let _ = write!(table, "  {state}:");
            for input in M::INPUTS {
                let declared =
                    M::UNREACHABLE.iter().any(|(s, i, _)| (*s == "*" || s == state) && i == input);
                let met = self.0.contains_key(&(*state, *input));
                let _ = match (met, declared) {
                    (true, _) => write!(table, " {input}"),
                    (false, true) => write!(table, " ({input})"),
                    (false, false) => write!(table, " !{input}"),
                };
                if met && declared {
                    wrong.push(format!("{machine}: {state} x {input}: unreachable, yet visited"));
                } else if !met && !declared {
                    wrong.push(format!("{machine}: {state} x {input}: reachable, not visited"));
                }
            }
            table.push('\n');
        }
        (table, wrong)
    }
}

/// Drives a machine through `steps` stimuli. Beside it runs a twin that is rebuilt from the
/// machine's snapshot after every event: both must put out the same and ask for the same timeouts.
///
/// # Errors
/// The first difference, or a snapshot that fails, in words that name step, state and stimulus.
pub fn restored_behaves_the_same<M>(
    machine: M,
    steps: usize,
    mut choose: impl FnMut(&M, Instant) -> Stimulus<M::Input>,
) -> Result<Visits, String>
where
    M: Restore + Survey,
    M::Input: Clone + Debug,
    M::Output: PartialEq + Debug,
{
    restored_in_company(machine, steps, |machine, now, _| choose(machine, now))
}

/// As [`restored_behaves_the_same`], for a machine that only gets anywhere in the company of a
/// peer: `choose` is handed what the machine put out since it was asked last.
///
/// # Errors
/// As there.
pub fn restored_in_company<M>(
    mut machine: M,
    steps: usize,
    mut choose: impl FnMut(&M, Instant, Vec<M::Output>) -> Stimulus<M::Input>,
) -> Result<Visits, String>
where
    M: Restore + Survey,
    M::Input: Clone + Debug,
    M::Output: PartialEq + Debug,
{
    let mut said = vec![];
    let mut visits = Visits::default();
    let mut now = Instant::from_millis(1000);
    while machine.poll_output().is_some() {}
    let mut twin = reborn(&machine)?;
    for step in 0..steps {
        let stimulus = choose(&machine, now, core::mem::take(&mut said));
        let state = machine.state();
        let (mut pair, before) = (None, said.len());
        match stimulus.clone() {
            Stimulus::Input(input) => {
                pair = Some((state, M::input(&input)));
                machine.handle(now, input.clone());
                twin.handle(now, input);
            }
            Stimulus::Timeout => {
                let Some(at) = machine.poll_timeout() else { continue };
                pair = Some((state, "timeout"));
                now = now.max(at);
                machine.handle_timeout(now);
                twin.handle_timeout(now);
            }
            Stimulus::Wait(time) => {
                let limit = machine.poll_timeout().unwrap_or(now + time);
                now = now.max((now + time).min(limit));
            }
        }
        let context = format!("step {step}, {state}, {stimulus:?}");
        same(&mut machine, &mut twin, &mut said, &context)?;
        if let Some(pair) = pair {
            let after = visits.0.entry(pair).or_default().entry(machine.state()).or_default();
            after.extend(said[before..].iter().map(name));
        }
        twin = reborn(&machine).map_err(|fault| format!("{context}: {fault}"))?;
    }
    Ok(visits)
}

/// Takes a text only up to the end of its first word.
struct FirstWord(String);

impl core::fmt::Write for FirstWord {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = text.find(|c: char| !c.is_alphanumeric());
        self.0.push_str(text.get(..end.unwrap_or(text.len())).unwrap_or(text));
        if end.is_some() { Err(core::fmt::Error) } else { Ok(()) }
    }
}

/// The name of an output, without what is in it.
fn name(output: &impl Debug) -> String {
    let mut word = FirstWord(String::new());
    // It ends with an error when the word does.
    let _ = write!(word, "{output:?}");
    word.0
}

fn same<M>(
    machine: &mut M,
    twin: &mut M,
    said: &mut Vec<M::Output>,
    context: &str,
) -> Result<(), String>
where
    M: Restore + Survey,
    M::Output: PartialEq + Debug,
{
    loop {
        let (wanted, got) = (machine.poll_output(), twin.poll_output());
        if wanted != got {
            return Err(format!("{context}: {wanted:?}, but restored: {got:?}"));
        }
        match wanted {
            Some(output) => said.push(output),
            None => break,
        }
    }
    let (wanted, got) = (machine.poll_timeout(), twin.poll_timeout());
    if wanted != got {
        return Err(format!("{context}: timeout {wanted:?}, but restored: {got:?}"));
    }
    Ok(())
}

fn reborn<M: Restore>(machine: &M) -> Result<M, String> {
    let mut room = vec![0; 64 << 10];
    let octets = machine.snapshot(&mut room).map_err(|fault| format!("snapshot: {fault:?}"))?;
    M::restore(octets).map_err(|fault| format!("restore: {fault:?}"))
}
