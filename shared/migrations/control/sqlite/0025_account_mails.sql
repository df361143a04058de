-- Mails to members that are about no delivery, by the name that whoever took them gave them: bounces name it.
CREATE TABLE account_mails (
    handed_as TEXT PRIMARY KEY NOT NULL,
    subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    trouble TEXT,
    trouble_at TEXT
) STRICT;
CREATE INDEX account_mails_by_account ON account_mails (subscription_id, account_id, sent_at);
