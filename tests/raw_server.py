"""A WebSocket server that sends exactly the bytes a test wants, also ones that no library would send."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator

Script = Callable[[socket.socket, str], None]
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def read_request(stream: socket.socket) -> str:
    """Read the request's head."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = stream.recv(4096)
        if not data:
            break
        head += data
    return head.decode()


def accept(stream: socket.socket, request: str) -> None:
    """Answer the handshake."""
    key = next(
        line.split(":", 1)[1].strip() for line in request.splitlines() if line.lower().startswith("sec-websocket-key")
    )
    digest = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()  # noqa: S324 - RFC 6455 says SHA-1
    answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    stream.sendall(f"{answer}Sec-WebSocket-Accept: {digest}\r\n\r\n".encode())


def refuse(status: int, body: str, headers: str = "") -> Script:
    """A script that answers the handshake with an HTTP error."""

    def script(stream: socket.socket, _request: str) -> None:
        length = len(body.encode())
        stream.sendall(f"HTTP/1.1 {status} Nope\r\nContent-Length: {length}\r\n{headers}\r\n{body}".encode())

    return script


@contextlib.contextmanager
def raw_server(*scripts: Script) -> Iterator[str]:
    """Run one script per connection, in order; gives the ws:// address."""
    listener = socket.create_server(("127.0.0.1", 0))
    streams: list[socket.socket] = []

    def serve() -> None:
        for script in scripts:
            try:
                stream, _ = listener.accept()
            except OSError:
                return
            streams.append(stream)
            with contextlib.suppress(OSError):
                script(stream, read_request(stream))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/v3/ws"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for stream in streams:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
            stream.close()
        thread.join(5)
