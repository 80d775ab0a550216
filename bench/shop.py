"""The shop: stocked, served, and bought from."""

import json
import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import contextmanager

from http_client import Client, wait_until_up
from process import Process, free_port

WEBHOOK_SECRET = "whsec_bench"


def stocked(world, n_products):
    """The data of a shop with the sample goods and so many generated products; made once a run, larger ones from smaller ones."""
    data = world.scratch / f"stock-{n_products}"
    if not data.exists():
        smaller = [n for path in world.scratch.glob("stock-*") if path.is_dir() and (n := int(path.name.split("-")[1])) < n_products]
        if smaller:
            shutil.copytree(world.scratch / f"stock-{max(smaller)}", data)
        _generate(world, data, n_products - max(smaller, default=0))
    return data


def _generate(world, data, n_products):
    port = free_port()
    command = [world.shop_program, "demo", "--empty", "--data", data, "--listen", f"127.0.0.1:{port}", "--stripe-listen", f"127.0.0.1:{free_port()}"]
    with Process([*command, "--products", n_products], env={**os.environ, "RUST_LOG": "warn"}, log=world.scratch / "demo.log", core=None) as demo:
        wait_until_up(port, "/healthz", demo, seconds=900)
    db = sqlite3.connect(data / "shop.db")
    # What was written last is not to be moved during a measurement.
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def environment(data, port, database_url, stripe_port=None):
    return {
        "PATH": os.environ["PATH"],
        "RUST_LOG": "warn",
        "SHOP_LISTEN": f"127.0.0.1:{port}",
        "SHOP_BASE_URL": f"http://127.0.0.1:{port}",
        "SHOP_DATABASE_URL": database_url,
        "SHOP_FILES_URL": f"file://{data}/files",
        "SHOP_MAIL_URL": f"dir://{data}/mail",
        "SHOP_MAIL_FROM": "shop@example.com",
        "SHOP_SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "SHOP_RATE_LIMIT_SCALE": "1000000",
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API_BASE": f"http://127.0.0.1:{stripe_port or 9}",
    }


def sqlite_url(data):
    return f"sqlite://{data}/shop.db"


def launch(world, data, port, database_url=None, stripe_port=None):
    """The process of `weightless serve` over the data; it answers a little later."""
    env = environment(data, port, database_url or sqlite_url(data), stripe_port)
    return Process([world.shop_program, "serve"], env=env, log=world.scratch / "shop.log")


@contextmanager
def serve(world, data, database_url=None, stripe_port=None):
    """`weightless serve` over the data; yields its process and its port."""
    port = free_port()
    with launch(world, data, port, database_url, stripe_port) as process:
        wait_until_up(port, "/healthz", process)
        yield process, port


def load_sample(world, data, database_url):
    env = environment(data, free_port(), database_url)
    subprocess.run([world.shop_program, "admin", "load-sample"], env=env, check=True, capture_output=True)


def uncached(path):
    """The same page, rendered: the render cache leaves a page with a notice alone, and the list shows none."""
    return f"{path}{'&' if '?' in path else '?'}notice="


def fill_cart(client, product):
    """Puts a product into a new cart and answers its cookie."""
    form = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    status, headers, _ = client.send("POST", "/_fn/add_to_cart", f"product={product}&quantity=1", form)
    cookies = [value.split(";")[0] for value in headers.get_all("set-cookie", [])]
    if status not in (302, 303) or not cookies:
        raise RuntimeError(f"the cart answered {status}")
    return "; ".join(cookies)


def begin_order(client, product, email="reader@example.com"):
    """Id, access key and Checkout Session of a new order."""
    body = {"items": [{"product": product, "quantity": 1}], "email": email}
    answer = json.loads(client.expect(201, "POST", "/api/v1/checkouts", body))
    session = answer["checkout_url"].rstrip("/").split("/")[-1].split("#")[0].split("?")[0]
    return answer["order"]["id"], answer["order"]["access_key"], session


def buy(shop_port, emulator, product):
    """Pays for a product and waits until it is delivered; answers the order's id and access key."""
    client = Client(shop_port)
    order_id, key, session = begin_order(client, product)
    emulator.pay(session)
    client.expect(200, *emulator.event(session).request())
    for _ in range(200):
        order = client.get_json(f"/api/v1/orders/{order_id}", {"authorization": f"Bearer {key}"})
        if order["status"] == "paid":
            return order_id, key, order
        time.sleep(0.05)
    raise RuntimeError("a paid order was not delivered")
