"""What the stream carries is believed while it is fresh, whole and told by the holder of the lease."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.stream_coverage import BELIEVED_FOR, Coverage, StreamCoverage, is_covered
from PROPPR.SharedServices.storage.stream_state import FencedOut, StreamState

FOOTBALL = Coverage(frozenset({"Bet365", "M88"}), frozenset({"football"}), ("ML", "Spread"), True)


def test_what_was_told_lately_covers_its_pairs(database: Database[dict[str, Any]]) -> None:
    clock, coverage = ManualClock(), StreamCoverage(database)
    coverage.save("hash", FOOTBALL, clock.now(), fence=3)
    streams = coverage.load(clock.now())
    assert streams == [FOOTBALL]
    assert is_covered(streams, "M88", "football")
    assert not is_covered(streams, "M88", "tennis")
    assert not is_covered(streams, "Unibet", "football")
    assert coverage.load(clock.now() + BELIEVED_FOR + timedelta(seconds=1)) == []


def test_a_stream_that_ended_covers_nothing(database: Database[dict[str, Any]]) -> None:
    clock, coverage = ManualClock(), StreamCoverage(database)
    coverage.save("hash", FOOTBALL, clock.now(), fence=3)
    coverage.save("hash", None, clock.now(), fence=3)
    assert coverage.load(clock.now()) == []


def test_a_former_holder_is_refused(database: Database[dict[str, Any]]) -> None:
    clock, coverage = ManualClock(), StreamCoverage(database)
    coverage.save("hash", FOOTBALL, clock.now(), fence=3)
    with pytest.raises(FencedOut):
        coverage.save("hash", None, clock.now(), fence=2)


def test_filters_that_leave_parts_out_cover_nothing() -> None:
    assert not is_covered([Coverage(frozenset({"M88"}), frozenset(), ("ML",), False)], "M88", "football")
    assert is_covered([Coverage(frozenset({"M88"}), frozenset(), ("ML",), True)], "M88", "football")


def test_positions_and_coverage_keep_out_of_each_other(database: Database[dict[str, Any]]) -> None:
    clock, state = ManualClock(), StreamState(database, ManualClock(), "key")
    state.save("a", 7, ["M88"], fence=1)
    StreamCoverage(database).save("hash", FOOTBALL, clock.now(), fence=1)
    assert set(state.load(["a"])) == {"a"}
    assert StreamCoverage(database).load(clock.now()) == [FOOTBALL]
