"""A load balancer over the replicas that are up: what shoppers and Stripe's webhooks reach."""

import asyncio
import re
from collections import Counter

from background import Background

# An event's own id in its webhook.
EVENT = re.compile(rb'"id":"(evt_[0-9A-Za-z]+)"')


class Balancer:
    """Hands each connection to the next replica that takes it; what is under way when a replica dies is cut."""

    def __init__(self):
        # Set once the replicas have their ports.
        self.backends = []
        self._turn = 0
        # How often each event was handed on: repetitions are what the shop must bear.
        self.deliveries = Counter()
        self._background = Background(self._serve_one)
        self.port = self._background.port

    async def _serve_one(self, reader, writer):
        backend = await self._connect()
        if backend is None:
            return
        backend_reader, backend_writer = backend
        try:
            await asyncio.gather(self._pump(reader, backend_writer, self._count), self._pump(backend_reader, writer, None))
        finally:
            backend_writer.close()

    async def _connect(self):
        for _ in range(len(self.backends)):
            self._turn += 1
            try:
                return await asyncio.open_connection("127.0.0.1", self.backends[self._turn % len(self.backends)])
            except OSError:
                continue
        return None

    @staticmethod
    async def _pump(reader, writer, look):
        try:
            while data := await reader.read(65536):
                if look:
                    look(data)
                writer.write(data)
                await writer.drain()
        finally:
            # One end that is gone ends the other, so that nobody waits for an answer that will not come.
            writer.close()

    def _count(self, data):
        self.deliveries.update(EVENT.findall(data))

    def close(self):
        self._background.close()
