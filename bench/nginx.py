"""nginx over a folder: what a machine can do with files."""

import os
from contextlib import contextmanager

from http_client import wait_until_up
from process import Process, free_port

CONFIG = """
daemon off;
master_process off;
{user}
pid {scratch}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
    types {{ text/html html; application/octet-stream bin; }}
    default_type application/octet-stream;
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    client_body_temp_path {scratch}; proxy_temp_path {scratch}; fastcgi_temp_path {scratch}; uwsgi_temp_path {scratch}; scgi_temp_path {scratch};
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@contextmanager
def serve(world, root):
    port, scratch = free_port(), world.scratch / "nginx"
    scratch.mkdir(exist_ok=True)
    config = scratch / "nginx.conf"
    config.write_text(CONFIG.format(user="user root;" if os.getuid() == 0 else "", scratch=scratch, port=port, root=root))
    with Process(["nginx", "-p", scratch, "-c", config], log=scratch / "log") as process:
        wait_until_up(port, "/", process)
        yield process, port
