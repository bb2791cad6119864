//! What consoles ask of conferences.

use console::{Language, PartyDo, PartyName, Text, conference_lines, party, say};
use link::{Question, SeatStatus};
use units::Digits;

use crate::session::Order;
use crate::shared::{Shared, order};

async fn seats(shared: &Shared, language: Language) -> Result<Vec<SeatStatus>, String> {
    // An answer without anybody in it would leave those of the answer before.
    shared.state.lock().await.seats.1.clear();
    order(shared, language, |answer| Order::Ask(Question::Conferences, answer)).await?;
    Ok(shared.state.lock().await.seats.1.clone())
}

/// Who is in which conference.
pub(crate) async fn show(shared: &Shared, language: Language) -> Result<String, String> {
    let seats = seats(shared, language).await?;
    let state = shared.state.lock().await;
    let config = state.documents.as_ref().map(|documents| &documents.config);
    let name = |number: &str| {
        let found = config.and_then(|config| config.conference(number));
        found.map_or_else(String::new, |conference| conference.name.clone())
    };
    Ok(conference_lines(&seats, name, language))
}

/// Does something to a party of a conference.
pub(crate) async fn party_do(
    shared: &Shared,
    (conference, name, what): (&Digits, &PartyName, PartyDo),
    language: Language,
) -> Result<String, String> {
    let seats = seats(shared, language).await?;
    let call = party(&seats, (&conference.to_string(), name), language)?;
    let make = |answer| match what {
        PartyDo::Mute(on) => Order::Voice(call, None, Some(on), answer),
        PartyDo::Gain(db) => Order::Voice(call, Some(db), None, answer),
        PartyDo::Drop => Order::Clear(call, answer),
    };
    order(shared, language, make).await?;
    Ok(say(language, Text::PARTY_DONE, &[&call.to_string()]) + "\n")
}
