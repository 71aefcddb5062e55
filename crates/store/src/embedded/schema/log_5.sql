-- carehook.log schema 5: replays; beside the tables of the hot path, which know nothing of them

-- Deliveries that were made later than their event, and are not in its range of numbers.
CREATE TABLE added_deliveries (
    event INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    PRIMARY KEY (event, delivery)
) WITHOUT ROWID;

-- Events that were meant for one endpoint alone: tests, and payloads sent by hand.
CREATE TABLE addressed_events (
    event INTEGER PRIMARY KEY
);

-- Deliveries that a replay made due, until their end is counted.
CREATE TABLE replayed_deliveries (
    delivery INTEGER PRIMARY KEY,
    replay INTEGER NOT NULL
);
CREATE INDEX replayed_by_replay ON replayed_deliveries (replay);

-- How far a replay is in this file, and what it has come to here.
CREATE TABLE replay_progress (
    replay INTEGER PRIMARY KEY,
    after INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    due INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL
);
