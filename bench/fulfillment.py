"""The SQL of a paid event without the shop around it, on both databases.

These are the statements that the shop runs between a signed webhook and an entitlement that survives a power cut, in its
transactions: the event kept, taken, the order settled and the event done with it.
"""

import re
import sqlite3
import time
import uuid

# Orders that wait for their payment, one for each transaction to come, copied from those that the API made.
PREPARE = """
CREATE TABLE bench_templates AS SELECT row_number() OVER (ORDER BY o.id) - 1 AS k, o.id AS order_id, i.id AS item_id
    FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.email LIKE 'template%';
CREATE TABLE bench_orders AS SELECT s.n, {uuid} AS order_id, {uuid} AS item_id, 'bench' || s.n AS public_id, 'bench' || s.n || '@example.com' AS email, 'pi_bench_' || s.n AS intent,
    t.order_id AS template_order, t.item_id AS template_item FROM {series} s JOIN bench_templates t ON t.k = s.n % (SELECT count(*) FROM bench_templates);
CREATE UNIQUE INDEX bench_orders_n ON bench_orders (n);
INSERT INTO orders (id, store_id, public_id, access_nonce, status, livemode, email, email_normalized, currency, amount_subtotal, amount_total, checkout_session_id, created_at)
    SELECT b.order_id, o.store_id, b.public_id, o.access_nonce, 'pending', o.livemode, b.email, b.email, o.currency, o.amount_subtotal, o.amount_total, 'cs_bench_' || b.n, o.created_at
    FROM bench_orders b JOIN orders o ON o.id = b.template_order;
INSERT INTO order_items (id, store_id, order_id, product_id, variant_id, product_slug, product_title, variant_key, variant_name, terms, quantity, unit_amount, position)
    SELECT b.item_id, i.store_id, b.order_id, i.product_id, i.variant_id, i.product_slug, i.product_title, i.variant_key, i.variant_name, i.terms, i.quantity, i.unit_amount, i.position
    FROM bench_orders b JOIN order_items i ON i.id = b.template_item;
"""

# Marked `~` where the number of the order, its rows and a new id stand. `next_at` lies far ahead: the shop's own worker lets these rows alone.
KEEP = "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at, happened_at, request_id) VALUES (~event, 'checkout.session.completed', FALSE, ~intent, ~raw, 'received', 9000000000000000, 1, 1, '0123456789abcdef') ON CONFLICT (id) DO NOTHING"
TAKE = "UPDATE inbox_events SET lease_until = 60000, attempts = attempts + 1 WHERE id = ~event AND state = 'received' RETURNING id, kind, livemode, object_id, attempts, lease_until, account, received_at, happened_at, request_id"
FIND = "SELECT * FROM orders WHERE public_id = ~public_id"
SETTLE = [
    "UPDATE orders SET status = 'paid', amount_paid = amount_total, paid_at = 2, next_check_at = NULL, payment_intent_id = ~intent, version = version + 1 WHERE id = ~order_id AND status IN ('pending', 'processing', 'failed', 'expired')",
    "INSERT INTO customers (id, store_id, email, email_normalized, created_at) VALUES (~new1, ~store_id, ~email, ~email, 2) ON CONFLICT (store_id, email_normalized) DO NOTHING RETURNING id AS customer_id",
    "UPDATE orders SET customer_id = ~customer_id WHERE id = ~order_id",
    "SELECT * FROM order_items WHERE order_id = ~order_id",
    "INSERT INTO entitlements (id, store_id, order_id, order_item_id, unit_no, product_id, variant_id, email_normalized, state, created_at) VALUES (~new2, ~store_id, ~order_id, ~item_id, 1, ~product_id, ~variant_id, ~email, 'active', 2) ON CONFLICT (order_item_id, unit_no) DO NOTHING RETURNING id",
    "UPDATE products SET n_sold = n_sold + 1 WHERE id = ~product_id",
    "UPDATE promotion_uses SET state = 'redeemed' WHERE order_id = ~order_id AND state = 'reserved'",
    "INSERT INTO jobs (id, store_id, kind, dedupe_key, payload, state, next_at, created_at, order_id, request_id) VALUES (~new3, ~store_id, 'order_mail', ~intent, ~public_id, 'done', 2, 2, ~order_id, '0123456789abcdef') ON CONFLICT (dedupe_key) DO NOTHING",
    "INSERT INTO order_events (id, store_id, order_id, kind, detail, created_at) VALUES (~new4, ~store_id, ~order_id, 'paid', '', 2), (~new5, ~store_id, ~order_id, 'entitled', '', 2)",
    "INSERT INTO payments (id, store_id, order_id, provider, provider_id, charge_id, amount, currency, paid_at) VALUES (~new6, ~store_id, ~order_id, 'stripe', ~intent, ~intent, 500, 'USD', 2) ON CONFLICT DO NOTHING",
]
DONE = "UPDATE inbox_events SET state = 'done', lease_until = 0, last_error = NULL, done_at = 2 WHERE id = ~event AND state = 'received' AND lease_until = 60000"
CONTEXT = "SELECT b.order_id, b.item_id, b.public_id, b.email, b.intent, i.store_id, i.product_id, i.variant_id FROM bench_orders b JOIN order_items i ON i.id = b.item_id WHERE b.n = ~n"
RAW = "x" * 250


def prepare_postgres(server, n):
    server.sql("CREATE SEQUENCE bench_n")
    server.sql(PREPARE.format(uuid="gen_random_uuid()", series=f"(SELECT n FROM generate_series(1, {n}) AS g(n))"))
    server.sql("VACUUM ANALYZE")


def pgbench_script():
    def for_pg(sql):
        for name, value in (("~event", "concat('evt_raw_', :n::text)"), ("~raw", f"'{RAW}'::bytea"), ("~new\\d", "gen_random_uuid()"), ("~", ":")):
            sql = re.sub(name, value, sql)
        return sql

    lines = ["SELECT nextval('bench_n') AS n \\gset", for_pg(CONTEXT) + " \\gset", for_pg(KEEP) + ";", for_pg(TAKE) + ";", for_pg(FIND) + ";", "BEGIN;"]
    lines += [for_pg(sql) + (" \\gset" if "AS customer_id" in sql else ";") for sql in SETTLE]
    return "\n".join([*lines, for_pg(DONE) + ";", "COMMIT;"]) + "\n"


class RawSqlite:
    """The same on SQLite by its own library, as durable as the shop (`synchronous=FULL`)."""

    def __init__(self, path, n):
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("BEGIN IMMEDIATE")
        series = f"(WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {n}) SELECT n FROM counted)"
        for sql in PREPARE.format(uuid="randomblob(16)", series=series).split(";"):
            self._db.execute(sql)
        self._db.execute("COMMIT")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._n = 0
        colon = lambda sql: sql.replace("~", ":")
        self._context, self._keep, self._take, self._find, self._done = map(colon, (CONTEXT, KEEP, TAKE, FIND, DONE))
        self._settle = [colon(sql) for sql in SETTLE]

    def _one(self):
        self._n += 1
        run = self._db.execute
        cursor = run(self._context, {"n": self._n})
        values = dict(zip((column[0] for column in cursor.description), cursor.fetchone()))
        values |= {"event": f"evt_raw_{self._n}", "raw": RAW.encode()} | {f"new{i}": uuid.uuid4().bytes for i in range(1, 7)}
        run(self._keep, values)
        run(self._take, values).fetchall()
        run(self._find, values).fetchall()
        run("BEGIN IMMEDIATE")
        for sql in self._settle:
            rows = run(sql, values).fetchall()
            if "AS customer_id" in sql:
                values["customer_id"] = rows[0][0]
        run(self._done, values)
        run("COMMIT")

    def per_second(self, seconds):
        began, n = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            self._one()
            n += 1
        return n / (time.monotonic() - began)

    def close(self):
        self._db.close()
