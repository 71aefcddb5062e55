-- carehook.control schema 9: people who are signed in, and links that sign in once; without an organization they are the operator's
CREATE TABLE sessions (
    digest BLOB PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    organization INTEGER,
    granted BLOB,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_organization ON sessions (organization);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE sign_in_links (
    digest BLOB PRIMARY KEY,
    organization INTEGER,
    granted BLOB,
    expires_at INTEGER
) WITHOUT ROWID;
CREATE INDEX sign_in_links_by_organization ON sign_in_links (organization);
CREATE INDEX sign_in_links_by_end ON sign_in_links (expires_at);
