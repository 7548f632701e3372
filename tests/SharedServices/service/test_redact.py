"""Redaction: a planted secret never survives, in whatever spelling; harmless text is left alone."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.redact import MARK, Redactor

# Long enough to be no accident in the text around, and made of what needs escaping somewhere.
SECRETS = st.text(st.sampled_from("abcXYZ0189-_:/@%+ &=?#\"'\\\n\tÄß€日😀.$[]"), min_size=6, max_size=24).filter(
    lambda text: len(set(text)) >= 4 and text.strip() == text and MARK not in text
)
AROUND = st.text(max_size=30)


def percent_lower(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


SPELLINGS: list[tuple[str, Callable[[str], str]]] = [
    ("plain", str),
    ("percent", lambda text: quote(text, safe="")),
    ("percent with slashes", quote),
    ("percent lower case", percent_lower),
    ("percent twice", lambda text: quote(quote(text, safe=""), safe="")),
    ("form", quote_plus),
    ("json", lambda text: json.dumps(text)[1:-1]),
    ("json, not ascii only", lambda text: json.dumps(text, ensure_ascii=False)[1:-1]),
    ("json with escaped slashes", lambda text: json.dumps(text)[1:-1].replace("/", "\\/")),
    ("json in json", lambda text: json.dumps(json.dumps(text))[3:-3]),
    ("repr", lambda text: repr(text)[1:-1]),
    ("repr of bytes", lambda text: repr(text.encode())[2:-1]),
    ("html", html.escape),
]  # fmt: skip


@pytest.mark.parametrize("spell", [spell for _, spell in SPELLINGS], ids=[name for name, _ in SPELLINGS])
@given(secret=SECRETS, before=AROUND, after=AROUND)
def test_a_secret_does_not_survive(spell: Callable[[str], str], secret: str, before: str, after: str) -> None:
    assume(secret not in before + after)
    written = spell(secret)
    result = Redactor([secret]).text(f"{before} {written} {after}")
    assert written not in result
    assert secret not in result


@given(secret=SECRETS)
def test_a_secret_in_urls_and_documents_does_not_survive(secret: str) -> None:
    redactor = Redactor([secret])
    quoted = quote(secret, safe="")
    for text in (
        f"GET https://api.example.com/v3/odds?apiKey={quoted}&eventId=1 failed",
        f"mongodb://user:{quoted}@db.example.com:27017/?w=majority",
        f"https://api.telegram.org/bot{quoted}/sendMessage",
        json.dumps({"error": f"key {secret} is not valid", "apiKey": secret}),
    ):
        result = redactor.text(text)
        assert secret not in result
        assert quoted not in result
        assert json.dumps(secret)[1:-1] not in result
    nested = {"a": [secret, {"b": f"x{secret}y"}], secret: 1, "bytes": secret.encode(), "set": {secret}}
    shown = json.dumps(redactor.value(nested), ensure_ascii=False)
    assert secret not in shown
    assert json.dumps(secret, ensure_ascii=False)[1:-1] not in shown


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://api.odds-api.io/v3/odds?apiKey=0f9e8d7c&x=1", "0f9e8d7c"),
        ("wss://host/ws?markets=ML&apikey=zz11", "zz11"),
        ("apiKey%3Dabc123%26x", "abc123"),
        ('{"api_key": "abc123", "x": 1}', "abc123"),
        ('{\\"apiKey\\":\\"abc123\\"}', "abc123"),
        ("password=hunter;", "hunter"),
        ("password: hunter2", "hunter2"),
        ("{'password': 'hunter'}", "hunter"),
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("https://api.telegram.org/bot123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr/sendMessage", "AAbbCCdd"),
        ("/bot1:short/sendMessage", "1:short"),
        ("token 123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr here", "AAbbCCdd"),
        ("mongodb://user:pw@host:27017/x", "user:pw"),
        ("mongodb+srv://user:p:w@host/x", "p:w"),
        ("smtp://mailer:x@mail:25", "mailer:x"),
        ('{"user_id":"someone@example.com"}', "someone@example.com"),
        ("mail to first.last+tag@sub.example.co.uk now", "first.last+tag@sub"),
        ("user%40example.com", "user%40example"),
    ],
)
def test_known_shapes_are_redacted_without_being_named(text: str, secret: str) -> None:
    result = Redactor().text(text)
    assert secret not in result
    assert MARK in result


@pytest.mark.parametrize(
    "text",
    [
        "",
        "book updated",
        "https://api.odds-api.io/v3/odds?eventId=70505028&bookmakers=Bet365",
        "lease acquired token=1779855680123",
        "mongodb://127.0.0.1:27017/?directConnection=true",
        "Både Ö & Ł: 2.10 @ 1.93",
        "robot arms",
        "ODDS_API_KEY: required by this service, but not set",
        "no TELEGRAM_BOT_TOKEN: alerts are stored and logged only",
    ],
)
def test_harmless_text_is_unchanged(text: str) -> None:
    assert Redactor(["some-secret"]).text(text) == text


def test_the_host_stays_readable() -> None:
    redacted = Redactor().text("mongodb://user:pw@db.example.com:27017/x")
    assert redacted == f"mongodb://{MARK}@db.example.com:27017/x"


def test_too_short_secrets_do_not_shred_texts() -> None:
    assert Redactor(["a", ""]).text("a banana") == "a banana"


def test_numbers_that_spell_a_secret_and_odd_objects() -> None:
    redactor = Redactor(["12345678"])
    assert redactor.value({"n": 12345678, "m": 5, "f": 1.5, "none": None}) == {
        "n": MARK, "m": 5, "f": 1.5, "none": None,
    }  # fmt: skip
    assert redactor.value(ValueError("12345678")) == MARK


@given(st.text(max_size=2000))
def test_redaction_is_stable_and_never_raises(text: str) -> None:
    once = Redactor(["planted-secret"]).text(text)
    assert Redactor(["planted-secret"]).text(once) == once


@pytest.mark.timeout(20)
def test_hostile_text_takes_no_time() -> None:
    redactor = Redactor(["\\" * 12, "aaaaaaaaaaab"])
    for text in ("\\" * 100_000, "a" * 100_000, "a@" * 50_000, "%40" * 30_000, "http://" * 15_000, "/bot" * 25_000):
        redactor.text(text)
