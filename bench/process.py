"""Processes that a row measures: each on one core, its load on another."""

import os
import signal
import socket
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
# With one core alone nothing can be kept apart; the ratios stay comparable.
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def on_core(core, command):
    return ["taskset", "-c", str(core), *map(str, command)]


class Process:
    """A server; as a context manager it never outlives its row."""

    def __init__(self, command, env=None, log=None, core=SERVER_CORE):
        self.log = open(log or os.devnull, "ab")
        command = on_core(core, command) if core is not None else list(map(str, command))
        self._popen = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = self._popen.pid

    def cpu_ms(self):
        """User and system time so far, all threads."""
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / TICKS

    def pss_mb(self):
        with open(f"/proc/{self.pid}/smaps_rollup") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Pss:")) / 1024

    def is_running(self):
        return self._popen.poll() is None

    def exit_code(self):
        """Negative where a signal ended it, `None` while it runs."""
        return self._popen.poll()

    def wait(self):
        self._popen.wait()

    def kill(self):
        """Ends it without a chance to tidy up, as a power cut does."""
        self._popen.kill()
        self._popen.wait()

    def stop(self):
        if self.is_running():
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(20)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
