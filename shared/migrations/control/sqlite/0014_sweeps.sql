-- When the nightly sweep of a subscription's warehouse was last sent off.
CREATE TABLE sweeps (
    subscription_id TEXT PRIMARY KEY NOT NULL REFERENCES subscriptions (id),
    sent_at TEXT NOT NULL
) STRICT;
