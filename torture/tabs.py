"""One cart, bought from several tabs at once by somebody who loses patience; every page that was handed out is paid."""

import http.client
import random
import re
import threading
import time
import urllib.parse

from http_client import Client

FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
# Chance of its own: how long somebody waits is no choice of the run.
_chance = random.SystemRandom()


class Tabs:
    def __init__(self, port, stripe):
        self._port, self._stripe = port, stripe

    def buy(self, purchase):
        """Fills a cart, goes on to payment from every tab, and pays whatever page was given."""
        cookie = self._fill_cart(purchase.items)
        pages, lock = set(), threading.Lock()

        def one_tab(number):
            for page in self._click(cookie, purchase, number):
                with lock:
                    pages.add(page)

        self._at_once([lambda number=number: one_tab(number) for number in range(purchase.n_tabs)])
        self._at_once([lambda page=page: self._stripe.pay(page, "4242424242424242", purchase.email) for page in pages])

    def _fill_cart(self, items):
        cookie = ""
        for item in items:
            fields = {"product": item["product"], "variant": item["variant"], "quantity": item["quantity"]}
            headers = self._until_answered("POST", "/_fn/add_to_cart", fields, cookie)[1]
            made = [value.split(";")[0] for value in headers.get_all("set-cookie", []) if value.startswith("cart=")]
            cookie = made[0] if made else cookie
        return cookie

    def _click(self, cookie, purchase, number):
        """The sessions that a tab was sent to: it clicks up to three times, sometimes on the page that it had before."""
        seen = None
        for _ in range(3):
            if seen is None or _chance.random() < 0.6:
                page = self._until_answered("GET", "/cart", None, cookie)[2].decode()
                found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in ("attempt", "shown")}
                if not all(found.values()):
                    # Another tab has bought it.
                    return
                seen = {name: match.group(1) for name, match in found.items()}
            fields = {"email": purchase.email, **seen} | ({"promotion_code": purchase.code} if purchase.code and number % 2 else {})
            headers = self._until_answered("POST", "/_fn/start_checkout", fields, cookie)[1]
            to = headers.get("location", "")
            if "/c/pay/" in to:
                yield to.split("?")[0].split("#")[0].rstrip("/").split("/")[-1]
            time.sleep(_chance.uniform(0, 0.4))

    def _until_answered(self, method, path, fields, cookie, seconds=120):
        """The first answer that is no failure, asked for again and again as people do."""
        body = urllib.parse.urlencode(fields) if fields else None
        end, client = time.monotonic() + seconds, Client(self._port)
        try:
            while time.monotonic() < end:
                try:
                    answer = client.send(method, path, body, {**(FORM if fields else {}), "cookie": cookie})
                    if answer[0] < 500 and answer[0] != 429:
                        return answer
                except (OSError, http.client.HTTPException):
                    client.close()
                time.sleep(_chance.uniform(0.1, 0.6))
        finally:
            client.close()
        raise RuntimeError(f"{method} {path} was not answered within {seconds} s")

    @staticmethod
    def _at_once(acts):
        threads = [threading.Thread(target=act) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
