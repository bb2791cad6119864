//! The sound of a place, written to a file while somebody waits.

use console::{Language, Text, outcome as outcome_text, say};
use link::{Outcome, SoundAt};
use serde_json::json;
use tokio::io::AsyncBufReadExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::time::{Duration, Instant, sleep};

use crate::session::Order;
use crate::shared::{Reading, Shared, outcome, write};

/// Between two lines that tell how far it has come.
const TOLD_EVERY: Duration = Duration::from_secs(5);

fn refused(told: Option<Outcome>, language: Language) -> Option<String> {
    match told {
        Some(Outcome::Done) => None,
        Some(Outcome::Full) => Some(say(language, Text::LISTENING_ALREADY, &[])),
        Some(other) => Some(say(language, Text::NOT_DONE, &[&outcome_text(other, language)])),
        None => Some(say(language, Text::CORE_AWAY, &[])),
    }
}

/// Listens until the time is over or the console says anything.
pub(crate) async fn run(
    shared: &Shared,
    (at, seconds): (SoundAt, u16),
    reading: &mut Reading,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let language = shared.state.lock().await.language();
    let stamp = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let stamp = u32::try_from(stamp.unwrap_or_default().as_secs()).unwrap_or(u32::MAX);
    let begun = outcome(shared, |answer| Order::Listen(at, stamp, seconds, answer)).await;
    if let Some(text) = refused(begun, language) {
        return write(writing, &json!({"text": text, "end": true, "ok": false})).await;
    }
    let words = [seconds.to_string(), format!("{at}-{stamp}.wav")];
    let text = say(language, Text::LISTENING, &[&words[0], &words[1]]) + "\n";
    write(writing, &json!({"text": text})).await?;
    let mut line = Vec::new();
    reading.get_mut().set_limit(u64::from(u16::MAX));
    let begun = Instant::now();
    let told = tokio::select! {
        told = wait(seconds, language, writing) => told,
        _ = reading.read_until(b'\n', &mut line) => Ok(()),
    };
    // Ends it in any case: also when the console has gone. Not found: it has ended by itself.
    let ended = outcome(shared, |answer| Order::Listen(at, stamp, 0, answer)).await;
    told?;
    let passed = begun.elapsed().as_secs().min(seconds.into());
    let (ok, text) = match ended {
        Some(Outcome::Done | Outcome::NotFound) => {
            (true, say(language, Text::LISTENED, &[&passed.to_string()]) + "\n")
        }
        other => (false, refused(other, language).unwrap_or_default()),
    };
    write(writing, &json!({"text": text, "end": true, "ok": ok})).await
}

/// Waits, and tells how far it has come.
async fn wait(
    seconds: u16,
    language: Language,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let (begun, all) = (Instant::now(), Duration::from_secs(seconds.into()));
    loop {
        // A quarter of a second for what is on its way.
        let left = (all + Duration::from_millis(250)).saturating_sub(begun.elapsed());
        if left <= TOLD_EVERY {
            sleep(left).await;
            return Ok(());
        }
        sleep(TOLD_EVERY).await;
        let passed = begun.elapsed().as_secs().to_string();
        let text = say(language, Text::LISTENED, &[&passed]) + "\n";
        write(writing, &json!({"text": text})).await?;
    }
}
