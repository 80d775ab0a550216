"""A file of 100 MB through a download link: speed against nginx, and every byte"""

import hashlib
import json
import os
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import nginx
import shop
import stripe
from cells import in_turns
from http_client import Client
from outcome import Outcome
from process import CLIENT_CORE, on_core

N_BYTES = 100_000_000
N_PARALLEL = 4
PRODUCT = "letters-to-a-slow-reader"


def enlarge(data, file_name, content):
    """Puts the content in the place of a sample good, as if the seller had uploaded it."""
    db = sqlite3.connect(data / "shop.db")
    (key,) = db.execute("SELECT object_key FROM files WHERE name = ?", (file_name,)).fetchone()
    db.execute("UPDATE files SET size_bytes = ?, sha256 = ? WHERE name = ?", (len(content), hashlib.sha256(content).hexdigest(), file_name))
    db.commit()
    db.close()
    (data / "files" / key).write_bytes(content)


def lift_limit(data):
    """Lets the file be fetched a thousand times."""
    db = sqlite3.connect(data / "shop.db")
    db.execute("UPDATE entitlements SET download_limit = 1000")
    db.commit()
    db.close()


def mint(port, order_id, key, file_id):
    client = Client(port)
    answer = client.expect(201, "POST", f"/api/v1/orders/{order_id}/downloads", {"file_id": file_id}, {"authorization": f"Bearer {key}"})
    return urlsplit(json.loads(answer)["url"]).path


def speed(process, port, paths):
    """GB/s of parallel downloads, two after each other in each, and the server's CPU-ms for a GB."""
    urls = [f"http://127.0.0.1:{port}{path}" for path in paths(2 * N_PARALLEL)]
    before, began = process.cpu_ms(), time.monotonic()
    command = ["curl", "-sf", "-o", "/dev/null", "-o", "/dev/null"]
    curls = [subprocess.Popen(on_core(CLIENT_CORE, [*command, *urls[2 * i : 2 * i + 2]])) for i in range(N_PARALLEL)]
    if any([curl.wait() for curl in curls]):
        raise RuntimeError("a download failed")
    gigabytes = 2 * N_PARALLEL * N_BYTES / 1e9
    return gigabytes / (time.monotonic() - began), (process.cpu_ms() - before) / gigabytes


def ranges(client, path, content):
    """The file out of 100 ranges."""
    step, parts = N_BYTES // 100, []
    for start in range(0, N_BYTES, step):
        status, headers, part = client.get(path, {"range": f"bytes={start}-{start + step - 1}"})
        if status != 206 or headers["content-range"] != f"bytes {start}-{start + step - 1}/{N_BYTES}":
            return False
        parts.append(part)
    return b"".join(parts) == content


def resumed(world, port, path, content):
    """The file out of a transfer that is broken off three times, each time resumed where it stopped."""
    target = world.scratch / "resumed"
    for _ in range(3):
        curl = subprocess.Popen(["curl", "-sf", "-C", "-", "--limit-rate", "40M", "-o", target, f"http://127.0.0.1:{port}{path}"])
        time.sleep(0.5)
        curl.kill()
        curl.wait()
    n_before = target.stat().st_size
    subprocess.run(["curl", "-sf", "-C", "-", "-o", target, f"http://127.0.0.1:{port}{path}"], check=True)
    is_same = 0 < n_before < N_BYTES and target.read_bytes() == content
    target.unlink()
    return is_same


def manners(client, path):
    """The answers of RFC 9110 beside the plain ones, by name."""
    status, head, body = client.send("HEAD", path)
    etag = head["etag"]
    return {
        "HEAD": status == 200 and body == b"" and int(head["content-length"]) == N_BYTES and head["accept-ranges"] == "bytes",
        "206": client.get(path, {"range": "bytes=-5"})[0] == 206,
        "416": client.get(path, {"range": f"bytes={N_BYTES}-"})[0] == 416,
        "If-Range fits": client.get(path, {"range": "bytes=0-9", "if-range": etag})[0] == 206,
        "If-Range is old": client.get(path, {"range": "bytes=0-9", "if-range": '"old"'})[0] == 200,
    }


def failures(port, path, content, n=1_000, n_clients=32):
    """How many of many small ranges at once were refused or wrong."""

    def some(first):
        client, wrong = Client(port), 0
        for i in range(first, n, n_clients):
            start = i * (N_BYTES // n)
            status, _, part = client.get(path, {"range": f"bytes={start}-{start + 9_999}"})
            wrong += status != 206 or part != content[start : start + 10_000]
        client.close()
        return wrong

    with ThreadPoolExecutor(n_clients) as pool:
        return sum(pool.map(some, range(n_clients)))


def run(world):
    data, root = shop.stocked(world, 0), world.scratch / "large"
    root.mkdir()
    content = os.urandom(N_BYTES)
    (root / "large.bin").write_bytes(content)
    enlarge(data, f"{PRODUCT}.pdf", content)
    with stripe.emulator(world) as emulator, shop.serve(world, data, stripe_port=emulator.port) as (process, port), nginx.serve(world, root) as (server, nginx_port):
        order_id, key, order = shop.buy(port, emulator, PRODUCT)
        lift_limit(data)
        file = next(file for item in order["items"] for file in item["files"] if file["size_bytes"] == N_BYTES)

        def links(n):
            """So many links: each is worth three times the file."""
            return [mint(port, order_id, key, file["id"]) for _ in range(n)]

        sides = [(process, port, links), (server, nginx_port, lambda n: ["/large.bin"] * n)]
        cells = [[], []]
        measures = [lambda side=side, kept=kept: kept.append(speed(*side)) or kept[-1][0] for side, kept in zip(sides, cells)]
        [measure() for measure in measures]
        ours, peer = in_turns(measures, 5)
        our_cpu, peer_cpu = (sorted(cpu for _, cpu in kept)[len(kept) // 2] for kept in cells)
        client = Client(port)
        checks = {
            "whole": hashlib.sha256(client.get(*links(1))[2]).hexdigest() == file["sha256"],
            "100 ranges": ranges(client, *links(1), content),
            "3 resumes": resumed(world, port, *links(1), content),
            **manners(client, *links(1)),
        }
        checks["1000 requests at c=32"] = failures(port, *links(1), content) == 0
    wrong = [name for name, fits in checks.items() if not fits]
    speed_line = "{:.2f} GB/s at {:.0f} CPU-ms/GB"
    return [
        Outcome("P7", "download of 100 MB, 4 parallel, against nginx with sendfile", speed_line.format(ours, our_cpu), speed_line.format(peer, peer_cpu), 100 * ours / peer, " %", 85, 100, is_less_better=False),
        Outcome("P9", f"byte exactness: {', '.join(checks)}", "wrong: " + ", ".join(wrong) if wrong else "all right", "", len(wrong), " wrong", 0, 0),
    ]
