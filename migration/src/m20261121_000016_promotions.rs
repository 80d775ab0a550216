//! Promotions that apply by themselves, or to some goods alone, and what each has brought.

const UP: &str = "
-- Without a code: the best one applies by itself.
ALTER TABLE promotions ADD COLUMN is_automatic BOOLEAN NOT NULL DEFAULT FALSE;
-- A promotion for chosen goods whose goods are all gone is for nothing, not for everything.
ALTER TABLE promotions ADD COLUMN is_for_everything BOOLEAN NOT NULL DEFAULT TRUE;
-- What the orders that redeemed it came to, and what it took off, in the store's currency.
ALTER TABLE promotions ADD COLUMN amount_sold BIGINT NOT NULL DEFAULT 0;
ALTER TABLE promotions ADD COLUMN amount_given BIGINT NOT NULL DEFAULT 0;
UPDATE promotions SET
    amount_sold = COALESCE((SELECT SUM(o.amount_total) FROM promotion_uses u JOIN orders o ON o.id = u.order_id JOIN stores s ON s.id = o.store_id AND s.currency = o.currency WHERE u.promotion_id = promotions.id AND u.state = 'redeemed'), 0),
    amount_given = COALESCE((SELECT SUM(u.amount) FROM promotion_uses u JOIN orders o ON o.id = u.order_id JOIN stores s ON s.id = o.store_id AND s.currency = o.currency WHERE u.promotion_id = promotions.id AND u.state = 'redeemed'), 0);
CREATE TABLE promotion_goods (
    id UUID NOT NULL PRIMARY KEY,
    promotion_id UUID NOT NULL REFERENCES promotions(id) ON DELETE CASCADE,
    product_id UUID NOT NULL REFERENCES products(id) ON DELETE CASCADE,
    -- Nothing where every variant of the product is meant.
    variant_id UUID REFERENCES variants(id) ON DELETE CASCADE
);
CREATE INDEX promotion_goods_promotion_idx ON promotion_goods (promotion_id, product_id);
CREATE INDEX promotion_goods_product_idx ON promotion_goods (product_id);
CREATE INDEX promotions_recent_idx ON promotions (store_id, id DESC);
CREATE INDEX promotions_automatic_idx ON promotions (store_id) WHERE is_automatic AND status = 'active';
CREATE INDEX promotion_codes_promotion_idx ON promotion_codes (promotion_id);
-- The code that a visitor has applied, until the cart is paid.
ALTER TABLE carts ADD COLUMN promotion_code TEXT;
";

const DOWN: &str = "
ALTER TABLE carts DROP COLUMN promotion_code;
DROP INDEX promotion_codes_promotion_idx;
DROP INDEX promotions_automatic_idx;
DROP INDEX promotions_recent_idx;
DROP TABLE promotion_goods;
ALTER TABLE promotions DROP COLUMN amount_given;
ALTER TABLE promotions DROP COLUMN amount_sold;
ALTER TABLE promotions DROP COLUMN is_for_everything;
ALTER TABLE promotions DROP COLUMN is_automatic;
";

crate::migration!();
