"""Delivery to Telegram, against a stand-in: in order, once, patiently, and never with the token in a text."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from support import eventually
from werkzeug import Request, Response

from PROPPR.SharedServices.service.alert_sender import TelegramSender
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, Pace
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.telegram import LONGEST_MESSAGE, TelegramClient, fit

SINGLY = Pace(spacing=0.01, settle=0, group_from=1000, burst=1000)
TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
NO_SUMMARY = AlertPolicy(summary_at=None)
"""Between eight and nine in the morning, the summary would come among what the tests send."""


def soon() -> float:
    return SystemClock().monotonic() + 5


class Telegram:
    """The stand-in: answers as told, then 200; keeps what it accepted."""

    def __init__(self, server: HTTPServer) -> None:
        self.answers: list[Response] = []
        self.accepted: list[dict[str, Any]] = []
        self.asked: list[float] = []
        self._lock = threading.Lock()
        self.url = server.url_for("").rstrip("/")
        server.expect_request(f"/bot{TOKEN}/sendMessage", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        with self._lock:
            self.asked.append(SystemClock().monotonic())
            if self.answers:
                return self.answers.pop(0)
            self.accepted.append(request.get_json())
            return Response(json.dumps({"ok": True}), 200, mimetype="application/json")

    def will_answer(self, status: int, **body: Any) -> None:
        self.answers.append(Response(json.dumps({"ok": False, **body}), status, mimetype="application/json"))

    @property
    def texts(self) -> list[str]:
        return [message["text"].splitlines()[0] for message in self.accepted]


@pytest.fixture
def telegram(httpserver: HTTPServer) -> Telegram:
    return Telegram(httpserver)


@pytest.fixture
def alerts(database: Any) -> Iterator[AlertOutbox]:
    outbox = AlertOutbox(database, service="toy")
    outbox.start()
    yield outbox
    outbox.stop(soon())


@pytest.fixture
def sender(database: Any, telegram: Telegram) -> Iterator[Callable[..., TelegramSender]]:
    made: list[TelegramSender] = []

    def make(holder: str = "a", token: str = TOKEN, url: str | None = None) -> TelegramSender:
        client = TelegramClient(url or telegram.url, token, "-5")
        made.append(TelegramSender(database, client, holder, policy=NO_SUMMARY, poll=0.05, pace=SINGLY, lease_ttl=2.0))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop(soon())


def test_failed_and_recovered_arrive_in_order(
    alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender], database: Any
) -> None:
    alerts.raise_alert("feed", "The feed is silent", "for 90 s", "critical")
    alerts.resolve("feed", "moves again")
    sender()
    eventually(lambda: len(telegram.accepted) == 2)
    assert telegram.texts == ["FAILED: The feed is silent (critical)", "RECOVERED: The feed is silent"]
    assert telegram.accepted[0]["chat_id"] == "-5"
    assert "for 90 s" in telegram.accepted[0]["text"]
    assert "after 0 min 0 s" in telegram.accepted[1]["text"]
    stored = eventually(lambda: database.alerts.find_one({"delivery": "sent"}))
    assert stored["messages"] == []


def test_several_senders_send_each_message_once(
    alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender]
) -> None:
    for holder in "abc":
        sender(holder)
    for number in range(20):
        alerts.raise_alert(f"key {number}", f"title {number}")
    eventually(lambda: len(telegram.accepted) >= 20, 20)
    assert sorted(telegram.texts) == sorted(f"FAILED: title {number}" for number in range(20))


def test_another_sender_takes_over(
    alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender]
) -> None:
    first = sender("a")
    eventually(lambda: first.check().detail == "0 sent")
    second = sender("b")
    first.stop(soon())
    alerts.raise_alert("k", "t")
    eventually(lambda: telegram.accepted)
    eventually(lambda: second.sent == 1)


def test_429_is_respected(alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender]) -> None:
    telegram.will_answer(429, description="Too Many Requests", parameters={"retry_after": 1})
    alerts.raise_alert("k1", "one")
    alerts.raise_alert("k2", "two")
    assert alerts.flushed(5)
    one = sender()
    eventually(lambda: one.check().detail.startswith("rate_limited"))
    assert not one.check().ok
    eventually(lambda: len(telegram.accepted) == 2)
    assert telegram.asked[1] - telegram.asked[0] >= 1.0, "no other message was tried meanwhile either"
    assert sorted(telegram.texts) == ["FAILED: one", "FAILED: two"]
    eventually(lambda: one.check().ok)


def test_server_errors_are_retried_and_hold_back_the_recovery(
    alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender]
) -> None:
    telegram.will_answer(500)
    telegram.will_answer(502)
    alerts.raise_alert("k", "t")
    alerts.resolve("k")
    sender()
    eventually(lambda: len(telegram.accepted) == 2, 20)
    assert telegram.texts == ["FAILED: t", "RECOVERED: t"]


def test_a_refused_message_is_undeliverable_and_so_is_its_recovery(
    alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender], database: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    telegram.will_answer(400, description=f"refused for bot{TOKEN}")
    alerts.raise_alert("k", "first")
    alerts.resolve("k")
    alerts.raise_alert("k", "second")
    with caplog.at_level(logging.DEBUG):
        sender()
        eventually(lambda: database.alerts.find_one({"delivery": "sent"}))
    assert telegram.texts == ["FAILED: second"]
    assert "alert undeliverable" in caplog.text
    ours = [record for record in caplog.records if record.name.startswith("PROPPR")]
    assert TOKEN not in str([record.__dict__ for record in ours])
    assert TOKEN not in str(list(database.alerts.find()))


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (401, "Unauthorized"),
        (403, "Forbidden: bot was blocked"),
        (404, "Not Found"),
        (400, "Bad Request: chat not found"),
    ],
    ids=["token", "blocked", "unknown bot", "unknown chat"],
)
def test_what_can_be_mended_loses_no_message(
    alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender], status: int, description: str
) -> None:
    telegram.will_answer(status, description=description)
    alerts.raise_alert("k", "first")
    one = sender()
    eventually(lambda: not one.check().ok)
    eventually(lambda: telegram.texts == ["FAILED: first"])


def test_no_connection_is_retried_and_the_token_stays_secret(
    alerts: AlertOutbox, sender: Callable[..., TelegramSender], database: Any, caplog: pytest.LogCaptureFixture
) -> None:
    alerts.raise_alert("k", "t")
    with caplog.at_level(logging.INFO):
        one = sender(url="http://127.0.0.1:1")
        stored = eventually(lambda: database.alerts.find_one({"attempts": {"$gte": 1}}))
    assert stored["delivery"] == "pending"
    assert stored["last_error"] == "ConnectionError"
    assert TOKEN not in f"{caplog.text} {stored} {one.check()}"


def test_a_claim_of_a_dead_sender_ends(
    alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender], database: Any
) -> None:
    alerts.raise_alert("k", "t")
    assert alerts.flushed(5)
    soon_over = {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": 800}}
    database.alerts.update_one({}, [{"$set": {"claim": {"holder": "dead", "until": soon_over}}}])
    sender()
    eventually(lambda: telegram.accepted)
    assert database.alerts.count_documents({"claim.holder": "dead"}) == 0


@given(st.text())
def test_any_text_fits(text: str) -> None:
    assert fit(text)


@given(st.sampled_from(["x", "é", "日", "😀", "a😀"]), st.integers(1, 9000))
def test_long_texts_are_cut_by_telegrams_own_measure(part: str, times: int) -> None:
    result = fit(part * times)
    units = len(result.encode("utf-16-le")) // 2
    assert units <= LONGEST_MESSAGE
    if len((part * times).encode("utf-16-le")) // 2 <= LONGEST_MESSAGE:
        assert result == part * times
    else:
        assert result.endswith(" [...]")
        assert units >= LONGEST_MESSAGE - 1


def test_a_long_alert_arrives(alerts: AlertOutbox, telegram: Telegram, sender: Callable[..., TelegramSender]) -> None:
    alerts.raise_alert("k", "t" * 500, "😀" * 5000)
    sender()
    eventually(lambda: telegram.accepted)
    assert len(telegram.accepted[0]["text"].encode("utf-16-le")) // 2 <= LONGEST_MESSAGE
