//! What is sold: categories, tags, products with their variants, prices, releases and files.

const UP: &str = "
CREATE TABLE files (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    object_key TEXT NOT NULL CONSTRAINT files_object_key UNIQUE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0),
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE categories (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    parent_id UUID REFERENCES categories(id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    image_file_id UUID REFERENCES files(id),
    position BIGINT NOT NULL DEFAULT 0,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    CONSTRAINT categories_slug_key UNIQUE (store_id, slug)
);
CREATE INDEX categories_parent_idx ON categories (parent_id);
CREATE TABLE tags (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT tags_slug_key UNIQUE (store_id, slug)
);
CREATE TABLE products (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    sku TEXT,
    kind TEXT NOT NULL,
    promise TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    edition TEXT,
    requirements TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    category_id UUID REFERENCES categories(id),
    cover_file_id UUID REFERENCES files(id),
    cover_alt TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL CHECK (status IN ('draft','published','archived')),
    published_at BIGINT,
    -- Kept with the product so that a list can be sorted by one index: the cheapest active price and what was sold.
    price_from BIGINT NOT NULL DEFAULT 0,
    currency TEXT NOT NULL,
    has_price_range BOOLEAN NOT NULL DEFAULT FALSE,
    n_sold BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT products_slug_key UNIQUE (store_id, slug)
);
CREATE INDEX products_newest_idx ON products (store_id, status, published_at DESC, id DESC);
CREATE INDEX products_price_idx ON products (store_id, status, price_from, id);
CREATE INDEX products_popular_idx ON products (store_id, status, n_sold DESC, id DESC);
CREATE INDEX products_cover_idx ON products (cover_file_id);
CREATE INDEX products_category_idx ON products (category_id, status, published_at DESC, id DESC);
CREATE TABLE product_tags (
    product_id UUID NOT NULL REFERENCES products(id) ON DELETE CASCADE,
    tag_id UUID NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
    PRIMARY KEY (product_id, tag_id)
);
CREATE INDEX product_tags_tag_idx ON product_tags (tag_id, product_id);
CREATE TABLE previews (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    product_id UUID NOT NULL REFERENCES products(id) ON DELETE CASCADE,
    file_id UUID NOT NULL REFERENCES files(id),
    role TEXT NOT NULL CHECK (role IN ('gallery','sample')),
    title TEXT NOT NULL DEFAULT '',
    position BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX previews_product_idx ON previews (product_id, position);
CREATE INDEX previews_file_idx ON previews (file_id);
CREATE TABLE variants (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    product_id UUID NOT NULL REFERENCES products(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '',
    terms TEXT NOT NULL DEFAULT 'personal',
    position BIGINT NOT NULL DEFAULT 0,
    status TEXT NOT NULL CHECK (status IN ('active','archived')),
    download_limit BIGINT CHECK (download_limit IS NULL OR download_limit > 0),
    has_license BOOLEAN NOT NULL DEFAULT FALSE,
    license_activation_limit BIGINT CHECK (license_activation_limit IS NULL OR license_activation_limit > 0),
    license_expires_after_days BIGINT CHECK (license_expires_after_days IS NULL OR license_expires_after_days > 0),
    CONSTRAINT variants_key_key UNIQUE (product_id, key)
);
CREATE TABLE prices (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    variant_id UUID NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    compare_at BIGINT,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX prices_active_key ON prices (variant_id, currency) WHERE is_active;
CREATE TABLE releases (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    product_id UUID NOT NULL REFERENCES products(id) ON DELETE CASCADE,
    version TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX releases_product_idx ON releases (product_id, id DESC);
-- A file of a release belongs to one variant, or to all of them when variant_id is null.
CREATE TABLE release_files (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    release_id UUID NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
    variant_id UUID REFERENCES variants(id) ON DELETE CASCADE,
    file_id UUID NOT NULL REFERENCES files(id),
    position BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX release_files_release_idx ON release_files (release_id, position);
CREATE INDEX release_files_file_idx ON release_files (file_id);
";

const DOWN: &str = "
DROP TABLE release_files;
DROP TABLE releases;
DROP TABLE prices;
DROP TABLE variants;
DROP TABLE previews;
DROP TABLE product_tags;
DROP TABLE products;
DROP TABLE tags;
DROP TABLE categories;
DROP TABLE files;
";

crate::migration!();
