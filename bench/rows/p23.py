"""SQL statements a page"""

import re
import time

import shop
import stripe
from http_client import Client
from outcome import Outcome
from postgres import postgres

PRODUCT = "the-weight-of-light"
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")
# What an entity writes before a column: its table, in quotes.
TABLE_OF_COLUMN = re.compile(r'"\w+"\.')
# What the shop does by itself all the time.
BACKGROUND = re.compile(r"^(UPDATE (inbox_events|jobs) SET lease_until|SELECT catalog_version FROM stores|SET |BEGIN|COMMIT|ROLLBACK|SELECT id, \(\$1 - (?:COALESCE\(|created_at)|SELECT id FROM products WHERE store_id = \$1 AND status = 'published' AND published_at > |DELETE FROM )")


def statements(server, client, path, headers):
    """What a page asks of the database, the second time it is asked for."""
    client.expect(200, "GET", path, headers=headers)
    time.sleep(0.2)
    start = server.log.stat().st_size
    client.expect(200, "GET", path, headers=headers)
    time.sleep(0.2)
    with open(server.log) as log:
        log.seek(start)
        found = [match.group(1) for match in map(STATEMENT.search, log) if match]
    plain = [TABLE_OF_COLUMN.sub("", sql).replace('"', "") for sql in found]
    return [sql for sql in plain if not BACKGROUND.match(sql)]


def run(world):
    data = world.scratch / "statements"
    with postgres(world) as server, stripe.emulator(world) as emulator:
        shop.load_sample(world, data, server.url)
        with shop.serve(world, data, server.url, emulator.port) as (process, port):
            client = Client(port)
            cookie = shop.fill_cart(client, PRODUCT)
            order_id, key, _ = shop.buy(port, emulator, PRODUCT)
            server.sql("ALTER SYSTEM SET log_statement = 'all'")
            server.sql("SELECT pg_reload_conf()")
            time.sleep(0.3)
            lines = []
            for what, path in [
                ("front page", shop.uncached("/")),
                ("list", shop.uncached("/products")),
                ("list of a category", shop.uncached("/products?category=books")),
                ("search", shop.uncached("/products?q=harbor")),
                ("product", shop.uncached(f"/products/{PRODUCT}")),
                ("product, cached", f"/products/{PRODUCT}"),
                ("cart", "/cart"),
                ("order", f"/orders/{order_id}?key={key}"),
            ]:
                found = statements(server, client, path, {"cookie": cookie})
                tables = ", ".join(re.findall(r'FROM "?(\w+)', sql)[0] for sql in found if " FROM " in sql)
                lines.append(Outcome("P23", f"SQL statements, {what}", tables or "none", "", len(found), "", 5, 3))
    return lines
