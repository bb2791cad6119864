//! A test of a span's channels, told as it goes on.

use console::{Language, Text, outcome as outcome_text, say, test_line};
use link::{Outcome, Question, TestStatus};
use serde_json::json;
use tokio::io::AsyncBufReadExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio::time::{Duration, Instant, sleep};
use units::SpanId;

use crate::session::Order;
use crate::shared::{Reading, Shared, outcome, write};

/// How often the test is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two lines.
const LOOKS_PER_LINE: u16 = 5;
/// A test that does not go on for so long has no line any more.
const STILL: Duration = Duration::from_secs(15);

/// Tests until the test is over or the console says anything.
pub(crate) async fn run(
    shared: &Shared,
    (span, seconds): (SpanId, u16),
    reading: &mut Reading,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let language = shared.state.lock().await.language();
    let refused = match outcome(shared, |answer| Order::Test(span, seconds, answer)).await {
        Some(Outcome::Done) => None,
        Some(Outcome::Full) => Some(say(language, Text::TEST_BUSY, &[])),
        Some(other) => Some(say(language, Text::NOT_DONE, &[&outcome_text(other, language)])),
        None => Some(say(language, Text::CORE_AWAY, &[])),
    };
    if let Some(text) = refused {
        return write(writing, &json!({"text": text, "end": true, "ok": false})).await;
    }
    let numbers = [span.0.to_string(), seconds.to_string()];
    let begins = say(language, Text::TEST_BEGINS, &[&numbers[0], &numbers[1]]) + "\n";
    write(writing, &json!({"text": begins})).await?;
    let mut line = Vec::new();
    reading.get_mut().set_limit(u64::from(u16::MAX));
    let end = tokio::select! {
        end = watch(shared, language, writing) => end,
        _ = reading.read_until(b'\n', &mut line) => Ok(None),
    };
    // Ends it in any case: also when the console has gone.
    let _ = outcome(shared, |answer| Order::Test(span, 0, answer)).await;
    let (text, ok) = end?.unwrap_or_default();
    write(writing, &json!({"text": text, "end": true, "ok": ok})).await
}

/// The test that runs, or the last one.
pub(crate) async fn status(shared: &Shared) -> Option<TestStatus> {
    let asked = outcome(shared, |answer| Order::Ask(Question::Test, answer)).await;
    let state = shared.state.lock().await;
    state.test.filter(|_| asked == Some(Outcome::Done))
}

/// Tells the test until it is over: its last words, and whether they are good.
async fn watch(
    shared: &Shared,
    language: Language,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<Option<(String, bool)>> {
    let mut looks = 0;
    let (mut passed, mut moved) = (0, Instant::now());
    loop {
        sleep(LOOK).await;
        let Some(status) = status(shared).await else {
            return Ok(Some((say(language, Text::CORE_AWAY, &[]), false)));
        };
        if status.passed != passed {
            (passed, moved) = (status.passed, Instant::now());
        }
        let over = status.passed >= status.seconds || moved.elapsed() > STILL;
        let text = test_line(&status, language);
        if over {
            return Ok(Some((text, status.is_passed())));
        }
        looks += 1;
        if looks % LOOKS_PER_LINE == 0 {
            write(writing, &json!({"text": text})).await?;
        }
    }
}
