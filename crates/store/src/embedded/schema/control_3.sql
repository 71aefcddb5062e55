-- carehook.control schema 3: what a deleted endpoint was, for deletions that are asked for again
ALTER TABLE endpoints ADD COLUMN deleted_dialect INTEGER;
ALTER TABLE endpoints ADD COLUMN deleted_mode INTEGER;
