-- carehook.statistics schema 1: what was counted of attempts, by endpoint and by organization
CREATE TABLE counts (
    organization INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    width INTEGER NOT NULL,
    start INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    retried INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    durations BLOB NOT NULL,
    PRIMARY KEY (organization, endpoint, width, start)
) WITHOUT ROWID;
CREATE INDEX counts_by_time ON counts (width, start);

CREATE TABLE last_ended (
    organization INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    at INTEGER NOT NULL,
    meaning INTEGER NOT NULL,
    PRIMARY KEY (organization, endpoint)
) WITHOUT ROWID;

CREATE TABLE counted (
    organization INTEGER NOT NULL,
    day INTEGER NOT NULL,
    disclosure INTEGER NOT NULL,
    PRIMARY KEY (organization, day)
) WITHOUT ROWID;
