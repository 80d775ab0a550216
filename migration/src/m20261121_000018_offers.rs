//! Prices that the customer names, and tiers that other goods come with.

const UP: &str = "
-- The amount is the least that is taken, and the customer names what is paid.
ALTER TABLE prices ADD COLUMN pay_what_you_want BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE prices ADD COLUMN suggested_amount BIGINT;
-- Whether the cheapest tier has such a price; cards say so.
ALTER TABLE products ADD COLUMN pay_what_you_want BOOLEAN NOT NULL DEFAULT FALSE;
-- What the visitor named for a piece.
ALTER TABLE cart_items ADD COLUMN chosen_amount BIGINT;
-- Who buys the tier gets the included ones as well.
CREATE TABLE bundle_items (
    variant_id UUID NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
    included_variant_id UUID NOT NULL REFERENCES variants(id),
    store_id UUID NOT NULL REFERENCES stores(id),
    position BIGINT NOT NULL,
    PRIMARY KEY (variant_id, included_variant_id),
    CHECK (variant_id <> included_variant_id)
);
CREATE INDEX bundle_items_included_idx ON bundle_items (included_variant_id);
-- The line that this one came with; it has no price of its own.
ALTER TABLE order_items ADD COLUMN part_of_id UUID REFERENCES order_items(id);
CREATE INDEX order_items_part_of_idx ON order_items (part_of_id) WHERE part_of_id IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX order_items_part_of_idx;
ALTER TABLE order_items DROP COLUMN part_of_id;
DROP TABLE bundle_items;
ALTER TABLE cart_items DROP COLUMN chosen_amount;
ALTER TABLE products DROP COLUMN pay_what_you_want;
ALTER TABLE prices DROP COLUMN suggested_amount;
ALTER TABLE prices DROP COLUMN pay_what_you_want;
";

crate::migration!();
