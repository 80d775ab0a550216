"""A webhook that is sent when it is due, and what came back."""

import asyncio
import time

import open_loop
from async_client import NEVER

# Stripe waits longer before it sends an event again, and so gives a shop more time.
REPEAT_AFTER = 0.5


class Delivery:
    def __init__(self, due, event):
        self.due, self.event = due, event
        self.late = self.sent_at = None
        # From the sending that was acknowledged to its acknowledgement.
        self.seconds = NEVER
        # By the clock that the shop has as well, in milliseconds.
        self.acknowledged_at = None
        self.statuses = []
        self.was_sent = asyncio.Event()

    async def send(self, client, begins, repeat_until=None):
        """Sends the event when it is due, and again until it is acknowledged if `repeat_until` names an end."""
        await open_loop.until(begins + self.due)
        while not self.acknowledged_at:
            sent_at = time.monotonic()
            if self.sent_at is None:
                self.sent_at, self.late = sent_at, sent_at - begins - self.due
                self.was_sent.set()
            status, _ = await client.send(*self.event.request())
            self.statuses.append(status)
            if status == 200:
                self.acknowledged_at, self.seconds = time.time() * 1000, time.monotonic() - sent_at
            elif repeat_until is None or time.monotonic() > begins + repeat_until:
                return
            else:
                await asyncio.sleep(REPEAT_AFTER)


def twice(events, per_second):
    """Two deliveries of each event, at so many events a second and out of order; in the order of their sending."""
    return [Delivery(due, event) for due, event in open_loop.shuffled([event for event in events for _ in range(2)], 2 * per_second)]


def first_acknowledgements(deliveries):
    """When each event was acknowledged first, by its id."""
    found = {}
    for delivery in deliveries:
        if delivery.acknowledged_at:
            found[delivery.event.id] = min(delivery.acknowledged_at, found.get(delivery.event.id, float("inf")))
    return found


def lost(database, deliveries):
    """Acknowledged events that are not kept; one that is kept only since a later delivery was lost as well."""
    kept = {event: int(at) for event, at in database.rows("SELECT id, received_at FROM inbox_events")}
    return [event for event, at in first_acknowledgements(deliveries).items() if kept.get(event, float("inf")) > at + 1]
