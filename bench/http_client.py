"""Single requests, over one connection that is kept."""

import http.client
import json
import time


class Client:
    def __init__(self, port):
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def send(self, method, path, body=None, headers=None):
        """Status, headers and body of the answer; a connection that the server closed is opened again."""
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body, headers["content-type"] = json.dumps(body).encode(), "application/json"
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self._connection.close()
                if attempt == 2:
                    raise

    def get(self, path, headers=None):
        return self.send("GET", path, headers=headers)

    def get_json(self, path, headers=None):
        return json.loads(self.expect(200, "GET", path, headers=headers))

    def expect(self, status, method, path, body=None, headers=None):
        found, _, answer = self.send(method, path, body, headers)
        if found != status:
            raise RuntimeError(f"{method} {path} answered {found} instead of {status}: {answer[:300]!r}")
        return answer

    def close(self):
        self._connection.close()


def wait_until_up(port, path, process, seconds=30):
    """Waits for the first answer below 500; a process that died meanwhile is an error."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not process.is_running():
            raise RuntimeError(f"the server of port {port} ended at its start")
        client = Client(port)
        try:
            if client.get(path)[0] < 500:
                return
        except OSError:
            pass
        finally:
            client.close()
        time.sleep(0.02)
    raise RuntimeError(f"nothing answers on port {port}")
