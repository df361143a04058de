-- When the rows of a removed report were gone: those that were kept can be found and erased later.
ALTER TABLE reports ADD COLUMN rows_removed_at TEXT;
-- The names of tables are kept for as long as these are there. Of JSON rows it is not known: they can be asked to go once more.
UPDATE reports SET rows_removed_at = changed_at
WHERE removed_at IS NOT NULL AND clear_rows = 0 AND definition NOT LIKE '%"target":"json"%'
  AND NOT EXISTS (SELECT 1 FROM report_tables WHERE report_tables.report_id = reports.id);
CREATE INDEX reports_by_source ON reports (source_id, id);

-- Reports and jobs of sources that were removed with their rows end with them.
UPDATE reports SET removed_at = COALESCE(removed_at, changed_at), clear_rows = 1
WHERE rows_removed_at IS NULL
  AND EXISTS (SELECT 1 FROM sources WHERE sources.id = reports.source_id AND sources.state = 'removed' AND sources.remove_rows);
DELETE FROM jobs
WHERE EXISTS (SELECT 1 FROM sources WHERE sources.id = jobs.source_id AND sources.state = 'removed' AND sources.remove_rows);
-- Reports of sources whose rows were kept wait for them.
UPDATE jobs SET next_at = NULL
WHERE kind = 'report' AND EXISTS (SELECT 1 FROM sources WHERE sources.id = jobs.source_id AND sources.state = 'removed');
