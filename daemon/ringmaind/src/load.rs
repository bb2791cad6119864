//! Putting the documents on disk in force, and what that would do.

use config::Config;
use console::{Language, Text, say};
use link::Question;
use serde_json::json;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::oneshot;
use units::SpanId;

use crate::box_state::BoxState;
use crate::own_sounds::{self, Brought};
use crate::session::Order;
use crate::shared::{Shared, order, write};

/// The spans whose calls would end, and how many those are.
fn ending(state: &BoxState, wanted: &Config) -> Vec<(SpanId, u8)> {
    let Some(documents) = &state.documents else { return vec![] };
    let calls = |span| state.spans.get(&span).map_or(0, |status| status.busy);
    wanted.interrupts(&documents.config).into_iter().map(|span| (span, calls(span))).collect()
}

fn warnings(ending: &[(SpanId, u8)], language: Language) -> Vec<String> {
    let warning = |(span, calls): &(SpanId, u8)| {
        say(language, Text::SIDE_CHANGES, &[&span.0.to_string(), &calls.to_string()])
    };
    ending.iter().map(warning).collect()
}

/// The newest word of the core on how busy spans are; without a core none is.
async fn asked_spans(shared: &Shared, language: Language) {
    let _ = order(shared, language, |answer| Order::Ask(Question::Spans, answer)).await;
}

/// What [`load`] would do, one step a line.
pub(crate) async fn compare(shared: &Shared, language: Language) -> Result<String, String> {
    asked_spans(shared, language).await;
    let state = shared.state.lock().await;
    let wanted = state.read()?;
    let now = state.documents.as_ref().and_then(|documents| documents.wanted.table);
    let steps = plan::plan(&wanted.wanted, &plan::Actual { table: now, generation: 0 });
    if steps.is_empty() {
        return Ok(say(language, Text::NOTHING_TO_DO, &[]) + "\n");
    }
    let steps = steps.iter().map(plan::Step::words);
    let warnings = warnings(&ending(&state, &wanted.config), language);
    Ok(steps.chain(warnings).map(|line| line + "\n").collect())
}

/// [`load`], with a line for each sound that is new and takes its time.
pub(crate) async fn run(
    shared: &Shared,
    now: bool,
    writing: &mut OwnedWriteHalf,
) -> std::io::Result<()> {
    let language = shared.state.lock().await.language();
    let (config, kept) = (shared.options.config.clone(), shared.options.sounds());
    // What cannot be brought is told by `load`, which keeps everything as it is.
    for sound in own_sounds::list(&config).unwrap_or_default() {
        let (file, kept) = (sound.file.clone(), kept.clone());
        // Nothing else of the daemon waits for it.
        let brought = tokio::task::spawn_blocking(move || sound.bring(&kept)).await;
        if let Ok(Ok(Brought { new: Some(seconds), .. })) = brought {
            let text = say(language, Text::SOUND_MADE, &[&file, &seconds.to_string()]) + "\n";
            write(writing, &json!({"text": text})).await?;
        }
    }
    let (ok, text) = match load(shared, now, language).await {
        Ok(text) => (true, text),
        Err(text) => (false, text),
    };
    write(writing, &json!({"text": text, "end": true, "ok": ok})).await
}

/// Reads the documents and puts them in force; if calls would end, only when told to do it `now`.
async fn load(shared: &Shared, now: bool, language: Language) -> Result<String, String> {
    asked_spans(shared, language).await;
    {
        let mut state = shared.state.lock().await;
        let kept = |fault| format!("{fault}\n{}", say(language, Text::KEPT, &[]));
        let wanted = state.read().map_err(kept)?;
        let mut ending = ending(&state, &wanted.config);
        ending.retain(|(_, calls)| *calls > 0);
        if !now && !ending.is_empty() {
            let mut lines = warnings(&ending, language);
            lines.push(say(language, Text::LOAD_NOW, &[]));
            return Err(lines.join("\n"));
        }
        state.put(wanted).map_err(kept)?;
    }
    in_force(shared, language).await
}

/// Messages wait for the telephone with this number, or do not any more: kept at once, and in
/// force as soon as the core is there.
pub(crate) async fn waiting(
    shared: &Shared,
    number: &str,
    on: bool,
    language: Language,
) -> Result<String, String> {
    if !shared.state.lock().await.set_waiting(number, on)? {
        return Err(say(language, Text::NO_TELEPHONE, &[number]));
    }
    in_force(shared, language).await
}

/// Has the core do what is wanted now.
async fn in_force(shared: &Shared, language: Language) -> Result<String, String> {
    let (answer, answered) = oneshot::channel();
    let away = || say(language, Text::CORE_AWAY, &[]);
    shared.orders.send(Order::Plan(answer)).await.map_err(|_| away())?;
    match answered.await.map_err(|_| away())? {
        Ok(0) => Ok(say(language, Text::NOTHING_TO_DO, &[]) + "\n"),
        Ok(_) => Ok(say(language, Text::IN_FORCE, &[]) + "\n"),
        Err(fault) => Err(say(language, Text::NOT_DONE, &[&fault])),
    }
}
