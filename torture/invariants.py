"""What must hold whatever happened. Each invariant is a sentence and finds what violates it."""

from collections import Counter

# Orders that wait for their money, or for a bank.
OPEN = ("pending", "processing")
# A mail whose answer was heard is noted at once; only who dies within so many seconds leaves it to be sent again.
NOTED_WITHIN = 2.0
# What the dead had sent may reach the mailbox so long after its death.
ON_ITS_WAY = 0.5
# How many jobs a worker has in hand, and so may leave behind when it dies.
AT_ONCE = 6

# What the owner is told of that no fault explains.
CONTRADICTIONS = ("mismatch:", "paid-twice:", "dead:", "events:dead:", "refund-refused:")

INVARIANTS = []


def invariant(sentence):
    def keep(find):
        INVARIANTS.append((sentence, find))
        return find

    return keep


@invariant("An order is paid in the shop exactly when Stripe holds its money, or nothing was due")
def paid(facts):
    for order in facts.orders:
        should = order["amount_total"] == 0 or bool(facts.stripe.paid_sessions(order["public_id"]))
        if facts.was_paid(order) != should:
            yield f"{order['public_id']} is {order['status']}"
    for public_id in facts.stripe.sessions_of:
        if public_id not in facts.public_ids:
            yield f"{public_id} is unknown to the shop"


@invariant("A paid order has one payment over what it cost")
def payments(facts):
    for order in facts.orders:
        payments = facts.payments_of[order["id"]]
        due = [order["amount_total"]] if facts.was_paid(order) and order["amount_total"] else []
        if [payment["amount"] for payment in payments] != due:
            yield f"{order['public_id']} ({order['status']}): {len(payments)} payments"


@invariant("Each purchase of a cart was paid once, from however many tabs it was begun")
def carts(facts):
    paid = Counter((order["cart_id"], order["cart_purchase"]) for order in facts.paid_orders() if order["cart_id"])
    for (cart, purchase), n in paid.items():
        if n > 1:
            yield f"cart {cart}, purchase {purchase}: {n} paid orders"


@invariant("A paid order has each unit of each line once, others have nothing")
def entitlements(facts):
    for order in facts.orders:
        is_paid = facts.was_paid(order)
        due = Counter((item["id"], n) for item in facts.items_of[order["id"]] for n in range(1, item["quantity"] + 1) if is_paid)
        found = Counter((unit["order_item_id"], unit["unit_no"]) for unit in facts.entitlements_of[order["id"]])
        if due != found:
            yield f"{order['public_id']} ({order['status']}): {found.total()} of {due.total()} units"


@invariant("Each unit of a line with licenses has one license, others have none")
def licenses(facts):
    for order in facts.orders:
        with_license = {item["id"] for item in facts.items_of[order["id"]] if item["has_license"]}
        for unit in facts.entitlements_of[order["id"]]:
            n = len(facts.licenses_of[unit["id"]])
            if n != (unit["order_item_id"] in with_license):
                yield f"{order['public_id']}: {n} licenses for a unit"


@invariant("What was delivered is told once in the timeline and counted once as sold")
def told_once(facts):
    for order in facts.orders:
        n = facts.n_told.get(order["id"], 0)
        if n != facts.was_paid(order):
            yield f"{order['public_id']} ({order['status']}): told {n} times"
    sold = Counter()
    for order in facts.paid_orders():
        for item in facts.items_of[order["id"]]:
            sold[item["product_id"]] += item["quantity"]
    for product, n in facts.n_sold.items():
        if n != sold[product]:
            yield f"product {product}: {n} counted, {sold[product]} sold"


@invariant("Each paid order was mailed to its buyer, no other was, and every other mail that was owed was sent")
def mailed(facts):
    jobs = {job["payload"].replace("-", ""): job for job in facts.jobs if job["kind"] == "order_mail"}
    for order in facts.orders:
        job = jobs.get(order["id"])
        letters = facts.letters_of[job["id"]] if job else []
        if bool(letters) != facts.was_paid(order) or any(letter.recipient != order["email"] for letter in letters):
            yield f"{order['public_id']} ({order['status']}): {len(letters)} mails"
    for job in facts.jobs:
        if _is_owed(facts, job) and not facts.letters_of[job["id"]]:
            yield f"{job['kind']} {job['dedupe_key']}: not sent"


def _is_owed(facts, job):
    """What a mail tells may be over when its turn comes: a refund that failed, an order that was paid after all."""
    subject = job["payload"].replace("-", "")
    match job["kind"]:
        case "refund_mail":
            return any(refund["id"] == subject and refund["state"] == "succeeded" for refund in facts.refunds)
        case "payment_failed_mail":
            return facts.order_of[subject]["status"] == "failed"
        case kind:
            return kind == "alert"


def _surroundings(facts, letters, letter):
    """When, from the arrival of a letter on, its copies came, and processes died or ended as they were asked to."""
    near = lambda times: ", ".join(f"{at - letter.kept_at:+.1f} s" for at in sorted(times) if abs(at - letter.kept_at) < 15) or "none"
    return f"arrivals {near(copy.kept_at for copy in letters)}; deaths {near(facts.fleet.killed_at)}; polite ends {near(facts.fleet.stopped_at)}"


@invariant("A mail came again only where its worker died, lost its patience or heard no answer between arrival and note")
def copies(facts):
    n_after_death = 0
    for job, letters in facts.letters_of.items():
        for letter in letters[:-1]:
            if not letter.was_confirmed or job in facts.broken_off:
                continue
            n_after_death += 1
            if not any(-ON_ITS_WAY <= at - letter.kept_at <= NOTED_WITHIN for at in facts.fleet.killed_at):
                yield f"job {job}: {len(letters)} mails to {letter.recipient}; {_surroundings(facts, letters, letter)}"
    if n_after_death > AT_ONCE * len(facts.fleet.killed_at):
        yield f"{n_after_death} copies after {len(facts.fleet.killed_at)} deaths"


@invariant("The shop holds as refunded what Stripe gave back, never more than was paid, and holds nothing in reserve")
def refunded(facts):
    for order in facts.orders:
        back = facts.stripe.refunded(order["public_id"])
        if order["amount_refunded"] != back or back > order["amount_paid"] or order["refund_reserved"]:
            yield f"{order['public_id']}: {order['amount_refunded']} here (and {order['refund_reserved']} reserved), {back} there, {order['amount_paid']} paid"


@invariant("Each refund of the shop is one at Stripe, in the same state; none was made twice")
def refunds_once(facts):
    at_stripe = {refund["id"]: refund for refund in facts.stripe.refunds}
    named = Counter(value.replace("-", "") for refund in facts.stripe.refunds for value in refund["metadata"].values())
    for refund in facts.refunds:
        if named[refund["id"]] > 1:
            yield f"refund {refund['id']}: made {named[refund['id']]} times"
        twin = at_stripe.get(refund["provider_id"])
        if refund["provider_id"] and (twin is None or (twin["status"], twin["amount"]) != (refund["state"], refund["amount"])):
            yield f"refund {refund['id']} is {refund['state']} over {refund['amount']}, at Stripe {twin and (twin['status'], twin['amount'])}"
        elif not refund["provider_id"] and refund["state"] not in ("failed", "canceled"):
            yield f"refund {refund['id']} is {refund['state']} without one at Stripe"
    known = {refund["provider_id"] for refund in facts.refunds}
    for refund in facts.stripe.refunds:
        if refund["id"] not in known:
            yield f"{refund['id']} of {refund['payment_intent']} is unknown to the shop"


def _access_due(facts, order):
    """What an order's units are to be, by its money."""
    disputes = facts.stripe.dispute_states(order["public_id"])
    if "lost" in disputes or 0 < order["amount_paid"] <= facts.stripe.refunded(order["public_id"]):
        return "revoked"
    # An inquiry (`warning_…`) takes no money yet.
    if any(state in ("needs_response", "under_review") for state in disputes) or facts.stripe.is_under_review(order["public_id"]):
        return "suspended"
    return "active"


@invariant("Goods are open exactly while the money is ours: revoked with it, suspended while a bank or a review holds it")
def access(facts):
    for order in facts.paid_orders():
        due = _access_due(facts, order)
        found = {unit["state"] for unit in facts.entitlements_of[order["id"]]}
        if found - {due}:
            yield f"{order['public_id']} ({order['status']}): {', '.join(sorted(found))} instead of {due}"


@invariant("A promotion is redeemed by the paid orders that carry it, within its limit, and held by open ones alone")
def promotions(facts):
    for promotion in facts.promotions:
        uses = [use for use in facts.uses if use["promotion_id"] == promotion["id"]]
        states = Counter(use["state"] for use in uses)
        redeemed = sum(facts.was_paid(facts.order_of[use["order_id"]]) for use in uses)
        limit = promotion["max_redemptions"]
        if not promotion["n_redeemed"] == states["redeemed"] == redeemed or (limit and promotion["n_redeemed"] > limit):
            yield f"{promotion['name']}: {promotion['n_redeemed']} of {limit} counted, {states['redeemed']} redeemed, {redeemed} paid"
        if promotion["n_reserved"] != states["reserved"]:
            yield f"{promotion['name']}: {promotion['n_reserved']} counted as held, {states['reserved']} held"
        for use in uses:
            order = facts.order_of[use["order_id"]]
            if use["state"] == "reserved" and order["status"] not in OPEN:
                yield f"{promotion['name']} is held for {order['public_id']} ({order['status']})"


@invariant("No order waits for a payment page that is closed")
def stuck(facts):
    for order in facts.orders:
        sessions = facts.stripe.sessions_of[order["public_id"]]
        if order["status"] in OPEN and sessions and not any(session["status"] == "open" for session in sessions):
            yield f"{order['public_id']} is {order['status']}"


@invariant("No event and no job waits")
def waiting(facts):
    for event in facts.events:
        if event["state"] == "received":
            yield f"{event['id']} ({event['kind']}, try {event['attempts']}): {event['last_error']}"
    for job in facts.jobs:
        if job["state"] == "waiting":
            yield f"{job['kind']} {job['dedupe_key']} (try {job['attempts']}): {job['last_error']}"


@invariant("No event and no job was given up, and the owner was told of no contradiction")
def dead(facts):
    for row in facts.events + facts.jobs:
        if row["state"] == "dead":
            yield f"{row['kind']} {row['id']}: {row['last_error']}"
    for job in facts.jobs:
        if job["kind"] == "alert" and job["dedupe_key"].startswith(CONTRADICTIONS):
            yield job["payload"]


@invariant("Every event whose webhook was acknowledged is kept")
def kept(facts):
    kept = {event["id"] for event in facts.events}
    for event, kind in facts.stripe.taken_events.items():
        if event not in kept:
            yield f"{event} ({kind})"


@invariant("One attempt made one order, and every order and refund that the API confirmed is there")
def confirmed(facts):
    yield from facts.record.contradictions
    for attempt, public_id in facts.record.orders.items():
        if public_id not in facts.public_ids:
            yield f"{attempt}: {public_id} is gone"
    refunds = {refund["id"] for refund in facts.refunds}
    for refund, order in facts.record.refunds:
        if refund.replace("-", "") not in refunds:
            yield f"refund {refund} of {order} is gone"


@invariant("Nobody was refused without a reason, or waited in vain")
def refusals(facts):
    yield from facts.record.refusals


@invariant("No process ended by itself")
def accidents(facts):
    yield from facts.fleet.accidents
