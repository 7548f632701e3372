"""The console's process: one port for pages, live updates and health, from the first moment to the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from flask import Blueprint, Flask

from PROPPR.Console.access import headers
from PROPPR.Console.access.policy import Policy
from PROPPR.Console.app import MOST_FORM_BYTES, create_console
from PROPPR.Console.events.broker import MOST_LISTENERS, Broker
from PROPPR.Console.events.stream import StreamChannel
from PROPPR.Console.events.watcher import Watcher
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.front import FrontContext
from PROPPR.SharedServices.service.health import health_routes
from PROPPR.SharedServices.service.runtime import ServiceContext
from PROPPR.SharedServices.service.web_server import Address, Bounds, WebServer

SERVICE: Final = "console"
# Pages take milliseconds; what takes long is scrypt, one at a time. Streams hold connections, no threads.
BOUNDS: Final = Bounds(threads=8, connections=MOST_LISTENERS + 128, body_bytes=MOST_FORM_BYTES, idle_seconds=60)
_WAITING: Final = "The console starts: it waits for MongoDB.\n"

StartResponse = Callable[..., Any]


class ConsoleServer:
    """Builds the process: `front` before MongoDB is there, `build` after."""

    def __init__(self) -> None:
        self._application: Callable[[dict[str, Any], StartResponse], Iterable[bytes]] = Flask(__name__)
        self._health: Callable[[], Blueprint] | None = None

    def front(self, context: FrontContext) -> Component:
        """Return the server: health, and "not yet" for the rest. ConfigError if the settings let nobody in."""
        settings = context.settings
        policy = Policy.of(settings)
        self._health = lambda: health_routes(context.health, context.metrics, context.redactor)
        self._application = _waiting(self._health(), policy)
        address = Address(settings.console_host, settings.console_port, "CONSOLE_HOST", "CONSOLE_PORT")
        return WebServer(
            "web", address, self._answer, bounds=BOUNDS, clock=context.clock, channel=StreamChannel,
            trusted_proxy=settings.proppr_console_proxy, keep_forwarded=True,
        )  # fmt: skip

    def build(self, context: ServiceContext) -> Sequence[Component]:
        """Put the pages in the place of "not yet"; return what has to run for them."""
        broker = Broker(context.clock, metrics=context.metrics)
        watcher = Watcher(context.database, broker.publish, context.clock)
        self._application = create_console(
            context.settings, context.database, context.clock, redactor=context.redactor, broker=broker,
            health=self._health() if self._health else None,
        )  # fmt: skip
        return broker, watcher

    def _answer(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        return self._application(environ, start_response)


def _waiting(health: Blueprint, policy: Policy) -> Flask:
    app = Flask(__name__, static_folder=None)
    headers.register(app, secure=policy.secure)
    app.register_blueprint(health)

    @app.route("/", defaults={"path": ""})
    @app.route("/<path:path>")
    def not_yet(path: str) -> tuple[str, int, dict[str, str]]:
        return _WAITING, 503, {"Content-Type": "text/plain; charset=utf-8", "Retry-After": "2", "Refresh": "2"}

    return app
