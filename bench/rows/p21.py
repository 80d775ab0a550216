"""Growth: what pages cost with a thousand, a hundred thousand and a million products"""

import sqlite3
import uuid
from contextlib import ExitStack

import shop
import wrk
from cells import in_turns
from outcome import Outcome

# Less than elsewhere, so that a slow page ends within its cell.
N_CONNECTIONS = 4


def deep_page(data, share=0.9):
    """The list page that begins after this share of all products."""
    db = sqlite3.connect(data / "shop.db")
    (n,) = db.execute("SELECT count(*) FROM products").fetchone()
    at, product_id = db.execute("SELECT published_at, id FROM products WHERE status = 'published' ORDER BY published_at DESC, id DESC LIMIT 1 OFFSET ?", (int(n * share),)).fetchone()
    db.close()
    return f"/products?page={at}.{uuid.UUID(bytes=product_id).hex}"


def pages(data, n_products):
    step = max(n_products // 300, 1)
    return {
        "list, first page": shop.uncached("/products"),
        "list, 90 % deep by keyset": shop.uncached(deep_page(data)),
        "product by its slug": [shop.uncached(f"/products/generated-{i}") for i in range(0, n_products, step)],
        "category with two below it": shop.uncached("/products?category=music"),
        "search for a word of one title in twelve": shop.uncached("/products?q=harbor"),
        "search for a word of few titles": shop.uncached("/products?q=harbor+99"),
    }


def run(world):
    sizes = [1_000, 100_000] if world.is_quick else [1_000, 100_000, 1_000_000]
    seconds = 1 if world.is_quick else 2
    with ExitStack() as stack:
        shops = []
        for n in sizes:
            data = shop.stocked(world, n)
            shops.append((*stack.enter_context(shop.serve(world, data)), pages(data, n)))
        lines = []
        for what in shops[0][2]:
            for _, port, paths in shops:
                wrk.run(port, paths[what], 1, N_CONNECTIONS)
            cell = lambda process, port, paths: wrk.cpu_ms_per_request(process, port, paths[what], seconds, N_CONNECTIONS)
            found = in_turns([lambda one=one: cell(*one) for one in shops], world.rounds)
            is_search = what.startswith("search")
            for n, cost in zip(sizes[1:], found[1:]):
                lines.append(
                    Outcome("P21", f"growth to {n:,} products, {what}, CPU-ms/request", f"{cost:.3f}", f"{found[0]:.3f} at 1,000", cost / found[0], "×", *((15, 5) if is_search else (3, 2)))
                )
    return lines
