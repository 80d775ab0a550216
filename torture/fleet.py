"""The shop's processes: started, killed, started again."""

import re
import threading
import time

from http_client import wait_until_up
from process import Process, free_port

# How long the leases of a killed worker keep its work from the others.
LEASE_SECS = 4
# A line of the shop's log in which a job was cut off, with its id; colors stand between the words.
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
BROKEN_OFF = re.compile(rf"^(?=.*(?:it did not end within|the lease had run out)).*job\S*?=\S*?({UUID})")


class Replica:
    def __init__(self, number):
        self.number, self.port = number, free_port()
        self.process = None
        # Waits for the end of the process, to tell when that was: whoever buries it may come later.
        self.watch, self.ended_at = None, 0.0
        # The kill point it was started with, and since when it waits for it.
        self.point, self.armed_at = None, 0.0
        self.was_killed_by_us = False

    def watch_process(self):
        def watch():
            self.process.wait()
            self.ended_at = time.monotonic()

        self.watch = threading.Thread(target=watch, daemon=True)
        self.watch.start()


class Fleet:
    """Keeps its replicas running, whatever ends them, and remembers what that was."""

    def __init__(self, setting, environment, n_replicas, kill_points, chance):
        self._setting, self._environment, self._kill_points, self._chance = setting, environment, kill_points, chance
        self.replicas = [Replica(number) for number in range(n_replicas)]
        self.random_kills = 0
        # When processes died by force, and when others ended as they were asked to, on the monotonic clock.
        self.killed_at, self.stopped_at = [], []
        # Deaths that nobody asked for.
        self.accidents = []
        self.are_kills_allowed = False
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self):
        for replica in self.replicas:
            self._start(replica, None)
        for replica in self.replicas:
            wait_until_up(replica.port, "/healthz", replica.process)
        self._keeper.start()

    def kill_one(self):
        """SIGKILL at any moment."""
        with self._lock:
            self._kill(self._chance.choice(self.replicas))

    def restart_one(self):
        """As an update of the program does, one process after the other."""
        with self._lock:
            replica = self._chance.choice(self.replicas)
            self._stop(replica)
            self._start(replica, self._next_point())

    def restart_all(self):
        """Ends every process politely and starts it without a kill point."""
        with self._lock:
            self.are_kills_allowed = False
            for replica in self.replicas:
                self._stop(replica)
            for replica in self.replicas:
                self._start(replica, None)
            for replica in self.replicas:
                wait_until_up(replica.port, "/healthz", replica.process)

    def stop(self):
        self._is_over.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for replica in self.replicas:
            self._stop(replica)

    def broken_off_jobs(self):
        """Jobs of which a worker says that it lost its patience or its lease: how they ended was not noted."""
        found = set()
        for replica in self.replicas:
            with open(self._log(replica), errors="replace") as log:
                found |= {BROKEN_OFF.search(line).group(1).replace("-", "") for line in log if BROKEN_OFF.search(line)}
        return found

    def _log(self, replica):
        return self._setting.scratch / f"shop-{replica.number}.log"

    def _stop(self, replica):
        if replica.process:
            self._let_begin(replica)
            was_running = replica.process.is_running()
            replica.process.stop()
            self._bury(replica, was_asked=was_running)
            replica.process = None

    @staticmethod
    def _let_begin(replica):
        """A process can be asked to end only once it listens; one that died is past asking."""
        try:
            wait_until_up(replica.port, "/healthz", replica.process)
        except RuntimeError:
            pass

    def _kill(self, replica):
        if replica.process and replica.process.is_running():
            replica.was_killed_by_us = True
            replica.process.kill()

    def _keep(self):
        while not self._is_over.wait(0.05):
            with self._lock:
                for replica in self.replicas:
                    if not replica.process:
                        continue
                    if not replica.process.is_running():
                        self._bury(replica)
                        self._start(replica, self._next_point())
                    elif replica.point and time.monotonic() - replica.armed_at > self._setting.armed_secs:
                        # It does not come by that point; another may do better.
                        self._kill(replica)

    def _next_point(self):
        return self._kill_points.arm() if self.are_kills_allowed and self._chance.random() < self._setting.armed_share else None

    def _bury(self, replica, was_asked=False):
        """Notes what a process died of."""
        replica.watch.join()
        code, (point, _) = replica.process.exit_code(), replica.point or (None, "")
        has_fired = code == -9 and point is not None and not replica.was_killed_by_us
        if point:
            self._kill_points.disarm(point, has_fired)
        if has_fired or replica.was_killed_by_us:
            self.killed_at.append(replica.ended_at)
            self.random_kills += replica.was_killed_by_us
        elif was_asked and code == 0:
            self.stopped_at.append(replica.ended_at)
        else:
            self.accidents.append(f"replica {replica.number} ended by itself with {code}")

    def _start(self, replica, point):
        env = self._environment(replica.port) | {"WEIGHTLESS_LEASE_SECS": str(LEASE_SECS)}
        if point:
            env["WEIGHTLESS_KILL_AT"] = point[1]
        replica.process = Process([self._setting.program_of(replica.number), "serve"], env=env, log=self._log(replica), core=None)
        replica.point, replica.armed_at, replica.was_killed_by_us = point, time.monotonic(), False
        replica.watch_process()
