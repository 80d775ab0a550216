//! The keys that license files are signed with.

const UP: &str = "
CREATE TABLE signing_keys (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    kid TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    -- The private key under the secret key; absent where it comes from the environment.
    sealed BYTEA,
    not_before BIGINT NOT NULL,
    retired_at BIGINT,
    CONSTRAINT signing_keys_kid_key UNIQUE (store_id, kid)
);
CREATE UNIQUE INDEX signing_keys_active_key ON signing_keys (store_id) WHERE retired_at IS NULL;
";

const DOWN: &str = "
DROP TABLE signing_keys;
";

crate::migration!();
