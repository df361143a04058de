-- Documents have no list: they come with what mentions them, and are never due by themselves.
UPDATE source_tables SET next_at = NULL WHERE table_name = 'yclients_documents';

-- Whether a source was given its nightly and weekly comparison: those connected before there were any get them once.
ALTER TABLE sources ADD COLUMN compared BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE sources SET compared = TRUE
WHERE EXISTS (SELECT 1 FROM jobs WHERE jobs.subscription_id = sources.subscription_id
              AND jobs.source_id = sources.id AND jobs.kind = 'reconciliation');
