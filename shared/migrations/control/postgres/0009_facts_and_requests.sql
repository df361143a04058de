-- Marks of outbox entries by what they say beside their number: a warehouse that was restored or made anew gives numbers
-- again, and its facts are not to be taken for those that were told before.
CREATE TABLE relayed_facts (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    outbox_id BIGINT NOT NULL,
    digest TEXT NOT NULL,
    relayed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subscription_id, outbox_id, digest)
);

-- Requests of programs that carried an idempotency key, so that one that is sent again is not done again.
CREATE TABLE api_requests (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    actor TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL,
    done_at TIMESTAMPTZ,
    PRIMARY KEY (subscription_id, actor, idempotency_key)
);
CREATE INDEX api_requests_by_age ON api_requests (begun_at);
