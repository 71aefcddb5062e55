-- carehook.control schema 4: the settings of an organization, as JSON
ALTER TABLE organizations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
