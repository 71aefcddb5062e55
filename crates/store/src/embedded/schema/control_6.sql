-- carehook.control schema 6: erasures; whose request an answer belongs to; the ends of numbers that retention has taken
CREATE TABLE erasures (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organization INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    subject BLOB,
    state INTEGER NOT NULL,
    counts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    completed_at INTEGER
);
CREATE INDEX erasures_by_organization ON erasures (organization);
CREATE INDEX erasures_running ON erasures (state) WHERE state = 0;

ALTER TABLE requests ADD COLUMN organization TEXT;
CREATE INDEX requests_by_organization ON requests (organization) WHERE organization IS NOT NULL;

ALTER TABLE endpoints ADD COLUMN last_sequence INTEGER NOT NULL DEFAULT 0;
