"""What the shop, Stripe and the mailbox hold when all is over."""

from collections import defaultdict

WAS_PAID = ("paid", "partially_refunded", "refunded", "disputed", "charged_back")


def _by(rows, name):
    groups = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups


class StripeFacts:
    """Read once from the emulator."""

    def __init__(self, stripe):
        self.sessions = stripe.all("/v1/checkout/sessions")
        self.refunds = stripe.all("/v1/refunds")
        self.disputes = stripe.all("/v1/disputes")
        self._reviews_of = _by(stripe.all("/v1/reviews"), "payment_intent")
        self.taken_events = {event["id"]: event["type"] for event in stripe.all("/v1/events?delivery_success=true")}
        self.missed_events = {event["id"]: event["type"] for event in stripe.all("/v1/events?delivery_success=false")}
        self.sessions_of = defaultdict(list)
        for session in self.sessions:
            self.sessions_of[session["metadata"].get("order")].append(session)
        self._refunds_of, self._disputes_of = _by(self.refunds, "payment_intent"), _by(self.disputes, "payment_intent")

    def paid_sessions(self, public_id):
        return [session for session in self.sessions_of[public_id] if session["payment_status"] == "paid"]

    def refunded(self, public_id):
        """Minor units that went back, or are on their way."""
        refunds = (refund for session in self.paid_sessions(public_id) for refund in self._refunds_of[session["payment_intent"]])
        return sum(refund["amount"] for refund in refunds if refund["status"] in ("succeeded", "pending"))

    def dispute_states(self, public_id):
        return [dispute["status"] for session in self.paid_sessions(public_id) for dispute in self._disputes_of[session["payment_intent"]]]

    def is_under_review(self, public_id):
        return any(review["open"] for session in self.paid_sessions(public_id) for review in self._reviews_of[session["payment_intent"]])


class Facts:
    """All of it, arranged by order; the shop's side is read from its database at once."""

    def __init__(self, database, stripe, letters, fleet, broken_off, record, n_sold_before):
        self.stripe, self.fleet, self.broken_off, self.record = stripe, fleet, broken_off, record
        rows = database.rows
        self.orders = rows("SELECT id, public_id, status, email, amount_total, amount_paid, amount_refunded, refund_reserved, cart_id, cart_purchase FROM orders")
        self.order_of = {order["id"]: order for order in self.orders}
        self.public_ids = {order["public_id"]: order for order in self.orders}
        self.items_of = _by(rows("SELECT id, order_id, product_id, quantity, has_license FROM order_items"), "order_id")
        self.entitlements_of = _by(rows("SELECT id, order_id, order_item_id, unit_no, state FROM entitlements"), "order_id")
        self.licenses_of = _by(rows("SELECT id, entitlement_id FROM licenses"), "entitlement_id")
        self.payments_of = _by(rows("SELECT order_id, provider_id, amount FROM payments"), "order_id")
        self.refunds = rows("SELECT id, order_id, amount, state, provider_id FROM refunds")
        self.promotions = rows("SELECT id, name, max_redemptions, n_reserved, n_redeemed FROM promotions")
        self.uses = rows("SELECT promotion_id, order_id, state FROM promotion_uses")
        self.events = rows("SELECT id, kind, state, object_id, attempts, last_error FROM inbox_events")
        self.jobs = rows("SELECT id, kind, dedupe_key, payload, state, attempts, last_error FROM jobs")
        told = rows("SELECT order_id, count(*) AS n FROM order_events WHERE kind = 'entitled' GROUP BY order_id")
        self.n_told = {row["order_id"]: row["n"] for row in told}
        self.n_sold = {row["id"]: row["n_sold"] - n_sold_before[row["id"]] for row in rows("SELECT id, n_sold FROM products")}
        # A letter carries the id of its job, so that copies can be told.
        self.letters_of = defaultdict(list)
        for letter in letters:
            self.letters_of[letter.job_id].append(letter)

    def was_paid(self, order):
        return order["status"] in WAS_PAID

    def paid_orders(self):
        return [order for order in self.orders if self.was_paid(order)]
