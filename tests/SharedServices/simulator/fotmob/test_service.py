"""FotMob as it is asked over HTTP: validators, page data and their trap, faults, the control API, the log."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from simulator_clients import Simulated
from support import eventually

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.simulator.faults import FaultPlanError, parse_plan

HOUR = 3600.0


class FotMobClient:
    """A plain client of the simulated FotMob."""

    def __init__(self, simulated: Simulated) -> None:
        self.simulated = simulated
        self.site = simulated.server.base_url + "/fotmob"

    def get(self, name: str, headers: dict[str, str] | None = None, **query: object) -> requests.Response:
        """GET a name under /api/data."""
        url = f"{self.simulated.server.fotmob_url}/{name}"
        return self.simulated.session.get(url, params=query, headers=headers, timeout=20)

    def page(self, path: str) -> requests.Response:
        """GET a path of the site."""
        return self.simulated.session.get(self.site + path, timeout=20)

    def build(self) -> str:
        """The build id that the home page names."""
        text = self.page("/").text
        data = text.partition('<script id="__NEXT_DATA__" type="application/json">')[2].partition("</script>")[0]
        return str(json.loads(data)["buildId"])

    def pairs(self) -> Any:
        """The odds side's fixtures beside their matches."""
        return self.simulated.control("fotmob/fixtures")

    def played(self) -> int:
        """The id of a match that is over."""
        league = self.get("leagues", id=self.pairs()[0]["league_id"]).json()
        rows = [row for row in league["fixtures"]["allMatches"] if row["status"]["finished"]]
        return int(next(row["id"] for row in rows if not row["status"]["awarded"]))


@pytest.fixture
def fotmob(simulate: Any) -> FotMobClient:
    return FotMobClient(simulate(fixtures=24))


def test_a_match_has_validators_and_is_packed(fotmob: FotMobClient) -> None:
    match_id = fotmob.played()
    answer = fotmob.get("matchDetails", matchId=match_id)
    assert answer.status_code == 200 and answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "public, max-age=20"
    assert answer.json()["general"]["matchId"] == str(match_id)
    tag = answer.headers["ETag"]
    for _ in range(2):
        again = fotmob.get("matchDetails", {"If-None-Match": tag}, matchId=match_id)
        assert (again.status_code, again.content) == (304, b"")
    plain = fotmob.get("matchDetails", {"Accept-Encoding": "identity"}, matchId=match_id)
    assert plain.content == answer.content and plain.headers["ETag"] == tag
    league = fotmob.get("leagues", id=fotmob.pairs()[0]["league_id"])
    same = fotmob.get("leagues", {"If-None-Match": league.headers["ETag"]}, id=fotmob.pairs()[0]["league_id"])
    assert league.headers["Cache-Control"] == "public, max-age=40" and same.status_code == 304


def test_what_is_not_there_is_html_with_404_and_nonsense_400(fotmob: FotMobClient) -> None:
    for name, query in (
        ("matchDetails", {"matchId": 1}),
        ("leagues", {"id": 1}),
        ("teams", {"id": 1}),
        ("nothing", {}),
    ):
        answer = fotmob.get(name, **query)
        assert answer.status_code == 404 and answer.headers["Content-Type"].startswith("text/html")
    assert fotmob.get("matches", date="tomorrow").status_code == 400
    assert fotmob.get("matchDetails").status_code == 400


def test_page_data_lead_to_the_same_match(fotmob: FotMobClient) -> None:
    match_id = fotmob.pairs()[0]["match_id"]
    build = fotmob.build()
    redirect = fotmob.page(f"/_next/data/{build}/match/{match_id}.json").json()
    target = redirect["pageProps"]["__N_REDIRECT"]
    assert target.endswith(f"#{match_id}") and redirect["pageProps"]["__N_REDIRECT_STATUS"] == 308
    path = f"/_next/data/{build}{target.partition('#')[0]}.json"
    page = fotmob.page(path)
    assert "s-maxage=3600" in page.headers["Cache-Control"]
    assert page.json()["pageProps"]["general"]["matchId"] == str(match_id)

    def is_same() -> bool:  # of a match that runs, a minute may pass between the two
        shown = read_match(fotmob.page(path).json()["pageProps"])
        return shown == read_match(fotmob.get("matchDetails", matchId=match_id).json())

    eventually(is_same, what="the page and the match to be the same")
    fotmob.simulated.order("fotmob", {"build": True})
    assert fotmob.page(f"/_next/data/{build}/match/{match_id}.json").status_code == 404
    assert fotmob.build() != build


def test_a_page_names_a_pair_of_teams_and_may_show_their_other_match(simulate: Any) -> None:
    fotmob = FotMobClient(simulate(fixtures=24, fotmob_history=400))
    league = fotmob.get("leagues", id=fotmob.pairs()[0]["league_id"]).json()["fixtures"]["allMatches"]
    met: dict[frozenset[str], list[str]] = {}
    for row in league:
        met.setdefault(frozenset((row["home"]["id"], row["away"]["id"])), []).append(row["id"])
    first, *_, last = next(ids for ids in met.values() if len(ids) > 1)
    build = fotmob.build()
    target = fotmob.page(f"/_next/data/{build}/match/{first}.json").json()["pageProps"]["__N_REDIRECT"]
    page = fotmob.page(f"/_next/data/{build}{target.partition('#')[0]}.json").json()
    assert page["pageProps"]["general"]["matchId"] == last, "the one asked for is not the one that is served"


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("fotmob_403", 403, "text/html"),
        ("fotmob_404", 404, "text/html"),
        ("fotmob_html_200", 200, "text/html"),
        ("fotmob_turnstile", 403, "application/json"),
        ("fotmob_429", 429, "text/plain"),
        ("fotmob_500", 500, "text/html"),
        ("fotmob_503", 503, "text/html"),
    ],
)
def test_refusals_look_like_the_real_ones(fotmob: FotMobClient, fault: str, status: int, kind: str) -> None:
    match_id = fotmob.played()
    fotmob.simulated.order("faults", [{"fault": fault, "every": 1, "endpoint": "matchDetails"}])
    answer = fotmob.get("matchDetails", matchId=match_id)
    assert answer.status_code == status and answer.headers["Content-Type"].startswith(kind)
    assert ("TURNSTILE_REQUIRED" in answer.text) is (fault == "fotmob_turnstile")
    assert fotmob.get("allLeagues").status_code == 200, "only the one endpoint is struck"
    fotmob.simulated.order("faults", {"faults": ""})
    assert fotmob.get("matchDetails", matchId=match_id).status_code == 200


def test_spoilt_answers(fotmob: FotMobClient) -> None:
    match_id = fotmob.played()
    order = fotmob.simulated.order
    order("faults", {"faults": "fotmob_other_match/1"})
    assert fotmob.get("matchDetails", matchId=match_id).json()["general"]["matchId"] != str(match_id)
    order("faults", {"faults": "fotmob_renamed/1"})
    with pytest.raises(LayoutChanged):
        read_match(fotmob.get("matchDetails", matchId=match_id).json())
    assert "leagues" not in fotmob.get("matches", date="20260516").json()
    order("faults", {"faults": "fotmob_truncated/1"})
    with pytest.raises(requests.RequestException):
        fotmob.get("matchDetails", matchId=match_id)
    order("faults", {"faults": "fotmob_disconnect/1"})
    with pytest.raises(requests.ConnectionError):
        fotmob.get("matchDetails", matchId=match_id)
    order("faults", {"faults": "fotmob_slow/1:0.05"})
    assert fotmob.get("matchDetails", matchId=match_id).elapsed.total_seconds() > 0.05
    build = fotmob.build()
    order("faults", [{"fault": "fotmob_stale_build", "at": [1], "endpoint": "redirect"}])
    assert fotmob.page(f"/_next/data/{build}/match/{match_id}.json").status_code == 404
    assert fotmob.page(f"/_next/data/{fotmob.build()}/match/{match_id}.json").status_code == 200
    faults = [row["fault"] for row in fotmob.simulated.control("fotmob/requests") if row["fault"]]
    assert set(faults) >= {"fotmob_other_match", "fotmob_renamed", "fotmob_truncated", "fotmob_stale_build"}


def test_a_fault_plan_names_an_endpoint_of_its_own() -> None:
    assert parse_plan([{"fault": "fotmob_403", "rate": 0.1, "endpoint": "leagues"}])
    for fault, endpoint in (("fotmob_403", "/events"), ("rest_403", "leagues"), ("stall", "leagues")):
        with pytest.raises(FaultPlanError):
            parse_plan([{"fault": fault, "rate": 0.1, "endpoint": endpoint}])


def test_the_clock_and_the_fates_can_be_set(fotmob: FotMobClient) -> None:
    pair = next(p for p in fotmob.pairs() if p["kickoff"] > fotmob.simulated.control("fotmob")["now"])
    order, match_id = fotmob.simulated.order, pair["match_id"]

    def header() -> Any:
        return fotmob.get("matchDetails", matchId=match_id).json()["header"]["status"]

    assert not header()["started"]
    order("fotmob", {"now": pair["kickoff"] + 30 * 60_000})
    assert header()["ongoing"] and not header()["finished"]
    order("fotmob", {"advance": 4 * HOUR})
    assert header()["finished"]
    order("fotmob", {"fates": {str(match_id): "postponed"}})
    assert header()["reason"]["short"] == "PP"
    for wrong in ({"then": 1}, {"fates": {str(match_id): "lost"}}, {"fates": {"1": "awarded"}}):
        answer = fotmob.simulated.session.post(f"{fotmob.simulated.server.control_url}/fotmob", json=wrong)
        assert answer.status_code == 400


def test_every_request_is_counted(fotmob: FotMobClient) -> None:
    match_id = fotmob.played()
    before = fotmob.simulated.control("fotmob")
    tag = fotmob.get("matchDetails", matchId=match_id).headers["ETag"]
    fotmob.get("matchDetails", {"If-None-Match": tag}, matchId=match_id)
    fotmob.get("matches", date="20260101")
    after = fotmob.simulated.control("fotmob")
    assert after["total"] - before["total"] == 3 and after["bytes"] > before["bytes"]
    assert after["answers"]["matchDetails"] == {"200": 1, "304": 1}
    rows = fotmob.simulated.control("fotmob/requests", after=before["total"])
    assert [(row["endpoint"], row["asked"], row["status"], row["conditional"]) for row in rows] == [
        ("matchDetails", str(match_id), 200, False),
        ("matchDetails", str(match_id), 304, True),
        ("matches", "20260101", 200, False),
    ]


def test_scores_of_a_simulated_evening_agree_with_the_odds_side(simulate: Any) -> None:
    """Five hours at once: what the odds side has settled, FotMob has with the same score after ninety minutes."""
    simulated = simulate(fixtures=60, start=1_780_000_000_000, rate=0.25, horizon_hours=2.0)
    fotmob = FotMobClient(simulated)
    simulated.step(5 * 3600 // 4)
    events = {row["id"]: row for row in simulated.get("/events", sport="football").json()}
    compared = 0
    for pair in fotmob.pairs():
        event = events.get(pair["fixture_id"])
        if event is None or event["status"] != "settled":
            continue
        match = read_match(fotmob.get("matchDetails", matchId=pair["match_id"]).json())
        if match.score_90 is not None:
            assert (match.score_90.home, match.score_90.away) == (event["scores"]["home"], event["scores"]["away"])
            compared += 1
    assert compared > 5
