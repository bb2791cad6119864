//! A span is looked at for a while, and what is wrong with it is told.

use console::{Facts, Finding, Language, Text, finding_text, say};
use link::{Outcome, Question, Socket, SpanDetail, TestStatus};
use serde_json::json;
use tokio::net::unix::OwnedWriteHalf;
use tokio::time::{Duration, sleep};
use units::SpanId;

use crate::bert;
use crate::session::Order;
use crate::shared::{Shared, order, outcome, write};

/// How long it is looked at: an attempt to set the data link up lasts 4 s.
const LOOK: Duration = Duration::from_secs(5);
/// How long channels are tested where nothing else tells.
const TEST_S: u16 = 2;
/// Records that are looked through for calls of the span.
const RECORDS: u32 = 200;

/// A span as it is now.
pub(crate) async fn detail(
    shared: &Shared,
    span: SpanId,
    language: Language,
) -> Result<SpanDetail, String> {
    order(shared, language, |answer| Order::Ask(Question::Span(span), answer)).await?;
    // Another console may have asked for another span meanwhile.
    let told = shared.state.lock().await.span.clone();
    told.filter(|detail| detail.status.span == span)
        .ok_or_else(|| say(language, Text::CORE_AWAY, &[]))
}

/// Whether nothing can tell a loop from a far end in our role but a test.
fn mirrored(before: &SpanDetail, now: &SpanDetail) -> bool {
    Facts { trouble: None, before, now, test: None, calls: &[] }.finding() == Finding::Mirrored
}

/// Tests the channels, which carry no calls while the data link is down.
async fn test(shared: &Shared, span: SpanId) -> Option<TestStatus> {
    let begun = outcome(shared, |answer| Order::Test(span, TEST_S, answer)).await;
    if begun != Some(Outcome::Done) {
        return None;
    }
    sleep(Duration::from_secs(u64::from(TEST_S) + 1)).await;
    let status = bert::status(shared).await;
    let _ = outcome(shared, |answer| Order::Test(span, 0, answer)).await;
    status.filter(|status| status.span == span && status.passed > 0)
}

async fn look(
    shared: &Shared,
    span: SpanId,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<Result<String, String>> {
    let language = shared.state.lock().await.language();
    let before = match detail(shared, span, language).await {
        Ok(before) => before,
        Err(why) => return Ok(Err(why)),
    };
    let numbers = [span.0.to_string(), LOOK.as_secs().to_string()];
    let text = say(language, Text::LOOKING, &[&numbers[0], &numbers[1]]) + "\n";
    write(writing, &json!({"text": text})).await?;
    sleep(LOOK).await;
    let now = match detail(shared, span, language).await {
        Ok(now) => now,
        Err(why) => return Ok(Err(why)),
    };
    let test = if mirrored(&before, &now) { test(shared, span).await } else { None };
    let state = shared.state.lock().await;
    let of_span = [Socket::Pri(span), Socket::Cas(span)];
    let socket = state.ports.values().find(|port| of_span.contains(&port.socket));
    let mut calls = match state.store.records(RECORDS) {
        Ok(calls) => calls,
        Err(fault) => return Ok(Err(fault.to_string())),
    };
    // Calls of another span tell nothing of this one; those of telephones may have left by it.
    let own = format!("E1 {} ", span.0);
    calls.retain(|row| row.path.starts_with(&own) || !row.path.starts_with("E1 "));
    let trouble = socket.and_then(|socket| socket.trouble);
    let facts = Facts { trouble, before: &before, now: &now, test, calls: &calls };
    Ok(Ok(finding_text(facts.finding(), language) + "\n"))
}

/// Looks, and tells.
pub(crate) async fn run(
    shared: &Shared,
    span: SpanId,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let found = look(shared, span, writing).await?;
    let (ok, text) = match found {
        Ok(text) => (true, text),
        Err(text) => (false, text),
    };
    write(writing, &json!({"text": text, "end": true, "ok": ok})).await
}
