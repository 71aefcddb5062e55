-- carehook.control schema 2: API keys; only the keyed digest of a key's text is stored
CREATE TABLE api_keys (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organization INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    digest BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    mode INTEGER NOT NULL,
    permissions TEXT NOT NULL,
    scopes TEXT NOT NULL,
    prefix TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
);
CREATE INDEX api_keys_by_organization ON api_keys (organization);
