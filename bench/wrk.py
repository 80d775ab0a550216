"""Load by wrk from a core of its own."""

import re
import subprocess
import tempfile

from process import CLIENT_CORE, on_core

# Takes the paths in turn; the phase differs between runs, so that no run repeats another's first pages.
PATHS_LUA = """
local paths = {{ {paths} }}
math.randomseed(os.time())
local at = math.random(#paths)
request = function()
    at = at % #paths + 1
    return wrk.format("GET", paths[at])
end
"""


class Load:
    """What a run of wrk counted."""

    def __init__(self, text):
        self.n = int(re.search(r"(\d+) requests in", text).group(1))
        self.per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        self.n_errors = (int(refused.group(1)) if refused else 0) + sum(map(int, broken.groups()) if broken else [])


def run(port, path, seconds, connections=16, headers=None):
    """Loads one path, or a list of paths in turn, and refuses a run with errors: they would be cheap answers."""
    paths = [path] if isinstance(path, str) else path
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(PATHS_LUA.format(paths=", ".join(f'"{p}"' for p in paths)))
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s"]
        command += [word for name, value in (headers or {}).items() for word in ("-H", f"{name}: {value}")]
        if len(paths) > 1:
            command += ["-s", script.name]
        out = subprocess.run(on_core(CLIENT_CORE, [*command, f"http://127.0.0.1:{port}{paths[0]}"]), capture_output=True, text=True, check=True)
    load = Load(out.stdout)
    if load.n_errors:
        raise RuntimeError(f"{load.n_errors} of {load.n} requests to {paths[0]} failed")
    return load


def cpu_ms_per_request(process, port, path, seconds, connections=16, headers=None):
    before = process.cpu_ms()
    load = run(port, path, seconds, connections, headers)
    return (process.cpu_ms() - before) / max(load.n, 1)
