-- Recordings that a person holds, and those that were erased: when, by which rule, and whether the
-- file is gone.
ALTER TABLE recordings ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN erased INTEGER;
ALTER TABLE recordings ADD COLUMN erased_by TEXT;
ALTER TABLE recordings ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX recordings_to_erase ON recordings (begun) WHERE held = 0 AND gone = 0;
