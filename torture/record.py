"""What buyers and creators were told, to be held against what the shop keeps."""


class Record:
    """Filled by many threads, each entry at one stroke."""

    def __init__(self):
        # Ids of orders by the attempt that asked for them; one attempt is to be one order.
        self.orders = {}
        self.contradictions = []
        # Ids of refunds that the API confirmed, with their orders.
        self.refunds = []
        # Answers that nothing in the run explains.
        self.refusals = []

    def note_order(self, attempt, order_id):
        known = self.orders.setdefault(attempt, order_id)
        if known != order_id:
            self.contradictions.append(f"{attempt} is {known} and {order_id}")
