"""From a signed webhook to a durable entitlement, against the same SQL alone"""

import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import fulfillment
import shop
import stripe
from cells import in_turns
from http_client import Client
from outcome import Outcome
from postgres import postgres

PRODUCTS = ["the-weight-of-light", "paper-harbor", "dune-wallpapers", "letters-to-a-slow-reader", "the-plain-table-manual"]


class Paid:
    """Orders that are paid at the emulator and of which the shop does not know it yet, taken in portions."""

    def __init__(self, port, emulator, n):
        self.port, client = port, Client(port)
        for i, product in enumerate(PRODUCTS):
            shop.begin_order(client, product, f"template{i}@example.com")
        sessions = [shop.begin_order(client, PRODUCTS[i % len(PRODUCTS)], f"reader{i}@example.com")[2] for i in range(n)]
        for session in sessions:
            emulator.pay(session)
        self._events = [emulator.event(session) for session in sessions]

    def deliver(self, n, n_clients, query):
        """Events a second from the first one received to the last one done; `query` asks the shop's database."""
        events, self._events = self._events[:n], self._events[n:]

        def send(first):
            client = Client(self.port)
            for event in events[first::n_clients]:
                client.expect(200, *event.request())
            client.close()

        with ThreadPoolExecutor(n_clients) as pool:
            list(pool.map(send, range(n_clients)))
        ids = ", ".join(f"'{event.id}'" for event in events)
        for _ in range(600):
            n_open, began, ended = query(f"SELECT sum(CASE WHEN state = 'received' THEN 1 ELSE 0 END), min(received_at), max(done_at) FROM inbox_events WHERE id IN ({ids})")
            if int(n_open) == 0:
                return n * 1000 / (int(ended) - int(began))
            time.sleep(0.1)
        raise RuntimeError("events were not handled in a minute")


def fsyncs(world):
    """What the disk promises at this moment: pg_test_fsync's fdatasync, operations a second."""
    program = subprocess.Popen([world.pg_bin / "pg_test_fsync", "-s", "1", "-f", world.scratch / "fsync"], stdout=subprocess.PIPE, text=True)
    line = next(line for line in program.stdout if "fdatasync" in line and "ops/sec" in line)
    program.terminate()
    program.wait()
    program.stdout.close()
    return float(line.split()[1])


def on_postgres(world, n):
    with postgres(world) as server, stripe.emulator(world) as emulator:
        data = world.scratch / "fulfillment"
        shop.load_sample(world, data, server.url)
        script = world.scratch / "fulfillment.sql"
        script.write_text(fulfillment.pgbench_script())
        with shop.serve(world, data, server.url, emulator.port) as (process, port):
            paid = Paid(port, emulator, 2 * n * world.rounds)
            fulfillment.prepare_postgres(server, 80_000)
            query = lambda sql: server.sql(sql)[0].split("|")
            for n_clients, must, target in ((1, 40, 65), (8, 20, 40)):
                ours, raw = in_turns([lambda: paid.deliver(n, n_clients, query), lambda: server.bench(script, world.seconds, n_clients)], world.rounds)
                what = f"fulfillment on PostgreSQL, c={n_clients}, events/s, against pgbench"
                yield Outcome("P12", what, f"{ours:.0f}", f"{raw:.0f}", 100 * ours / raw, " %", must, target, is_less_better=False)


def on_sqlite(world, n):
    data = shop.stocked(world, 0)
    with stripe.emulator(world) as emulator, shop.serve(world, data, stripe_port=emulator.port) as (process, port):
        paid = Paid(port, emulator, n * world.rounds)
        raw = fulfillment.RawSqlite(data / "shop.db", 40_000)
        reader = sqlite3.connect(data / "shop.db")
        query = lambda sql: reader.execute(sql).fetchone()
        ours, alone = in_turns([lambda: paid.deliver(n, 1, query), lambda: raw.per_second(world.seconds)], world.rounds)
        raw.close()
        reader.close()
    yield Outcome("P12", "fulfillment on SQLite, synchronous=FULL, events/s, against its library", f"{ours:.0f}", f"{alone:.0f}", 100 * ours / alone, " %", 30, 60, is_less_better=False)


def run(world):
    n = 120 if world.is_quick else 250
    before = fsyncs(world)
    lines = [*on_postgres(world, n), *on_sqlite(world, n)]
    return [*lines, Outcome("P12", "the disk meanwhile: pg_test_fsync, fdatasync/s before and after", f"{before:.0f}", f"{fsyncs(world):.0f}")]
