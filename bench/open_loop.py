"""Load by schedule: what is due is sent, whether or not anything before it is answered."""

import asyncio
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

from async_client import AsyncClient
from process import CLIENT_CORE

# How far a thing may be moved from its place, in seconds.
DISORDER = 3
# Thousands of things take a moment to be lined up, in seconds.
TO_MAKE_READY = 1


def begin(port, load):
    """Runs `load(client, begins)` in a thread on the load's core, where `begins` is a second ahead; answers a future of what it returns."""

    async def with_client():
        client = AsyncClient(port)
        try:
            return await load(client, time.monotonic() + TO_MAKE_READY)
        finally:
            client.close()

    def pinned():
        # On Linux this holds for the calling thread alone.
        os.sched_setaffinity(0, {CLIENT_CORE})
        return asyncio.run(with_client())

    pool = ThreadPoolExecutor(1)
    future = pool.submit(pinned)
    pool.shutdown(wait=False)
    return future


async def until(moment):
    await asyncio.sleep(max(moment - time.monotonic(), 0))


def shuffled(things, per_second):
    """When each thing is due: at an even pace, and some seconds from its place; the same disorder in every run."""
    chance = random.Random(13)
    places = sorted((i / per_second + chance.uniform(0, DISORDER), i) for i in range(len(things)))
    return [(k / per_second, things[i]) for k, (_, i) in enumerate(places)]
