//! What the dashboard keeps for itself: who did what, forms that were refused, one-time links into the shop, the store's facts.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const UP: &str = "
-- Who it was and what it was about, in words that stay true when the member or the object is gone.
ALTER TABLE audit_entries ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN object_name TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_entries_object_idx ON audit_entries (store_id, object_kind, id DESC);
CREATE INDEX audit_entries_member_idx ON audit_entries (member_id, id DESC);
-- What somebody typed into a form that was refused, for a day.
CREATE TABLE drafts (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    -- Nobody for forms of those who are not signed in.
    member_id UUID REFERENCES members(id),
    form TEXT NOT NULL,
    body TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX drafts_age_idx ON drafts (created_at);
-- Who was taken away keeps the row, for what was done by it.
ALTER TABLE members ADD COLUMN removed_at BIGINT;
-- Links by which a member gets in once: an invitation, a forgotten password, a sign-in by mail.
CREATE TABLE entry_links (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    member_id UUID NOT NULL REFERENCES members(id),
    token_hash BYTEA NOT NULL CONSTRAINT entry_links_token_key UNIQUE,
    purpose TEXT NOT NULL CHECK (purpose IN ('sign_in','invitation')),
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX entry_links_member_idx ON entry_links (member_id, purpose);
CREATE INDEX entry_links_age_idx ON entry_links (expires_at);
ALTER TABLE sessions ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN ip TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN way TEXT NOT NULL DEFAULT 'password';
-- Since when the shop has an owner.
ALTER TABLE stores ADD COLUMN claimed_at BIGINT;
UPDATE stores SET claimed_at = created_at WHERE EXISTS (SELECT 1 FROM members WHERE members.store_id = stores.id);
ALTER TABLE stores ADD COLUMN legal_name TEXT NOT NULL DEFAULT '';
ALTER TABLE stores ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE stores ADD COLUMN tax_id TEXT NOT NULL DEFAULT '';
ALTER TABLE stores ADD COLUMN sender_name TEXT NOT NULL DEFAULT '';
ALTER TABLE stores ADD COLUMN logo_file_id UUID REFERENCES files(id);
ALTER TABLE stores ADD COLUMN download_limit BIGINT CHECK (download_limit IS NULL OR download_limit > 0);
ALTER TABLE stores ADD COLUMN activation_limit BIGINT CHECK (activation_limit IS NULL OR activation_limit > 0);
ALTER TABLE stores ADD COLUMN terms_text TEXT NOT NULL DEFAULT '';
ALTER TABLE stores ADD COLUMN privacy_text TEXT NOT NULL DEFAULT '';
ALTER TABLE stores ADD COLUMN refund_text TEXT NOT NULL DEFAULT '';
";

const DOWN: &str = "
ALTER TABLE stores DROP COLUMN refund_text;
ALTER TABLE stores DROP COLUMN privacy_text;
ALTER TABLE stores DROP COLUMN terms_text;
ALTER TABLE stores DROP COLUMN activation_limit;
ALTER TABLE stores DROP COLUMN download_limit;
ALTER TABLE stores DROP COLUMN logo_file_id;
ALTER TABLE stores DROP COLUMN sender_name;
ALTER TABLE stores DROP COLUMN tax_id;
ALTER TABLE stores DROP COLUMN address;
ALTER TABLE stores DROP COLUMN legal_name;
ALTER TABLE stores DROP COLUMN claimed_at;
ALTER TABLE sessions DROP COLUMN way;
ALTER TABLE sessions DROP COLUMN seen_at;
ALTER TABLE sessions DROP COLUMN ip;
ALTER TABLE sessions DROP COLUMN user_agent;
DROP TABLE entry_links;
ALTER TABLE members DROP COLUMN removed_at;
DROP TABLE drafts;
DROP INDEX audit_entries_member_idx;
DROP INDEX audit_entries_object_idx;
ALTER TABLE audit_entries DROP COLUMN object_name;
ALTER TABLE audit_entries DROP COLUMN actor;
";

/// The log is only ever added to, whoever writes.
const APPEND_ONLY_SQLITE: &str = "
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
";

const APPEND_ONLY_POSTGRES: &str = "
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
";

const CHANGEABLE_SQLITE: &str = "
DROP TRIGGER audit_entries_remain;
DROP TRIGGER audit_entries_stay;
";

const CHANGEABLE_POSTGRES: &str = "
DROP TRIGGER audit_entries_stay ON audit_entries;
DROP FUNCTION refuse_change;
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await?;
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        crate::run(manager, if is_sqlite { APPEND_ONLY_SQLITE } else { APPEND_ONLY_POSTGRES }).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        crate::run(manager, if is_sqlite { CHANGEABLE_SQLITE } else { CHANGEABLE_POSTGRES }).await?;
        crate::run(manager, DOWN).await
    }
}
