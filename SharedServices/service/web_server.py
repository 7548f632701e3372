"""A production web server as a component: it listens or refuses to start, and stops without cutting an answer off."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.errors import ConfigError

log = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen (port 0: any free one), and the settings to name where that is impossible."""

    host: str
    port: int
    host_key: str = "HEALTH_HOST"
    port_key: str = "HEALTH_PORT"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one server takes. An idle connection ends after `idle_seconds`."""

    threads: int = 2
    connections: int = 64
    body_bytes: int = 4096
    idle_seconds: int = 20


class WebServer:
    """Serves a WSGI application from threads of its own, a Component.

    A port that is taken or a host that is not ours raises ConfigError in start(). `trusted_proxy` is the address of the
    only proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; from anybody else they reach the application
    only with `keep_forwarded`, unread. `channel` is the class of connections, for what a plain answer can't do.
    """

    def __init__(
        self,
        name: str,
        address: Address,
        application: Application,
        *,
        bounds: Bounds | None = None,
        clock: Clock | None = None,
        channel: type[HTTPChannel] = HTTPChannel,
        trusted_proxy: str | None = None,
        keep_forwarded: bool = False,
    ) -> None:
        self.name = name
        self.port = address.port
        self._address = address
        self._application = application
        self._bounds = bounds or Bounds()
        self._clock = clock or SystemClock()
        self._channel = channel
        self._options: dict[str, Any] = {"clear_untrusted_proxy_headers": not keep_forwarded}
        if trusted_proxy is not None:
            self._options |= {
                "trusted_proxy": trusted_proxy, "clear_untrusted_proxy_headers": True,
                "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
            }  # fmt: skip
        self._server: Any = None
        self._sockets: dict[int, Any] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """True while the server's thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Listen and answer from threads of its own."""
        # One line per slow request at WARNING is all that waitress has to say; a busy scraper is no news.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        listening = _listen(self._address)
        self.port = listening[0].getsockname()[1]
        self._server = create_server(
            self._application, map=self._sockets, sockets=listening, threads=self._bounds.threads,
            connection_limit=self._bounds.connections, channel_timeout=self._bounds.idle_seconds, cleanup_interval=10,
            max_request_body_size=self._bounds.body_bytes, max_request_header_size=16_384, ident=None, **self._options,
        )  # fmt: skip
        for each in self._sockets.values():
            if isinstance(each, BaseWSGIServer):
                each.channel_class = self._channel
        self._thread = threading.Thread(target=self._serve, name=self.name, daemon=True)
        self._thread.start()
        log.info("%s server listens", self.name, extra={"host": self._address.host, "port": self.port})

    def stop(self, deadline: float) -> None:
        """Let running requests end, then close the port."""
        if self._server is None or self._thread is None:
            return
        # In this order: closing first makes the running requests fail with a bad file descriptor.
        self._server.task_dispatcher.shutdown(timeout=min(3.0, max(0.1, deadline - self._clock.monotonic() - 1.5)))
        self._closing.set()
        self._thread.join(max(0.0, deadline - self._clock.monotonic()))
        if self._thread.is_alive():
            raise TimeoutError(f"the {self.name} server still runs")

    def check(self) -> Check:
        """Say whether the server's thread runs."""
        return Check(self.alive, f"port {self.port}", None, "degraded")

    def _serve(self) -> None:
        """Turn the server's loop, and close in this thread: closing in another pulls sockets from under select()."""
        try:
            while not self._closing.is_set():
                wasyncore.loop(timeout=0.2, map=self._sockets, count=1)
            for _ in range(20):
                if not any(getattr(each, "total_outbufs_len", 0) for each in self._sockets.values()):
                    break
                wasyncore.loop(timeout=0.05, map=self._sockets, count=1)  # answers on their way out
        finally:
            wasyncore.close_all(self._sockets, ignore_all=True)


def _listen(address: Address) -> list[socket.socket]:
    """Return a listening socket per address of the host, or raise ConfigError with the setting that is wrong."""
    opened: list[socket.socket] = []
    host, port = address.host, address.port
    try:
        for family, kind, protocol, _, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            opened.append(socket.socket(family, kind, protocol))
            opened[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                opened[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            # Port 0 is chosen once, then it is the same for all addresses.
            opened[-1].bind((found[0], opened[0].getsockname()[1] or port, *found[2:]))
            opened[-1].listen(64)
    except (OSError, UnicodeError) as error:
        for each in opened:
            each.close()
        taken = getattr(error, "errno", 0) in (errno.EADDRINUSE, errno.EACCES)
        reason = getattr(error, "strerror", None) or type(error).__name__
        key = address.port_key if taken else address.host_key
        raise ConfigError(key, f"can't listen on {host}:{port}: {reason}") from None
    return opened
