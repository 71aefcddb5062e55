-- carehook.audit schema 1: disclosures that outlive their log file
CREATE TABLE disclosures (
    organization INTEGER NOT NULL,
    day INTEGER NOT NULL,
    number INTEGER NOT NULL,
    entry BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (organization, day, number)
) WITHOUT ROWID;
