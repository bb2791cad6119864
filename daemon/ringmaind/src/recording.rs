//! What consoles ask of recordings. Their files are the core's, which judges them.

use console::{Language, Text, recording_lines, recording_verdict, say};
use link::{Question, RecordingId};
use store::StoreFault;

use crate::session::Order;
use crate::shared::{Shared, order};

fn ill(fault: StoreFault) -> String {
    fault.to_string()
}

/// The newest recordings.
pub(crate) async fn show(shared: &Shared, most: u32, language: Language) -> Result<String, String> {
    let rows = shared.state.lock().await.store.recordings(most).map_err(ill)?;
    Ok(recording_lines(&rows, language))
}

/// Whether the file of a recording is what was recorded, and has the hash of the record.
pub(crate) async fn verify(
    shared: &Shared,
    number: u32,
    language: Language,
) -> Result<String, String> {
    let row = shared.state.lock().await.store.recording(number).map_err(ill)?;
    let none = || say(language, Text::NO_RECORDING, &[&number.to_string()]);
    let row = row.ok_or_else(none)?;
    if let Some((at, by)) = &row.erased {
        let at = records::utc_text(units::Utc(*at));
        return Err(say(language, Text::VERIFIED_ERASED, &[&number.to_string(), &at, by]));
    }
    let id = RecordingId { call: row.call, part: row.part };
    order(shared, language, |answer| Order::Ask(Question::Recording(id), answer)).await?;
    let told = shared.state.lock().await.recording.filter(|told| told.id == id);
    let told = told.ok_or_else(|| say(language, Text::CORE_AWAY, &[]))?;
    recording_verdict(&row, &told, language)
}

/// A recording is held, whatever rule would erase it, or not any more.
pub(crate) async fn hold(
    shared: &Shared,
    (number, held): (u32, bool),
    language: Language,
) -> Result<String, String> {
    let done = shared.state.lock().await.store.hold_recording(number, held).map_err(ill)?;
    let number = number.to_string();
    match (done, held) {
        (true, true) => Ok(say(language, Text::RECORDING_HELD, &[&number]) + "\n"),
        (true, false) => Ok(say(language, Text::RECORDING_RELEASED, &[&number]) + "\n"),
        (false, _) => Err(say(language, Text::NO_RECORDING, &[&number])),
    }
}
