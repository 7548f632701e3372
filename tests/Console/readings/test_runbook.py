"""The runbook that the package holds is that of docs/, and says something of every alert and check."""

from __future__ import annotations

from pathlib import Path

import pytest

from PROPPR.Console.readings import check_words
from PROPPR.Console.readings.runbook import Span, anchor_of, load, read_runbook

ALERTS = {
    "silent:unified-poller:host-1": "silentserviceinstance",
    "mongo_down:stats-pipeline": "mongo_downservice",
    "stream.stalled": "streamstalled",
    "poller.bookmaker:BC.Game": "pollerbookmakername",
    "poller.lag": "pollerlag",
    "stats.layout": "statslayout",
    "grading.correction.4813581": "gradingcorrectionmatch",
    "summary": "summary",
}
TEXT = """# Runbook

### ProcessDown

- **Means:** it is *down*, see `df -h`.
- **Look:** As for [Other](#other-thing), or [that page](page.md).
- **Do:** Start it.

### `other thing`

- **Means:** <script>alert(1)</script>
- **Look:** here.
- **Do:** nothing.
"""


def test_it_is_the_text_of_the_documentation() -> None:
    written = Path(__file__).parents[3] / "docs" / "runbook.md"
    assert load() == read_runbook(written.read_text("utf-8"))
    assert len(load().entries) >= 50
    for entry in load().entries.values():
        assert entry.means and entry.look and entry.do, entry.name
        assert not [anchor for anchor in entry.named if anchor not in load().entries], entry.name


@pytest.mark.parametrize(("key", "anchor"), ALERTS.items())
def test_each_alert_has_its_entry(key: str, anchor: str) -> None:
    entry = load().of_alert(key)
    assert entry is not None and entry.anchor == anchor


def test_an_alert_that_nobody_has_written_about() -> None:
    assert load().of_alert("unheard.of") is None
    assert load().of_alert("stream.stalled.more") is None
    assert load().of_alert("silent:") is None
    assert load().with_named("unheard-of") == ()


def test_pieces_of_a_sentence() -> None:
    entry = read_runbook(TEXT).entries["processdown"]
    assert entry.means == (
        Span("text", "it is "), Span("stressed", "down"), Span("text", ", see "), Span("code", "df -h"),
        Span("text", "."),
    )  # fmt: skip
    assert entry.look[1] == Span("link", "Other", "other-thing")
    assert entry.look[3] == Span("text", "that page (in docs/)")
    assert entry.named == ("other-thing",)
    assert [each.anchor for each in read_runbook(TEXT).with_named("processdown")] == ["processdown", "other-thing"]
    assert anchor_of("silent:SERVICE:INSTANCE") == "silentserviceinstance"


def test_all_that_the_checks_point_at_exists() -> None:
    anchors = load().entries
    services = (*check_words.SERVICES, "another")
    names = (*check_words._WORDS, "source", "anything_else")
    assert {check_words.entry_of(service, name) for service in services for name in names} <= set(anchors)
    assert {check_words.entry_of_state(state) for state in check_words._STATES} <= set(anchors)
    assert check_words.entry_of_state("healthy") == ""
    assert check_words.words_of("unified-poller", "source") != check_words.words_of("stats-pipeline", "source")
    assert check_words.words_of("x", "some_new_check") == "some new check"
    assert check_words.title_of("another") == "another"
