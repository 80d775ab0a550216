"""The Stripe emulator. A bench sends the events itself, so that it knows when; with an address the emulator sends them."""

import hashlib
import hmac
import itertools
import json
import time
from contextlib import contextmanager

from http_client import Client, wait_until_up
from process import CLIENT_CORE, Process, free_port
from shop import WEBHOOK_SECRET

_numbers = itertools.count(1)


class Event:
    """A signed event about an object of Stripe's."""

    def __init__(self, object_id, kind="checkout.session.completed"):
        self.id = f"evt_bench_{next(_numbers)}"
        self.body = json.dumps(
            {
                "id": self.id,
                "object": "event",
                "type": kind,
                "livemode": False,
                "api_version": "2026-09-30.endive",
                "data": {"object": {"id": object_id, "object": kind.rsplit(".", 1)[0]}},
            }
        ).encode()

    def request(self):
        now = int(time.time())
        mac = hmac.new(WEBHOOK_SECRET.encode(), f"{now}.".encode() + self.body, hashlib.sha256).hexdigest()
        return "POST", "/webhooks/stripe", self.body, {"stripe-signature": f"t={now},v1={mac}", "content-type": "application/json"}


class Emulator:
    def __init__(self, port, process=None):
        self.port, self.process = port, process
        self._client = Client(port)

    def pay(self, session):
        """Pays as a customer does; answers the session."""
        body = {"card": "4242424242424242", "email": "reader@example.com", "name": "A Reader"}
        status, _, answer = self._client.send("POST", f"/_emulator/sessions/{session}/pay", body)
        if status >= 300:
            raise RuntimeError(f"the emulator answered {status}: {answer[:300]!r}")
        return json.loads(answer)

    @staticmethod
    def event(session):
        return Event(session)


@contextmanager
def emulator(world, webhook_url=None, core=CLIENT_CORE):
    port = free_port()
    command = [world.shop_program, "stripe-emulator", "--listen", f"127.0.0.1:{port}"]
    if webhook_url:
        command += ["--webhook-url", webhook_url, "--webhook-secret", WEBHOOK_SECRET]
    with Process(command, env={"RUST_LOG": "warn"}, log=world.scratch / "emulator.log", core=core) as process:
        wait_until_up(port, "/_emulator/state", process)
        yield Emulator(port, process)
