"""Debian's nginx before a server, showing it under a path, with or without TLS."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.certificate import certify
from tests.servers.ports import free_port

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
    proxy_http_version 1.1;
    server {{
        listen 127.0.0.1:{port}{tls};
        {server}
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

# What a careful proxy tells of the browser.
_FORWARDED = """
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
"""
_CERTIFIED = "ssl_certificate certificate.pem; ssl_certificate_key key.pem; "


@contextmanager
def nginx(folder: Path, location: str) -> Iterator[str]:
    """Run nginx with a `location` for /usage/ while the block lasts; gives that path's address."""
    port = free_port()
    with _running(folder, port, _CONFIGURATION.format(port=port, tls="", server="", location=location)):
        yield f"http://127.0.0.1:{port}/usage/"


@contextmanager
def nginx_tls(folder: Path, location: str, names: Sequence[str] = ("127.0.0.1",), *, server: str = "") -> Iterator[str]:
    """Run nginx as `nginx` does, with TLS, and telling `location` of host, scheme and browser, with `server` beside it.

    Its certificate, for `names`, vouches for itself: clients trust it by the file certificate.pem in `folder`.
    """
    certify(folder, names)
    port, location = free_port(), _FORWARDED + location
    configuration = _CONFIGURATION.format(port=port, tls=" ssl", server=_CERTIFIED + server, location=location)
    with _running(folder, port, configuration):
        yield f"https://127.0.0.1:{port}/usage/"


@contextmanager
def _running(folder: Path, port: int, text: str) -> Iterator[None]:
    configuration = folder / "nginx.conf"
    configuration.write_text(text, encoding="utf-8")
    command = [_executable(), "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    with subprocess.Popen(command) as process:  # noqa: S603 - the system's nginx
        try:
            _wait_until_it_listens(process, port)
            yield
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
