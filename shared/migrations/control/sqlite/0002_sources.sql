CREATE TABLE credentials (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    vendor TEXT NOT NULL,
    base_url TEXT,
    kind TEXT NOT NULL,
    login_masked TEXT,
    sealed_token TEXT,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    renewed_at TEXT NOT NULL,
    refused_at TEXT
) STRICT;
CREATE INDEX credentials_by_subscription ON credentials (subscription_id, id);

CREATE TABLE sources (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    credential_id TEXT NOT NULL REFERENCES credentials (id),
    name TEXT NOT NULL,
    vendor TEXT NOT NULL,
    base_url TEXT,
    company_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    state TEXT NOT NULL,
    hints INTEGER NOT NULL,
    webhook_version INTEGER NOT NULL,
    webhook_oldest INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    last_used_at TEXT,
    lease_holder TEXT,
    lease_until TEXT,
    removed_at TEXT,
    remove_rows INTEGER NOT NULL,
    rows_removed_at TEXT
) STRICT;
CREATE INDEX sources_by_subscription ON sources (subscription_id, created_at, id);
CREATE INDEX sources_by_credential ON sources (credential_id);
-- One company is one source of a subscription; a removed one may be connected again.
CREATE UNIQUE INDEX sources_by_company ON sources (subscription_id, vendor, company_id) WHERE state <> 'removed';
CREATE INDEX sources_to_clear ON sources (removed_at) WHERE remove_rows AND rows_removed_at IS NULL;

CREATE TABLE source_tables (
    source_id TEXT NOT NULL REFERENCES sources (id),
    table_name TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    filter TEXT,
    next_at TEXT,
    last_at TEXT,
    last_rows INTEGER,
    forbidden_since TEXT,
    outcome TEXT,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (source_id, table_name)
) STRICT;
CREATE INDEX source_tables_due ON source_tables (next_at, source_id) WHERE enabled;

CREATE TABLE runs (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    source_id TEXT NOT NULL REFERENCES sources (id),
    kind TEXT NOT NULL,
    tables TEXT NOT NULL,
    period_from TEXT,
    period_to TEXT,
    state TEXT NOT NULL,
    windows_done INTEGER NOT NULL,
    windows_total INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    checkpoint TEXT,
    failure_code TEXT,
    failure_details TEXT,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT
) STRICT;
CREATE INDEX runs_by_source ON runs (source_id, created_at, id);
CREATE INDEX runs_by_subscription ON runs (subscription_id, created_at, id);
CREATE INDEX runs_under_way ON runs (changed_at) WHERE state IN ('waiting', 'running', 'paused');

-- Times of slots are microseconds since 1970 in UTC: both databases add to them in one statement.
CREATE TABLE lanes (
    id TEXT PRIMARY KEY NOT NULL,
    host TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    address TEXT NOT NULL,
    per_minute INTEGER NOT NULL,
    per_second INTEGER NOT NULL,
    share INTEGER NOT NULL,
    interval_micros INTEGER NOT NULL,
    next_slot INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT;

CREATE TABLE lane_spending (
    lane_id TEXT NOT NULL REFERENCES lanes (id),
    hour TEXT NOT NULL,
    spender TEXT NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    purpose TEXT NOT NULL,
    calls INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (lane_id, hour, spender, purpose)
) STRICT;
CREATE INDEX lane_spending_by_subscription ON lane_spending (subscription_id, hour);
CREATE INDEX lane_spending_by_hour ON lane_spending (hour);

CREATE TABLE usage (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    month TEXT NOT NULL,
    rows INTEGER NOT NULL,
    warned INTEGER NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (subscription_id, month)
) STRICT;
