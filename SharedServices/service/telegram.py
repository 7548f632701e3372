"""Sends one message to Telegram and says what became of it. The token is in the URL, so no URL leaves this module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import requests

LONGEST_MESSAGE = 4096
"""Telegram's limit, in UTF-16 code units."""

Outcome = Literal["sent", "rate_limited", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of an attempt. `retry_after` (seconds) only where the other side named it."""

    outcome: Outcome
    reason: str = ""
    retry_after: float | None = None


class TelegramClient:
    """A bot and the chat it writes to."""

    def __init__(self, base_url: str, token: str, chat_id: str, *, session: requests.Session | None = None) -> None:
        self._url = f"{base_url}/bot{token}/sendMessage"
        self._token = token
        self._chat_id = chat_id
        self._session = session or requests.Session()

    def send(self, text: str, silent: bool = False) -> Delivery:
        """Send plain text, cut to Telegram's limit. Never raises; takes 15 s at most against a server that answers.

        `silent` lets the phone lie still. 429 is `rate_limited`; 400 is `refused` (the same message will never be
        taken), unless it is the chat that is wrong; anything else is `failed`: a token or a chat can be mended.
        """
        body = {"chat_id": self._chat_id, "text": fit(text), "disable_web_page_preview": True}
        if silent:
            body["disable_notification"] = True
        try:
            response = self._session.post(self._url, json=body, timeout=(5, 10), allow_redirects=False)
        except requests.RequestException as error:
            # Only the class: the text of the error holds the URL, and the URL holds the token.
            return Delivery("failed", type(error).__name__)
        reason = f"HTTP {response.status_code} {self._description(response)}".strip()
        if response.status_code == requests.codes.ok:
            return Delivery("sent")
        if response.status_code == requests.codes.too_many_requests:
            return Delivery("rate_limited", reason, _retry_after(response))
        if response.status_code == requests.codes.bad_request and "chat" not in reason.lower():
            return Delivery("refused", reason)
        return Delivery("failed", reason)

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def _description(self, response: requests.Response) -> str:
        body = _json(response)
        return str(body.get("description", ""))[:200].replace(self._token, "[redacted]")


def fit(text: str) -> str:
    """Cut text to Telegram's limit and mark the cut; an empty text becomes a dash (Telegram refuses it)."""
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= LONGEST_MESSAGE:
        return text.strip() or "-"
    mark = " [...]"
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * (LONGEST_MESSAGE - len(mark))]
    # A cut through a pair of surrogates leaves half a character, which is dropped.
    return units.decode("utf-16-le", "ignore") + mark


def _retry_after(response: requests.Response) -> float | None:
    parameters = _json(response).get("parameters")
    named = parameters.get("retry_after") if isinstance(parameters, dict) else None
    for value in (named, response.headers.get("Retry-After")):
        try:
            seconds = float(value)  # type: ignore[arg-type]  # what is no number is caught
        except (TypeError, ValueError):
            continue
        if 0 <= seconds <= 86_400:
            return seconds
    return None


def _json(response: requests.Response) -> dict[str, object]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
