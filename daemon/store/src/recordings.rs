//! Recordings, a row for each part.

use records::RecordingRow;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use units::CallId;

use crate::{Store, StoreFault};

const COLUMNS: &str = "SELECT number, call_id, part, begun, seconds, state, hash, \
                       (SELECT caller FROM calls WHERE calls.call = recordings.call), \
                       (SELECT called FROM calls WHERE calls.call = recordings.call) \
                       FROM recordings";

pub(crate) fn insert(all: &Transaction<'_>, row: &RecordingRow) -> Result<(), StoreFault> {
    // A part that is there already came from a spool that was sent again.
    all.prepare_cached(
        "INSERT INTO recordings (call, call_id, part, begun, seconds, state, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (call, part) DO UPDATE SET begun = excluded.begun, \
         seconds = excluded.seconds, state = excluded.state, hash = excluded.hash \
         WHERE recordings.state = 'none'",
    )?
    .execute(params![
        row.call.to_string(),
        row.call.0.cast_signed(),
        row.part,
        row.begun,
        row.seconds,
        row.state,
        row.hash,
    ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<RecordingRow> {
    let (caller, called): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(RecordingRow {
        number: row.get(0)?,
        call: CallId(row.get::<_, i64>(1)?.cast_unsigned()),
        part: row.get(2)?,
        begun: row.get(3)?,
        seconds: row.get(4)?,
        state: row.get(5)?,
        hash: row.get(6)?,
        parties: caller.zip(called),
    })
}

impl Store {
    /// The newest recordings, newest first.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn recordings(&self, most: u32) -> Result<Vec<RecordingRow>, StoreFault> {
        let text = format!("{COLUMNS} WHERE state <> 'none' ORDER BY number DESC LIMIT ?1");
        let mut query = self.sql.prepare_cached(&text)?;
        let rows = query.query_map([most], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The recording of this number.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn recording(&self, number: u32) -> Result<Option<RecordingRow>, StoreFault> {
        let mut query = self.sql.prepare_cached(&format!("{COLUMNS} WHERE number = ?1"))?;
        Ok(query.query_row([number], read).optional()?)
    }
}
