"""After the storm: time passes, until the shop has put everything in order."""

import time

# The longest that the shop lets a failed piece of work wait. What waits longer has another reason, and is left alone.
LONGEST_WAIT_MS = 75 * 60 * 1000
# How long nothing must be left to do before it counts as all.
QUIET_SECS = 3
ROUNDS = 2


class Calm:
    def __init__(self, trial):
        self._database, self._stripe, self._fleet = trial.database, trial.stripe, trial.fleet
        self._end = time.monotonic() + trial.setting.settle_secs

    def settle(self):
        """Tells whether all work was done in time."""
        self._stripe.let_time_pass()
        self._stripe.flush_webhooks(self._left(10))
        # A shop that starts looks for events that never came.
        self._fleet.restart_all()
        is_quiet = False
        for _ in range(ROUNDS):
            is_quiet = self._wait_until_quiet()
            # What was done meanwhile has consequences at Stripe as well.
            self._stripe.let_time_pass()
            self._stripe.flush_webhooks(self._left(10))
        return self._wait_until_quiet() and is_quiet

    def _left(self, most):
        return max(0.1, min(most, self._end - time.monotonic()))

    def _wait_until_quiet(self):
        quiet_since = time.monotonic()
        while time.monotonic() < self._end:
            self._pull()
            if self._database.n_events_waiting() or self._n_jobs_waiting():
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > QUIET_SECS:
                return True
            time.sleep(0.5)
        return False

    def _n_jobs_waiting(self):
        return self._database.rows("SELECT count(*) AS n FROM jobs WHERE state = 'waiting'")[0]["n"]

    def _pull(self):
        """Lets the hours pass that failed work waits for its next try."""
        now = int(time.time() * 1000)
        for table, state in (("inbox_events", "received"), ("jobs", "waiting")):
            self._database.change(
                f"UPDATE {table} SET next_at = {now} WHERE state = '{state}' AND next_at > {now} AND next_at <= {now + LONGEST_WAIT_MS} AND attempts > 0"
            )
