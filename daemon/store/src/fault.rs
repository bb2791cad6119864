//! Why the store could not do something.

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// A newer release made it.
    #[error(
        "the store is of schema {found}, this release knows {newest}; start the newer release, or \
         restore a backup"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest that this release knows.
        newest: i64,
    },
    /// What SQLite says: a full disk, a folder that cannot be written to.
    #[error("the store cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
}
