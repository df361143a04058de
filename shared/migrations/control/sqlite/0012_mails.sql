-- Mails that were handed over, by the name that whoever took them gave them: bounces name it.
CREATE TABLE mails (
    handed_as TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    sent_at TEXT NOT NULL,
    trouble TEXT,
    trouble_at TEXT
) STRICT;
CREATE INDEX mails_by_delivery ON mails (subscription_id, delivery_id);
