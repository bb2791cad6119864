//! What everything that a console asks for shares: the state, the way to the core, the answer.

use std::rc::Rc;

use console::{Language, Text, say};
use link::Outcome;
use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::box_state::BoxState;
use crate::options::Options;
use crate::session::Order;

/// What every console shares.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) state: Rc<Mutex<BoxState>>,
    pub(crate) orders: mpsc::Sender<Order>,
}

/// What a console says.
pub(crate) type Reading = BufReader<tokio::io::Take<tokio::net::unix::OwnedReadHalf>>;

/// Tells a console something.
pub(crate) async fn write(writing: &mut OwnedWriteHalf, value: &Value) -> std::io::Result<()> {
    writing.write_all(format!("{value}\n").as_bytes()).await
}

/// What the core says to an order; `None`: it is not there.
pub(crate) async fn outcome(
    shared: &Shared,
    make: impl FnOnce(oneshot::Sender<Outcome>) -> Order,
) -> Option<Outcome> {
    if !shared.state.lock().await.connected {
        return None;
    }
    let (answer, answered) = oneshot::channel();
    shared.orders.send(make(answer)).await.ok()?;
    answered.await.ok()
}

/// Asks the core for something and waits for its word.
pub(crate) async fn order(
    shared: &Shared,
    language: Language,
    make: impl FnOnce(oneshot::Sender<Outcome>) -> Order,
) -> Result<(), String> {
    match outcome(shared, make).await {
        Some(Outcome::Done) => Ok(()),
        Some(outcome) => {
            Err(say(language, Text::NOT_DONE, &[&console::outcome(outcome, language)]))
        }
        None => Err(say(language, Text::CORE_AWAY, &[])),
    }
}
