"""What all rows share: the scratch folder, the programs, and how long a cell takes."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass
class World:
    scratch: Path
    shop_program: Path
    twin_program: Path
    pg_bin: Path
    is_quick: bool

    @property
    def seconds(self):
        """One cell of load."""
        return 2 if self.is_quick else 4

    @property
    def rounds(self):
        return 2 if self.is_quick else 3

    @staticmethod
    def from_env(scratch):
        need = lambda name: Path(os.environ[name])
        return World(scratch, need("WEIGHTLESS"), need("TWIN"), need("PG_BIN"), os.environ.get("BENCH_QUICK") == "1")
