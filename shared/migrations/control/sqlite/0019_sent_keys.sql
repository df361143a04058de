-- Keys of messages that were sent, for queues that remember none themselves.
CREATE TABLE sent_keys (
    queue TEXT NOT NULL,
    dedupe_key TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    PRIMARY KEY (queue, dedupe_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_keys_by_time ON sent_keys (sent_at);
