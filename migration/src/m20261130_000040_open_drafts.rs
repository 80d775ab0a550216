//! What those keep who are not signed in is bounded by who keeps it.

const UP: &str = "
-- An HMAC of the client's network, for drafts of nobody's: the table tells nobody's address.
ALTER TABLE drafts ADD COLUMN client BYTEA;
CREATE INDEX drafts_open_idx ON drafts (created_at, id) WHERE member_id IS NULL;
CREATE INDEX drafts_client_idx ON drafts (client, created_at) WHERE client IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX drafts_client_idx;
DROP INDEX drafts_open_idx;
ALTER TABLE drafts DROP COLUMN client;
";

crate::migration!();
