CREATE TABLE credentials (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    vendor TEXT NOT NULL,
    base_url TEXT,
    kind TEXT NOT NULL,
    login_masked TEXT,
    sealed_token TEXT,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    renewed_at TIMESTAMPTZ NOT NULL,
    refused_at TIMESTAMPTZ
);
CREATE INDEX credentials_by_subscription ON credentials (subscription_id, id);

CREATE TABLE sources (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    credential_id TEXT NOT NULL REFERENCES credentials (id),
    name TEXT NOT NULL,
    vendor TEXT NOT NULL,
    base_url TEXT,
    company_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    state TEXT NOT NULL,
    hints BOOLEAN NOT NULL,
    webhook_version BIGINT NOT NULL,
    webhook_oldest BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    lease_holder TEXT,
    lease_until TIMESTAMPTZ,
    removed_at TIMESTAMPTZ,
    remove_rows BOOLEAN NOT NULL,
    rows_removed_at TIMESTAMPTZ
);
CREATE INDEX sources_by_subscription ON sources (subscription_id, created_at, id);
CREATE INDEX sources_by_credential ON sources (credential_id);
-- One company is one source of a subscription; a removed one may be connected again.
CREATE UNIQUE INDEX sources_by_company ON sources (subscription_id, vendor, company_id) WHERE state <> 'removed';
CREATE INDEX sources_to_clear ON sources (removed_at) WHERE remove_rows AND rows_removed_at IS NULL;

CREATE TABLE source_tables (
    source_id TEXT NOT NULL REFERENCES sources (id),
    table_name TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    filter JSONB,
    next_at TIMESTAMPTZ,
    last_at TIMESTAMPTZ,
    last_rows BIGINT,
    forbidden_since TIMESTAMPTZ,
    outcome TEXT,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source_id, table_name)
);
CREATE INDEX source_tables_due ON source_tables (next_at, source_id) WHERE enabled;

CREATE TABLE runs (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    source_id TEXT NOT NULL REFERENCES sources (id),
    kind TEXT NOT NULL,
    tables JSONB NOT NULL,
    period_from DATE,
    period_to DATE,
    state TEXT NOT NULL,
    windows_done BIGINT NOT NULL,
    windows_total BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    checkpoint JSONB,
    failure_code TEXT,
    failure_details JSONB,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
);
CREATE INDEX runs_by_source ON runs (source_id, created_at, id);
CREATE INDEX runs_by_subscription ON runs (subscription_id, created_at, id);
CREATE INDEX runs_under_way ON runs (changed_at) WHERE state IN ('waiting', 'running', 'paused');

-- Times of slots are microseconds since 1970 in UTC: both databases add to them in one statement.
CREATE TABLE lanes (
    id TEXT PRIMARY KEY NOT NULL,
    host TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    address TEXT NOT NULL,
    per_minute BIGINT NOT NULL,
    per_second BIGINT NOT NULL,
    share BIGINT NOT NULL,
    interval_micros BIGINT NOT NULL,
    next_slot BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);

CREATE TABLE lane_spending (
    lane_id TEXT NOT NULL REFERENCES lanes (id),
    hour TIMESTAMPTZ NOT NULL,
    spender TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    purpose TEXT NOT NULL,
    calls BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (lane_id, hour, spender, purpose)
);
CREATE INDEX lane_spending_by_subscription ON lane_spending (subscription_id, hour);
CREATE INDEX lane_spending_by_hour ON lane_spending (hour);

CREATE TABLE usage (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    month TEXT NOT NULL,
    rows BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subscription_id, month)
);
