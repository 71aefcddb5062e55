-- carehook.log schema 4: an attempt that sent something is a disclosure, chained by organization
ALTER TABLE attempts ADD COLUMN organization INTEGER;
ALTER TABLE attempts ADD COLUMN disclosure INTEGER;
ALTER TABLE attempts ADD COLUMN host TEXT;
ALTER TABLE attempts ADD COLUMN hash BLOB;
CREATE INDEX attempts_by_disclosure ON attempts (organization, disclosure)
    WHERE disclosure IS NOT NULL;
