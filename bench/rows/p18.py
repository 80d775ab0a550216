"""What a first visit loads: scripts and WebAssembly, by brotli"""

import re
import subprocess

import shop
import stripe
from http_client import Client
from outcome import Outcome

PRODUCT = "the-weight-of-light"


def referenced(client, page, base="/"):
    """The scripts that a page or a script names, and those that these name in turn."""
    found = {}
    waiting = [path for path in re.findall(r"""["'(](/[^"'()\s]+\.(?:js|wasm))["')]""", page)]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        status, _, body = client.get(path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        found[path] = body
        if path.endswith(".js"):
            folder = path.rsplit("/", 1)[0]
            waiting += [f"{folder}/{name[2:]}" for name in re.findall(r"""from\s*["'](\./[^"']+\.js)["']""", body.decode())]
    return found


def brotli(data):
    return len(subprocess.run(["brotli", "-q", "11", "-c"], input=data, capture_output=True, check=True).stdout)


def run(world):
    data = shop.stocked(world, 0)
    lines = []
    with stripe.emulator(world) as emulator, shop.serve(world, data, stripe_port=emulator.port) as (process, port):
        client = Client(port)
        cookie = shop.fill_cart(client, PRODUCT)
        order_id, key, _ = shop.buy(port, emulator, PRODUCT)
        pages = [
            ("catalog: front page", "/", 60, 35),
            ("catalog: list", "/products", 60, 35),
            ("product, with its islands", f"/products/{PRODUCT}", 60, 35),
            ("cart, with its islands", "/cart", 120, 80),
            ("order, with its islands", f"/orders/{order_id}?key={key}", 120, 80),
        ]
        for what, path, must, target in pages:
            status, _, page = client.get(path, {"cookie": cookie})
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")
            files = referenced(client, page.decode())
            size = sum(map(brotli, files.values())) / 1000
            names = ", ".join(sorted(path.rsplit("/", 1)[1] for path in files))
            lines.append(Outcome("P18", f"first load of scripts, {what}", names, "", size, " KB", must, target))
    return lines
