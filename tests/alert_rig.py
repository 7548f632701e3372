"""Where alerts arrive in tests: the simulator's Telegram, a real SMTP server, a stand-in of PagerDuty; and senders."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from PROPPR.SharedServices.service.alert_documents import AlertEvent
from PROPPR.SharedServices.service.alert_sender import TelegramSender
from PROPPR.SharedServices.service.alerting.told_sender import Channel, ToldSender
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.telegram import TelegramClient
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer

TOKEN = "1:stand-in"


def soon() -> float:
    return SystemClock().monotonic() + 5


class At(SystemClock):
    """The machine's clock but for the time of day, which the test sets."""

    def __init__(self, hour: int, minute: int = 0) -> None:
        self.moment = datetime(2026, 11, 21, hour, minute, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class Chat:
    """The simulator's Telegram."""

    def __init__(self, faults: str = "") -> None:
        config = SimulatorConfig(port=0, fixtures=1, paused=True, rate=0.0, telegram_token=TOKEN, faults=faults)
        self.server = SimulatorServer(config).start()

    @property
    def url(self) -> str:
        return self.server.telegram_url

    @property
    def texts(self) -> list[str]:
        messages = requests.get(f"{self.server.control_url}/telegram", timeout=5).json()
        return [message["text"] for message in messages]

    @property
    def heads(self) -> list[str]:
        return [text.splitlines()[0] for text in self.texts]

    @property
    def refused(self) -> int:
        return int(requests.get(f"{self.server.control_url}/stats", timeout=5).json()["telegram"]["refused"])

    def faults(self, plan: str) -> None:
        requests.post(f"{self.server.control_url}/faults", json={"plan": plan}, timeout=5).raise_for_status()


class Mailbox:
    """A real SMTP server and what it took; answers `refusals` first, one a mail."""

    def __init__(self, port: int = 0, *, password: str | None = None, tls: Any = None, starttls: bool = True) -> None:
        self.mails: list[Any] = []
        self.envelopes: list[Envelope] = []
        self.refusals: list[str] = []
        self.logins: list[str] = []
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": port, "ready_timeout": 20.0}
        if password is not None:
            options |= {"authenticator": self._login(password), "auth_require_tls": tls is not None}
        if tls is not None and starttls:
            options |= {"tls_context": tls}
        elif tls is not None:
            options |= {"ssl_context": tls}
        self._controller = FreePort(self, **options)
        self._controller.start()
        self.port = int(self._controller.server.sockets[0].getsockname()[1])

    def _login(self, password: str) -> Any:
        def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
            self.logins.append(f"{mechanism} {data.login.decode()}")
            return AuthResult(success=data.password.decode() == password, handled=False)

        return check

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        self.envelopes.append(envelope)
        self.mails.append(message_from_bytes(envelope.content or b"", policy=default))
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    def close(self) -> None:
        self._controller.stop()


class FreePort(Controller):
    """A controller that may take any free port: it looks for its own greeting, so it must know which one."""

    def _trigger_server(self) -> None:
        if self.port == 0:
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Pager:
    """A stand-in of PagerDuty's Events API: one incident per dedup key."""

    def __init__(self, server: HTTPServer) -> None:
        self.events: list[dict[str, Any]] = []
        self.answers: list[Response] = []
        self._lock = threading.Lock()
        self.url = server.url_for("/v2/enqueue")
        server.expect_request("/v2/enqueue", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        with self._lock:
            if self.answers:
                return self.answers.pop(0)
            self.events.append(request.get_json())
            return Response(json.dumps({"status": "success"}), 202, mimetype="application/json")

    @property
    def actions(self) -> list[tuple[str, str]]:
        return [(event["event_action"], event["dedup_key"]) for event in self.events]


class Rig:
    """An outbox and any number of senders over one database; `end` stops them all."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.outbox = AlertOutbox(database, service="toy")
        self._senders: list[TelegramSender | ToldSender] = []

    def chat(self, url: str, holder: str = "a", **options: Any) -> TelegramSender:
        chosen = {"poll": 0.05, "lease_ttl": 2.0, "upkeep_every": 0.1, **options}
        client = TelegramClient(url, TOKEN, "7")
        return self._started(TelegramSender(self.database, client, holder, **chosen))

    def told(self, channel: Channel, holder: str = "a", **options: Any) -> ToldSender:
        return self._started(ToldSender(self.database, channel, holder, **{"poll": 0.05, "lease_ttl": 2.0, **options}))

    def fail(self, key: str, title: str = "", severity: Any = "warning", detail: str = "d") -> None:
        event = AlertEvent(key, "failed", severity, title or key, detail)
        self.outbox.record(event, f"{key} {SystemClock().monotonic()}")

    def recover(self, key: str) -> None:
        self.outbox.record(AlertEvent(key, "recovered", "info", "", "well"), f"{key} {SystemClock().monotonic()}")

    def alert(self, key: str) -> Any:
        return self.database.alerts.find_one({"_id": key})

    def age(self, key: str, seconds: float, *fields: str) -> None:
        """Let `fields` of an alert lie so many seconds further back."""
        earlier = {
            field: {"$dateSubtract": {"startDate": f"${field}", "unit": "second", "amount": int(seconds)}}
            for field in fields
        }
        self.database.alerts.update_one({"_id": key}, [{"$set": earlier}])

    def end(self) -> None:
        for sender in self._senders:
            sender.stop(soon())

    def _started(self, sender: Any) -> Any:
        self._senders.append(sender)
        sender.start()
        return sender


def lines_with(texts: Sequence[str], word: str) -> list[str]:
    """The lines of all texts that hold a word."""
    return [line for text in texts for line in text.splitlines() if word in line]
