"""A stand-in of Telegram's bot API: takes messages, keeps the newest for tests to read, refuses when told to."""

from __future__ import annotations

import json
from collections import deque
from urllib.parse import parse_qsl

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.answers import Response, json_response
from PROPPR.SharedServices.simulator.faults import FaultPlan
from PROPPR.SharedServices.simulator.http import Request

KEPT = 2000
RETRY_AFTER = 2
_DESCRIPTIONS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    404: "Not Found",
    429: f"Too Many Requests: retry after {RETRY_AFTER}",
    500: "Internal Server Error",
}


class Telegram:
    """Answers /bot<TOKEN>/sendMessage; any token is taken unless one is fixed."""

    def __init__(self, token: str | None, faults: FaultPlan, clock: Clock) -> None:
        self._token = token
        self._faults = faults
        self._clock = clock
        self.messages: deque[dict[str, object]] = deque(maxlen=KEPT)
        self.received = 0
        self.refused = 0

    def handle(self, request: Request, path: str) -> Response:
        """Answer one call; `path` begins with /bot."""
        token, _, method = path.removeprefix("/bot").partition("/")
        rule = self._faults.draw("telegram")
        if rule is not None:
            return self._refuse(int(rule.fault.removeprefix("telegram_")), rule.seconds)
        if self._token is not None and token != self._token:
            return self._refuse(401, None)
        if method == "getMe":
            return json_response({"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "Stand-in"}})
        if method != "sendMessage":
            return self._refuse(404, None)
        message = _parameters(request)
        if not message.get("chat_id") or not message.get("text"):
            return self._refuse(400, None)
        self.received += 1
        self.messages.append({"message_id": self.received, "at": self._clock.now_ms(), **message})
        chat = str(message["chat_id"])
        result = {
            "message_id": self.received, "date": self._clock.now_ms() // 1000, "text": message["text"],
            "chat": {"id": int(chat) if chat.lstrip("-").isdecimal() else 0, "type": "private"},
        }  # fmt: skip
        return json_response({"ok": True, "result": result})

    def _refuse(self, status: int, retry_after: float | None) -> Response:
        self.refused += 1
        body: dict[str, object] = {"ok": False, "error_code": status, "description": _DESCRIPTIONS[status]}
        if status == 429:
            body["parameters"] = {"retry_after": int(retry_after or RETRY_AFTER)}
        return json_response(body, status)


def _parameters(request: Request) -> dict[str, object]:
    """A call's parameters: query, form or JSON body, as Telegram takes them."""
    found: dict[str, object] = dict(request.query)
    if "json" in request.headers.get("content-type", ""):
        try:
            parsed = json.loads(request.body)
        except ValueError:
            return {}
        return found | parsed if isinstance(parsed, dict) else {}
    return found | dict(parse_qsl(request.body.decode("utf-8", "replace")))
