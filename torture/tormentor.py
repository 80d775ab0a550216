"""Everything that goes wrong: events, Stripe's answers, mail, processes."""

import threading
import time
from collections import Counter

from mailbox import TROUBLES

# Which events suffer what; drops and copies are used up, the rest lasts until the next word.
DISTURBANCES = [
    {},
    {"duplicate": 8},
    {"duplicate": 3, "delay_millis": 400},
    {"delay_millis": 1500},
    {"reorder": 4},
    {"reorder": 9, "duplicate": 4},
    {"drop": 2},
    {"drop": 6, "reorder": 3},
]
ROUTES = [
    "POST /v1/checkout/sessions",
    "GET /v1/checkout/sessions",
    "GET /v1/events",
    "POST /v1/refunds",
    "GET /v1/refunds",
    "GET /v1/disputes",
    "GET /v1/reviews",
    "GET /v1/",
]
FAULTS = [
    {"kind": "error", "status": 500},
    {"kind": "error", "status": 500, "keep": True},
    {"kind": "error", "status": 500, "before": False},
    {"kind": "error", "status": 503},
    {"kind": "rate_limit"},
    {"kind": "timeout", "millis": 1200},
    {"kind": "timeout", "millis": 1200, "before": False},
    {"kind": "delay", "millis": 700},
]


class Tormentor:
    def __init__(self, setting, database, fleet, stripe, mailbox):
        self._setting, self._fleet, self._stripe, self._mailbox = setting, fleet, stripe, mailbox
        self._chance = setting.chance(database, "torment")
        self.counts = Counter()
        self._mail_returns_at = 0.0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._torment, daemon=True)
        # What broke the tormentor itself: a run without it proves nothing.
        self.error = None

    def start(self):
        self._fleet.are_kills_allowed = True
        self._thread.start()

    def halt(self):
        """Nothing more goes wrong; what was begun may last."""
        self._is_over.set()
        self._thread.join()

    def stop(self):
        """Nothing goes wrong any more."""
        self.halt()
        self._mailbox.trouble = None
        self._stripe.clear_faults()
        if self.error:
            raise self.error

    def _torment(self):
        deeds = {self._disturb_webhooks: 5, self._break_stripe: 5, self._stop_mail: 2, self._kill: 3, self._update: 1}
        try:
            while not self._is_over.wait(self._chance.expovariate(1 / self._setting.seconds_between_deeds)):
                if self._mailbox.trouble and time.monotonic() > self._mail_returns_at:
                    self._mailbox.trouble = None
                self._chance.choices(list(deeds), list(deeds.values()))[0]()
        except Exception as error:
            self.error = error

    def _disturb_webhooks(self):
        disturbance = self._chance.choice(DISTURBANCES)
        self._stripe.disturb_webhooks(**disturbance)
        self.counts["webhook disturbances"] += 1

    def _break_stripe(self):
        fault = self._chance.choice(FAULTS) | {"route": self._chance.choice(ROUTES), "times": self._chance.randint(1, 4)}
        self._stripe.add_fault(**fault)
        self.counts["API faults"] += fault["times"]

    def _stop_mail(self):
        if self._mailbox.trouble:
            return
        self._mailbox.trouble = self._chance.choice(TROUBLES)
        self._mail_returns_at = time.monotonic() + self._chance.uniform(*self._setting.outage_secs)
        self.counts["mail outages"] += 1

    def _kill(self):
        self._fleet.kill_one()

    def _update(self):
        self._fleet.restart_one()
        self.counts["polite restarts"] += 1
