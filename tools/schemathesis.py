"""Asks the API whatever its description allows and much that it doesn't, on both databases: `make schemathesis`.

Nothing may answer with a failure of ours, or with what the description doesn't name. `--seconds` bounds the run on each database.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

# What the benches start and ask, this starts and asks in the same way.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

import owner
import shop
from http_client import wait_until_up
from postgres import postgres
from process import Process, free_port

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# A fault of Python 3.11 when it reads its own sources in several threads; it says nothing of the API.
BREAKDOWN = "AST constructor recursion depth mismatch"
# The headline of what was found.
FINDINGS = " FAILURES ="
# They would take away the key that everything is asked with, or its member.
LEFT_OUT = ["revoke_api_key", "update_member", "delete_member"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="on each database")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)), help="repeats the choices of an earlier run")
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    return parser.parse_args()


def run(world, name, database_url, options):
    """Whether nothing was found."""
    data = world.scratch / name
    data.mkdir()
    database = SimpleNamespace(data=data, url=database_url or shop.sqlite_url(data))
    shop.load_sample(world, data, database.url)
    key = owner.create(world, database)
    stripe_port = free_port()
    emulator = [world.shop_program, "stripe-emulator", "--listen", f"127.0.0.1:{stripe_port}"]
    with Process(emulator, env=dict(os.environ), log=world.scratch / "emulator.log", core=None) as stripe:
        wait_until_up(stripe_port, "/", stripe)
        port = free_port()
        env = shop.environment(data, port, database.url, stripe_port)
        with Process([world.shop_program, "serve"], env=env, log=world.scratch / f"{name}.log", core=None) as process:
            wait_until_up(port, "/healthz", process)
            print(f"\n{name}, seed {options.seed}, {options.seconds} s", flush=True)
            return ask(port, key, options, data) and is_calm(world.scratch / f"{name}.log")


def ask(port, key, options, folder):
    program = Path(sys.executable).parent / "schemathesis"
    command = [program, "run", f"http://127.0.0.1:{port}/api/openapi.json", "-H", f"Authorization: Bearer {key}", "--checks", CHECKS]
    command += ["--max-time", options.seconds, "--seed", options.seed, "--phases", "examples,coverage,fuzzing", "--no-color"]
    command += ["--generation-database", "none", "--warnings", "off", "--request-timeout", 20, "--continue-on-failure", "--workers", 1]
    for operation in LEFT_OUT:
        command += ["--exclude-operation-id", operation]
    for may_try_again in (True, False):
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, text=True)
        print("\n".join(line[:400] for line in done.stdout.splitlines()), flush=True)
        if not (may_try_again and BREAKDOWN in done.stdout and FINDINGS not in done.stdout):
            return done.returncode == 0
        print("Python broke down under schemathesis, so that it asks once more", flush=True)


def is_calm(log):
    """Whether nothing panicked meanwhile."""
    panics = [line for line in log.read_text(errors="replace").splitlines() if re.search(r"\bpanicked\b", line)]
    print("\n".join(panics[:20]), flush=True)
    return not panics


def main():
    options = arguments()
    n_failed = n_passed = 0
    with tempfile.TemporaryDirectory(prefix="weightless-schemathesis-") as folder:
        world = SimpleNamespace(scratch=Path(folder), shop_program=Path(os.environ["WEIGHTLESS"]), pg_bin=Path(os.environ["PG_BIN"]))
        for name in ["sqlite", "postgres"] if options.only is None else [options.only]:
            if name == "sqlite":
                is_well = run(world, name, None, options)
            else:
                with postgres(world) as server:
                    is_well = run(world, name, server.url, options)
            n_passed, n_failed = n_passed + is_well, n_failed + (not is_well)
    print(f"{n_passed} passed, {n_failed} failed")
    sys.exit(n_failed > 0)


main()
