"""Puts thousands of orders through the shop while everything around it fails, then holds it to its invariants: `make torture`."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

# What the benches start and ask, this harness starts and asks in the same way.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

import proofs
import report
from books import Postgres, Sqlite
from invariants import INVARIANTS
from kill_points import POINTS, SEVERAL
from postgres import postgres
from setting import Setting
from trial import Trial

QUICK_ORDERS = 120


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=int(os.environ.get("TORTURE_ORDERS") or 10_000), help="on all databases together")
    parser.add_argument("--quick", action="store_true", help="a short run, of some 120 orders on each database")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)), help="repeats the choices of an earlier run")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--older", type=Path, metavar="PROGRAM", help="another release's debug build, which every other replica runs; on PostgreSQL, where there are several")
    parser.add_argument("--keep", action="store_true", help="leave databases and logs where they are, and say where that is")
    return parser.parse_args()


@contextmanager
def scratch_folder(is_kept):
    if is_kept:
        folder = tempfile.mkdtemp(prefix="weightless-torture-")
        print(f"Databases and logs stay in {folder}.", flush=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="weightless-torture-") as folder:
            yield folder


@contextmanager
def sqlite(setting):
    yield Sqlite(setting.scratch / "shop.db")


@contextmanager
def postgresql(setting):
    with postgres(setting) as server:
        yield Postgres(server)


DATABASES = {"sqlite": sqlite, "postgres": postgresql}


def passed_points(fired, is_quick):
    """A short run has no time to kill everywhere on each database."""
    if is_quick:
        total = sum((points for _, points in fired), Counter())
        return [report.Verdict("Each kill point was passed", "all", [point for point in POINTS if not total[point]])]
    return [
        report.Verdict("Each kill point was passed several times", name, [f"{point}: {points[point]}×" for point in POINTS if points[point] < SEVERAL])
        for name, points in fired
    ]


def main():
    # A polite kill cleans up as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asked = arguments()
    program = Path(os.environ["WEIGHTLESS"])
    for build in filter(None, [program, asked.older]):
        if b"WEIGHTLESS_KILL_AT" not in build.read_bytes():
            sys.exit(f"{build} has no kill points; a debug build of a checkout has them")
    if asked.older and asked.only == "sqlite":
        sys.exit("SQLite has one replica; --older goes with PostgreSQL")
    names = ["postgres"] if asked.older else [asked.only] if asked.only else list(DATABASES)
    n_orders = QUICK_ORDERS if asked.quick else max(1, asked.orders // len(names))
    print(f"The seed is {asked.seed}.", flush=True)
    verdicts, fired = [], []
    for name in names:
        with scratch_folder(asked.keep) as scratch:
            setting = Setting(Path(scratch), program, Path(os.environ["PG_BIN"]), asked.seed, n_orders, asked.quick, asked.older and asked.older.resolve())
            with DATABASES[name](setting) as database:
                began = time.monotonic()
                print(f"\033[1m▸ {n_orders} orders on {database.name}, {database.n_replicas} at once serve\033[0m", flush=True)
                trial = Trial(setting, database)
                trial.run()
                facts = trial.facts()
                verdicts += [report.Verdict(sentence, database.name, find(facts)) for sentence, find in INVARIANTS]
                if isinstance(database, Sqlite):
                    verdicts.append(report.Verdict("Harm that is done on purpose is seen", database.name, proofs.unseen(trial)))
                print(report.totals(trial, facts) + f"\n({time.monotonic() - began:.0f} s)\n", flush=True)
                fired.append((database.name, trial.kill_points.fired))
    verdicts += passed_points(fired, asked.quick)
    print(report.verdicts(verdicts))
    for verdict in verdicts:
        print(verdict.examples(), end="")
    n_failed = sum(not verdict.holds for verdict in verdicts)
    if n_failed:
        words = " ".join([f"--seed {asked.seed}", *(["--quick"] if asked.quick else [f"--orders {asked.orders}"]), *([f"--only {asked.only}"] if asked.only else []), *([f"--older {asked.older}"] if asked.older else [])])
        print(f"\nRepeat it with: tools/torture.sh {words}")
    print(f"\n{len(verdicts) - n_failed} passed, {n_failed} failed")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
