-- Reports that were removed together with their rows: set until these are gone and the names of their tables are free.
ALTER TABLE reports ADD COLUMN clear_rows BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX reports_to_clear ON reports (removed_at, id) WHERE clear_rows;
