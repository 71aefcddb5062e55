-- carehook.audit schema 2: a copy of the newest signed statement of which books the audit trail has
CREATE TABLE audit_register (
    place INTEGER PRIMARY KEY CHECK (place = 1),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    books INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    digest BLOB NOT NULL,
    signature BLOB NOT NULL
);
