-- Recordings of calls, a row for each part. A part that is told again changes nothing, unless nothing
-- was known to be there.
CREATE TABLE recordings (
    number  INTEGER PRIMARY KEY,
    call    TEXT NOT NULL,
    call_id INTEGER NOT NULL,
    part    INTEGER NOT NULL CHECK (part BETWEEN 1 AND 255),
    begun   INTEGER NOT NULL,
    seconds INTEGER NOT NULL CHECK (seconds >= 0),
    state   TEXT NOT NULL CHECK (state IN ('whole', 'cut', 'none')),
    hash    TEXT,
    UNIQUE (call, part)
) STRICT;
