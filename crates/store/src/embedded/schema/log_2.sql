-- carehook.log schema 2: mails that are owed about failures, and rounds whose failure nobody is told of
ALTER TABLE deliveries ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;

CREATE TABLE mails (
    delivery INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    due INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (delivery, attempt)
) WITHOUT ROWID;
CREATE INDEX mails_by_due ON mails (due);
