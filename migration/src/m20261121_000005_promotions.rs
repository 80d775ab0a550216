//! Promotions, the codes that customers type, and the orders that used them.

const UP: &str = "
CREATE TABLE promotions (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    name TEXT NOT NULL,
    percent_off BIGINT CHECK (percent_off IS NULL OR percent_off BETWEEN 1 AND 100),
    amount_off BIGINT CHECK (amount_off IS NULL OR amount_off > 0),
    currency TEXT,
    minimum_amount BIGINT,
    once_per_customer BOOLEAN NOT NULL DEFAULT FALSE,
    max_redemptions BIGINT CHECK (max_redemptions IS NULL OR max_redemptions > 0),
    n_reserved BIGINT NOT NULL DEFAULT 0 CHECK (n_reserved >= 0),
    n_redeemed BIGINT NOT NULL DEFAULT 0 CHECK (n_redeemed >= 0),
    starts_at BIGINT,
    expires_at BIGINT,
    status TEXT NOT NULL CHECK (status IN ('active','archived')),
    created_at BIGINT NOT NULL,
    CHECK (max_redemptions IS NULL OR n_reserved + n_redeemed <= max_redemptions),
    CHECK ((percent_off IS NULL) <> (amount_off IS NULL))
);
CREATE TABLE promotion_codes (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    promotion_id UUID NOT NULL REFERENCES promotions(id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    code_normalized TEXT NOT NULL,
    CONSTRAINT promotion_codes_code_key UNIQUE (store_id, code_normalized)
);
CREATE TABLE promotion_uses (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    promotion_id UUID NOT NULL REFERENCES promotions(id),
    order_id UUID NOT NULL CONSTRAINT promotion_uses_order_key UNIQUE REFERENCES orders(id),
    customer_key TEXT NOT NULL,
    once_per_customer BOOLEAN NOT NULL,
    amount BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved','redeemed','released')),
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX promotion_uses_customer_key ON promotion_uses (promotion_id, customer_key) WHERE once_per_customer AND state <> 'released';
";

const DOWN: &str = "
DROP TABLE promotion_uses;
DROP TABLE promotion_codes;
DROP TABLE promotions;
";

crate::migration!();
