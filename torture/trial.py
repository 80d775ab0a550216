"""One run against one database: orders in a storm, then calm, and what is left."""

import threading
import time
from contextlib import ExitStack, closing
from queue import Queue

import shop
import stripe
from balancer import Balancer
from buyer import Buyer
from calm import Calm
from creator import EMAIL, Creator, make_api_key
from facts import Facts, StripeFacts
from fleet import Fleet
from kill_points import KillPoints
from mailbox import Mailbox
from process import free_port
from record import Record
from stripe_account import StripeAccount
from tormentor import Tormentor
from purchase import draw

# How many events may wait before orders wait as well.
MOST_WAITING = 300


class Trial:
    def __init__(self, setting, database):
        self.setting, self.database = setting, database
        self.record = Record()
        self.kill_points = KillPoints(setting.chance(database.name, "kill points"), setting.is_quick)

    def run(self):
        """All of it; `facts` are there afterwards."""
        began = time.monotonic()
        with ExitStack() as stack:
            self._open(stack)
            self.tormentor.start()
            # A run that is broken off asks nobody to end its faults: they may be gone already.
            stack.callback(self.tormentor.halt)
            self._buy()
            self.tormentor.stop()
            bought = time.monotonic()
            self.is_calm = Calm(self).settle()
            self.letters = list(self.mailbox.letters)
            self._at_stripe = StripeFacts(self.stripe)
            self.fleet.stop()
            self._broken_off = self.fleet.broken_off_jobs()
            settled = time.monotonic()
        self.seconds = {"orders": bought - began, "calm": settled - bought}

    def facts(self, database=None, letters=None):
        """What there is to judge; another database and other letters are for those who judge the judges."""
        return Facts(database or self.database, self._at_stripe, letters or self.letters, self.fleet, self._broken_off, self.record, self._n_sold_before)

    def _open(self, stack):
        """Everything that the shop needs, and the shop."""
        setting = self.setting
        self.balancer = stack.enter_context(closing(Balancer()))
        self.mailbox = stack.enter_context(closing(Mailbox()))
        webhook_url = f"http://127.0.0.1:{self.balancer.port}/webhooks/stripe"
        emulator = stack.enter_context(stripe.emulator(setting, webhook_url, core=None))
        self.stripe = StripeAccount(emulator.port)
        api_key = make_api_key(setting, self._environment(free_port()))
        self._n_sold_before = {row["id"]: row["n_sold"] for row in self.database.rows("SELECT id, n_sold FROM products")}
        self.fleet = Fleet(setting, self._environment, self.database.n_replicas, self.kill_points, setting.chance(self.database.name, "fleet"))
        stack.callback(self.fleet.stop)
        self.fleet.start()
        self.balancer.backends = [replica.port for replica in self.fleet.replicas]
        self.creator = Creator(self.balancer.port, api_key, self.record)
        self._codes = self.creator.make_promotions(setting.n_orders)
        self.tormentor = Tormentor(setting, self.database.name, self.fleet, self.stripe, self.mailbox)

    def _environment(self, port):
        env = shop.environment(self.setting.scratch, port, self.database.url, self.stripe.port)
        public = {"SHOP_BASE_URL": f"http://127.0.0.1:{self.balancer.port}", "SHOP_MAIL_URL": self.mailbox.url, "SHOP_ALERT_EMAIL": EMAIL}
        return env | public

    def _buy(self):
        """Orders until their number is reached and each kill point was passed; that takes three times the number at most."""
        orders = Queue(self.setting.n_buyers)
        buyer = Buyer(self.setting, self.balancer.port, self.stripe, self.creator, self.record)

        errors = []

        def buy():
            while (number := orders.get()) is not None:
                try:
                    buyer.carry_out(draw(self.setting, self.database.name, number, self._codes))
                except Exception as error:
                    errors.append(error)

        buyers = [threading.Thread(target=buy, daemon=True) for _ in range(self.setting.n_buyers)]
        for thread in buyers:
            thread.start()
        for number in range(3 * self.setting.n_orders):
            if errors or number >= self.setting.n_orders and self.kill_points.are_all_passed(self.setting.times_a_point):
                break
            orders.put(number)
            time.sleep(self.setting.seconds_between_orders)
            # A shop that is far behind would show the faults one kind of work alone.
            while number % 20 == 0 and self.database.n_events_waiting() > MOST_WAITING:
                time.sleep(0.5)
        for _ in buyers:
            orders.put(None)
        for thread in buyers:
            thread.join()
        # The harness itself broke; what it would find counts for nothing.
        if errors:
            raise errors[0]
