//! One session with the core after the other: connect, take what it says, carry out plans.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use link::{Down, Kind, Outcome, Question, SoundAt};
use plan::Step;
use tokio::sync::{Mutex, mpsc, oneshot};
use units::{CallId, ContentHash, SpanId, Timeslot};

use crate::box_state::{Answer, BoxState};
use crate::core_link::CoreLink;
use crate::log;

/// What consoles want of the core.
#[derive(Debug)]
pub(crate) enum Order {
    /// Carry out what is planned now.
    Plan(oneshot::Sender<Result<usize, String>>),
    /// Ask something; the answer comes into the state.
    Ask(Question, Answer),
    /// Block a slot of a span, or open it.
    Block(SpanId, Timeslot, bool, Answer),
    /// Capture a D channel, or stop.
    Capture(SpanId, bool, Answer),
    /// Test the free channels of a span for so many seconds; 0: no more.
    Test(SpanId, u16, Answer),
    /// Write the sound of a place to a file whose name ends with this number; 0 seconds: no more.
    Listen(SoundAt, u32, u16, Answer),
    /// Let a new core take over.
    Upgrade(Answer),
    /// End a call.
    Clear(CallId, Answer),
    /// Set how loud the caller of a call is heard in its conference.
    Voice(CallId, Option<i8>, Option<bool>, Answer),
    /// Have the exchange note who calls.
    Identify(CallId, Answer),
}

/// How long until the next attempt to reach the core.
const AGAIN: Duration = Duration::from_millis(200);
/// How long until the core is asked again for events that the store could not take.
const AGAIN_ILL: Duration = Duration::from_secs(2);
/// Messages taken before they are folded.
const BATCH: usize = 256;

/// Runs for ever.
pub(crate) async fn run(
    socket: PathBuf,
    state: Rc<Mutex<BoxState>>,
    mut orders: mpsc::Receiver<Order>,
) {
    let mut told = String::new();
    loop {
        let fault = match CoreLink::connect(&socket).await {
            Ok(link) => {
                // A link that is made anew for an ill store is no news.
                if state.lock().await.ill.is_none() {
                    log("connected to the core");
                }
                session(link, &state, &mut orders).await
            }
            Err(fault) => format!("the core is not there: {}: {fault}", socket.display()),
        };
        let ill = {
            let mut state = state.lock().await;
            state.core_gone();
            state.ill.is_some()
        };
        // The same fault is told once, not five times a second.
        if fault != told {
            log(&fault);
            told = fault;
        }
        // What was ordered meanwhile is refused by dropping who waits for it.
        while orders.try_recv().is_ok() {}
        tokio::time::sleep(if ill { AGAIN_ILL } else { AGAIN }).await;
    }
}

async fn session(
    mut link: CoreLink,
    state: &Rc<Mutex<BoxState>>,
    orders: &mut mpsc::Receiver<Order>,
) -> String {
    let mut plan: Option<Plan> = None;
    loop {
        let (mut messages, mut gone) = (vec![], false);
        while messages.len() < BATCH {
            match link.take() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(_) => {
                    // What it said before it went is heard first.
                    gone = true;
                    break;
                }
            }
        }
        let idle = messages.is_empty();
        let heard = match state.lock().await.heard(messages) {
            Ok(heard) => heard,
            Err(fault) => return fault,
        };
        if gone {
            let garbage = link.garbage();
            return format!("the core has gone ({garbage} datagrams were none of ours)");
        }
        let mut sent = Ok(());
        if let Some(number) = heard.acknowledge {
            sent = link.send(&Down::Ack { number }).await;
        }
        if heard.hello && sent.is_ok() {
            (plan, sent) = begin(&mut link, state, None).await;
        }
        if plan.as_mut().is_some_and(|plan| plan.poll())
            && let Some(plan) = plan.take()
        {
            plan.finish(state).await;
        }
        // A core that goes may have said something before, which is still to be read.
        if !idle {
            continue;
        }
        if sent.is_err() {
            return "the core does not take what it is told".into();
        }
        tokio::select! {
            ready = link.ready() => if let Err(fault) = ready {
                return format!("the core: {fault}");
            },
            order = orders.recv() => {
                let Some(order) = order else { return "the daemon ends".into() };
                let done = obey(&mut link, state, order, &mut plan).await;
                if done.is_err() {
                    return "the core does not take what it is told".into();
                }
            }
        }
    }
}

/// A plan on its way: the answers that are still to come.
struct Plan {
    answers: Vec<oneshot::Receiver<Outcome>>,
    steps: usize,
    outcome: Option<Outcome>,
    table: Option<ContentHash>,
    generation: u64,
    waiting: Option<oneshot::Sender<Result<usize, String>>>,
}

impl Plan {
    /// Whether all answers are there.
    fn poll(&mut self) -> bool {
        let worst = &mut self.outcome;
        self.answers.retain_mut(|answer| match answer.try_recv() {
            Ok(Outcome::Done) => false,
            Ok(other) => {
                worst.get_or_insert(other);
                false
            }
            Err(oneshot::error::TryRecvError::Empty) => true,
            Err(oneshot::error::TryRecvError::Closed) => {
                worst.get_or_insert(Outcome::NotFound);
                false
            }
        });
        self.answers.is_empty()
    }

    async fn finish(self, state: &Rc<Mutex<BoxState>>) {
        let result = match (self.outcome, self.table) {
            (None, Some(table)) => {
                state.lock().await.applied(table, self.generation);
                Ok(self.steps)
            }
            (None, None) => Ok(self.steps),
            (Some(outcome), _) => {
                let language = state.lock().await.language();
                Err(console::outcome(outcome, language))
            }
        };
        match (&result, self.waiting) {
            (_, Some(waiting)) => drop(waiting.send(result)),
            (Ok(0), None) => {}
            (Ok(steps), None) => log(&format!("{steps} steps carried out")),
            (Err(fault), None) => log(&format!("the plan was not carried out: {fault}")),
        }
    }
}

/// Sends all steps of the present plan.
async fn begin(
    link: &mut CoreLink,
    state: &Rc<Mutex<BoxState>>,
    waiting: Option<oneshot::Sender<Result<usize, String>>>,
) -> (Option<Plan>, std::io::Result<()>) {
    let mut state = state.lock().await;
    let steps = state.steps();
    let generation = match if steps.is_empty() { Ok(0) } else { state.generation() } {
        Ok(generation) => generation,
        Err(fault) => {
            if let Some(waiting) = waiting {
                let _ = waiting.send(Err(fault.to_string()));
            }
            return (None, Ok(()));
        }
    };
    let count = steps.len();
    let mut plan =
        Plan { answers: vec![], steps: count, outcome: None, table: None, generation, waiting };
    for step in steps {
        let (answer, answered) = oneshot::channel();
        let token = state.expect(answer);
        plan.answers.push(answered);
        let sent = match &step {
            Step::Publish(kind, hash, octets) => {
                let (kind, hash): (Kind, ContentHash) = (*kind, *hash);
                link.send(&Down::Publish { token, kind, hash, octets }).await
            }
            Step::Apply { table } => {
                plan.table = Some(*table);
                link.send(&Down::Apply { token, generation, table: *table }).await
            }
        };
        if sent.is_err() {
            return (None, sent);
        }
    }
    (Some(plan), Ok(()))
}

async fn obey(
    link: &mut CoreLink,
    state: &Rc<Mutex<BoxState>>,
    order: Order,
    plan: &mut Option<Plan>,
) -> std::io::Result<()> {
    match order {
        Order::Plan(waiting) => {
            let sent;
            (*plan, sent) = begin(link, state, Some(waiting)).await;
            if let Some(ready) = plan.take_if(|plan| plan.poll()) {
                ready.finish(state).await;
            }
            sent
        }
        Order::Ask(question, answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Ask { token, question }).await
        }
        Order::Capture(span, on, answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Capture { token, span, on }).await
        }
        Order::Block(span, slot, on, answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Block { token, span, slot, on }).await
        }
        Order::Test(span, seconds, answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Test { token, span, seconds }).await
        }
        Order::Listen(at, stamp, seconds, answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Listen { token, at, stamp, seconds }).await
        }
        Order::Upgrade(answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Upgrade { token }).await
        }
        Order::Clear(call, answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Clear { token, call }).await
        }
        Order::Voice(call, gain_db, muted, answer) => {
            let token = state.lock().await.expect(answer);
            link.send(&Down::Voice { token, call, gain_db, muted }).await
        }
        Order::Identify(call, answer) => {
            let mut state = state.lock().await;
            state.identified.remove(&call);
            let token = state.expect(answer);
            drop(state);
            link.send(&Down::Identify { token, call }).await
        }
    }
}
