"""What an answer means, by status, type and body."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.providers.fotmob import bodies
from PROPPR.SharedServices.providers.fotmob.errors import NotFound, Refusal, SourceChanged
from PROPPR.SharedServices.providers.http.attempts import AttemptFailed, UnreadableAnswer

JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html"}


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (401, JSON, Refusal),
        (403, JSON, Refusal),
        (403, HTML, Refusal),
        (404, HTML, Refusal),
        (404, {}, Refusal),
        (404, JSON, NotFound),
        (429, JSON, Refusal),
        (451, HTML, Refusal),
        (400, JSON, SourceChanged),
        (302, HTML, SourceChanged),
        (204, {}, SourceChanged),
        (408, {}, AttemptFailed),
        (500, HTML, AttemptFailed),
        (503, HTML, AttemptFailed),
        (503, HTML | {"retry-after": "30"}, Refusal),
    ],
)
def test_statuses(status: int, headers: dict[str, str], kind: type[Exception]) -> None:
    assert type(bodies.fault_of("teams", status, headers, b"")) is kind


@given(status=st.integers(201, 599), body=st.binary(max_size=200), headers=st.sampled_from([JSON, HTML, {}]))
def test_every_other_answer_is_an_error_of_the_package(status: int, body: bytes, headers: dict[str, str]) -> None:
    fault = bodies.fault_of("teams", status, headers, body)
    assert isinstance(fault, Refusal | SourceChanged | AttemptFailed)
    assert body.decode("latin-1") not in str(fault) or len(body) < 4


def test_a_challenge_is_recognised_and_only_429_holds_everywhere() -> None:
    refusal = bodies.refusal_of("matchDetails", 403, JSON, b'{"code":"TURNSTILE_REQUIRED"}')
    assert refusal.turnstile
    assert "human" in str(refusal)
    assert not refusal.everywhere
    limited = bodies.refusal_of("matches", 429, {"retry-after": "120"}, b"")
    assert (limited.everywhere, limited.retry_after, limited.turnstile) == (True, 120.0, False)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0.0), ("90", 90.0), (" 5 ", 5.0), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("9" * 30, None)],
)
def test_the_wait_that_is_asked_for(text: str, seconds: float | None) -> None:
    assert bodies.retry_after({"retry-after": text}) == seconds


@pytest.mark.parametrize(
    ("value", "kept"),
    [('W/"a1-b"', 'W/"a1-b"'), ("", None), ("x" * 201, None), ("a\nb", None), ("é", None), (" q ", "q")],
)
def test_validators_are_fit_to_be_sent_back(value: str, kept: str | None) -> None:
    assert bodies.validator({"etag": value}, "etag") == kept


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a":', b"\xff\xfe", b'{"a":1} x', b"[" * 20_000])
def test_what_is_no_json_may_be_so_by_chance(body: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        bodies.check_json("teams", body)


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"3"])
def test_json_of_another_kind_is_a_change(body: bytes) -> None:
    with pytest.raises(SourceChanged) as caught:
        bodies.check_json("teams", body)
    assert not isinstance(caught.value, UnreadableAnswer)


@pytest.mark.parametrize(
    ("kind", "is_json", "is_html"),
    [
        ("application/json", True, False),
        ("Application/JSON; charset=utf-8", True, False),
        ("application/ld+json", True, False),
        ("text/html; charset=utf-8", False, True),
        ("text/plain", False, False),
        ("", False, False),
    ],
)
def test_types(kind: str, is_json: bool, is_html: bool) -> None:
    headers = {"content-type": kind}
    assert (bodies.is_json(headers), bodies.is_html(headers)) == (is_json, is_html)
