-- Mails that were handed over, by the id that every attempt has: one that is named here is not sent again.
CREATE TABLE handed_mails (
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    message_id TEXT NOT NULL,
    handed_at TEXT NOT NULL,
    PRIMARY KEY (subscription_id, message_id)
) STRICT;
