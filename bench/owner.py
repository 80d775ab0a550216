"""The shop's owner: made by the command line, signed in by the form."""

import subprocess

import shop
from process import free_port

EMAIL, PASSWORD = "owner@example.com", "a-password-for-the-bench"


def create(world, database):
    """Makes the owner and answers an API key."""
    env = shop.environment(database.data, free_port(), database.url)

    def admin(act, text=""):
        command = [world.shop_program, "admin", act, "--email", EMAIL]
        return subprocess.run(command, env=env, input=text, check=True, capture_output=True, text=True).stdout.strip()

    admin("create-owner", PASSWORD)
    return admin("create-api-key")


def sign_in(client):
    """The cookie of a new session."""
    form = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
    status, headers, _ = client.send("POST", "/_fn/sign_in", f"email={EMAIL}&password={PASSWORD}&next=/dashboard", form)
    cookies = [value.split(";")[0] for value in headers.get_all("set-cookie", [])]
    # The next page is shown once the browser has proved that it keeps cookies.
    if status != 303 or not headers["location"].startswith("/sign-in?entered=1") or not cookies:
        raise RuntimeError(f"the owner could not sign in: {status}")
    return "; ".join(cookies)
