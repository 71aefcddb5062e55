-- carehook.control schema 12: what the person of a session, or for whom a link was made, is called; sealed
ALTER TABLE sessions ADD COLUMN person BLOB;
ALTER TABLE sign_in_links ADD COLUMN person BLOB;
