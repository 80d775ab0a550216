//! Who sells and who buys: stores, members, customers, and their sessions.

const UP: &str = "
CREATE TABLE stores (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    tagline TEXT NOT NULL DEFAULT '',
    currency TEXT NOT NULL,
    time_zone TEXT NOT NULL DEFAULT 'UTC',
    support_email TEXT,
    -- Grows with every change that a page may show; a cached page of an older version is stale.
    catalog_version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE TABLE members (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    email TEXT NOT NULL,
    email_normalized TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    password_hash TEXT,
    role TEXT NOT NULL CHECK (role IN ('owner','admin','support','analyst')),
    created_at BIGINT NOT NULL,
    CONSTRAINT members_email_key UNIQUE (store_id, email_normalized)
);
CREATE TABLE api_keys (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    member_id UUID NOT NULL REFERENCES members(id),
    name TEXT NOT NULL,
    key_hash BYTEA NOT NULL CONSTRAINT api_keys_hash_key UNIQUE,
    scopes TEXT NOT NULL DEFAULT '*',
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE TABLE customers (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    email TEXT NOT NULL,
    email_normalized TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    password_hash TEXT,
    locale TEXT NOT NULL DEFAULT 'en',
    created_at BIGINT NOT NULL,
    CONSTRAINT customers_email_key UNIQUE (store_id, email_normalized)
);
CREATE TABLE sessions (
    id_hash BYTEA NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    member_id UUID REFERENCES members(id),
    customer_id UUID REFERENCES customers(id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expiry_idx ON sessions (expires_at);
CREATE INDEX sessions_member_idx ON sessions (member_id) WHERE member_id IS NOT NULL;
CREATE TABLE audit_entries (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    member_id UUID REFERENCES members(id),
    act TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID,
    before_json TEXT,
    after_json TEXT,
    request_id TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX audit_entries_recent_idx ON audit_entries (store_id, id DESC);
";

const DOWN: &str = "
DROP TABLE audit_entries;
DROP TABLE sessions;
DROP TABLE customers;
DROP TABLE api_keys;
DROP TABLE members;
DROP TABLE stores;
";

crate::migration!();
