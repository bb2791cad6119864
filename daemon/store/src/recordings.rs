//! Recordings, a row for each part.

use records::RecordingRow;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use units::{CallId, Utc};

use crate::{Store, StoreFault};

const COLUMNS: &str = "SELECT number, call_id, part, begun, seconds, state, hash, \
                       (SELECT caller FROM calls WHERE calls.call = recordings.call), \
                       (SELECT called FROM calls WHERE calls.call = recordings.call), \
                       held, erased, erased_by FROM recordings";

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
        held: row.get(9)?,
        erased: row.get::<_, Option<i64>>(10)?.zip(row.get(11)?),
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

    /// Recordings whose file may be erased, the oldest first.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn oldest_recordings(&self, most: u32) -> Result<Vec<RecordingRow>, StoreFault> {
        let text = format!(
            "{COLUMNS} WHERE held = 0 AND gone = 0 AND erased IS NULL AND state <> 'none' \
             ORDER BY begun, number LIMIT ?1"
        );
        let mut query = self.sql.prepare_cached(&text)?;
        let rows = query.query_map([most], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Recordings that are erased and whose files may still be there.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn recordings_to_remove(&self) -> Result<Vec<RecordingRow>, StoreFault> {
        let text = format!("{COLUMNS} WHERE held = 0 AND gone = 0 AND erased IS NOT NULL");
        let mut query = self.sql.prepare_cached(&text)?;
        let rows = query.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A recording counts as erased from now on, by this rule; on disk when this returns. One that
    /// is held does not.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn erase_recording(&mut self, number: u32, at: Utc, by: &str) -> Result<(), StoreFault> {
        self.sql.execute(
            "UPDATE recordings SET erased = ?2, erased_by = ?3 \
             WHERE number = ?1 AND held = 0 AND erased IS NULL",
            params![number, at.0, by],
        )?;
        Ok(())
    }

    /// The file of a recording is not there any more.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn recording_gone(&mut self, number: u32) -> Result<(), StoreFault> {
        self.sql.execute("UPDATE recordings SET gone = 1 WHERE number = ?1", [number])?;
        Ok(())
    }

    /// A recording is held, or not any more; `false` if it was erased, or there is none.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn hold_recording(&mut self, number: u32, held: bool) -> Result<bool, StoreFault> {
        let changed = self.sql.execute(
            "UPDATE recordings SET held = ?2 \
             WHERE number = ?1 AND erased IS NULL AND state <> 'none'",
            params![number, held],
        )?;
        Ok(changed > 0)
    }
}
