-- carehook.log schema 3: tries that other senders reported, and which try is the retry of which
CREATE TABLE reports (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    salt INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    success INTEGER,
    sealed BLOB NOT NULL,
    outcome BLOB
);
CREATE INDEX reports_by_endpoint ON reports (endpoint, created_at);

CREATE TABLE retries (
    activity BLOB PRIMARY KEY,
    retry_of BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX retries_by_original ON retries (retry_of);
