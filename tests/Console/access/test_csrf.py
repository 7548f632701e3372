"""The token of a form belongs to one cookie; and a browser says from where it sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from PROPPR.Console.access.csrf import comes_from_us, is_right, token_of


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_token_is_right_for_its_own_cookie_only(one: str, other: str) -> None:
    assert is_right(one, token_of(one))
    assert is_right(other, token_of(one)) is (one == other)


@given(st.text(min_size=1), st.text())
def test_nothing_else_is_right(secret: str, given_: str) -> None:
    assert is_right(secret, given_) is (given_ == token_of(secret))


@pytest.mark.parametrize(("secret", "given_"), [(None, None), ("", ""), (None, token_of("")), ("", token_of(""))])
def test_no_cookie_has_no_token(secret: str | None, given_: str | None) -> None:
    assert not is_right(secret, given_)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://console.test:8090"}, False),
        ({"Origin": "http://console.test:8090"}, True),
        ({"Origin": "https://CONSOLE.test:8090"}, True),
        ({"Origin": "http://console.test"}, False),
        ({"Origin": "http://console.test:8090.evil.test"}, False),
        ({"Origin": "http://evil.test"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
    ],
    ids=str,
)
def test_where_a_form_was_sent_from(headers: dict[str, str], ours: bool) -> None:
    assert comes_from_us(Headers(headers), "console.test:8090") is ours
