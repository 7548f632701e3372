"""Alerts to PagerDuty (Events API v2): one incident per alert, opened, acknowledged and resolved by its key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import requests

from PROPPR.SharedServices.service.alerting import told
from PROPPR.SharedServices.service.alerting.texts import News
from PROPPR.SharedServices.service.telegram import Delivery

EVENTS_URL = "https://events.pagerduty.com/v2/enqueue"
_ACTIONS = {"failed": "trigger", "acknowledged": "acknowledge", "recovered": "resolve"}
_LONGEST_KEY, _LONGEST_SUMMARY = 255, 1024


class PagerDutyChannel:
    """Opens an incident when something fails. Its key is that of the alert: a repeated event changes nothing."""

    def __init__(
        self, url: str | None, routing_key: str, scope: str = "proppr", *, session: requests.Session | None = None
    ) -> None:
        self.name = "pagerduty"
        self.most = 1
        self.news: Sequence[told.News] = ("failed", "acknowledged", "recovered")
        self.after = 0.0
        self.minds_quiet = True
        self.pause = 0.0
        self._url = url or EVENTS_URL
        self._routing_key = routing_key
        self._scope = scope  # two fleets may share a routing key
        self._session = session or requests.Session()

    def deliver(self, news: Sequence[News]) -> Delivery:
        """Send the event of one alert. Never raises."""
        return self.send(self._event(news[0]))

    def send(self, event: dict[str, object]) -> Delivery:
        """Send an event, with our routing key."""
        body = {"routing_key": self._routing_key, **event}
        try:
            response = self._session.post(self._url, json=body, timeout=(5, 10), allow_redirects=False)
        except requests.RequestException as error:
            return Delivery("failed", type(error).__name__)
        reason = f"HTTP {response.status_code}"  # not its text: it may repeat the routing key
        if response.status_code in (requests.codes.ok, requests.codes.accepted):
            return Delivery("sent")
        if response.status_code == requests.codes.too_many_requests:
            return Delivery("rate_limited", reason, _seconds(response.headers.get("Retry-After")))
        return Delivery("refused" if response.status_code == requests.codes.bad_request else "failed", reason)

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def dedup_key(self, key: str) -> str:
        """Return the key of the incident of an alert."""
        whole = f"{self._scope}/{key}"
        if len(whole) <= _LONGEST_KEY:
            return whole
        return f"{whole[:180]}/{hashlib.sha256(whole.encode()).hexdigest()}"

    def _event(self, news: News) -> dict[str, object]:
        event: dict[str, object] = {"event_action": _ACTIONS[news.kind], "dedup_key": self.dedup_key(news.key)}
        if news.kind == "failed":
            event["payload"] = {
                "summary": f"{news.title}: {news.detail}"[:_LONGEST_SUMMARY].removesuffix(": "),
                "source": news.service, "severity": news.severity, "timestamp": news.at.isoformat(),
                "component": news.service, "group": self._scope, "custom_details": {"key": news.key},
            }  # fmt: skip
        return event


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if 0 <= seconds <= 86_400 else None
