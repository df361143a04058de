-- How often a step was asked for through the queue: names its message, and tells a preview from that of an older mapping.
ALTER TABLE imports ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
-- Which column of a list is which, as its headers told when it was validated.
ALTER TABLE imports ADD COLUMN guess JSONB;
-- When taking back first began.
ALTER TABLE imports ADD COLUMN undo_at TIMESTAMPTZ;
-- When the uploaded file went.
ALTER TABLE imports ADD COLUMN file_removed_at TIMESTAMPTZ;
-- When what the warehouse keeps of the import began to go, after which nothing can be taken back, and when it was gone.
ALTER TABLE imports ADD COLUMN sweeping_at TIMESTAMPTZ;
ALTER TABLE imports ADD COLUMN swept_at TIMESTAMPTZ;
CREATE INDEX imports_under_way ON imports (changed_at, id)
    WHERE status IN ('uploaded', 'validating', 'applying', 'undoing');
CREATE INDEX imports_with_file ON imports (changed_at, id) WHERE file_removed_at IS NULL;
CREATE INDEX imports_unswept ON imports (changed_at, id) WHERE swept_at IS NULL;
