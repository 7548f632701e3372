"""Bad answers over real sockets: cut off, mislabelled, swollen, slow; refused in bounded time and memory."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import tracemalloc
from collections.abc import Callable

import pytest
from fotmob_rig import MemoryCache, client_of, match_body
from raw_server import Script, raw_server
from support import PATIENCE

from PROPPR.SharedServices.providers.fotmob.client import FotMobClient
from PROPPR.SharedServices.providers.fotmob.errors import SourceRefused
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import ProPprError, SourceChanged, TransientError

SOUND = json.dumps(match_body(7, padding="x" * 500)).encode()
PACKED = gzip.compress(SOUND)
JSON = "Content-Type: application/json\r\n"


def answers(body: bytes, claimed: int | None = None, kind: str = JSON, status: str = "200 OK") -> Script:
    """An answer that may claim another length and type than it has."""
    length = len(body) if claimed is None else claimed

    def script(stream: socket.socket, _: str) -> None:
        stream.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{kind}Connection: close\r\n\r\n".encode())
        stream.sendall(body)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(4096):
            pass

    return script


def asked(*scripts: Script, cache: MemoryCache | None = None, **options: float) -> ProPprError | bytes:
    """What a client makes of one request that is answered so: the error, or the body."""
    with raw_server(*scripts) as url:
        root = url.replace("ws://", "http://").removesuffix("/v3/ws")
        client: FotMobClient = client_of(root, cache=cache, **options)
        try:
            return client.match(7).raw
        except ProPprError as error:
            return error
        finally:
            client.close()


def test_a_sound_answer_is_taken_packed_or_not() -> None:
    assert asked(answers(SOUND)) == asked(answers(PACKED)) == SOUND


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param(answers(SOUND[:-200], len(SOUND)), TransientError, id="cut_off"),
        pytest.param(answers(PACKED[:-30], len(PACKED)), TransientError, id="packed_cut_off"),
        pytest.param(answers(SOUND[:-200]), SourceChanged, id="cut_off_without_a_sign"),
        pytest.param(answers(PACKED[:-30]), TransientError, id="packed_cut_off_without_a_sign"),
        pytest.param(answers(SOUND, len(SOUND) - 7), SourceChanged, id="longer_than_said"),
        pytest.param(answers(SOUND, len(SOUND) + 7), TransientError, id="shorter_than_said"),
        pytest.param(answers(PACKED[:20] + b"\0\0\0" + PACKED[23:]), TransientError, id="broken_compression"),
        pytest.param(answers(b""), SourceChanged, id="empty"),
        pytest.param(answers(SOUND, kind=""), SourceChanged, id="no_type"),
        pytest.param(answers(SOUND, kind="Content-Type: text/plain\r\n"), SourceChanged, id="plain_text"),
        pytest.param(answers(b"null"), SourceChanged, id="null"),
        pytest.param(answers(b"\x89PNG", kind="Content-Type: image/png\r\n"), SourceChanged, id="a_picture"),
        pytest.param(answers(SOUND, status="206 Partial Content"), SourceChanged, id="a_part"),
        pytest.param(answers(SOUND, kind="Content-Type: text/html\r\n"), SourceRefused, id="html_type"),
        pytest.param(answers(b"no", status="999 What"), TransientError, id="unknown_status"),
    ],
)
def test_bad_answers_are_refused_and_never_kept(script: Script, error: type[ProPprError]) -> None:
    cache = MemoryCache()
    found = asked(script, script, cache=cache)
    assert isinstance(found, error), found
    assert "xxxx" not in str(found)
    assert cache.kept == {}


def test_an_answer_after_a_broken_one_is_taken() -> None:
    assert asked(answers(SOUND[:-200], len(SOUND)), answers(SOUND)) == SOUND
    assert asked(answers(b"{"), answers(SOUND)) == SOUND


def bomb(megabytes: int) -> bytes:
    """A small packed body of that much white space before its end."""
    return gzip.compress(b'{"a":"' + b" " * (megabytes << 20) + b'"}', 9)


def test_a_bomb_is_not_unpacked() -> None:
    packed = bomb(200)
    assert len(packed) < 1 << 18
    tracemalloc.start()
    try:
        found = asked(answers(packed), max_bytes=1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(found, SourceChanged)
    assert "larger" in str(found)
    assert peak < 16 << 20


@pytest.mark.parametrize("status", ["200 OK", "401 No", "404 No", "302 Found\r\nLocation: http://x.invalid/"])
def test_an_endless_body_is_left(status: str) -> None:
    def endless(stream: socket.socket, _: str) -> None:
        stream.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n[".encode())
        while True:
            stream.sendall(b"1," * 8192)

    found = asked(endless, max_bytes=1 << 20)
    assert isinstance(found, SourceRefused if status.startswith("401") else SourceChanged)


def sends_slowly(release: threading.Event, trickle: bool) -> Script:
    """Says nothing, or one byte at a time, until released."""

    def script(stream: socket.socket, _: str) -> None:
        if trickle:
            stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while not release.wait(0.02):
            if trickle:
                stream.sendall(b" ")

    return script


@pytest.mark.parametrize("trickle", [False, True], ids=["silence", "trickle"])
def test_a_slow_source_is_given_up(trickle: bool) -> None:
    release = threading.Event()
    clock = SystemClock()
    script = sends_slowly(release, trickle)
    with raw_server(script, script) as url:
        root = url.replace("ws://", "http://").removesuffix("/v3/ws")
        client = client_of(root, clock, read_timeout=0.3, total_timeout=0.3, attempts=1)
        began = clock.monotonic()
        try:
            with pytest.raises(TransientError):
                client.match(7)
            assert clock.monotonic() - began < 3 * PATIENCE
        finally:
            release.set()
            client.close()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(TransientError, match="ConnectionError"):
        client_of(f"http://127.0.0.1:{port}").match(7)


def garbage(stream: socket.socket, _: str) -> None:
    stream.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def hangs_up(stream: socket.socket, _: str) -> None:
    stream.shutdown(socket.SHUT_RDWR)


def with_headers(count: int) -> Callable[[socket.socket, str], None]:
    """An answer of very many headers."""

    def script(stream: socket.socket, _: str) -> None:
        lines = "".join(f"X-{number}: {number}\r\n" for number in range(count))
        stream.sendall(f"HTTP/1.1 200 OK\r\n{lines}\r\n{{}}".encode())

    return script


@pytest.mark.parametrize("script", [garbage, hangs_up, with_headers(500)], ids=["garbage", "hangs_up", "headers"])
def test_what_is_no_http_is_a_failure(script: Script) -> None:
    assert isinstance(asked(script, script), TransientError)


def test_a_redirect_that_is_no_address_is_not_followed() -> None:
    script = answers(b"", kind="Location: http://[\r\n", status="302 Found")
    assert isinstance(asked(script), SourceChanged)
