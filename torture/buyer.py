"""One order from the request to its end: every fate is a method."""

import threading
import time

from patient import GaveUp, Patient
from tabs import Tabs

VISA = "4242424242424242"
# Refusals that a buyer with a code has to expect: it is used up, or leaves too little to charge.
CODE_REFUSALS = ("promotion_invalid", "promotion_over", "amount_too_small")


class Buyer:
    def __init__(self, setting, port, stripe, creator, record):
        self._setting, self._shop, self._stripe, self._creator, self._record = setting, Patient(port), stripe, creator, record
        self._tabs = Tabs(port, stripe)

    def carry_out(self, purchase):
        try:
            if purchase.n_tabs:
                return self._tabs.buy(purchase)
            order = self._place(purchase, purchase.code)
            if order is None or order["checkout_url"] is None:
                return
            getattr(self, purchase.fate)(purchase, order)
            if purchase.comes_back:
                self._look(order)
        except GaveUp as error:
            self._record.refusals.append(f"order {purchase.number} ({purchase.fate}): {error}")

    def _place(self, purchase, code):
        """The order as the API answers it, and the code that it carries; `None` when it was refused."""
        twin = threading.Thread(target=self._send_again, args=(purchase, code))
        if purchase.is_doubled:
            twin.start()
        answer = self._send(purchase, code)
        if purchase.is_doubled:
            twin.join()
        if answer == "code":
            return self._place(purchase, None)
        return answer and answer | {"code": code}

    def _send_again(self, purchase, code):
        try:
            self._send(purchase, code)
        except GaveUp as error:
            self._record.refusals.append(f"order {purchase.number}, sent twice: {error}")

    def _send(self, purchase, code):
        """The API's answer, "code" when another code, or none, may do better, or `None`."""
        attempt = f"{self._setting.seed}-{purchase.number}-{code or 'plain'}"
        body = {"items": purchase.items, "email": purchase.email} | ({"promotion_code": code} if code else {})
        for _ in range(200):
            status, answer = self._shop.ask("POST", "/api/v1/checkouts", body, {"idempotency-key": attempt})
            if status == 201:
                self._record.note_order(attempt, answer["order"]["id"])
                return answer
            word = answer["error"]["code"]
            if word == "checkout_in_progress":
                time.sleep(0.1)
            elif code and word in CODE_REFUSALS:
                return "code"
            else:
                break
        self._record.refusals.append(f"order {purchase.number}: {status} {answer}")
        return None

    def _look(self, order):
        """The order as its owner sees it, who thereby makes the shop ask Stripe."""
        headers = {"authorization": f"Bearer {order['order']['access_key']}"}
        return self._shop.ask("GET", f"/api/v1/orders/{order['order']['id']}", headers=headers)[1]

    def _wait_until(self, order, status, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self._look(order)
            if found["status"] == status:
                return found
            time.sleep(0.5)
        raise GaveUp(f"the order {order['order']['id']} is {found['status']}, not {status}, after {seconds} s")

    def _pay(self, purchase, order, card=VISA):
        """Tells whether the money moved; answers the session."""
        session = self._session(order)
        return self._stripe.pay(session, card, purchase.email), session

    @staticmethod
    def _session(order):
        return order["checkout_url"].split("?")[0].split("#")[0].rstrip("/").split("/")[-1]

    # --- Paid, or not --------------------------------------------------------------------------------------------------

    def pays(self, purchase, order):
        self._pay(purchase, order)

    def pays_after_decline(self, purchase, order):
        self._pay(purchase, order, "4000000000000002")
        self._pay(purchase, order)

    def is_declined(self, purchase, order):
        self._pay(purchase, order, "4000000000009995")

    def authenticates(self, purchase, order):
        self._pay(purchase, order, "4000002500003155")

    def lets_expire(self, purchase, order):
        self._stripe.expire(self._session(order))

    def expires_then_pays(self, purchase, order):
        """The page has closed; the same attempt, sent again, opens another."""
        self._stripe.expire(self._session(order))
        self._wait_until(order, "expired")
        again = self._send(purchase, order["code"])
        # The code may have gone to somebody else meanwhile.
        if again and again != "code":
            self._pay(purchase, again)

    def never_pays(self, purchase, order):
        pass

    def debits(self, purchase, order):
        self._pay(purchase, order, "AT611904300234573201")

    def debit_fails(self, purchase, order):
        self._pay(purchase, order, "AT861904300235473202")

    # --- Doubted and disputed ------------------------------------------------------------------------------------------

    def is_warned_of(self, purchase, order):
        self._pay(purchase, order, "4000000000005423")

    def is_reviewed(self, purchase, order):
        """The account's rules hold the payment for a look; every other one is found good."""
        is_paid, session = self._pay(purchase, order, "4000000000009235")
        if is_paid and purchase.number % 2:
            [review] = self._of_payment("reviews", session)
            self._stripe.post(f"/v1/reviews/{review['id']}/approve", {})

    def wins_dispute(self, purchase, order):
        self._dispute(purchase, order, "4000000000000259", "winning_evidence")

    def loses_dispute(self, purchase, order):
        self._dispute(purchase, order, "4000000000002685", "losing_evidence")

    def leaves_dispute(self, purchase, order):
        self._dispute(purchase, order, "4000000000000259")

    def disputes_twice(self, purchase, order):
        self._dispute(purchase, order, "4000000404000079", "winning_evidence", "losing_evidence")

    def is_asked_about(self, purchase, order):
        """An inquiry takes no money."""
        self._dispute(purchase, order, "4000000000001976", *(["winning_evidence"] if purchase.number % 2 else []))

    def escalates(self, purchase, order):
        self._dispute(purchase, order, "4000000000001976", "escalate_inquiry_evidence")

    def _dispute(self, purchase, order, card, *evidence):
        is_paid, session = self._pay(purchase, order, card)
        if not is_paid:
            return
        for dispute, text in zip(self._of_payment("disputes", session), evidence):
            self._stripe.post(f"/v1/disputes/{dispute['id']}", {"evidence[uncategorized_text]": text, "submit": "true"})

    def _of_payment(self, kind, session):
        return self._stripe.get(f"/v1/{kind}?payment_intent={self._stripe.intent_of(session)}")["data"]

    # --- Given back ----------------------------------------------------------------------------------------------------

    def is_refunded(self, purchase, order):
        """In full, now and then by two people at once, who both forget the key."""
        keys = [None, None] if purchase.number % 2 else [f"refund-{purchase.number}"]
        self._refund(purchase, order, VISA, [(None, key) for key in keys])

    def is_refunded_in_parts(self, purchase, order):
        """Three at once, together more than was paid; one is sent twice."""
        part = max(1, order["order"]["amount_total"] * 2 // 5)
        keys = [f"refund-{purchase.number}-{i}" for i in (1, 2, 3, 1)]
        self._refund(purchase, order, VISA, [(part, key) for key in keys])

    def is_refunded_later(self, purchase, order):
        self._refund(purchase, order, "4000000000007726", [(None, f"refund-{purchase.number}")])

    def refund_fails(self, purchase, order):
        part = max(1, order["order"]["amount_total"] // 2)
        self._refund(purchase, order, "4000000000005126", [(part if purchase.number % 2 else None, f"refund-{purchase.number}")])

    def is_refunded_at_stripe(self, purchase, order):
        is_paid, session = self._pay(purchase, order)
        if is_paid:
            self._refund_at_stripe(session, order["order"]["amount_total"] // 3 if purchase.number % 2 else None)

    def is_refunded_on_both_sides(self, purchase, order):
        is_paid, session = self._pay(purchase, order)
        if not is_paid:
            return
        self._wait_until(order, "paid")
        half = max(1, order["order"]["amount_total"] // 2)
        aside = threading.Thread(target=self._refund_at_stripe, args=(session, half))
        aside.start()
        self._creator.refund(order["order"]["id"], half, f"refund-{purchase.number}")
        aside.join()

    def _refund_at_stripe(self, session, amount):
        fields = {"payment_intent": self._stripe.intent_of(session)} | ({"amount": amount} if amount else {})
        self._stripe.post("/v1/refunds", fields)

    def _refund(self, purchase, order, card, refunds):
        is_paid, _ = self._pay(purchase, order, card)
        if not is_paid:
            return
        self._wait_until(order, "paid")
        order_id = order["order"]["id"]
        threads = [threading.Thread(target=self._refund_one, args=(order_id, amount, key)) for amount, key in refunds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _refund_one(self, order_id, amount, key):
        try:
            self._creator.refund(order_id, amount, key)
        except GaveUp as error:
            self._record.refusals.append(f"refund of {order_id}: {error}")
