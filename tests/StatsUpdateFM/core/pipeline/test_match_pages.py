"""What looking a match up stores: news, and never less than was there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.database import Database
from stats_rig import Rig

from PROPPR.SharedServices.storage.match_facts import fingerprint
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.StatsUpdateFM.core.pipeline.match_pages import MatchPages, read_page
from PROPPR.StatsUpdateFM.core.pipeline.source import StrangeLayout
from PROPPR.StatsUpdateFM.core.schedule.look_ups import LookUp, Reason


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def rig(database: Database[dict[str, Any]]) -> Iterator[Rig]:
    rig = Rig(database, fixtures=2, history=1)
    yield rig
    rig.pipeline.close()


@pytest.fixture
def wanted(rig: Rig) -> LookUp:
    """A match of the past whose page is complete."""
    store = MatchStore(rig.database, rig.clock)
    league_id = rig.fotmob.generated.known_pairs()[0]["league_id"]
    for row in rig.fotmob.league(league_id).payload["fixtures"]["allMatches"]:
        look_up = LookUp(int(row["id"]), league_id, "2025/2026", rig.clock.now(), Reason.POST_MATCH)
        if not row["status"]["finished"]:
            continue
        MatchPages(rig.fotmob, store).look_up(look_up)
        if store.states([look_up.match_id])[look_up.match_id].complete:
            return look_up
    raise AssertionError("no match of the league is complete")


def test_only_what_is_read_makes_a_revision(rig: Rig, wanted: LookUp) -> None:
    store = MatchStore(rig.database, rig.clock)
    pages = MatchPages(rig.fotmob, store)

    def decorate(kind: str, what: int | str, payload: Any) -> None:
        payload["seo"] = {"path": "another"}
        payload["content"]["buzz"] = ["news"]

    rig.fotmob.change = decorate
    rig.advance(hours=1)
    looked = pages.look_up(wanted)
    assert (looked.revision.number, looked.revision.changed, looked.kept) == (1, False, False)
    assert store.states([wanted.match_id])[wanted.match_id].checked_at == rig.clock.now()

    def correct(kind: str, what: int | str, payload: Any) -> None:
        for group in payload["content"]["stats"]["Periods"]["All"]["stats"]:
            for row in group["stats"]:
                if row["key"] == "corners" and row["type"] != "title":
                    row["stats"] = [row["stats"][0] + 1, row["stats"][1]]

    rig.fotmob.change = correct
    rig.advance(hours=1)
    assert pages.look_up(wanted).match.match_id == wanted.match_id
    assert store.states([wanted.match_id])[wanted.match_id].checked_at == rig.clock.now()


def test_a_page_that_lost_its_numbers_does_not_replace_the_full_one(rig: Rig, wanted: LookUp) -> None:
    store = MatchStore(rig.database, rig.clock)
    before = store.load(wanted.match_id)

    def empty(kind: str, what: int | str, payload: Any) -> None:
        payload["content"]["stats"] = None
        payload["content"]["playerStats"] = None

    rig.fotmob.change = empty
    rig.advance(hours=1)
    looked = MatchPages(rig.fotmob, store).look_up(wanted)
    assert (looked.kept, looked.revision.changed) == (True, False)
    assert store.load(wanted.match_id) == before
    assert store.states([wanted.match_id])[wanted.match_id].checked_at == rig.clock.now()


def test_an_unknown_layout_names_the_page_and_the_path(rig: Rig, wanted: LookUp) -> None:
    payload = dict(rig.fotmob.match(wanted.match_id).payload)
    payload["general"] = {**payload["general"], "homeTeam": "A"}
    payload["header"] = {**payload["header"], "teams": None}
    with pytest.raises(StrangeLayout) as caught:
        read_page(wanted.match_id, payload)
    assert caught.value.page == f"match {wanted.match_id}"
    assert caught.value.path.partition(".")[0] in ("general", "header")
    assert str(caught.value).startswith(f"match {wanted.match_id}: ")


def test_a_fingerprint_is_that_of_the_match_not_of_the_text(rig: Rig, wanted: LookUp) -> None:
    first = read_page(wanted.match_id, rig.fotmob.match(wanted.match_id).payload)
    second = read_page(wanted.match_id, rig.fotmob.match(wanted.match_id).payload)
    assert first is not second
    assert fingerprint(first) == fingerprint(second)
