"""A client that asks again until somebody answers, as people and well-made software do."""

import http.client
import json
import random
import threading
import time
import urllib.parse

from http_client import Client

# Chance of its own: how long somebody waits is no choice of the run.
_chance = random.SystemRandom()


class GaveUp(Exception):
    """Nobody answered for very long."""


class Patient:
    def __init__(self, port, seconds=120):
        self.port, self._seconds = port, seconds
        # A connection belongs to one thread.
        self._local = threading.local()

    def ask(self, method, path, body=None, headers=None):
        """Status and body of the first answer that is neither a failure nor "later"."""
        end = time.monotonic() + self._seconds
        answer = None
        while time.monotonic() < end:
            try:
                status, _, answer = self._client().send(method, path, body, headers)
                if status < 500 and status != 429:
                    return status, json.loads(answer or b"null")
            except (OSError, http.client.HTTPException):
                self._client().close()
            time.sleep(_chance.uniform(0.1, 0.6))
        raise GaveUp(f"{method} {path} was not answered within {self._seconds} s; the last answer was {answer!r:.300}")

    def ask_form(self, method, path, fields, headers=None):
        """The same with a form, as Stripe's API takes it."""
        form = {"content-type": "application/x-www-form-urlencoded"}
        return self.ask(method, path, urllib.parse.urlencode(fields), {**(headers or {}), **form})

    def _client(self):
        if not hasattr(self._local, "client"):
            self._local.client = Client(self.port)
        return self._local.client
