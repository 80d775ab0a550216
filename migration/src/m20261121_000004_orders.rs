//! What was bought: carts, orders with frozen prices, payments, refunds, disputes, taxes, invoices.

const UP: &str = "
CREATE TABLE carts (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    token_hash BYTEA NOT NULL CONSTRAINT carts_token_key UNIQUE,
    email TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX carts_age_idx ON carts (updated_at);
CREATE TABLE cart_items (
    cart_id UUID NOT NULL REFERENCES carts(id) ON DELETE CASCADE,
    variant_id UUID NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (cart_id, variant_id)
);
CREATE TABLE tax_rates (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    country TEXT NOT NULL,
    name TEXT NOT NULL,
    rate_basis_points BIGINT NOT NULL CHECK (rate_basis_points BETWEEN 0 AND 10000),
    is_inclusive BOOLEAN NOT NULL,
    CONSTRAINT tax_rates_country_key UNIQUE (store_id, country, name)
);
CREATE TABLE orders (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    public_id TEXT NOT NULL CONSTRAINT orders_public_id_key UNIQUE,
    -- The access key is derived from this and the secret key, so that a mail sent later can carry it and a stolen database cannot.
    access_nonce BYTEA NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending','processing','paid','partially_refunded','refunded','disputed','charged_back','failed','expired')),
    livemode BOOLEAN NOT NULL,
    email TEXT NOT NULL,
    email_normalized TEXT NOT NULL,
    customer_id UUID REFERENCES customers(id),
    currency TEXT NOT NULL,
    amount_subtotal BIGINT NOT NULL CHECK (amount_subtotal >= 0),
    amount_discount BIGINT NOT NULL DEFAULT 0 CHECK (amount_discount >= 0),
    amount_tax BIGINT NOT NULL DEFAULT 0 CHECK (amount_tax >= 0),
    amount_total BIGINT NOT NULL CHECK (amount_total >= 0),
    amount_paid BIGINT NOT NULL DEFAULT 0,
    amount_refunded BIGINT NOT NULL DEFAULT 0,
    refund_reserved BIGINT NOT NULL DEFAULT 0,
    checkout_session_id TEXT CONSTRAINT orders_session_key UNIQUE,
    checkout_url TEXT,
    checkout_expires_at BIGINT,
    checkout_attempt BIGINT NOT NULL DEFAULT 1,
    payment_intent_id TEXT CONSTRAINT orders_intent_key UNIQUE,
    -- One attempt to buy makes one order, however often it is sent.
    idempotency_key TEXT,
    request_hash TEXT,
    cart_id UUID,
    version BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    paid_at BIGINT,
    -- When Stripe was last asked by a page, and when the reconciler asks next.
    checked_at BIGINT,
    next_check_at BIGINT,
    CONSTRAINT orders_idempotency_key UNIQUE (store_id, idempotency_key),
    CHECK (amount_refunded >= 0 AND refund_reserved >= 0 AND amount_refunded + refund_reserved <= amount_paid)
);
CREATE INDEX orders_recent_idx ON orders (store_id, id DESC);
CREATE INDEX orders_status_idx ON orders (store_id, status, id DESC);
CREATE INDEX orders_paid_idx ON orders (store_id, paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX orders_email_idx ON orders (store_id, email_normalized, id DESC);
CREATE INDEX orders_check_idx ON orders (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE TABLE order_items (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    product_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    product_slug TEXT NOT NULL,
    product_title TEXT NOT NULL,
    variant_key TEXT NOT NULL,
    variant_name TEXT NOT NULL,
    terms TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    unit_amount BIGINT NOT NULL CHECK (unit_amount >= 0),
    amount_discount BIGINT NOT NULL DEFAULT 0,
    amount_tax BIGINT NOT NULL DEFAULT 0,
    download_limit BIGINT,
    has_license BOOLEAN NOT NULL DEFAULT FALSE,
    license_activation_limit BIGINT,
    license_expires_after_days BIGINT,
    position BIGINT NOT NULL
);
CREATE INDEX order_items_order_idx ON order_items (order_id, position);
CREATE INDEX order_items_product_idx ON order_items (product_id);
CREATE TABLE payments (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    provider TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    charge_id TEXT CONSTRAINT payments_charge_key UNIQUE,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    paid_at BIGINT NOT NULL,
    CONSTRAINT payments_provider_key UNIQUE (provider, provider_id)
);
CREATE INDEX payments_order_idx ON payments (order_id);
CREATE TABLE refunds (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    order_item_id UUID REFERENCES order_items(id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT,
    state TEXT NOT NULL CHECK (state IN ('requested','pending','requires_action','succeeded','failed','canceled')),
    provider_id TEXT CONSTRAINT refunds_provider_key UNIQUE,
    idempotency_key TEXT NOT NULL CONSTRAINT refunds_idempotency_key UNIQUE,
    member_id UUID REFERENCES members(id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX refunds_order_idx ON refunds (order_id);
CREATE TABLE disputes (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    provider_id TEXT NOT NULL CONSTRAINT disputes_provider_key UNIQUE,
    status TEXT NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX disputes_order_idx ON disputes (order_id);
CREATE TABLE invoices (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL CONSTRAINT invoices_order_key UNIQUE REFERENCES orders(id),
    number TEXT NOT NULL,
    file_id UUID REFERENCES files(id),
    issued_at BIGINT NOT NULL,
    CONSTRAINT invoices_number_key UNIQUE (store_id, number)
);
-- What happened to an order and when: paid, entitled, mailed, page seen, bytes fetched.
CREATE TABLE order_events (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    kind TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX order_events_order_idx ON order_events (order_id, id);
";

const DOWN: &str = "
DROP TABLE order_events;
DROP TABLE invoices;
DROP TABLE disputes;
DROP TABLE refunds;
DROP TABLE payments;
DROP TABLE order_items;
DROP TABLE orders;
DROP TABLE tax_rates;
DROP TABLE cart_items;
DROP TABLE carts;
";

crate::migration!();
