//! What is still to be done: events from Stripe, and jobs (the outbox).

const UP: &str = "
CREATE TABLE inbox_events (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    livemode BOOLEAN NOT NULL,
    account TEXT,
    api_version TEXT,
    object_id TEXT NOT NULL,
    raw BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received','done','ignored','dead')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    received_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX inbox_events_due_idx ON inbox_events (next_at) WHERE state = 'received';
CREATE INDEX inbox_events_object_idx ON inbox_events (object_id);
CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    kind TEXT NOT NULL,
    dedupe_key TEXT NOT NULL CONSTRAINT jobs_dedupe_key UNIQUE,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting','done','dead')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX jobs_due_idx ON jobs (next_at) WHERE state = 'waiting';
";

const DOWN: &str = "
DROP TABLE jobs;
DROP TABLE inbox_events;
";

crate::migration!();
