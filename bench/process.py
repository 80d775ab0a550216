"""Processes that a row measures: each on one core, its load on another."""

import os
import signal
import socket
import subprocess
import time

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


def cpu_ms(pid, with_ended=False):
    """User and system time of a process, and of its children that have ended if these are asked for."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11 : 15 if with_ended else 13])) * 1000 / TICKS


class Process:
    """A server; as a context manager it never outlives its row."""

    def __init__(self, command, env=None, log=None, core=SERVER_CORE):
        self.log = open(log or os.devnull, "ab")
        command = on_core(core, command) if core is not None else list(map(str, command))
        self._popen = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = self._popen.pid

    def cpu_ms(self):
        """User and system time so far, all threads."""
        return cpu_ms(self.pid)

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
        self.log.close()

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


def _machine_ticks():
    """Ticks of all cores that were spent on something, and all of them."""
    with open("/proc/stat") as f:
        ticks = list(map(int, f.readline().split()[1:9]))
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


class Busy:
    """How much of the time processes and the machine had work since this was made: who waited for whom, and what else went on."""

    def __init__(self, **processes):
        self._processes, self._began, self._ticks = processes, time.monotonic(), _machine_ticks()
        self._before = {name: process.cpu_ms() for name, process in processes.items()}

    def __str__(self):
        wall = (time.monotonic() - self._began) * 1000
        shares = {name: (process.cpu_ms() - self._before[name]) / wall for name, process in self._processes.items()}
        spent, all_ticks = (now - before for now, before in zip(_machine_ticks(), self._ticks))
        return ", ".join(f"{name} {100 * share:.0f} %" for name, share in {**shares, "all cores": spent / all_ticks}.items()) + " busy"
