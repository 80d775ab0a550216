"""What was delivered, counted in the database: each paid order once and whole."""

# Orders that are paid, with one payment and a piece for each that was bought.
WHOLE = """SELECT public_id FROM orders o WHERE status = 'paid' AND (SELECT count(*) FROM payments p WHERE p.order_id = o.id) = 1
    AND EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = o.id)
    AND NOT EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = o.id AND i.quantity <> (SELECT count(*) FROM entitlements e WHERE e.order_item_id = i.id))"""
DOUBLED = {
    "entitlements": "SELECT count(*) FROM (SELECT i.id FROM order_items i JOIN entitlements e ON e.order_item_id = i.id GROUP BY i.id, i.quantity HAVING count(*) > i.quantity) AS d",
    "order mails": "SELECT count(*) FROM (SELECT payload FROM jobs WHERE kind = 'order_mail' GROUP BY payload HAVING count(*) > 1) AS d",
    "payments": "SELECT count(*) FROM (SELECT order_id FROM payments GROUP BY order_id HAVING count(*) > 1) AS d",
    "timelines": "SELECT count(*) FROM (SELECT order_id FROM order_events WHERE kind = 'entitled' GROUP BY order_id HAVING count(*) > 1) AS d",
}
# The goods have sold before, in the sample; it is told by what they gain.
SOLD = "SELECT sum(n_sold) FROM products"
BOUGHT = "SELECT COALESCE(sum(i.quantity), 0) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.status = 'paid'"


def surplus(database):
    """How many pieces more were counted as sold than were bought by paid orders; only its change tells something."""
    return database.count(SOLD) - database.count(BOUGHT)


def doubled(database, surplus_before):
    """What stands twice, by name."""
    found = {what: database.count(sql) for what, sql in DOUBLED.items()}
    return found | {"sales": abs(surplus(database) - surplus_before)}


def whole(database, orders):
    """Those of the orders that are delivered as they were bought."""
    delivered = {public_id for (public_id,) in database.rows(WHOLE)}
    return [order for order in orders if order.id in delivered]
