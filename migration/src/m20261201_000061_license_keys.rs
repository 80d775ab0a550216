//! License keys that software asks for: what a tier says of its keys, keys that are kept sealed, seats with their devices, and what
//! happened to a license.

const UP: &str = "
ALTER TABLE variants ADD COLUMN license_policy TEXT NOT NULL DEFAULT '{}';
ALTER TABLE order_items ADD COLUMN license_policy TEXT NOT NULL DEFAULT '{}';
ALTER TABLE licenses ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';
-- The key itself, for whoever may see it; absent where it is derived from key_nonce.
ALTER TABLE licenses ADD COLUMN key_sealed BYTEA;
ALTER TABLE licenses ADD COLUMN updates_until BIGINT;
-- Why its seller has suspended or revoked it.
ALTER TABLE licenses ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE licenses ADD COLUMN last_validated_at BIGINT;
CREATE INDEX licenses_store_idx ON licenses (store_id, id DESC);
ALTER TABLE activations ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';
-- Until when a floating seat is kept; absent for one that stays.
ALTER TABLE activations ADD COLUMN lease_until BIGINT;
CREATE INDEX activations_over_idx ON activations (deactivated_at) WHERE deactivated_at IS NOT NULL;
CREATE TABLE license_events (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    license_id UUID NOT NULL REFERENCES licenses(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('issued','activated','deactivated','lease_ended','file_issued','rotated','suspended','reinstated',
        'revoked','extended','limit_changed','seats_reset')),
    detail TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX license_events_license_idx ON license_events (license_id, id DESC);
CREATE INDEX license_events_age_idx ON license_events (created_at);
";

const DOWN: &str = "
DROP TABLE license_events;
DROP INDEX activations_over_idx;
ALTER TABLE activations DROP COLUMN lease_until;
ALTER TABLE activations DROP COLUMN fingerprint;
DROP INDEX licenses_store_idx;
ALTER TABLE licenses DROP COLUMN last_validated_at;
ALTER TABLE licenses DROP COLUMN reason;
ALTER TABLE licenses DROP COLUMN updates_until;
ALTER TABLE licenses DROP COLUMN key_sealed;
ALTER TABLE licenses DROP COLUMN policy;
ALTER TABLE order_items DROP COLUMN license_policy;
ALTER TABLE variants DROP COLUMN license_policy;
";

crate::migration!();
