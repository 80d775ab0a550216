"""A shop's database on either engine, with the sample goods; asked from outside while the shop runs."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import shop
from postgres import Postgres, postgres


@dataclass
class Database:
    engine: str
    data: Path
    url: str
    # Rows of a query, as text.
    rows: Callable
    # Runs a statement that changes something.
    change: Callable
    server: Postgres | None = None

    def count(self, sql):
        return int(self.rows(sql)[0][0])

    def is_idle(self):
        """Whether the worker has nothing left, neither events nor jobs."""
        return self.count("SELECT (SELECT count(*) FROM inbox_events WHERE state = 'received') + (SELECT count(*) FROM jobs WHERE state = 'waiting')") == 0

    def wait_until_idle(self, seconds):
        """How many seconds it took until nothing was left; None when that was not so in time."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.is_idle():
                return time.monotonic() - began
            time.sleep(0.25)
        return None


@contextmanager
def _folder(world):
    folder = Path(tempfile.mkdtemp(prefix="shop-", dir=world.scratch))
    try:
        yield folder
    finally:
        # Some rows fill gigabytes, and others follow.
        shutil.rmtree(folder)


@contextmanager
def on_sqlite(world):
    with _folder(world) as data:
        url = shop.sqlite_url(data)
        shop.load_sample(world, data, url)

        def rows(sql):
            with closing(sqlite3.connect(data / "shop.db", timeout=30)) as db:
                return [tuple(map(str, row)) for row in db.execute(sql)]

        def change(sql):
            with closing(sqlite3.connect(data / "shop.db", timeout=30)) as db, db:
                db.execute(sql)

        yield Database("SQLite", data, url, rows, change)


@contextmanager
def on_postgres(world):
    with _folder(world) as data, postgres(world) as server:
        shop.load_sample(world, data, server.url)
        yield Database("PostgreSQL", data, server.url, lambda sql: [tuple(line.split("|")) for line in server.sql(sql)], server.sql, server)


ENGINES = (on_sqlite, on_postgres)
