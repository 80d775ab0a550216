"""What a run found, as tables."""

from collections import Counter

from kill_points import POINTS
from outcome import markdown

N_EXAMPLES = 5


class Verdict:
    """An invariant held against one database."""

    def __init__(self, sentence, database, violations):
        self.sentence, self.database, self.violations = sentence, database, list(violations)

    @property
    def holds(self):
        return not self.violations

    def cells(self):
        return [self.sentence, self.database, "holds" if self.holds else f"violated {len(self.violations)}×"]

    def examples(self):
        """Nothing where it holds."""
        if self.holds:
            return ""
        shown = (str(violation).replace("\n", " ")[:300] for violation in self.violations[:N_EXAMPLES])
        return "".join(["\n", f"{self.sentence} ({self.database}):\n", *(f"  - {line}\n" for line in shown)])


def verdicts(verdicts):
    return markdown([["invariant", "database", "result"], *(verdict.cells() for verdict in verdicts)])


def totals(trial, facts):
    """How much was done, and how much went wrong."""
    at_stripe, counts = facts.stripe, trial.tormentor.counts
    deliveries = trial.balancer.deliveries
    fired = ", ".join(f"{point} {trial.kill_points.fired[point]}" for point in POINTS)
    statuses = Counter(order["status"] for order in facts.orders)
    lines = {
        "orders": f"{len(facts.orders)}: " + ", ".join(f"{n} {status}" for status, n in statuses.most_common()),
        "events": f"{len(at_stripe.taken_events) + len(at_stripe.missed_events)} made, {deliveries.total()} handed on, "
        f"{deliveries.total() - len(deliveries)} of them again, {len(at_stripe.missed_events)} never taken",
        "refunds": f"{len(at_stripe.refunds)} at Stripe, {len(facts.record.refunds)} answers of the API",
        "disputes": ", ".join(f"{n} {state}" for state, n in Counter(dispute["status"] for dispute in at_stripe.disputes).most_common()) or "none",
        "deaths": f"{trial.fleet.random_kills} at random; at kill points {fired}",
        "faults": ", ".join(f"{n} {what}" for what, n in counts.items()),
        "mails": f"{sum(map(len, facts.letters_of.values()))}, {sum(len(letters) - 1 for letters in facts.letters_of.values())} of them copies",
        "seconds": ", ".join(f"{seconds:.0f} {what}" for what, seconds in trial.seconds.items()) + ("" if trial.is_calm else " (not all work was done in time)"),
    }
    return markdown([["total", trial.database.name], *([name, text] for name, text in lines.items())])
