"""The judges judged: each kind of harm is done to a copy of the database, and the invariant that it violates has to see it."""

import shutil

import invariants
from books import Sqlite

A_PAID_ORDER = "(SELECT id FROM orders WHERE status = 'paid' AND amount_total > 0 LIMIT 1)"

HARMS = [
    (invariants.paid, f"UPDATE orders SET status = 'expired' WHERE id = {A_PAID_ORDER}"),
    (invariants.paid, "UPDATE orders SET status = 'paid' WHERE id = (SELECT id FROM orders WHERE status IN ('pending', 'failed', 'expired') LIMIT 1)"),
    (invariants.payments, f"DELETE FROM payments WHERE order_id = {A_PAID_ORDER}"),
    (invariants.carts, "UPDATE orders SET cart_id = X'01', cart_purchase = 0 WHERE id IN (SELECT id FROM orders WHERE status = 'paid' LIMIT 2)"),
    (invariants.entitlements, f"DELETE FROM entitlements WHERE order_id = {A_PAID_ORDER}"),
    (invariants.entitlements, "UPDATE order_items SET quantity = quantity + 1 WHERE id = (SELECT order_item_id FROM entitlements LIMIT 1)"),
    (invariants.licenses, "DELETE FROM licenses WHERE id = (SELECT id FROM licenses LIMIT 1)"),
    (invariants.told_once, "UPDATE products SET n_sold = n_sold + 1 WHERE id = (SELECT id FROM products LIMIT 1)"),
    (invariants.told_once, f"DELETE FROM order_events WHERE kind = 'entitled' AND order_id = {A_PAID_ORDER}"),
    (invariants.mailed, "UPDATE jobs SET id = randomblob(16) WHERE id = (SELECT id FROM jobs WHERE kind = 'order_mail' LIMIT 1)"),
    (invariants.refunded, f"UPDATE orders SET amount_refunded = amount_refunded + 1 WHERE id = {A_PAID_ORDER}"),
    (invariants.refunds_once, "UPDATE refunds SET state = 'pending' WHERE id = (SELECT id FROM refunds WHERE state = 'succeeded' LIMIT 1)"),
    (invariants.access, "UPDATE entitlements SET state = 'revoked' WHERE id = (SELECT id FROM entitlements WHERE state = 'active' LIMIT 1)"),
    (invariants.access, "UPDATE entitlements SET state = 'active' WHERE id = (SELECT id FROM entitlements WHERE state <> 'active' LIMIT 1)"),
    (invariants.promotions, "UPDATE promotions SET n_redeemed = n_redeemed + 1 WHERE max_redemptions IS NULL"),
    (invariants.promotions, "UPDATE promotions SET n_reserved = n_reserved + 1 WHERE max_redemptions IS NULL"),
    (invariants.stuck, "UPDATE orders SET status = 'pending' WHERE id = (SELECT id FROM orders WHERE status = 'expired' AND checkout_session_id IS NOT NULL LIMIT 1)"),
    (invariants.waiting, "UPDATE inbox_events SET state = 'received' WHERE id = (SELECT id FROM inbox_events LIMIT 1)"),
    (invariants.waiting, "UPDATE jobs SET state = 'waiting' WHERE id = (SELECT id FROM jobs LIMIT 1)"),
    (invariants.dead, "UPDATE jobs SET state = 'dead' WHERE id = (SELECT id FROM jobs LIMIT 1)"),
    (invariants.kept, "DELETE FROM inbox_events WHERE state = 'done'"),
    (invariants.confirmed, f"DELETE FROM orders WHERE id = {A_PAID_ORDER}"),
]


def unseen(trial):
    """Harms that went unseen."""
    for i, (find, harm) in enumerate(HARMS):
        spoiled = Sqlite(trial.setting.scratch / f"spoiled-{i}.db")
        shutil.copy(trial.database.path, spoiled.path)
        spoiled.change(harm)
        if not list(find(trial.facts(spoiled))):
            yield harm
    # An hour before the run nobody was killed, and nothing else explains a copy of this one.
    facts = trial.facts()
    first = next(letter for letter in trial.letters if letter.was_confirmed and letter.job_id not in facts.broken_off).moved(-3600)
    if not list(invariants.copies(trial.facts(letters=[first, *trial.letters]))):
        yield "a mail that was sent twice for no reason"
