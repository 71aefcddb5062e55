-- carehook.control schema 7: the journal of each organization's audit trail, and how far its books were signed
CREATE TABLE audit_journal (
    organization INTEGER NOT NULL,
    number INTEGER NOT NULL,
    entry BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (organization, number)
) WITHOUT ROWID;

CREATE TABLE audit_checkpoints (
    organization INTEGER NOT NULL,
    book INTEGER NOT NULL,
    count INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (organization, book)
) WITHOUT ROWID;
