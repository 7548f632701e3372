from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from football_rows import KICKOFF
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.StatsUpdateFM.core.statistics.documents import content_hash, iso, rounded

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5) | st.floats(-1e6, 1e6).map(rounded),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
CONTENT = st.dictionaries(st.sampled_from("uvwxyz"), VALUES, max_size=4)


@given(content=CONTENT, one=st.datetimes(), other=st.datetimes(), data=st.data())
def test_when_it_was_written_and_the_order_of_fields_do_not_matter(
    content: dict[str, Any], one: datetime, other: datetime, data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(content.items()))))
    again = {"_id": 7, **shuffled, "updated_at": other, "content_hash": "x"}
    assert content_hash({**content, "updated_at": one}) == content_hash(again)


@given(content=CONTENT, other=CONTENT)
def test_other_content_has_another_fingerprint(content: dict[str, Any], other: dict[str, Any]) -> None:
    same = repr(sorted(content.items())) == repr(sorted(other.items()))
    assert same or content == other or content_hash(content) != content_hash(other)


def test_a_document_read_back_has_the_same_fingerprint(database: Database[dict[str, Any]]) -> None:
    document = {"fixture_id": 2**40, "kickoff": KICKOFF, "mean": rounded(2 / 3), "list": [{"a": 1}, None, True, "é"]}
    database["team_stats"].insert_one(dict(document))
    stored = database["team_stats"].find_one({})
    assert stored is not None
    assert content_hash(stored) == content_hash(document)


def test_a_moment_is_the_same_in_every_zone() -> None:
    there = KICKOFF.astimezone(timezone(timedelta(hours=2)))
    assert iso(there) == "2025-08-16T14:00:00Z"
    assert content_hash({"at": there}) == content_hash({"at": KICKOFF.astimezone(UTC)})


def test_a_value_that_no_document_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="a document holds no set"):
        content_hash({"a": {1, 2}})


@pytest.mark.parametrize(
    ("number", "kept"), [(2 / 3, 0.6667), (-0.00001, 0.0), (3, 3.0)], ids=["long", "zero", "whole"]
)
def test_numbers_have_four_places(number: float, kept: float) -> None:
    assert repr(rounded(number)) == repr(kept)
