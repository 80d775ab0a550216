"""Two years of orders, written straight into the database: copies of one that was really bought."""

import hashlib
import sqlite3
import time
from contextlib import closing

DAY = 24 * 60 * 60 * 1000
SPAN = 2 * 365 * DAY
# What a shop throws away by itself is not there: done jobs after a month, handled events after two.
KEEP_JOBS, KEEP_EVENTS = 29 * DAY, 59 * DAY

# Ids are UUIDv7 of their time, and names of Stripe's without an order, as real ones are. One order in ten was never paid, one in
# fifty refunded, one in five is a customer's second. `{now}`, `{n}` and the like are numbers, `{series}` counts from one to `{n}`.
SQL = """
CREATE TEMP TABLE bench_order AS SELECT * FROM orders WHERE public_id = '{template}';
CREATE TEMP TABLE bench_item AS SELECT i.* FROM order_items i JOIN bench_order o ON o.id = i.order_id;
CREATE TEMP TABLE bench_entitlement AS SELECT e.* FROM entitlements e JOIN bench_order o ON o.id = e.order_id;
CREATE TEMP TABLE bench_sales AS SELECT n, at, n % 10 <> 0 AS is_paid, n % 50 = 1 AS is_refunded, bench_name(n, 26) AS public_id, bench_id(1, at, n) AS order_id, bench_id(2, at, n) AS item_id,
    bench_id(3, {now} - {span}, who) AS customer_id, bench_name(who, 12) || '@example.com' AS email
    FROM (SELECT n, {now} - {span} + n * ({span} / {n}) AS at, n % {n_customers} AS who FROM {series}) AS numbered;
INSERT INTO customers (id, store_id, email, email_normalized, created_at)
    SELECT DISTINCT s.customer_id, o.store_id, s.email, s.email, {now} - {span} FROM bench_sales s CROSS JOIN bench_order o;
INSERT INTO orders (id, store_id, public_id, access_nonce, status, livemode, email, email_normalized, customer_id, currency, amount_subtotal, amount_total, amount_paid, amount_refunded, checkout_session_id, payment_intent_id, created_at, paid_at)
    SELECT s.order_id, o.store_id, s.public_id, o.access_nonce, CASE WHEN s.is_refunded THEN 'refunded' WHEN s.is_paid THEN 'paid' ELSE 'expired' END, o.livemode, s.email, s.email, CASE WHEN s.is_paid THEN s.customer_id END, o.currency, o.amount_subtotal, o.amount_total,
        CASE WHEN s.is_paid THEN o.amount_total ELSE 0 END, CASE WHEN s.is_refunded THEN o.amount_total ELSE 0 END, 'cs_test_' || s.public_id, CASE WHEN s.is_paid THEN 'pi_' || s.public_id END, s.at, CASE WHEN s.is_paid THEN s.at + 60000 END
    FROM bench_sales s CROSS JOIN bench_order o;
INSERT INTO order_items (id, store_id, order_id, product_id, variant_id, product_slug, product_title, variant_key, variant_name, terms, quantity, unit_amount, download_limit, position)
    SELECT s.item_id, i.store_id, s.order_id, i.product_id, i.variant_id, i.product_slug, i.product_title, i.variant_key, i.variant_name, i.terms, i.quantity, i.unit_amount, i.download_limit, i.position
    FROM bench_sales s CROSS JOIN bench_item i;
INSERT INTO payments (id, store_id, order_id, provider, provider_id, charge_id, amount, currency, paid_at)
    SELECT bench_id(4, s.at, s.n), o.store_id, s.order_id, 'stripe', 'pi_' || s.public_id, 'ch_' || s.public_id, o.amount_total, o.currency, s.at + 60000
    FROM bench_sales s CROSS JOIN bench_order o WHERE s.is_paid;
INSERT INTO entitlements (id, store_id, order_id, order_item_id, unit_no, product_id, variant_id, email_normalized, download_limit, state, created_at)
    SELECT bench_id(5, s.at, s.n), e.store_id, s.order_id, s.item_id, 1, e.product_id, e.variant_id, s.email, e.download_limit, CASE WHEN s.is_refunded THEN 'revoked' ELSE 'active' END, s.at + 60000
    FROM bench_sales s CROSS JOIN bench_entitlement e WHERE s.is_paid;
INSERT INTO refunds (id, store_id, order_id, amount, state, provider_id, idempotency_key, created_at, updated_at)
    SELECT bench_id(10, s.at, s.n), o.store_id, s.order_id, o.amount_total, 'succeeded', 're_' || s.public_id, 're_' || s.public_id, s.at + {day}, s.at + {day}
    FROM bench_sales s CROSS JOIN bench_order o WHERE s.is_refunded;
INSERT INTO order_events (id, store_id, order_id, kind, detail, created_at)
    SELECT bench_id(5 + k.no, s.at, s.n), o.store_id, s.order_id, k.kind, '', s.at + 60000 FROM bench_sales s CROSS JOIN bench_order o
    CROSS JOIN (SELECT 1 AS no, 'paid' AS kind UNION ALL SELECT 2, 'entitled' UNION ALL SELECT 3, 'mailed') AS k WHERE s.is_paid;
INSERT INTO jobs (id, store_id, kind, dedupe_key, payload, state, attempts, next_at, created_at, done_at)
    SELECT bench_id(9, s.at, s.n), o.store_id, 'order_mail', 'order-mail:' || s.public_id, s.public_id, 'done', 1, s.at + 60000, s.at + 60000, s.at + 61000
    FROM bench_sales s CROSS JOIN bench_order o WHERE s.is_paid AND s.at > {now} - {keep_jobs};
INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, attempts, next_at, received_at, done_at)
    SELECT 'evt_' || s.public_id, 'checkout.session.completed', o.livemode, 'cs_test_' || s.public_id, o.access_nonce, 'done', 1, s.at + 60000, s.at + 60000, s.at + 60000
    FROM bench_sales s CROSS JOIN bench_order o WHERE s.is_paid AND s.at > {now} - {keep_events};
"""

POSTGRES_WORDS = """
CREATE FUNCTION bench_id(kind INT, at BIGINT, n BIGINT) RETURNS UUID LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(at), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8000' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION bench_name(n BIGINT, length INT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$ SELECT left(md5(n::text), length) $$;
"""


def name(n, length=26):
    """The public id of the order with this number: in no order, of letters that the shop uses."""
    return hashlib.md5(str(n).encode()).hexdigest()[:length]


def is_delivered(n):
    return n % 10 != 0 and n % 50 != 1


def write(database, template, n):
    """Adds so many orders like the paid order `template`; the shop does not run meanwhile."""
    numbers = {"template": template, "n": n, "now": int(time.time() * 1000) - 60_000, "span": SPAN, "n_customers": max(n * 4 // 5, 1), "day": DAY, "keep_jobs": KEEP_JOBS, "keep_events": KEEP_EVENTS}
    if database.server:
        _on_postgres(database.server, SQL.format(**numbers, series=f"generate_series(1::bigint, {n}) AS numbers(n)"))
    else:
        _on_sqlite(database.data / "shop.db", SQL.format(**numbers, series=f"(WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {n}) SELECT n FROM counted) AS numbers"))


def _on_postgres(server, sql):
    # What tidies up by itself would fall into somebody's measurement.
    server.set("autovacuum", "off")
    haste = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
    for setting, value in haste.items():
        server.set(setting, value)
    # Every key is right by its making, and to check each would take longer than to write it.
    server.sql(f"SET session_replication_role = replica; SET work_mem = '256MB'; {POSTGRES_WORDS} {sql}")
    for setting in haste:
        server.set(setting, "DEFAULT")
    server.sql("VACUUM ANALYZE")
    server.sql("CHECKPOINT")


def _on_sqlite(path, sql):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.create_function("bench_id", 3, lambda kind, at, n: bytes.fromhex(f"{at:012x}7{kind:03x}8000{n:012x}"), deterministic=True)
        db.create_function("bench_name", 2, name, deterministic=True)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        for statement in sql.split(";\n"):
            db.execute(statement)
        db.execute("COMMIT")
        db.execute("ANALYZE")
        db.execute("PRAGMA journal_mode = WAL")
