"""The shop killed five times amid its webhooks: nothing lost, nothing twice"""

import asyncio
import random
import time

import fulfilled
import open_loop
import shop
import stripe
from database import ENGINES
from delivery import first_acknowledgements, lost, twice
from http_client import wait_until_up
from outcome import Outcome
from paid_order import leave_to_webhooks, paid_orders
from process import free_port

N_PER_SECOND = 100
N_KILLS = 5
# The leases of a killed worker last two minutes; then another takes what it had in hand.
LEASES_OVER = 150


class MortalShop:
    """A shop that is killed and started again at its address."""

    def __init__(self, launch, port):
        self._launch, self._port = launch, port
        self.n_seconds_down = 0
        self._start()

    def _start(self):
        self._process = self._launch()
        wait_until_up(self._port, "/healthz", self._process)

    def kill_and_restart(self):
        began = time.monotonic()
        self._process.kill()
        self._start()
        self.n_seconds_down += time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stop()


async def deliver(client, begins, events, until):
    """Each event twice; what is not acknowledged is sent again, as Stripe does."""
    deliveries = twice(events, N_PER_SECOND)
    await asyncio.gather(*(delivery.send(client, begins, until) for delivery in deliveries))
    return deliveries


def kill_amid(mortal, seconds):
    """Kills at moments of no rhythm, one in each fifth of the time."""
    chance, began = random.Random(14), time.monotonic()
    for i in range(N_KILLS):
        moment = (i + chance.uniform(0.3, 0.9)) * seconds / N_KILLS
        time.sleep(max(began + moment - time.monotonic(), 0))
        mortal.kill_and_restart()


def measure(world, database):
    seconds = 5 if world.is_quick else 30
    surplus = fulfilled.surplus(database)
    port = free_port()
    with stripe.emulator(world) as emulator:
        with MortalShop(lambda: shop.launch(world, database.data, port, database.url, emulator.port), port) as mortal:
            orders = paid_orders(port, emulator, seconds * N_PER_SECOND)
            leave_to_webhooks(database)
            events = {order.id: order.event() for order in orders}
            load = open_loop.begin(port, lambda client, begins: deliver(client, begins, events.values(), seconds + 60))
            kill_amid(mortal, seconds)
            deliveries = load.result()
            n_left = database.count("SELECT count(*) FROM inbox_events WHERE state = 'received'")
            emptied = database.wait_until_idle(LEASES_OVER)
    acknowledged = first_acknowledgements(deliveries)
    n_lost = len(lost(database, deliveries))
    paid = [order for order in orders if events[order.id].id in acknowledged]
    n_whole = len(fulfilled.whole(database, paid))
    found = fulfilled.doubled(database, surplus)
    n_again = sum(len(delivery.statuses) - 1 for delivery in deliveries)
    what = f"kill -9 ×{N_KILLS} at {N_PER_SECOND} events/s on {database.engine}"
    told = f"{n_left} events were open after the load, " + ("some to the end" if emptied is None else f"none {emptied:.0f} s later")
    share = lambda n, of: 100 * n / of
    yield Outcome("P14", f"{what}: acknowledged events that are kept", f"{len(acknowledged) - n_lost} of {len(acknowledged)}; {len(events) - len(acknowledged)} never acknowledged, {n_again} deliveries sent again, {mortal.n_seconds_down:.1f} s down", "", share(len(acknowledged) - n_lost, len(acknowledged)), " %", 100, 100, is_less_better=False)
    yield Outcome("P14", f"{what}: their orders paid and delivered whole", f"{n_whole} of {len(paid)}; {told}", "", share(n_whole, len(paid)), " %", 100, 100, is_less_better=False)
    yield Outcome("P14", f"{what}: doubled fulfillments", ", ".join(f"{n} {name}" for name, n in found.items()), "", sum(found.values()), "", 0, 0)


def run(world):
    lines = []
    for engine in ENGINES:
        with engine(world) as database:
            lines += measure(world, database)
    return lines
