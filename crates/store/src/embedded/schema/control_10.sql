-- carehook.control schema 10: replays; while one is not closed, what it has come to is in the log files
CREATE TABLE replays (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organization INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    filter TEXT NOT NULL,
    dry_run INTEGER NOT NULL,
    state INTEGER NOT NULL,
    phase INTEGER NOT NULL,
    counts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    completed_at INTEGER
);
CREATE INDEX replays_by_endpoint ON replays (endpoint);
CREATE INDEX replays_open ON replays (phase) WHERE phase < 2;
