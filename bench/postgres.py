"""A throw-away PostgreSQL that really syncs."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from process import cpu_ms


def _as_postgres(command):
    # PostgreSQL refuses to run as root; its package brings a user of its own.
    return ["runuser", "-u", "postgres", "--", *map(str, command)] if os.getuid() == 0 else list(map(str, command))


class Postgres:
    def __init__(self, world, folder):
        self.world, self.folder, self.socket = world, folder, folder / "socket"
        self.log = folder / "log"
        self.url = f"postgres://app@localhost/postgres?host={self.socket}"

    def start(self):
        self.folder.chmod(0o755)
        for name in ("data", "socket"):
            (self.folder / name).mkdir()
            if os.getuid() == 0:
                subprocess.run(["chown", "postgres", self.folder / name], check=True)
        self.log.touch()
        self.log.chmod(0o666)
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-A", "trust", "-U", "app", "--no-sync")
        options = f"-c listen_addresses='' -k {self.socket} -c max_connections=100 -c shared_buffers=256MB"
        self._run("pg_ctl", "-D", data, "-w", "-l", self.log, "-o", options, "start")

    def stop(self):
        subprocess.run(_as_postgres([self.world.pg_bin / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop"]), capture_output=True)

    def _run(self, program, *arguments):
        # To a file: the server would keep a pipe open.
        with open(self.folder / "setup.log", "ab") as log:
            subprocess.run(_as_postgres([self.world.pg_bin / program, *arguments]), check=True, stdout=log, stderr=log)

    def sql(self, text):
        """Runs statements and answers the lines of the last one."""
        command = [self.world.pg_bin / "psql", "-h", self.socket, "-U", "app", "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", text]
        return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout.split("\n")[:-1]

    def set(self, setting, value):
        """Changes a setting for all of its processes."""
        self.sql(f"ALTER SYSTEM SET {setting} = {value}" if value == "DEFAULT" else f"ALTER SYSTEM SET {setting} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    def cpu_ms(self):
        """User and system time of all its processes so far, those that have ended as well."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        while True:
            try:
                with open(f"/proc/{postmaster}/task/{postmaster}/children") as f:
                    return cpu_ms(postmaster, with_ended=True) + sum(map(cpu_ms, map(int, f.read().split())))
            except FileNotFoundError:
                # One ended meanwhile, and counts among those that have.
                continue

    def bench(self, script, seconds, clients):
        """Transactions a second of a pgbench script."""
        command = [self.world.pg_bin / "pgbench", "-h", self.socket, "-U", "app", "-n", "-M", "prepared", "-f", script, "-T", seconds, "-c", clients, "-j", 1, "postgres"]
        out = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
        line = next(line for line in out.splitlines() if line.startswith("tps"))
        return float(line.split("=")[1].split()[0])


@contextmanager
def postgres(world):
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=world.scratch))
    world.scratch.chmod(0o755)
    server = Postgres(world, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
