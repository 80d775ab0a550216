"""A minute of each flood: memory comes back, the shop answers, and people can buy"""

import asyncio
import itertools
import json
import multiprocessing
import os
import statistics
import threading
import time
from contextlib import contextmanager

import shop
import stripe
import wrk
from http_client import Client
from outcome import Outcome
from percentile import in_ms, percentile
from process import CLIENT_CORE
from rows.p07 import mint
from stranger import Stranger, get, post

N_STRANGERS = 64
PRODUCT = "paper-harbor"
FORM = "content-type: application/x-www-form-urlencoded\r\naccept: text/html\r\n"
# After a flood what is held for somebody who might still come is given up, in seconds.
TO_SETTLE = 20


def queries(_, n):
    """The longest queries that are let in, and longer ones."""
    fields = "&".join(f"f{i}={n}x{'y' * 30}" for i in range(95))[:4000]
    for i in itertools.count():
        yield get(f"/cart?{fields}&n={i}" if i % 4 else f"/products?{fields * 3}")


def addresses(_, n):
    """Pages that don't exist, clicks of advertisements, and searches for nothing."""
    for i in itertools.count():
        yield get([f"/no-such-page/{n}-{i}", f"/products/{PRODUCT}?fbclid={n}-{i}", f"/products?q={n}x{i}", f"http://{'h' * 2000}/products?x={i}"][i % 4])


def ranges(link, _):
    """One byte of a download, again and again, by one link."""
    return itertools.repeat(get(link, "range: bytes=0-0\r\n"))


def drafts(_, n):
    """Sign-ins that fail, with as much to keep as a form may hold."""
    for i in itertools.count():
        body = f"email=s{n}-{i}%40example.com&password=wrong&next={'a' * 400_000}".encode()
        yield post("/_fn/sign_in", body, FORM)


def free_goods(_, n):
    """Orders over nothing for other people's addresses."""
    for i in itertools.count():
        body = json.dumps({"email": f"victim{n}-{i}@example.com", "items": [{"product": "pocket-zine-tides", "variant": "zine"}]})
        yield post("/api/v1/checkouts", body.encode(), "content-type: application/json\r\n")


async def repeat(port, make, link, seconds):
    until = asyncio.get_running_loop().time() + seconds
    found = await asyncio.gather(*(Stranger(port, n).repeat(make(link, n), until) for n in range(N_STRANGERS)))
    return sum_up(found)


async def bodies(port, _make, _link, seconds):
    """Webhooks and forms that never end, eight from each address."""
    until = asyncio.get_running_loop().time() + seconds
    webhook = post("/webhooks/stripe", b"{" * 1_000_000, "content-type: application/json\r\nstripe-signature: t=1,v1=00\r\n", 1_048_000)
    form = post("/_fn/sign_in", b"email=" + b"a" * 480_000, FORM, 500_000)
    holds = (Stranger(port, n).hold(webhook if i % 2 else form, until) for n in range(N_STRANGERS) for i in range(8))
    return sum_up(await asyncio.gather(*holds))


async def heads(port, _make, _link, seconds):
    """Heads that never end, eight from each address."""
    until = asyncio.get_running_loop().time() + seconds
    head = b"GET /products HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: "
    return sum_up(await asyncio.gather(*(Stranger(port, n).hold(head, until) for n in range(N_STRANGERS) for _ in range(8))))


def sum_up(found):
    return {name: sum(one.get(name, 0) for one in found) for name in sorted({name for one in found for name in one}, key=str)}


FLOODS = {
    "long queries": (repeat, queries),
    "unknown addresses": (repeat, addresses),
    "ranges of a download": (repeat, ranges),
    "sign-ins with much to keep": (repeat, drafts),
    "free goods": (repeat, free_goods),
    "bodies that never end": (bodies, None),
    "heads that never end": (heads, None),
}


def flood(port, name, link, seconds, answer):
    """Runs in a process of its own, so that what looks at the shop meanwhile doesn't wait for it."""
    os.sched_setaffinity(0, {CLIENT_CORE})
    kind, make = FLOODS[name]
    answer.send(asyncio.run(kind(port, make, link, seconds)))


class Watch:
    """How long /healthz takes, and whether somebody can buy, until it is stopped."""

    def __init__(self, port, emulator):
        self._port, self._emulator, self._over = port, emulator, threading.Event()
        self.seconds, self.bought, self.failed = [], [], []
        self._threads = [threading.Thread(target=self._look), threading.Thread(target=self._buy)]

    def _look(self):
        client = Client(self._port)
        while not self._over.is_set():
            began = time.monotonic()
            client.expect(200, "GET", "/healthz")
            self.seconds.append(time.monotonic() - began)
            self._over.wait(0.02)
        client.close()

    def _buy(self):
        while not self._over.is_set():
            began = time.monotonic()
            try:
                shop.buy(self._port, self._emulator, PRODUCT)
                self.bought.append(time.monotonic() - began)
            except Exception as error:
                self.failed.append(str(error))
            self._over.wait(3)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()


def warm(world, port):
    """What a day of visitors asks for, so that nothing is measured that is only loaded once."""
    slugs = [f"/products/generated-{i}" for i in range(0, 1_000, 7)]
    for path in (shop.uncached("/products"), slugs, [shop.uncached(slug) for slug in slugs]):
        wrk.run(port, path, world.seconds, connections=64)


def one_link(port, emulator):
    order_id, key, order = shop.buy(port, emulator, PRODUCT)
    return mint(port, order_id, key, order["items"][0]["files"][0]["id"])


def measure(port, emulator, process, name, seconds):
    link = one_link(port, emulator)
    with Watch(port, emulator) as calm:
        time.sleep(min(seconds, 10))
    before = process.pss_mb()
    ours, theirs = multiprocessing.Pipe()
    strangers = multiprocessing.Process(target=flood, args=(port, name, link, seconds, theirs))
    with Watch(port, emulator) as watch:
        strangers.start()
        most = before
        while strangers.is_alive() and not ours.poll(1):
            most = max(most, process.pss_mb())
    told = ours.recv() if ours.poll() else "the flood broke"
    strangers.join()
    time.sleep(TO_SETTLE)
    after = process.pss_mb()
    sent = told if isinstance(told, str) else ", ".join(f"{n} × {status}" for status, n in told.items())
    n_tries = len(watch.bought) + len(watch.failed)
    buying = f"; each took {statistics.median(watch.bought):.1f} s" if watch.bought else ""
    failures = f"; {watch.failed[0]}" if watch.failed else ""
    yield Outcome("P24", f"{name}: memory after ÷ before (PSS)", f"{before:.0f} → {after:.0f} MB, at most {most:.0f}; {sent}", "", after / before, "×", 1.2, 1.05)
    yield Outcome("P24", f"{name}: /healthz meanwhile, p99", in_ms(watch.seconds), f"in peace {in_ms(calm.seconds)}", 1000 * percentile(watch.seconds, 99), " ms", 100, 20)
    yield Outcome("P24", f"{name}: purchases meanwhile that were delivered", f"{len(watch.bought)} of {n_tries}{buying}{failures}", "", 100 * len(watch.bought) / max(n_tries, 1), " %", 100, 100, is_less_better=False)


@contextmanager
def serve(world, data, emulator):
    """The shop with the limits that it has for everybody."""
    env = {**shop.environment(data, port := shop.free_port(), shop.sqlite_url(data), emulator.port), "SHOP_RATE_LIMIT_SCALE": "1"}
    with shop.Process([world.shop_program, "serve"], env=env, log=world.scratch / "shop.log") as process:
        shop.wait_until_up(port, "/healthz", process)
        yield process, port


def run(world):
    data = shop.stocked(world, 1_000)
    seconds = 10 if world.is_quick else 60
    lines = []
    with stripe.emulator(world) as emulator, serve(world, data, emulator) as (process, port):
        warm(world, port)
        for name in FLOODS:
            lines += measure(port, emulator, process, name, seconds)
    return lines
