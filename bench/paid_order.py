"""Orders that are paid at the emulator and of which the shop does not know it yet."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import shop
from http_client import Client
from stripe import Emulator, Event

PRODUCTS = ["the-weight-of-light", "paper-harbor", "dune-wallpapers", "letters-to-a-slow-reader", "the-plain-table-manual"]
# More would not be faster: the shop has one core.
N_CLIENTS = 4
_readers = itertools.count(1)


@dataclass
class PaidOrder:
    id: str
    key: str
    session: str
    intent: str

    def event(self):
        return Event(self.session)

    @property
    def bearer(self):
        return {"authorization": f"Bearer {self.key}"}


def paid_orders(port, emulator, n):
    """So many orders, each of another customer."""

    def some(first):
        client, stripe = Client(port), Emulator(emulator.port)
        made = []
        for i in range(first, n, N_CLIENTS):
            order_id, key, session = shop.begin_order(client, PRODUCTS[i % len(PRODUCTS)], f"reader{next(_readers)}@example.com")
            made.append(PaidOrder(order_id, key, session, stripe.pay(session)["payment_intent"]))
        client.close()
        return made

    with ThreadPoolExecutor(N_CLIENTS) as pool:
        return [order for part in pool.map(some, range(N_CLIENTS)) for order in part]


def leave_to_webhooks(database):
    """Keeps the shop from asking Stripe by itself after the orders that wait, as it would when one is looked at and in its rounds."""
    in_an_hour = int((time.time() + 3600) * 1000)
    database.change(f"UPDATE orders SET checked_at = {in_an_hour}, next_check_at = {in_an_hour} WHERE status = 'pending'")
