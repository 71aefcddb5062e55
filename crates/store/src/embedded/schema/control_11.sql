-- carehook.control schema 11: a signed statement of which books the audit trail has and how far they were signed; number 0 is that of an installation that has signed nothing yet
CREATE TABLE audit_register (
    place INTEGER PRIMARY KEY CHECK (place = 1),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    books INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    digest BLOB NOT NULL,
    signature BLOB NOT NULL
);
INSERT INTO audit_register VALUES (1, 0, 0, 0, 0, x'', x'');
CREATE INDEX audit_checkpoints_by_book ON audit_checkpoints (book, organization);
