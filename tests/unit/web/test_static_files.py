"""The page's files, compressed once."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import re
import time
from collections.abc import Callable
from pathlib import Path

import brotli
import dash
import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.fakes import MemoryRepository

from usage_dash.app import create_app
from usage_dash.page.document import assets_folder
from usage_dash.settings import Settings
from usage_dash.web.static_files import Packer, cache_folder, prepare, send_compressed

CONTENT = b"body { color: black }\n" * 100
DIGEST = hashlib.blake2b(CONTENT, digest_size=16).hexdigest()
BEST = brotli.compress(CONTENT, mode=brotli.MODE_TEXT, quality=11, lgwin=24)
PATIENCE_SECONDS = 60.0


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.mark.parametrize("folder", ["", "deep/in/the/cache"], ids=["in memory", "in a folder"])
def test_gzip_serves_until_brotli_is_ready(folder: str, tmp_path: Path) -> None:
    packer = Packer(tmp_path / folder if folder else None)
    assert packer.forms(DIGEST, CONTENT) == {"gzip": gzip.compress(CONTENT, 9, mtime=0)}
    _until(lambda: "br" in packer.forms(DIGEST, CONTENT))
    assert packer.forms(DIGEST, CONTENT)["br"] == BEST
    assert brotli.decompress(BEST) == CONTENT


def test_brotli_is_kept_for_later_starts(tmp_path: Path) -> None:
    first = Packer(tmp_path)
    first.forms(DIGEST, CONTENT)
    _until((tmp_path / f"{DIGEST}.br").is_file)
    assert Packer(tmp_path).forms(DIGEST, CONTENT)["br"] == BEST


@pytest.mark.parametrize("kept", [b"", BEST[:-9], b"\xff" * 99, brotli.compress(b"something else")])
def test_a_broken_file_counts_as_not_there_and_is_made_anew(kept: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"{DIGEST}.br"
    file.write_bytes(kept)
    assert Packer(tmp_path).forms(DIGEST, CONTENT).keys() == {"gzip"}
    _until(lambda: file.read_bytes() == BEST)


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    packer = Packer(tmp_path / "file" / "folder")
    packer.forms(DIGEST, CONTENT)
    _until(lambda: "br" in packer.forms(DIGEST, CONTENT))


def _server(tmp_path: Path) -> FlaskClient:
    """A server of three files, whose brotli is ready."""
    folder = tmp_path / "assets"
    folder.mkdir()
    for name, content in (("page.css", CONTENT), ("small.css", b"body {}"), ("font.woff2", CONTENT)):
        (folder / name).write_bytes(content)
    packer = Packer(tmp_path / "cache")
    packer.forms(DIGEST, CONTENT)
    _until(lambda: "br" in packer.forms(DIGEST, CONTENT))
    server = Flask("test", static_folder=str(folder), static_url_path="/assets")
    send_compressed(server, packer)
    return server.test_client()


@pytest.mark.parametrize(
    ("accepted", "encoding", "sent"),
    [
        ("gzip, deflate, br, zstd", "br", BEST),
        ("gzip, deflate", "gzip", gzip.compress(CONTENT, 9, mtime=0)),
        ("br;q=0, gzip", "gzip", gzip.compress(CONTENT, 9, mtime=0)),
        ("identity", None, CONTENT),
        ("", None, CONTENT),
    ],
    ids=["https", "http", "brotli refused", "identity", "nothing"],
)
def test_the_client_gets_the_best_that_it_takes(
    accepted: str, encoding: str | None, sent: bytes, tmp_path: Path
) -> None:
    client = _server(tmp_path)
    answer = client.get("/assets/page.css", headers={"Accept-Encoding": accepted}, buffered=True)
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.data == sent
    assert int(answer.headers["Content-Length"]) == len(sent)
    assert answer.headers["Vary"] == "Accept-Encoding"
    known = {"Accept-Encoding": accepted, "If-None-Match": answer.headers["ETag"]}
    again = client.get("/assets/page.css", headers=known, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


def test_what_would_not_get_smaller_is_sent_as_it_is(tmp_path: Path) -> None:
    client = _server(tmp_path)
    for name in ("small.css", "font.woff2"):
        answer = client.get(f"/assets/{name}", headers={"Accept-Encoding": "br"}, buffered=True)
        assert "Content-Encoding" not in answer.headers
        assert answer.data == (tmp_path / "assets" / name).read_bytes()


def test_a_part_of_a_file_is_a_part_of_the_file_itself(tmp_path: Path) -> None:
    asked = {"Accept-Encoding": "br", "Range": "bytes=0-3"}
    answer = _server(tmp_path).get("/assets/page.css", headers=asked, buffered=True)
    assert (answer.status_code, answer.data) == (206, CONTENT[:4])


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({}, ""),
        ({"auth": "password", "secret": "s" * 32, "password": "p" * 8}, "embed"),
        ({"auth": "password", "secret": "s" * 32, "password": "p" * 8}, "sign-in"),
    ],
    ids=["the page", "the page behind a sign-in", "the sign-in"],
)
def test_every_text_that_a_document_names_is_packed_before_a_visitor_asks(
    settings: dict[str, str], path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source = MemoryRepository()
    app = create_app(Settings(url_prefix="/usage/", **settings), source)
    named = re.findall(r'"/usage/(assets/[^"?]+\.(?:js|css))', app.test_client().get(f"/usage/{path}").text)
    assert len(named) > 4
    contents = [(assets_folder() / path.removeprefix("assets/")).read_bytes() for path in named]
    content = min((each for each in contents if len(each) > 2_000), key=len)  # smaller ones are sent as they are
    folder = cache_folder()
    assert folder is not None
    _pack_others(folder, content)
    prepare(app.extensions["usage_dash"])
    assert source.arrivals == 0
    _until(_packed(folder, content).is_file)


def _packed(folder: Path, content: bytes) -> Path:
    """Where what a content is packed to is kept."""
    return folder / f"{hashlib.blake2b(content, digest_size=16).hexdigest()}.br"


def _pack_others(folder: Path, spared: bytes) -> None:
    """Keep every other script as an earlier start would, but packed in a hurry: in earnest it may take a minute."""
    folder.mkdir(parents=True)
    folders = (assets_folder(), Path(dash.__file__).parent)
    for file in itertools.chain.from_iterable(each.rglob("*.js") for each in folders):
        content = file.read_bytes()
        if content != spared:
            _packed(folder, content).write_bytes(brotli.compress(content, quality=0))
