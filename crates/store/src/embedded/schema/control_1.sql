-- carehook.control schema 1: organizations, keys, endpoints, catalogue, answered requests
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE organizations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
);
CREATE UNIQUE INDEX organizations_by_id ON organizations (id) WHERE deleted_at IS NULL;

CREATE TABLE data_keys (
    organization INTEGER NOT NULL,
    day INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (organization, day)
) WITHOUT ROWID;

CREATE TABLE endpoints (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organization INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    sealed BLOB,
    deleted_at INTEGER
);

CREATE TABLE catalogue (
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (kind, code)
) WITHOUT ROWID;

CREATE TABLE requests (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    status INTEGER,
    answer BLOB,
    PRIMARY KEY (caller, key)
) WITHOUT ROWID;
CREATE INDEX requests_by_start ON requests (started_at);
