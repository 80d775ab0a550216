"""Growth: what orders cost with a thousand and with a million of them"""

import time
from contextlib import ExitStack
from urllib.parse import quote

import old_orders
import owner
import shop
import stripe
import wrk
from cells import in_turns
from database import ENGINES
from http_client import Client
from outcome import Outcome
from paid_order import leave_to_webhooks, paid_orders

# Few, so that what is broken off at the end of a cell is little.
N_CONNECTIONS = 2
PRODUCT = "the-weight-of-light"
# The list is followed so many pages, or through nine tenths of it.
N_PAGES_DEEP = 1_000
LIST = "/api/v1/orders"
# A month that is over, with orders on every day.
FIRST, LAST = (time.strftime("%Y-%m-%d", time.gmtime(time.time() - days * 24 * 60 * 60)) for days in (60, 30))
# Pages of the owner's beside the overview.
PAGES = {
    "the page of orders": "/dashboard/orders",
    "the page of orders that were paid in a month": f"/dashboard/orders?days=paid&from={FIRST}&to={LAST}",
    "the page of customers": "/dashboard/customers",
    "analytics of thirty days": "/dashboard/analytics",
    "analytics of a year by country": "/dashboard/analytics?range=12m&by=country",
    "the list of promotions": "/dashboard/promotions",
}


class Side:
    """A shop with so many orders."""

    def __init__(self, world, database, emulator, n_orders, stack):
        self.n_orders, self.database = n_orders, database
        api_key = owner.create(world, database)
        with shop.serve(world, database.data, database.url, emulator.port) as (_, port):
            template, self._order_key, _ = shop.buy(port, emulator, PRODUCT)
            database.wait_until_idle(60)
        old_orders.write(database, template, n_orders)
        self._process, self.port = stack.enter_context(shop.serve(world, database.data, database.url, emulator.port))
        self._wait_until_summed()
        self._api = {"authorization": f"Bearer {api_key}"}
        self._cookie = {"cookie": owner.sign_in(Client(self.port))}

    def cpu_ms(self):
        """With the database's processes, where it has some."""
        return self._process.cpu_ms() + (self.database.server.cpu_ms() if self.database.server else 0)

    def _wait_until_summed(self):
        """The shop sums the days that are over, once; what that costs belongs to no request."""
        days = "SELECT (SELECT max(paid_at) / 86400000 - min(paid_at) / 86400000 FROM orders) - (SELECT count(*) FROM sales_days WHERE summed_until > 0)"
        for _ in range(600):
            # Of today nothing may be over.
            if self.database.count(days) <= 0:
                return
            time.sleep(0.5)
        raise RuntimeError("the days were not summed in five minutes")

    def fulfillment(self, orders):
        """CPU-ms an event, from the webhook to the end of all that it brings about."""
        client, before = Client(self.port), self.cpu_ms()
        for order in orders:
            client.expect(200, *order.event().request())
        if self.database.wait_until_idle(60) is None:
            raise RuntimeError("events were not handled in a minute")
        spent = self.cpu_ms() - before
        client.close()
        return spent / len(orders)

    def requests(self):
        """Paths and headers of what is asked for, by name."""
        bearer = {"authorization": f"Bearer {self._order_key}"}
        numbers = [n for n in range(2, self.n_orders, max(self.n_orders // 300, 1)) if old_orders.is_delivered(n)]
        found = {
            "the owner's overview": ("/dashboard", self._cookie),
            "a paid order by its id": ([f"/api/v1/orders/{old_orders.name(n)}" for n in numbers], bearer),
        }
        # An older shop has no such pages.
        for what, path in PAGES.items():
            if Client(self.port).get(path, self._cookie)[0] != 404:
                found[what] = (path, self._cookie)
        # Nor such a list.
        if Client(self.port).get(LIST, self._api)[0] != 404:
            found |= {"the owner's list of orders": (LIST, self._api), "a page deep in it": (self._deep_page(), self._api)}
        return found

    def _deep_page(self):
        client, path, n_seen = Client(self.port), LIST, 0
        for _ in range(N_PAGES_DEEP):
            page = client.get_json(path, self._api)
            n_seen += len(page["items"])
            if n_seen > 0.9 * self.n_orders or not page["next_cursor"]:
                break
            path = f"{LIST}?cursor={quote(page['next_cursor'])}"
        client.close()
        return path


def growth(what, sides, costs):
    small, large = costs
    n_small, n_large = (side.n_orders for side in sides)
    ours, peer = f"{large:.3f}", f"{small:.3f} at {n_small:,}"
    return Outcome("P22", f"growth to {n_large:,} orders on {sides[0].database.engine}, {what}", ours, peer, large / small, "×", 2.5, 1.5)


def measure(world, sides, emulator):
    n_events = 100 if world.is_quick else 250
    waiting = {side: paid_orders(side.port, emulator, n_events * (world.rounds + 1)) for side in sides}
    for side in sides:
        leave_to_webhooks(side.database)

    def fulfillment(side):
        portion, waiting[side] = waiting[side][:n_events], waiting[side][n_events:]
        return side.fulfillment(portion)

    # The first portion warms up both.
    for side in sides:
        fulfillment(side)
    yield growth("fulfillment, CPU-ms/event", sides, in_turns([lambda side=side: fulfillment(side) for side in sides], world.rounds))
    requests = [side.requests() for side in sides]
    for what in requests[0]:
        cell = lambda side, paths, seconds: wrk.cpu_ms_per_request(side, side.port, paths[what][0], seconds, N_CONNECTIONS, paths[what][1])
        for side, paths in zip(sides, requests):
            cell(side, paths, 1)
        yield growth(f"{what}, CPU-ms/request", sides, in_turns([lambda one=one: cell(*one, world.seconds) for one in zip(sides, requests)], world.rounds))


def run(world):
    sizes = [1_000, 100_000 if world.is_quick else 1_000_000]
    lines = []
    for engine in ENGINES:
        with ExitStack() as stack:
            emulator = stack.enter_context(stripe.emulator(world))
            sides = []
            for n in sizes:
                began = time.monotonic()
                sides.append(Side(world, stack.enter_context(engine(world)), emulator, n, stack))
                print(f"{n:,} orders on {sides[-1].database.engine} after {time.monotonic() - began:.0f} s", flush=True)
            lines += measure(world, sides, emulator)
    return lines
