-- The store of a box as this release makes it. A store of a release before becomes it by the files
-- of migrations/, each named by the version that it leads to. Migrations expand first and contract
-- a release later.

-- One row a call, whatever happened to it.
CREATE TABLE calls (
    call         TEXT PRIMARY KEY,
    tenant       INTEGER NOT NULL,
    caller       TEXT NOT NULL,
    presentation TEXT NOT NULL CHECK (presentation IN ('allowed', 'restricted', 'unavailable')),
    called       TEXT NOT NULL,
    path         TEXT NOT NULL,
    digits       TEXT NOT NULL,
    offered      INTEGER NOT NULL,
    answered     INTEGER,
    connected    INTEGER,
    ended        INTEGER NOT NULL,
    cause        INTEGER NOT NULL CHECK (cause BETWEEN 1 AND 127),
    by           TEXT NOT NULL CHECK (by IN ('caller', 'called', 'box', 'network')),
    category     TEXT,
    charge_units INTEGER CHECK (charge_units >= 0),
    charge_thousandths INTEGER CHECK (charge_thousandths >= 0),
    currency     TEXT
) STRICT;
CREATE INDEX calls_by_end ON calls (ended);

-- Recordings of calls, a row for each part. A part that is told again changes nothing, unless nothing
-- was known to be there. `held`: a person keeps it. `erased`: when, and by which rule. `gone`: its
-- file is not there any more.
CREATE TABLE recordings (
    number  INTEGER PRIMARY KEY,
    call    TEXT NOT NULL,
    call_id INTEGER NOT NULL,
    part    INTEGER NOT NULL CHECK (part BETWEEN 1 AND 255),
    begun   INTEGER NOT NULL,
    seconds INTEGER NOT NULL CHECK (seconds >= 0),
    state   TEXT NOT NULL CHECK (state IN ('whole', 'cut', 'none')),
    hash    TEXT,
    held    INTEGER NOT NULL DEFAULT 0,
    erased  INTEGER,
    erased_by TEXT,
    gone    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (call, part)
) STRICT;
CREATE INDEX recordings_to_erase ON recordings (begun) WHERE held = 0 AND gone = 0;

-- How far the events of each spool are folded in; written with what they became.
CREATE TABLE folded (
    spool  TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;

-- What went wrong, newest last.
CREATE TABLE alarms (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- The documents in force: the last good ones.
CREATE TABLE documents (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

-- Programs that were published, by hash: their names stay known after they are replaced.
CREATE TABLE programs (
    hash TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

-- Single values.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
