"""Webhooks at a steady pace, doubled and out of order, and a storm of them"""

import asyncio
import time

import fulfilled
import open_loop
import shop
import stripe
from async_client import NEVER
from database import ENGINES
from delivery import Delivery, lost, twice
from download_watch import PATIENCE, watch
from outcome import Outcome
from paid_order import PRODUCTS, leave_to_webhooks, paid_orders
from percentile import in_ms, percentile
from process import Busy

N_PER_SECOND = 100
N_WATCHED_PER_SECOND = 5
STORM_PER_SECOND = 500
# What Stripe sends around one payment: the shop acts on the third and the fourth.
KINDS = ["payment_intent.created", "payment_intent.requires_action", "payment_intent.succeeded", "checkout.session.completed", "balance.available"]
# One event in so many comes twice in the storm, of each kind some.
STORM_REPEATS = 4
PAGES_PER_SECOND = 20


async def steady(client, begins, orders):
    """Each order's event twice; answers the deliveries and how long the watched orders took."""
    events = [order.event() for order in orders]
    deliveries = twice(events, N_PER_SECOND)
    # In the order of their sending, so that the first one stays.
    first = {delivery.event.id: delivery for delivery in reversed(deliveries)}
    watched = range(0, len(orders), N_PER_SECOND // N_WATCHED_PER_SECOND)
    watches = [asyncio.create_task(watch(client, orders[i], first[events[i].id])) for i in watched]
    await asyncio.gather(*(delivery.send(client, begins) for delivery in deliveries))
    return deliveries, await asyncio.gather(*watches)


async def storm(client, begins, orders):
    """All events of the orders' payments, some twice, and two pages meanwhile; answers the deliveries and the pages by name."""
    events = [stripe.Event(order.session if kind.startswith("checkout") else order.intent, kind) for order in orders for kind in KINDS]
    some_twice = [event for i, event in enumerate(events) for _ in range(1 + (i % STORM_REPEATS == 0))]
    pace = STORM_PER_SECOND * len(some_twice) / len(events)
    deliveries = [Delivery(due, event) for due, event in open_loop.shuffled(some_twice, pace)]
    n_pages = int(PAGES_PER_SECOND * len(some_twice) / pace)
    paths = {"cached": "/products/{}", "uncached": shop.uncached("/products/{}")}

    async def page(path, due):
        await open_loop.until(begins + due)
        asked_at = time.monotonic()
        status, _ = await client.get(path)
        return time.monotonic() - asked_at if status == 200 else NEVER

    pages = {
        name: asyncio.gather(*(page(path.format(PRODUCTS[i % len(PRODUCTS)]), i / PAGES_PER_SECOND) for i in range(n_pages))) for name, path in paths.items()
    }
    await asyncio.gather(*(delivery.send(client, begins) for delivery in deliveries))
    return deliveries, {name: await answers for name, answers in pages.items()}


def acknowledgement(what, deliveries, must, target):
    seconds = [delivery.seconds for delivery in deliveries]
    late = percentile([delivery.late for delivery in deliveries], 99) * 1000
    n_refused = sum(delivery.acknowledged_at is None for delivery in deliveries)
    ours = f"{in_ms(seconds)}; {n_refused} of {len(deliveries)} refused; sent late by p99 {late:.0f} ms"
    return Outcome("P13", f"{what}: acknowledgement, p99", ours, "", percentile(seconds, 99) * 1000, " ms", must, target)


def delivered(what, database, orders, surplus):
    """What stands twice, and what is missing."""
    found = fulfilled.doubled(database, surplus)
    n_missing = len(orders) - len(fulfilled.whole(database, orders))
    yield Outcome("P13", f"{what}: doubled fulfillments", ", ".join(f"{n} {name}" for name, n in found.items()) + f" of {len(orders)} orders", "", sum(found.values()), "", 0, 0)
    yield Outcome("P13", f"{what}: orders not delivered in the end", f"{n_missing} of {len(orders)}", "", n_missing, "", 0, 0)


def measure(world, database):
    n_steady, n_storm = (5, 3) if world.is_quick else (30, 10)
    on = f"on {database.engine}"
    surplus = fulfilled.surplus(database)
    with stripe.emulator(world) as emulator, shop.serve(world, database.data, database.url, emulator.port) as (process, port):
        orders = paid_orders(port, emulator, n_steady * N_PER_SECOND)
        flood = paid_orders(port, emulator, n_storm * STORM_PER_SECOND // len(KINDS))
        leave_to_webhooks(database)
        what = f"{N_PER_SECOND} events/s, each twice, shuffled, {on}"
        busy = Busy(shop=process, emulator=emulator.process)
        deliveries, waits = open_loop.begin(port, lambda client, begins: steady(client, begins, orders)).result()
        busy = str(busy)
        database.wait_until_idle(PATIENCE)
        yield acknowledgement(what, deliveries, 200, 30)
        for name, share in (("p99", 99), ("maximum", 100)):
            yield Outcome("P13", f"{what}: first delivery to working download link, {name}", f"{in_ms(waits)} of {len(waits)}", "", percentile(waits, share), " s", 2, 0.3)
        handled = [int(millis) / 1000 for (millis,) in database.rows("SELECT done_at - received_at FROM inbox_events WHERE done_at IS NOT NULL")]
        n_repeated = database.count("SELECT count(*) FROM inbox_events WHERE attempts > 1")
        yield Outcome("P13", f"{what}: received to done, by the shop's clock", f"{in_ms(handled)}; {n_repeated} needed a second try; {busy}")
        yield from delivered(what, database, orders, surplus)

        what = f"storm of {STORM_PER_SECOND} events/s {on}"
        busy = Busy(shop=process, emulator=emulator.process)
        deliveries, pages = open_loop.begin(port, lambda client, begins: storm(client, begins, flood)).result()
        busy = str(busy)
        emptied = database.wait_until_idle(2 * PATIENCE)
        yield acknowledgement(what, deliveries, 1000, 500)
        n_lost = len(lost(database, deliveries))
        told = "not all handled" if emptied is None else f"all handled {emptied:.1f} s after the last"
        yield Outcome("P13", f"{what}: acknowledged events that are not kept", f"{n_lost} of {len(deliveries)} deliveries; {told}; {busy}", "", n_lost, "", 0, 0)
        for name, answers in pages.items():
            n_failed = answers.count(NEVER)
            yield Outcome("P13", f"{what}: {name} product page meanwhile, failures", f"{in_ms(answers)}; {n_failed} of {len(answers)} failed", "", n_failed, "", 0, 0)
        yield from delivered(what, database, orders + flood, surplus)


def run(world):
    lines = []
    for engine in ENGINES:
        with engine(world) as database:
            lines += measure(world, database)
    return lines
