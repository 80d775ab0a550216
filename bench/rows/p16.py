"""Memory before and after load, and the size of the program"""

import time

import shop
import wrk
from outcome import Outcome


def run(world):
    data = shop.stocked(world, 1_000)
    slugs = [f"/products/generated-{i}" for i in range(0, 1_000, 7)]
    with shop.serve(world, data) as (process, port):
        time.sleep(2)
        idle = process.pss_mb()
        for path in (shop.uncached("/products"), slugs, [shop.uncached(slug) for slug in slugs], [f"/products?q={n}" for n in range(500)]):
            wrk.run(port, path, world.seconds, connections=64)
        loaded = process.pss_mb()
    size = world.shop_program.stat().st_size / 1e6
    return [
        Outcome("P16", "memory idle (PSS)", f"{idle:.0f} MB", "", idle, " MB", 40, 20),
        Outcome("P16", "memory after lists, products and searches at 64 connections (PSS)", f"{loaded:.0f} MB", "", loaded, " MB", 120, 60),
        Outcome("P16", "the program with all that it serves", f"{size:.0f} MB", "", size, " MB", 60, 30),
    ]
