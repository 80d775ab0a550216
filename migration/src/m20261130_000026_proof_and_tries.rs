//! Tries to get in are counted by the database, so that a restart forgets none and replicas share them. A session knows when
//! its member last proved who they are.

const UP: &str = "
-- One row a way in, an address and where it was tried from; swept when it ends.
CREATE TABLE sign_in_tries (
    store_id UUID NOT NULL REFERENCES stores(id),
    -- An HMAC: the table tells nobody's address.
    bucket BYTEA NOT NULL,
    n BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, bucket)
);
CREATE INDEX sign_in_tries_age_idx ON sign_in_tries (ends_at);
-- Nothing: when the session began.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT;
";

const DOWN: &str = "
ALTER TABLE sessions DROP COLUMN proved_at;
DROP TABLE sign_in_tries;
";

crate::migration!();
