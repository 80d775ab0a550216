"""The list page, rendered anew: CPU of the shop ÷ CPU of a hand-written twin"""

import re
from html.parser import HTMLParser

import shop
import wrk
from cells import in_turns
from http_client import Client, wait_until_up
from outcome import Outcome
from process import Process, free_port

N_PRODUCTS = 1_000


class VisibleText(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.words, self._silent = [], 0
        self.feed(html)

    def handle_starttag(self, tag, _):
        self._silent += tag in ("head", "script", "style")

    def handle_endtag(self, tag):
        self._silent -= tag in ("head", "script", "style")

    def handle_data(self, data):
        if not self._silent:
            self.words += re.sub(r"\s+", " ", data).split()


def same_words(port, twin_port):
    """Both sides write the same words, or nothing is compared."""
    ours, twins = (VisibleText(Client(p).get(path)[2].decode()).words for p, path in ((port, shop.uncached("/products")), (twin_port, "/products")))
    if ours != twins:
        at = next((i for i, pair in enumerate(zip(ours, twins)) if pair[0] != pair[1]), min(len(ours), len(twins)))
        raise RuntimeError(f"the twin says {twins[at:at + 6]} where the shop says {ours[at:at + 6]}")
    return len(ours)


def run(world):
    data = shop.stocked(world, N_PRODUCTS)
    twin_port = free_port()
    with shop.serve(world, data) as (process, port), Process([world.twin_program, data / "shop.db", f"127.0.0.1:{twin_port}"]) as twin:
        wait_until_up(twin_port, "/products", twin)
        n_words = same_words(port, twin_port)
        sides = [(process, port, shop.uncached("/products")), (twin, twin_port, "/products")]
        for _, side_port, path in sides:
            wrk.run(side_port, path, 1)
        ours, peer = in_turns([lambda side=side: wrk.cpu_ms_per_request(*side, world.seconds) for side in sides], world.rounds)
    what = f"list page uncached, CPU-ms/request, against axum+maud+sqlx on the same rows ({n_words} equal words)"
    return [Outcome("P4", what, f"{ours:.3f}", f"{peer:.3f}", ours / peer, "×", 4, 2.5)]
