"""The provider's REST API for tests of the stream, without a budget: plain requests to the simulator."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import requests
from odds_answers import elements_of

from PROPPR.SharedServices.odds.rest import AnswerFacts, read_event, read_event_list
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.errors import RateLimited, TransientError


class SimulatedSource:
    """Counts its calls; `offline` makes every call fail."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._base = base_url
        self._key = api_key
        self._session = requests.Session()
        self.calls: dict[str, int] = {}
        self.offline = False

    def events(
        self, sport: str, statuses: Sequence[str], from_: datetime, to: datetime, league: str | None = None
    ) -> list[Fixture]:
        parameters = {
            "sport": sport,
            "status": ",".join(statuses),
            "from": _iso(from_),
            "to": _iso(to),
            "limit": "5000",
        }
        return list(read_event_list(self._get("events", parameters).json()).fixtures)

    def event(self, event_id: int) -> Fixture | None:
        answer = self._get(f"events/{event_id}", {})
        return None if answer.status_code == 404 else read_event(answer.json())

    def odds_multi(self, ids: Sequence[int], bookmakers: Sequence[str], include_sequence: bool = True) -> OddsAnswer:
        asked_at = time.time_ns() // 1_000_000
        answer = self._get(
            "odds/multi",
            {"eventIds": ",".join(map(str, ids)), "bookmakers": ",".join(bookmakers), "includeSeq": "true"},
        )
        sequence = answer.headers.get("X-OddsAPI-Seq")
        number = int(sequence) if sequence else None
        elements, _ = elements_of(answer.json(), AnswerFacts(number, "websocket"))
        return OddsAnswer(
            tuple(element.fixture for element in elements),
            tuple(one for element in elements for one in element.snapshots),
            number,
            tuple(one for element in elements for one in element.partial),
            asked_at=asked_at,
        )

    def selected_bookmakers(self) -> list[str]:
        return list(self._get("bookmakers/selected", {}).json()["bookmakers"])

    def _get(self, path: str, parameters: dict[str, str]) -> requests.Response:
        name = path.split("/")[0] if not path.startswith("odds/") else path
        self.calls[name] = self.calls.get(name, 0) + 1
        if self.offline:
            raise TransientError("offline")
        try:
            answer = self._session.get(f"{self._base}/{path}", params={"apiKey": self._key, **parameters}, timeout=10)
        except requests.RequestException as error:
            raise TransientError(type(error).__name__) from None
        if answer.status_code == 429:
            raise RateLimited("429", 1.0)
        if answer.status_code not in (200, 404):
            raise TransientError(f"{answer.status_code}: {answer.text[:100]}")
        return answer


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
