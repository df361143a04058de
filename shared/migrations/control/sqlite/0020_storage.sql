-- What each warehouse took up when it was last looked at, and of how much of the plan its owners were told.
CREATE TABLE storage (
    subscription_id TEXT PRIMARY KEY NOT NULL REFERENCES subscriptions (id),
    bytes INTEGER NOT NULL,
    measured_at TEXT NOT NULL,
    warned INTEGER NOT NULL
) STRICT;
