//! What a customer may have and how it is fetched: entitlements, licenses, download links and their log.

const UP: &str = "
CREATE TABLE entitlements (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    order_item_id UUID NOT NULL REFERENCES order_items(id),
    unit_no BIGINT NOT NULL,
    product_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    email_normalized TEXT NOT NULL,
    download_limit BIGINT,
    state TEXT NOT NULL CHECK (state IN ('active','suspended','revoked')),
    cause TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    CONSTRAINT entitlements_unit_key UNIQUE (order_item_id, unit_no)
);
CREATE INDEX entitlements_order_idx ON entitlements (order_id);
CREATE INDEX entitlements_customer_idx ON entitlements (store_id, email_normalized, id DESC);
CREATE INDEX entitlements_product_idx ON entitlements (product_id);
CREATE TABLE licenses (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    entitlement_id UUID NOT NULL CONSTRAINT licenses_entitlement_key UNIQUE REFERENCES entitlements(id),
    number BIGINT NOT NULL CONSTRAINT licenses_number_key UNIQUE,
    key_hmac BYTEA NOT NULL CONSTRAINT licenses_key_key UNIQUE,
    -- The key is derived from this and the secret key; the database alone tells nobody a key.
    key_nonce BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active','suspended','revoked')),
    activation_limit BIGINT,
    activation_usage BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    CHECK (activation_usage >= 0 AND (activation_limit IS NULL OR activation_usage <= activation_limit))
);
CREATE TABLE activations (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    license_id UUID NOT NULL REFERENCES licenses(id),
    name TEXT NOT NULL,
    fingerprint_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    deactivated_at BIGINT
);
CREATE UNIQUE INDEX activations_seat_key ON activations (license_id, fingerprint_hash) WHERE deactivated_at IS NULL;
CREATE TABLE download_links (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    token_hash BYTEA NOT NULL CONSTRAINT download_links_token_key UNIQUE,
    entitlement_id UUID NOT NULL REFERENCES entitlements(id),
    file_id UUID NOT NULL REFERENCES files(id),
    expires_at BIGINT NOT NULL,
    -- Until when further requests belong to the download that this link has begun.
    session_until BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX download_links_entitlement_idx ON download_links (entitlement_id, file_id);
CREATE INDEX download_links_expiry_idx ON download_links (expires_at);
-- One row a budget: how often this file of this entitlement was fetched, and how much was added by hand.
CREATE TABLE download_counts (
    entitlement_id UUID NOT NULL REFERENCES entitlements(id),
    file_id UUID NOT NULL REFERENCES files(id),
    n_used BIGINT NOT NULL DEFAULT 0 CHECK (n_used >= 0),
    n_extra BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (entitlement_id, file_id)
);
CREATE TABLE download_sessions (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    link_id UUID NOT NULL REFERENCES download_links(id) ON DELETE CASCADE,
    entitlement_id UUID NOT NULL REFERENCES entitlements(id),
    file_id UUID NOT NULL REFERENCES files(id),
    ip TEXT NOT NULL DEFAULT '',
    user_agent TEXT NOT NULL DEFAULT '',
    started_at BIGINT NOT NULL
);
CREATE INDEX download_sessions_recent_idx ON download_sessions (store_id, started_at);
CREATE INDEX download_sessions_entitlement_idx ON download_sessions (entitlement_id, started_at);
CREATE TABLE download_log (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    session_id UUID NOT NULL REFERENCES download_sessions(id) ON DELETE CASCADE,
    range_start BIGINT NOT NULL,
    n_bytes BIGINT NOT NULL,
    ip TEXT NOT NULL DEFAULT '',
    user_agent TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX download_log_session_idx ON download_log (session_id);
";

const DOWN: &str = "
DROP TABLE download_log;
DROP TABLE download_sessions;
DROP TABLE download_counts;
DROP TABLE download_links;
DROP TABLE activations;
DROP TABLE licenses;
DROP TABLE entitlements;
";

crate::migration!();
