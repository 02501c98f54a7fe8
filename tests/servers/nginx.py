"""Debian's nginx before a server, showing it under a path."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.emulator import free_port

_CONFIGURATION = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path client;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{port};
        location /usage/ {{
            {location}
        }}
    }}
}}
"""


# What a proxy's configuration may say of the path; {upstream} is the server's address, without a slash at its end.
LOCATIONS = {
    "stripped": "proxy_pass {upstream}/;",
    "stripped and told": "proxy_pass {upstream}/; proxy_set_header X-Forwarded-Prefix /usage;",
    "left": "proxy_pass {upstream};",
}


@contextmanager
def nginx(folder: Path, location: str) -> Iterator[str]:
    """Run nginx with a `location` for /usage/ while the block lasts; gives that path's address."""
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(port=port, location=location), encoding="utf-8")
    command = [_executable(), "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    with subprocess.Popen(command) as process:  # noqa: S603 - the system's nginx
        try:
            _wait_until_it_listens(process, port)
            yield f"http://127.0.0.1:{port}/usage/"
        finally:
            process.terminate()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("nginx did not start; its words are above.")


def _executable() -> str:
    """Find nginx, which Debian puts where only root looks by default."""
    if found := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin"):
        return found
    raise RuntimeError("The tests of proxies need nginx; on Debian: apt-get install nginx")
