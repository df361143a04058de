-- What users schedule. A job is due when next_at has come and no run of it is under way.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    source_id TEXT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    settings JSONB NOT NULL,
    schedule TEXT,
    paused_at TIMESTAMPTZ,
    anchor_at TIMESTAMPTZ NOT NULL,
    next_at TIMESTAMPTZ,
    current_run TEXT,
    last_run TEXT,
    failures BIGINT NOT NULL,
    untold_run TEXT,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX jobs_due ON jobs (next_at, id) WHERE next_at IS NOT NULL AND current_run IS NULL;
CREATE INDEX jobs_by_subscription ON jobs (subscription_id, created_at, id);
CREATE INDEX jobs_to_tell ON jobs (untold_run) WHERE untold_run IS NOT NULL;

CREATE TABLE job_runs (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    by_actor TEXT NOT NULL,
    period_from DATE,
    period_to DATE,
    state TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    held_by TEXT,
    silent_after TIMESTAMPTZ NOT NULL,
    row_count BIGINT NOT NULL,
    counts JSONB NOT NULL,
    failure_code TEXT,
    failure_details JSONB,
    queued_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
);
CREATE INDEX job_runs_by_job ON job_runs (job_id, queued_at, id);
CREATE INDEX job_runs_open ON job_runs (silent_after, id) WHERE finished_at IS NULL;

-- Extracts that users define, and the tables they fill. A name belongs to one report of a subscription for as long as the
-- table may hold its rows.
CREATE TABLE reports (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    job_id TEXT,
    source_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    definition JSONB NOT NULL,
    known_paths JSONB NOT NULL,
    offered_paths JSONB NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ
);
CREATE INDEX reports_by_subscription ON reports (subscription_id, created_at, id);

CREATE TABLE report_tables (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    name TEXT NOT NULL,
    report_id TEXT NOT NULL REFERENCES reports (id),
    position BIGINT NOT NULL,
    structure JSONB NOT NULL,
    PRIMARY KEY (subscription_id, name)
);
CREATE INDEX report_tables_by_report ON report_tables (report_id, position);
