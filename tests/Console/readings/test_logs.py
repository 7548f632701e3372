"""The search in the errors: what is found, in which order, how far one page looks, and what a hostile search does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.Console.readings import logs as reading
from PROPPR.Console.readings.logs import LogFilter, LogPage, Position, printable, read_logs, read_services

Documents = Database[dict[str, Any]]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def write(database: Documents, message: str, ago: float = 0, service: str = "unified-poller", **values: Any) -> None:
    database["service_logs"].insert_one(
        {"timestamp": NOW - timedelta(seconds=ago), "service": service, "instance": "host-1", "level": "ERROR",
         "logger": "PROPPR.a.b", "message": message, **values}
    )  # fmt: skip


def messages(page: LogPage) -> list[str]:
    return [line.message for line in page.lines]


def search(database: Documents, **values: Any) -> list[str]:
    return messages(read_logs(database, LogFilter(**values)))


def test_nothing_was_logged(database: Documents) -> None:
    assert read_logs(database, LogFilter()) == LogPage()
    assert read_logs(database, LogFilter(words="x")) == LogPage()
    assert read_services(database) == ()


def test_newest_first_by_service_level_and_time(database: Documents) -> None:
    write(database, "third", 30)
    write(database, "first", 10, level="CRITICAL")
    write(database, "second", 20, service="stats-pipeline")
    assert search(database) == ["first", "second", "third"]
    assert search(database, service="unified-poller") == ["first", "third"]
    assert search(database, level="CRITICAL") == ["first"]
    assert search(database, since=NOW - timedelta(seconds=20)) == ["first", "second"]
    assert search(database, until=NOW - timedelta(seconds=20)) == ["second", "third"]
    assert search(database, service="nobody") == []
    assert read_services(database) == ("stats-pipeline", "unified-poller")


def test_words_are_found_in_all_texts_whatever_their_case(database: Documents) -> None:
    write(database, "A bookmaker answers 403", 1, extra={"bookmaker": "BC.Game", "code": 403, "at": NOW, "list": [1]})
    write(database, "worker failed", 2, traceback="Traceback\n  File x\nKeyError: 'ÅRSTA'")
    write(database, "worker failed", 3, instance="old-host")
    assert search(database, words="BOOKMAKER answers") == ["A bookmaker answers 403"]
    assert search(database, words="bc.game") == ["A bookmaker answers 403"]
    assert search(database, words="code=403") == ["A bookmaker answers 403"]
    assert search(database, words="årsta") == ["worker failed"]
    assert len(search(database, words="worker")) == 2
    assert search(database, words="worker old-host") == ["worker failed"]
    assert search(database, words="worker bookmaker") == [], "all of them"
    (line,) = read_logs(database, LogFilter(words="bc.game")).lines
    assert dict(line.extra)["code"] == "403" and line.traceback == ""


@pytest.mark.parametrize("words", [".*", "^", "(a+)+$", "$where", "[", "\\", "a|b", "{$ne: 1}", "(?i)x", "\\E.*", "#"])
def test_what_is_typed_is_never_a_pattern(database: Documents, words: str) -> None:
    write(database, "nothing of the kind", 1)
    assert search(database, words=words) == []
    write(database, f"it says {words} here", 2)
    assert search(database, words=words) == [f"it says {words} here"]


@given(st.text(max_size=60))
def test_what_is_no_character_never_reaches_mongodb(text: str) -> None:
    assert printable(text).isprintable() and len(printable(text)) == len(text)


def test_pages_follow_each_other_without_a_gap_or_a_double(database: Documents) -> None:
    for number in range(2 * reading.PAGE + 7):
        write(database, f"m{number}", number // 10, level="ERROR" if number % 2 else "CRITICAL")  # many at one moment
    for chosen in (LogFilter(), LogFilter(service="unified-poller"), LogFilter(until=NOW), LogFilter(words="m")):
        found, page = [], read_logs(database, chosen)
        assert len(page.lines) == reading.PAGE and page.older is not None
        while True:
            found += messages(page)
            if page.older is None:
                break
            page = read_logs(database, replace(chosen, before=page.older))
        assert len(found) == len(set(found)) == 2 * reading.PAGE + 7
    write(database, "newer", -5)
    first = read_logs(database, LogFilter())
    again = read_logs(database, LogFilter(before=first.older))
    assert first.lines[0].message == "newer" and not set(messages(first)) & set(messages(again))


def test_one_page_looks_at_a_bounded_number_and_says_so(database: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOKED_AT", 10)
    for number in range(25):
        write(database, "needle" if number == 23 else "hay", number)
    page = read_logs(database, LogFilter(words="needle"))
    assert page.lines == () and page.looked_to == NOW - timedelta(seconds=9)
    page = read_logs(database, LogFilter(words="needle", before=page.older))
    assert page.lines == () and page.looked_to == NOW - timedelta(seconds=19)
    page = read_logs(database, LogFilter(words="needle", before=page.older))
    assert messages(page) == ["needle"] and page.older is None and page.looked_to is None


def test_a_search_that_takes_too_long_says_so(database: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {"$function": {"body": "function() { sleep(400); return 1; }", "args": [], "lang": "js"}}
    monkeypatch.setattr(reading, "_filters", lambda chosen: [{"$expr": {"$eq": [slow, 2]}}])
    monkeypatch.setattr(reading, "bounded", lambda: pymongo.timeout(0.3))
    write(database, "one")
    write(database, "two")
    assert read_logs(database, LogFilter(words="x")) == LogPage(took_too_long=True)


@given(st.integers(0, 9 * 10**12), st.binary(min_size=12, max_size=12))
def test_positions_survive_the_address(milliseconds: int, raw: bytes) -> None:
    position = Position(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds), ObjectId(raw))
    assert Position.read(str(position)) == position


@pytest.mark.parametrize("text", ["", "1", "x-y", "1-2", "9" * 15 + "-" + "a" * 24, "1-" + "g" * 24, "٣-" + "a" * 24])
def test_other_positions_are_none(text: str) -> None:
    assert Position.read(text) is None
