"""What a run is given: programs, a folder, its size and its chance."""

import random
from dataclasses import dataclass
from pathlib import Path

from kill_points import SEVERAL


@dataclass
class Setting:
    scratch: Path
    shop_program: Path
    pg_bin: Path
    seed: int
    # For each database.
    n_orders: int
    is_quick: bool
    # Every other replica is of this release, as while an update goes from machine to machine.
    older_program: Path | None = None

    def program_of(self, number):
        return self.older_program if self.older_program and number % 2 else self.shop_program

    def chance(self, *words):
        """Choices that the seed and these words decide, whatever else is chosen meanwhile."""
        return random.Random(f"{self.seed} {words}")

    @property
    def n_buyers(self):
        return 24

    @property
    def armed_secs(self):
        """How long a process may be on its way to its kill point."""
        return 5 if self.is_quick else 20

    @property
    def times_a_point(self):
        """How often each kill point is to be passed."""
        return 1 if self.is_quick else SEVERAL

    @property
    def settle_secs(self):
        """How long the shop may take to put everything in order once nothing disturbs it any more."""
        return 120 if self.is_quick else 600

    @property
    def seconds_between_orders(self):
        """Slow enough that many faults meet few orders, and each process lives for some of them."""
        return 0.1 if self.is_quick else 0.04

    @property
    def seconds_between_deeds(self):
        return 0.25 if self.is_quick else 0.8

    @property
    def armed_share(self):
        """Which share of the processes is started with a kill point; the others live until somebody kills them."""
        return 0.85 if self.is_quick else 0.5

    @property
    def outage_secs(self):
        """How long the mail server is down, from and to."""
        return (1.0, 2.5) if self.is_quick else (2.0, 12.0)
