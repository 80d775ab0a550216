"""The shop's owner, at the API: promotions and refunds."""

import subprocess

from patient import Patient

EMAIL = "owner@example.com"


def make_api_key(setting, env):
    """An owner, and a key to the API."""
    admin = [setting.shop_program, "admin"]
    run = lambda *words, text=None: subprocess.run([*admin, *words], env=env, check=True, capture_output=True, text=True, input=text).stdout
    run("load-sample", text="")
    run("create-owner", "--email", EMAIL, text="a long password\n")
    return run("create-api-key", "--email", EMAIL, text="").strip()


class Creator:
    def __init__(self, port, api_key, record):
        self._patient, self._record = Patient(port), record
        self._headers = {"authorization": f"Bearer {api_key}"}

    def make_promotions(self, n_orders):
        """Codes that fewer may use than want to."""
        few = max(2, n_orders // 40)
        promotions = [
            {"code": "TENTH", "percent_off": 10, "max_redemptions": few},
            {"code": "ONEOFF", "amount_off": 100, "currency": "USD", "max_redemptions": few},
            {"code": "GIFT", "percent_off": 100, "max_redemptions": few},
            {"code": "ONCE", "percent_off": 20, "once_per_customer": True},
        ]
        for promotion in promotions:
            status, answer = self._patient.ask("POST", "/api/v1/promotions", promotion, self._headers)
            if status != 201:
                raise RuntimeError(f"a promotion was refused: {status} {answer}")
        return [promotion["code"] for promotion in promotions]

    def refund(self, order_id, amount, key):
        """Gives money back; without an amount all that is left."""
        body = {"reason": "requested_by_customer"} | ({"amount": amount} if amount else {})
        headers = self._headers | ({"idempotency-key": key} if key else {})
        status, answer = self._patient.ask("POST", f"/api/v1/orders/{order_id}/refunds", body, headers)
        if status == 201:
            self._record.refunds.append((answer["id"], order_id))
        # Somebody else gave back first, or the bank holds the money.
        elif status != 409:
            self._record.refusals.append(f"refund of {order_id}: {status} {answer}")
