"""Where a debug build kills itself when it is asked to: between two steps that a power cut may part."""

from collections import Counter

# How many passages a process may survive before: what happens often is to be cut at the beginning and later on.
POINTS = {
    # The webhook's signature is checked, nothing is stored.
    "after_hmac": 40,
    # The event is stored, not yet answered.
    "after_inbox_commit": 40,
    # In the middle of the transaction that pays and delivers.
    "mid_settle": 9,
    # The mail's job is leased, the mail not sent.
    "before_mail": 9,
    # The mail server has the mail, the job is not done.
    "after_smtp": 9,
    # The refund is reserved and committed, Stripe not called.
    "before_refund_call": 3,
    # Stripe answered, nothing is noted.
    "after_refund_answer": 3,
}

# How often a long run passes each.
SEVERAL = 3


class KillPoints:
    """Chooses where the next process dies, and counts where processes died."""

    def __init__(self, chance, is_quick):
        self._chance, self._is_quick = chance, is_quick
        self.fired, self._armed = Counter(), Counter()

    def arm(self):
        """The point that fired least so far, and which passage of it is the last."""
        least = min(self.fired[point] + self._armed[point] for point in POINTS)
        point = self._chance.choice([point for point in POINTS if self.fired[point] + self._armed[point] == least])
        self._armed[point] += 1
        n = self._chance.randint(1, min(POINTS[point] // 3, 4) if self._is_quick else POINTS[point])
        return point, f"{point}:{n}"

    def disarm(self, point, has_fired):
        self._armed[point] -= 1
        self.fired[point] += has_fired

    def are_all_passed(self, times):
        return all(self.fired[point] >= times for point in POINTS)
