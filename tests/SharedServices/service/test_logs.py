"""Logs: readable, JSON in files, bounded everywhere, and never a secret."""

from __future__ import annotations

import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import eventually

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.log_collapse import Collapser
from PROPPR.SharedServices.service.log_sink import BOUND, MongoLogSink
from PROPPR.SharedServices.service.logs import Logging, configure_logging
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import load_settings

SECRET = "planted-s3cret/key"
log = logging.getLogger("tests.some_module")


class Configured:
    """Logging into a directory of the test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.console = io.StringIO()
        self.clock = ManualClock()
        self.handle: Logging | None = None

    def begin(self, **env: str) -> Logging:
        settings = load_settings({"LOG_DIR": str(self.directory), **env}, None)
        self.handle = configure_logging("toy", settings, Redactor([SECRET]), clock=self.clock, console=self.console)
        return self.handle

    def lines(self) -> list[dict[str, Any]]:
        """Close and return the lines of the file."""
        assert self.handle is not None
        self.handle.close()
        return [json.loads(line) for line in self.handle.path.read_text().splitlines()]


@pytest.fixture
def configured(tmp_path: Path) -> Iterator[Configured]:
    before = logging.getLogger().level
    setup = Configured(tmp_path)
    yield setup
    if setup.handle is not None:
        setup.handle.close()
    logging.getLogger().setLevel(before)


def test_console_for_people_and_file_for_machines(configured: Configured) -> None:
    configured.begin()
    log.debug("details")
    log.info("book stored", extra={"bookmaker": "Bet365", "rows": 12})
    lines = configured.lines()
    assert [line["message"] for line in lines] == ["details", "book stored"]
    last = lines[-1]
    assert (last["level"], last["logger"], last["service"]) == ("INFO", "tests.some_module", "toy")
    assert (last["bookmaker"], last["rows"]) == ("Bet365", 12)
    assert last["timestamp"].endswith("Z")
    shown = configured.console.getvalue()
    assert "INFO    some_module: book stored bookmaker=Bet365 rows=12" in shown
    assert "details" not in shown


def test_the_level_of_the_console_is_a_setting(configured: Configured) -> None:
    configured.begin(LOG_LEVEL="error")
    log.warning("quiet")
    log.error("loud")
    configured.lines()
    assert "quiet" not in configured.console.getvalue()
    assert "loud" in configured.console.getvalue()


def test_no_secret_passes_by_any_way(configured: Configured) -> None:
    handle = configured.begin()
    log.info("argument %s", SECRET)
    log.info(f"message {SECRET}")  # noqa: G004 - what careless code does
    log.info("extra", extra={"url": f"https://x/?apiKey={SECRET}", "nested": {SECRET: [SECRET]}})
    log.info("object", extra={"object": ValueError(SECRET), "bytes": SECRET.encode()})
    try:
        raise ValueError(f"refused: {SECRET}")
    except ValueError:
        log.exception("failed", stack_info=True)
    # Not through the root logger: pytest's own handler would fail the test for it.
    handle._handler.handle(logging.LogRecord("x", logging.ERROR, "", 0, "bad arguments %d %d", (SECRET,), None))
    threading.Thread(target=lambda: 1 / 0 if SECRET else None, name="t").start()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(SECRET, stacklevel=1)
    lines = configured.lines()
    written = "".join(path.read_text() for path in configured.directory.glob("*.log"))
    for text in (written, configured.console.getvalue()):
        assert SECRET not in text
        assert SECRET.replace("/", "\\/") not in text
        assert "[redacted]" in text
    assert "ValueError: refused: [redacted]" in written
    assert "ZeroDivisionError" in written, "an uncaught exception of a thread is logged"
    assert any(line["message"].startswith("bad arguments %d %d (bad log arguments") for line in lines)


def test_lines_cant_be_forged(configured: Configured) -> None:
    configured.begin()
    log.info("name\n2026-01-01 00:00:00.000Z ERROR   x: forged\x1b[2J", extra={"a": "b\nc"})
    configured.lines()
    shown = configured.console.getvalue()
    assert shown.count("\n") == 1
    assert "\x1b" not in shown


def test_repeated_lines_collapse_with_a_count(configured: Configured) -> None:
    configured.begin()
    for _ in range(1000):
        log.warning("feed stalls", extra={"feed": "a"})
    for number in range(1000):
        log.info("varies", extra={"number": number})
    log.info("other")
    configured.clock.advance(31)
    eventually(lambda: configured.console.getvalue().count("repeated") == 2, what="the summaries")
    lines = configured.lines()
    stalls = [line for line in lines if line["message"] == "feed stalls"]
    assert [line.get("repeated") for line in stalls] == [None, 999]
    varying = [line for line in lines if line["message"] == "varies"]
    assert len(varying) == 21
    assert varying[-1]["repeated"] == 980
    assert sum(line["message"] == "other" for line in lines) == 1


def test_files_are_bounded_in_size_and_number(configured: Configured) -> None:
    configured.begin(PROPPR_LOG_MAX_BYTES="10000", PROPPR_LOG_BACKUPS="2")
    for number in range(500):
        log.info(f"line {number}")  # noqa: G004 - unlike lines, so that none collapses
    configured.lines()
    files = list(configured.directory.glob("proppr-toy.log*"))
    assert len(files) == 3
    assert all(file.stat().st_size <= 10_000 for file in files)


def test_a_full_queue_drops_and_counts_instead_of_blocking(configured: Configured) -> None:
    handle = configured.begin()
    gate = threading.Event()

    class Stuck(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            gate.wait(20)

    handle._listener.add_handler(Stuck())
    for number in range(10_500):
        log.debug(f"line {number}")  # noqa: G004 - unlike lines, so that none collapses
    assert handle.dropped >= 400
    gate.set()
    dropped = handle.dropped
    eventually(lambda: handle.depth == 0, 30)
    lines = configured.lines()
    told = [line["dropped"] for line in lines if line["message"] == "log lines dropped"]
    assert sum(told) == dropped


def test_a_second_instance_writes_its_own_file(configured: Configured, tmp_path: Path) -> None:
    first = configured.begin()
    second = Configured(tmp_path)
    other = second.begin()
    assert first.path.name == "proppr-toy.log"
    assert other.path.name == "proppr-toy-2.log"
    other.close()
    first.close()
    third = Configured(tmp_path)
    assert third.begin().path.name == "proppr-toy.log"
    assert third.handle is not None
    third.handle.close()


def test_without_a_directory_it_falls_back_or_refuses(
    configured: Configured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="LOG_DIR"):
        configured.begin(LOG_DIR=str(tmp_path / "file" / "below"))
    monkeypatch.setattr("PROPPR.SharedServices.service.logs.USUAL_DIRECTORY", tmp_path / "file" / "var")
    monkeypatch.chdir(tmp_path)
    handle = configured.begin(LOG_DIR="")
    assert handle.path == Path("logs/proppr-toy.log")


def test_errors_reach_the_sink_redacted_and_the_rest_does_not(configured: Configured, database: Any) -> None:
    handle = configured.begin()
    handle.add_sink(MongoLogSink(database, "toy", "one"))
    log.info("no error")
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed", extra={"big": 2**70, "a.b": {"$x": 1}, "n": 5})
    stored = eventually(lambda: database.service_logs.find_one(), what="the stored error")
    assert database.service_logs.count_documents({}) == 1
    assert (stored["service"], stored["instance"], stored["level"]) == ("toy", "one", "ERROR")
    assert stored["message"] == "failed"
    assert stored["extra"] == {"big": str(2**70), "a_b": "{'$x': 1}", "n": 5}
    assert "ValueError: [redacted]" in stored["traceback"]
    assert stored["timestamp"].utcoffset() is not None
    log.error("at the last moment")
    handle.close()
    assert database.service_logs.find_one({"message": "at the last moment"})


def test_the_sink_never_blocks_and_stays_bounded_while_mongodb_is_away() -> None:
    from pymongo import MongoClient

    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=100) as client:
        sink = MongoLogSink(client.x, "toy", "one")
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, None)
        for _ in range(BOUND + 500):
            sink.emit(record)
        assert len(sink._waiting) <= BOUND
        assert sink.dropped >= 400
        sink.finish(2)


def record(template: str, level: int = logging.INFO, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "x", "msg": template, "levelno": level})
    made.__dict__.update(extra)
    return made


def test_the_collapser_is_bounded() -> None:
    clock = ManualClock()
    collapser = Collapser(clock, bound=10)
    for number in range(100):
        template = f"template {number}"
        assert collapser.passes(record(template))
        assert not collapser.passes(record(template))
    assert len(collapser._lines) == 10
    clock.advance(31)
    assert len(collapser.due()) == 100, "what was held is told, also of templates that were forgotten"
    assert collapser.due(everything=True) == []


def test_a_new_period_begins_with_a_line() -> None:
    clock = ManualClock()
    collapser = Collapser(clock, period=30)
    assert collapser.passes(record("a"))
    assert not collapser.passes(record("a"))
    clock.advance(30)
    assert collapser.passes(record("a"))
    assert [summary.__dict__["repeated"] for summary in collapser.due(everything=True)] == [1]
    assert collapser.passes(record("a", logging.ERROR)), "another level is another line"
