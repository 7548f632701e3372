"""The transport against real sockets: hostile frames, refusals, silence, and no key in any error."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import traceback
import tracemalloc

import pytest
import raw_server as raw
from support import PATIENCE
from websockets.frames import Frame, Opcode
from websockets.sync.server import ServerConnection, serve

from PROPPR.SharedServices.providers.odds_api.websocket import (
    HandshakeError,
    StreamLost,
    TransportLimits,
    WebSocketTransport,
)
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.redact import Redactor

KEY = "s3cr3t key/with&signs"
QUERY = "?apiKey=s3cr3t%20key%2Fwith%26signs"


def transport(**limits: float) -> WebSocketTransport:
    return WebSocketTransport(SystemClock(), Redactor([KEY]), TransportLimits(**limits))  # type: ignore[arg-type]


def test_whole_messages_of_any_size_and_kind_arrive_and_silence_is_none() -> None:
    sent = ["a", b"b", "c" * 70_000, ["frag", "ments"], ""]

    def handler(connection: ServerConnection) -> None:
        for message in sent:
            connection.send(message)
        connection.recv()

    with serve(handler, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        one = transport()
        one.connect(f"ws://127.0.0.1:{server.socket.getsockname()[1]}/{QUERY}")
        assert [one.receive(5) for _ in sent] == [b"a", b"b", b"c" * 70_000, b"fragments", b""]
        assert one.receive(0.05) is None
        one.close()


@pytest.mark.parametrize("header", [b"\x81\x7f" + (1 << 30).to_bytes(8, "big"), b"\x82\x7f" + b"\xff" * 8])
def test_a_frame_that_claims_a_gigabyte_is_refused_without_allocating(header: bytes) -> None:
    def script(stream: socket.socket, request: str) -> None:
        raw.accept(stream, request)
        stream.sendall(header + b"x" * 1000)
        stream.recv(100)

    with raw.raw_server(script) as url:
        one = transport()
        one.connect(url + QUERY)
        tracemalloc.start()
        try:
            with pytest.raises(StreamLost) as lost:
                one.receive(5)
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()
        assert lost.value.kind == "oversized"
        one.close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "invalid"), (401, "denied"), (403, "denied"), (404, "invalid"), (429, "rate_limited"), (500, "unavailable"),
     (503, "unavailable"), (302, "unavailable")],
)  # fmt: skip
def test_refused_handshakes_are_classified_and_never_show_the_key(status: int, kind: str) -> None:
    body = f'{{"error":"Bad key {KEY}, use PUT /x?apiKey=s3cr3t%20key%2Fwith%26signs, me@example.com"}}'
    with raw.raw_server(raw.refuse(status, body, "Location: ws://127.0.0.1:1/\r\n")) as url:
        one = transport()
        with pytest.raises(HandshakeError) as refused:
            one.connect(url + QUERY)
    assert refused.value.kind == kind
    text = "".join(traceback.format_exception(refused.value))
    for secret in ("s3cr3t", "me@example.com"):
        assert secret not in text


@pytest.mark.parametrize("url", ["ws://127.0.0.1:9/v3/ws", "ws://no-such-host.invalid/v3/ws", "ws://127.0.0.1:x/"])
def test_a_server_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(HandshakeError) as refused:
        transport(handshake_timeout=2).connect(url + QUERY)
    assert refused.value.kind == "unavailable"
    assert "s3cr3t" not in "".join(traceback.format_exception(refused.value))


def test_a_handshake_that_drips_is_given_up_in_time() -> None:
    def script(stream: socket.socket, _request: str) -> None:
        while True:
            stream.sendall(b"H")
            time.sleep(0.05)  # noqa: TID251 - the server's slowness is what is tested

    with raw.raw_server(script) as url:
        started = time.monotonic()
        with pytest.raises(HandshakeError):
            transport(handshake_timeout=0.5).connect(url + QUERY)
        assert time.monotonic() - started < 3 * PATIENCE


def test_a_silent_peer_is_found_by_its_missing_pong() -> None:
    def script(stream: socket.socket, request: str) -> None:
        raw.accept(stream, request)
        while stream.recv(100):
            pass

    with raw.raw_server(script) as url:
        one = transport(ping_interval=0.05, pong_timeout=0.2)
        one.connect(url + QUERY)
        with pytest.raises(StreamLost) as lost:
            for _ in range(100):
                one.receive(0.05)
        assert lost.value.kind == "pong_timeout"
        one.close()


def test_pongs_keep_a_quiet_connection() -> None:
    with serve(lambda connection: [None for _ in connection], "127.0.0.1", 0) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        one = transport(ping_interval=0.25, pong_timeout=2.0)
        one.connect(f"ws://127.0.0.1:{server.socket.getsockname()[1]}/")
        assert [one.receive(0.25) for _ in range(10)] == [None] * 10
        one.close()


@pytest.mark.parametrize(
    ("ending", "kind", "code"), [(1000, "closed", 1000), (1013, "closed", 1013), (None, "lost", 1006)]
)
def test_endings_are_told_apart(ending: int | None, kind: str, code: int) -> None:
    def script(stream: socket.socket, request: str) -> None:
        raw.accept(stream, request)
        if ending is not None:
            payload = ending.to_bytes(2, "big") + f"bye {KEY}".encode()
            stream.sendall(Frame(Opcode.CLOSE, payload).serialize(mask=False))
            stream.recv(100)
        stream.close()

    with raw.raw_server(script) as url:
        one = transport()
        one.connect(url + QUERY)
        with pytest.raises(StreamLost) as lost:
            one.receive(5)
        assert (lost.value.kind, lost.value.code) == (kind, code)
        assert "s3cr3t" not in str(lost.value)
        one.close()


def test_a_flood_of_pings_does_not_keep_the_caller() -> None:
    def script(stream: socket.socket, request: str) -> None:
        raw.accept(stream, request)
        while True:
            stream.sendall(Frame(Opcode.PING, b"").serialize(mask=False) * 1000)
            stream.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                stream.recv(1 << 20)
            stream.setblocking(True)

    with raw.raw_server(script) as url:
        one = transport()
        one.connect(url + QUERY)
        started = time.monotonic()
        assert one.receive(0.2) is None
        assert time.monotonic() - started < 2 * PATIENCE
        one.close()
