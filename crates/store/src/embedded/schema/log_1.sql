-- carehook.log schema 1: the events of one UTC day with their deliveries and attempts
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL,
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    version TEXT NOT NULL,
    mode INTEGER NOT NULL,
    account TEXT,
    occurred_at INTEGER,
    created_at INTEGER NOT NULL,
    first_delivery INTEGER NOT NULL,
    delivery_count INTEGER NOT NULL,
    subject BLOB,
    sealed BLOB NOT NULL
);
CREATE INDEX events_by_organization ON events (organization);

CREATE TABLE deliveries (
    number INTEGER PRIMARY KEY,
    event INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    round_start INTEGER NOT NULL,
    trigger_kind INTEGER NOT NULL,
    due INTEGER NOT NULL,
    reason INTEGER,
    completed_at INTEGER
);
CREATE INDEX deliveries_pending ON deliveries (endpoint, due) WHERE state = 0;
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint, sequence);

CREATE TABLE attempts (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    trigger_kind INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    answer BLOB,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

CREATE TABLE idempotency (
    organization INTEGER NOT NULL,
    key TEXT NOT NULL,
    event INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organization, key)
) WITHOUT ROWID;
