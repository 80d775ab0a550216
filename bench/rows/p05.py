"""An anonymous product page out of the render cache against nginx with the same bytes"""

import shop
import nginx
import wrk
from cells import in_turns
from http_client import Client
from outcome import Outcome

PATH = "/products/the-weight-of-light"


def run(world):
    data = shop.stocked(world, 1_000)
    root = world.scratch / "page"
    root.mkdir()
    with shop.serve(world, data) as (process, port), nginx.serve(world, root) as (server, nginx_port):
        client = Client(port)
        first, (status, headers, page) = client.get(PATH), client.get(PATH)
        if first[2] != page or client.get(PATH, {"if-none-match": headers["etag"]})[0] != 304:
            raise RuntimeError("the page is not cached")
        (root / "page.html").write_bytes(page)
        sides = [(port, PATH), (nginx_port, "/page.html")]
        for side in sides:
            wrk.run(*side, 1)
        ours, peer = in_turns([lambda side=side: wrk.run(*side, world.seconds).per_second for side in sides], world.rounds)
    what = f"cached product page of {len(page) / 1000:.0f} KB, uncompressed on both sides, requests/s"
    return [Outcome("P5", what, f"{ours:.0f}", f"{peer:.0f}", 100 * ours / peer, " %", 50, 80, is_less_better=False)]
