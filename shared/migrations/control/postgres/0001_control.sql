CREATE TABLE accounts (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    country TEXT NOT NULL,
    currency TEXT NOT NULL,
    placement TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE memberships (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    role TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subscription_id, account_id)
);
CREATE INDEX memberships_by_account ON memberships (account_id, subscription_id);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at TIMESTAMPTZ NOT NULL,
    idle_until TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_by_idle ON sessions (idle_until);
CREATE INDEX sessions_by_account ON sessions (account_id);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX api_tokens_by_subscription ON api_tokens (subscription_id, id);

CREATE TABLE sign_in_throttle (
    key TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    blocked_until TIMESTAMPTZ NOT NULL,
    last_failure_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_throttle_by_age ON sign_in_throttle (last_failure_at);

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    ordered_by TEXT NOT NULL,
    recipient_id TEXT REFERENCES accounts (id),
    format TEXT NOT NULL,
    table_name TEXT,
    profile TEXT,
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    selection JSONB NOT NULL,
    include_passwords BOOLEAN NOT NULL,
    purpose TEXT,
    idempotency_key TEXT,
    order_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    object_key TEXT,
    file_name TEXT,
    size BIGINT,
    sha256 TEXT,
    counts JSONB NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    link_key_version BIGINT NOT NULL,
    ordered_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    ready_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    claimed_at TIMESTAMPTZ,
    claimed_by TEXT,
    claim_until TIMESTAMPTZ,
    removed_at TIMESTAMPTZ,
    remove_at TIMESTAMPTZ,
    failure_code TEXT,
    failure_details JSONB
);
CREATE UNIQUE INDEX deliveries_by_idempotency_key ON deliveries (subscription_id, ordered_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX deliveries_by_subscription ON deliveries (subscription_id, ordered_at, id);
CREATE INDEX deliveries_by_format ON deliveries (subscription_id, format, ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX deliveries_to_remove ON deliveries (remove_at) WHERE removed_at IS NULL AND remove_at IS NOT NULL;
CREATE INDEX deliveries_not_started ON deliveries (ordered_at, id) WHERE status = 'ordered';

CREATE TABLE imports (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    created_by TEXT NOT NULL,
    file_name TEXT NOT NULL,
    object_key TEXT NOT NULL,
    format TEXT NOT NULL,
    table_name TEXT,
    mapping JSONB NOT NULL,
    merge BOOLEAN NOT NULL,
    options JSONB NOT NULL,
    idempotency_key TEXT,
    order_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    size BIGINT,
    counts JSONB NOT NULL,
    checkpoint JSONB,
    failure_code TEXT,
    failure_details JSONB,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    applied_at TIMESTAMPTZ,
    undone_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX imports_by_idempotency_key ON imports (subscription_id, created_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX imports_by_subscription ON imports (subscription_id, created_at, id);

CREATE TABLE journal (
    id TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    at TIMESTAMPTZ NOT NULL,
    category TEXT NOT NULL,
    severity TEXT NOT NULL,
    source_id TEXT,
    actor TEXT NOT NULL,
    code TEXT NOT NULL,
    counts JSONB NOT NULL,
    details JSONB NOT NULL,
    dedupe_key TEXT NOT NULL,
    UNIQUE (subscription_id, dedupe_key)
);
CREATE INDEX journal_by_time ON journal (subscription_id, at, id);
CREATE INDEX journal_by_category ON journal (subscription_id, category, at, id);

CREATE TABLE relayed (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    outbox_id BIGINT NOT NULL,
    relayed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subscription_id, outbox_id)
);

-- One row, once the first owner has been set up; its key lets one of two simultaneous set-ups win.
CREATE TABLE installation (
    only_row BIGINT PRIMARY KEY NOT NULL CHECK (only_row = 1),
    set_up_at TIMESTAMPTZ NOT NULL
);
