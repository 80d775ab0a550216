"""Runs the rows and tells what they found: `make bench`. Arguments choose rows, such as `p04 p23`."""

import os
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

import outcome
from rows import p04, p05, p07, p12, p13, p14, p16, p18, p21, p22, p23, p24
from world import World

ROWS = {"p04": p04, "p05": p05, "p07": p07, "p12": p12, "p13": p13, "p14": p14, "p16": p16, "p18": p18, "p21": p21, "p22": p22, "p23": p23, "p24": p24}
NOTE = """Every value is a ratio of two things measured in turns in the same minutes, or a count; the figures beside it are this machine's alone.
`make bench` writes this file anew.
"""


def main(names):
    # A polite kill cleans up as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found, is_whole = [], True
    with tempfile.TemporaryDirectory(prefix="weightless-bench-") as scratch:
        world = World.from_env(Path(scratch))
        for name in names or ROWS:
            began = time.monotonic()
            print(f"\033[1m▸ {name.upper()}: {ROWS[name].__doc__.strip()}\033[0m", flush=True)
            try:
                lines = ROWS[name].run(world)
            except Exception as error:
                is_whole = False
                lines = [outcome.Outcome(name.upper(), f"broke: {error}", "")]
            found += lines
            print(outcome.table(lines) + f"\n({time.monotonic() - began:.0f} s)\n", flush=True)
    text = outcome.table(found)
    print(text)
    if not names:
        kind = "quick run" if world.is_quick else "whole run"
        cores = len(os.sched_getaffinity(0))
        Path(__file__).with_name("results.md").write_text(
            f"# What the shop costs\n\n{NOTE}\nOne {kind} on {cores} cores ({platform.machine()}, {platform.system()}).\n\n{text}\n"
        )
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
