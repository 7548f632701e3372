"""A browser's side of server-sent events: connects, reads in a thread of its own, and remembers what came."""

from __future__ import annotations

import re
import socket
import threading


class EventClient:
    """One connection to `/events`; `reads` False leaves everything in the socket."""

    def __init__(self, port: int, *, version: str = "1.1", headers: str = "", reads: bool = True) -> None:
        self.received = b""
        self.ended = threading.Event()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        if not reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.sendall(f"GET /events HTTP/{version}\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n".encode())
        self._thread = threading.Thread(target=self._read, daemon=True)
        if reads:
            self._thread.start()

    @property
    def status(self) -> int:
        """The status of the answer, 0 before it came."""
        found = re.match(rb"HTTP/1\.[01] (\d+)", self.received)
        return int(found[1]) if found else 0

    @property
    def body(self) -> bytes:
        """What came after the head, chunks put together."""
        head, _, body = self.received.partition(b"\r\n\r\n")
        if b"chunked" not in head:
            return body
        return b"".join(re.findall(rb"(?:^|\r\n)[0-9A-F]+\r\n((?:.|\n)*?)(?=\r\n[0-9A-F]+\r\n|\r\n$|$)", body))

    def count(self, topic: str) -> int:
        """How often a topic was told."""
        return self.received.count(f"event: {topic}\ndata: {topic}\n\n".encode())

    def close(self) -> None:
        """Go away."""
        self.socket.close()

    def _read(self) -> None:
        try:
            while data := self.socket.recv(65_536):
                self.received += data
        except OSError:
            pass
        self.ended.set()
