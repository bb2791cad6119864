//! All SQL of the daemon: SQLite with a write-ahead log, each commit on disk before it is told.
//!
//! What the events became and how far they are folded in is written in one transaction, so that a
//! daemon killed at any moment folds each event exactly once.

mod fault;
mod recordings;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use records::{RecordingRow, Row};
use rusqlite::{Connection, OptionalExtension, params};
use units::{ContentHash, Utc};

pub use fault::StoreFault;

/// The version of the schema that this release writes.
const SCHEMA: i64 = 4;
/// What makes a store of the version one that of the next, from version 1 on.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/2.sql"),
    include_str!("../migrations/3.sql"),
    include_str!("../migrations/4.sql"),
];
/// Alarms kept.
const ALARMS: i64 = 10_000;

/// What a batch of events became.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Which spool the events came from.
    pub spool: u64,
    /// The highest number among them; 0 if they are not numbered.
    pub number: u64,
    /// Calls that ended.
    pub rows: Vec<Row>,
    /// Recordings that are closed, or not there.
    pub recordings: Vec<RecordingRow>,
    /// Alarms, as text.
    pub alarms: Vec<(Utc, String)>,
}

/// The store.
#[derive(Debug)]
pub struct Store {
    sql: Connection,
}

impl Store {
    /// Opens or makes the store at `path`.
    ///
    /// # Errors
    /// [`StoreFault`]: the file cannot be used, or a newer release made it.
    pub fn open(path: &Path) -> Result<Self, StoreFault> {
        let sql = Connection::open(path)?;
        sql.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: a commit has reached the disk when it returns.
        sql.pragma_update(None, "synchronous", "FULL")?;
        sql.busy_timeout(std::time::Duration::from_secs(5))?;
        let mut store = Self { sql };
        store.migrate()?;
        Ok(store)
    }

    fn migrate(&mut self) -> Result<(), StoreFault> {
        let found: i64 = self.sql.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > SCHEMA {
            return Err(StoreFault::Newer { found, newest: SCHEMA });
        }
        if found == SCHEMA {
            return Ok(());
        }
        let all = self.sql.transaction()?;
        match usize::try_from(found) {
            Ok(0) | Err(_) => all.execute_batch(include_str!("../schema.sql"))?,
            Ok(from) => {
                for step in &MIGRATIONS[from - 1..] {
                    all.execute_batch(step)?;
                }
            }
        }
        all.pragma_update(None, "user_version", SCHEMA)?;
        all.commit()?;
        Ok(())
    }

    /// How far the events of a spool are folded in.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn folded(&self, spool: u64) -> Result<u64, StoreFault> {
        let number: Option<i64> = self
            .sql
            .query_row("SELECT number FROM folded WHERE spool = ?1", [spool.to_string()], |row| {
                row.get(0)
            })
            .optional()?;
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
    }

    /// Folds a batch in: all of it or nothing, on disk when this returns.
    ///
    /// # Errors
    /// What SQLite says; nothing was written then.
    pub fn fold(&mut self, batch: &Batch) -> Result<(), StoreFault> {
        let all = self.sql.transaction()?;
        for row in &batch.rows {
            // A row that is there already came from a spool that was lost and sent again.
            all.prepare_cached(
                "INSERT INTO calls VALUES \
                 (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
                 ?15, ?16, ?17) \
                 ON CONFLICT (call) DO NOTHING",
            )?
            .execute(params![
                row.call,
                row.tenant,
                row.caller,
                row.presentation,
                row.called,
                row.path,
                row.digits,
                row.offered,
                row.answered,
                row.connected,
                row.ended,
                row.cause,
                row.by,
                row.category,
                row.charge_units,
                row.charge_thousandths.map(|most| i64::try_from(most).unwrap_or(i64::MAX)),
                row.currency,
            ])?;
        }
        for row in &batch.recordings {
            recordings::insert(&all, row)?;
        }
        for (at, text) in &batch.alarms {
            all.execute("INSERT INTO alarms (at, text) VALUES (?1, ?2)", params![at.0, text])?;
        }
        if !batch.alarms.is_empty() {
            all.execute(
                "DELETE FROM alarms WHERE id <= (SELECT max(id) FROM alarms) - ?1",
                [ALARMS],
            )?;
        }
        if batch.number > 0 {
            all.execute(
                "INSERT INTO folded VALUES (?1, ?2) \
                 ON CONFLICT (spool) DO UPDATE SET number = max(number, excluded.number)",
                params![batch.spool.to_string(), i64::try_from(batch.number).unwrap_or(i64::MAX)],
            )?;
        }
        all.commit()?;
        Ok(())
    }

    /// The newest records, newest last.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn records(&self, most: u32) -> Result<Vec<Row>, StoreFault> {
        let mut query = self.sql.prepare_cached(include_str!("records.sql"))?;
        let rows = query.query_map([most], |row| {
            Ok(Row {
                call: row.get(0)?,
                tenant: row.get(1)?,
                caller: row.get(2)?,
                presentation: row.get(3)?,
                called: row.get(4)?,
                path: row.get(5)?,
                digits: row.get(6)?,
                offered: row.get(7)?,
                answered: row.get(8)?,
                connected: row.get(9)?,
                ended: row.get(10)?,
                cause: row.get(11)?,
                by: row.get(12)?,
                category: row.get(13)?,
                charge_units: row.get(14)?,
                charge_thousandths: row
                    .get::<_, Option<i64>>(15)?
                    .and_then(|thousandths| u64::try_from(thousandths).ok()),
                currency: row.get(16)?,
                recording: row.get(17)?,
                recorded_seconds: row.get(18)?,
                recording_hash: row.get(19)?,
            })
        })?;
        let mut rows: Vec<Row> = rows.collect::<Result<_, _>>()?;
        rows.reverse();
        Ok(rows)
    }

    /// How many records there are.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn count(&self) -> Result<u64, StoreFault> {
        let count: i64 = self.sql.query_row("SELECT count(*) FROM calls", [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Keeps an alarm of the daemon's own; on disk when this returns.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alarm(&mut self, at: Utc, text: &str) -> Result<(), StoreFault> {
        self.fold(&Batch { alarms: vec![(at, text.into())], ..Batch::default() })
    }

    /// The newest alarms, newest last.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alarms(&self, most: u32) -> Result<Vec<(Utc, String)>, StoreFault> {
        let mut query =
            self.sql.prepare_cached("SELECT at, text FROM alarms ORDER BY id DESC LIMIT ?1")?;
        let rows = query.query_map([most], |row| Ok((Utc(row.get(0)?), row.get(1)?)))?;
        let mut rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        rows.reverse();
        Ok(rows)
    }

    /// Puts documents in force, with the names of their programs: all or nothing.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn put_in_force(
        &mut self,
        documents: &[(String, String)],
        programs: &[(ContentHash, String)],
    ) -> Result<(), StoreFault> {
        let all = self.sql.transaction()?;
        all.execute("DELETE FROM documents", [])?;
        for (name, text) in documents {
            all.execute("INSERT INTO documents VALUES (?1, ?2)", params![name, text])?;
        }
        for (hash, name) in programs {
            all.execute(
                "INSERT OR REPLACE INTO programs VALUES (?1, ?2)",
                params![hash.to_string(), name],
            )?;
        }
        all.commit()?;
        Ok(())
    }

    /// The documents in force, by name.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn documents(&self) -> Result<Vec<(String, String)>, StoreFault> {
        let mut query =
            self.sql.prepare_cached("SELECT name, text FROM documents ORDER BY name")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The name of a program that was published once.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn program(&self, hash: ContentHash) -> Result<Option<String>, StoreFault> {
        let mut query = self.sql.prepare_cached("SELECT name FROM programs WHERE hash = ?1")?;
        Ok(query.query_row([hash.to_string()], |row| row.get(0)).optional()?)
    }

    /// The numbers of telephones that messages wait for.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn waiting(&self) -> Result<BTreeSet<String>, StoreFault> {
        let mut query = self
            .sql
            .prepare_cached("SELECT substr(name, 9) FROM facts WHERE name LIKE 'waiting:%'")?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Messages wait for the telephone with this number, or do not any more; on disk when this
    /// returns.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn set_waiting(&mut self, number: &str, on: bool) -> Result<(), StoreFault> {
        let change = if on {
            "INSERT OR REPLACE INTO facts VALUES ('waiting:' || ?1, 1)"
        } else {
            "DELETE FROM facts WHERE name = 'waiting:' || ?1"
        };
        self.sql.execute(change, [number])?;
        Ok(())
    }

    /// The next generation of plans: higher than any before, on disk when this returns.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn next_generation(&mut self, at_least: u64) -> Result<u64, StoreFault> {
        let at_least = i64::try_from(at_least).unwrap_or(i64::MAX);
        let next: i64 = self.sql.query_row(
            "INSERT INTO facts VALUES ('generation', ?1) \
             ON CONFLICT (name) DO UPDATE SET value = max(value + 1, excluded.value) \
             RETURNING value",
            [at_least],
            |row| row.get(0),
        )?;
        Ok(u64::try_from(next).unwrap_or(0))
    }
}
