"""The shop's database, read and written past the shop."""

import json
import re
import sqlite3

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _plain(value):
    """Ids look the same on both databases: 32 hexadecimal digits."""
    if isinstance(value, bytes) and len(value) == 16:
        return value.hex()
    if isinstance(value, str) and UUID.fullmatch(value):
        return value.replace("-", "")
    return value


class _Database:
    def n_events_waiting(self):
        return self.rows("SELECT count(*) AS n FROM inbox_events WHERE state = 'received'")[0]["n"]


class Sqlite(_Database):
    name = "SQLite"
    n_replicas = 1

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite://{path}"

    def rows(self, sql):
        """The rows as dictionaries."""
        with self._open() as db:
            cursor = db.execute(sql)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, map(_plain, row))) for row in cursor]

    def change(self, sql):
        with self._open() as db:
            db.execute(sql)

    def _open(self):
        return _Closing(sqlite3.connect(self.path, timeout=30))


class _Closing:
    """A connection that commits and closes; SQLite's own context manager leaves it open."""

    def __init__(self, db):
        self._db = db

    def __enter__(self):
        return self._db

    def __exit__(self, kind, *_):
        if kind is None:
            self._db.commit()
        self._db.close()


class Postgres(_Database):
    name = "PostgreSQL"
    n_replicas = 3

    def __init__(self, server):
        self._server = server
        self.url = server.url

    def rows(self, sql):
        """The rows as dictionaries."""
        lines = self._server.sql(f"SELECT row_to_json(found) FROM ({sql}) found")
        return [{name: _plain(value) for name, value in json.loads(line).items()} for line in lines]

    def change(self, sql):
        self._server.sql(sql)
