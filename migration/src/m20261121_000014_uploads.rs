//! Files that arrive in parts, pictures in several sizes, and releases that are prepared before customers get them.

const UP: &str = "
CREATE TABLE uploads (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    product_id UUID NOT NULL REFERENCES products(id),
    -- The release that a good is for; nothing means the one that customers have when the file is there.
    release_id UUID REFERENCES releases(id),
    -- The file that this one takes the place of.
    replaces_file_id UUID REFERENCES files(id),
    role TEXT NOT NULL CHECK (role IN ('good','gallery','cover','sample')),
    name TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    -- Keys of tiers, separated by spaces; none means all.
    variants TEXT NOT NULL DEFAULT '',
    -- By this the sender finds an upload again that broke off.
    mark TEXT NOT NULL,
    size_bytes BIGINT NOT NULL CHECK (size_bytes > 0),
    part_bytes BIGINT NOT NULL CHECK (part_bytes > 0),
    -- What the whole is to be, where the sender said so. Hexadecimal.
    sha256 TEXT,
    object_key TEXT NOT NULL CONSTRAINT uploads_object_key UNIQUE,
    -- What the store calls an upload in parts.
    store_ref TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('open','finishing','done','refused','swept')),
    -- Until when somebody puts the parts together.
    lease_until BIGINT NOT NULL DEFAULT 0,
    file_id UUID REFERENCES files(id),
    refusal_code TEXT,
    refusal_text TEXT,
    created_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX uploads_mark_key ON uploads (product_id, role, mark) WHERE state IN ('open','finishing');
CREATE INDEX uploads_age_idx ON uploads (touched_at);
CREATE INDEX uploads_release_idx ON uploads (release_id);
CREATE TABLE upload_parts (
    upload_id UUID NOT NULL REFERENCES uploads(id) ON DELETE CASCADE,
    -- From 1.
    number BIGINT NOT NULL CHECK (number > 0),
    size_bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    -- What the store calls the part.
    tag TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (upload_id, number)
);
-- Pixels of a picture, and the same picture in other widths, as JSON.
ALTER TABLE files ADD COLUMN width BIGINT;
ALTER TABLE files ADD COLUMN height BIGINT;
ALTER TABLE files ADD COLUMN sizes TEXT NOT NULL DEFAULT '';
-- The picture that this is another width of.
ALTER TABLE files ADD COLUMN original_id UUID REFERENCES files(id);
-- What the seller should know of a file that was taken all the same.
ALTER TABLE files ADD COLUMN warning TEXT NOT NULL DEFAULT '';
CREATE INDEX files_original_idx ON files (original_id);
-- Prepared, and not yet what customers have. One at a time: published ones are in the order of their ids.
ALTER TABLE releases ADD COLUMN is_draft BOOLEAN NOT NULL DEFAULT FALSE;
CREATE UNIQUE INDEX releases_draft_key ON releases (product_id) WHERE is_draft;
";

const DOWN: &str = "
DROP INDEX releases_draft_key;
ALTER TABLE releases DROP COLUMN is_draft;
DROP INDEX files_original_idx;
ALTER TABLE files DROP COLUMN warning;
ALTER TABLE files DROP COLUMN original_id;
ALTER TABLE files DROP COLUMN sizes;
ALTER TABLE files DROP COLUMN height;
ALTER TABLE files DROP COLUMN width;
DROP TABLE upload_parts;
DROP TABLE uploads;
";

crate::migration!();
