"""The emulator as its owner, its buyers and the weather see it."""

import itertools
import threading

from patient import GaveUp, Patient

KEY = {"authorization": "Bearer sk_test_x"}


class StripeAccount:
    def __init__(self, port):
        self.port = port
        self._patient, self._hasty = Patient(port), Patient(port, seconds=5)
        self._numbers = itertools.count(1)

    # --- Buyers on the hosted page -------------------------------------------------------------------------------------

    def pay(self, session, card, email):
        """Tells whether the session took the payment; a decline leaves it open."""
        status, _ = self._patient.ask("POST", f"/_emulator/sessions/{session}/pay", {"card": card, "email": email, "name": "A Reader"})
        return status == 200

    def expire(self, session):
        self._patient.ask("POST", f"/_emulator/sessions/{session}/expire")

    # --- The API, with the owner's key ---------------------------------------------------------------------------------

    def get(self, path):
        status, answer = self._patient.ask("GET", path, headers=KEY)
        if status != 200:
            raise RuntimeError(f"GET {path} answered {status}: {answer!r:.300}")
        return answer

    def post(self, path, fields):
        """Status and answer; a key of its own makes a call whose answer was lost one call."""
        while True:
            headers = {**KEY, "idempotency-key": f"torture-{next(self._numbers)}"}
            try:
                return self._hasty.ask_form("POST", path, fields, headers)
            except GaveUp:
                # A failure may be kept under its key; then only another key helps.
                continue

    def all(self, path):
        """Every object of a list."""
        objects, after = [], ""
        glue = "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{glue}limit=100{after}")
            objects += page["data"]
            if not page["has_more"]:
                return objects
            after = f"&starting_after={objects[-1]['id']}"

    def intent_of(self, session):
        return self.get(f"/v1/checkout/sessions/{session}")["payment_intent"]

    # --- The weather ---------------------------------------------------------------------------------------------------

    def add_fault(self, **fault):
        self._patient.ask("POST", "/_emulator/faults", fault)

    def disturb_webhooks(self, **disturbance):
        self._patient.ask("POST", "/_emulator/webhooks", disturbance)

    def clear_faults(self):
        self._patient.ask("DELETE", "/_emulator/faults")

    def let_time_pass(self):
        self._patient.ask("POST", "/_emulator/settle")

    def flush_webhooks(self, seconds):
        """Waits until all events are delivered or given up, or so long."""

        def flush():
            try:
                self._patient.ask("POST", "/_emulator/webhooks/flush")
            except GaveUp:
                # Nobody waits for it any more.
                pass

        flushing = threading.Thread(target=flush, daemon=True)
        flushing.start()
        flushing.join(seconds)
