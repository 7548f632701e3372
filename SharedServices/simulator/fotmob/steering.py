"""The control API of the stand-in's FotMob, under /_sim/fotmob."""

from __future__ import annotations

import json
from collections.abc import Callable

from PROPPR.SharedServices.simulator.answers import Response, error_response, json_response
from PROPPR.SharedServices.simulator.fotmob.service import FotMob
from PROPPR.SharedServices.simulator.http import Request


class FotMobControl:
    """What tests may ask of it and let happen."""

    def __init__(self, fotmob: FotMob) -> None:
        self._fotmob = fotmob
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "fotmob"): self._state,
            ("GET", "fotmob/requests"): self._requests,
            ("GET", "fotmob/fixtures"): self._fixtures,
            ("POST", "fotmob"): self._steer,
        }

    def handle(self, request: Request, name: str) -> Response:
        """Answer one call; `name` is what follows /_sim/."""
        route = self._routes.get((request.method, name))
        return route(request) if route is not None else error_response(404, "Not found")

    def _state(self, request: Request) -> Response:
        fotmob = self._fotmob
        leagues = len(fotmob.generated.world.competitions)
        state = {"now": fotmob.now(), "shift": fotmob.shift, "build": fotmob.build, "leagues": leagues}
        return json_response(state | fotmob.log.describe())

    def _requests(self, request: Request) -> Response:
        after, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "1000"))
        return json_response(self._fotmob.log.after(after, limit))

    def _fixtures(self, request: Request) -> Response:
        """The odds side's fixtures beside the matches that they are: what a right mapping finds."""
        return json_response(self._fotmob.generated.known_pairs())

    def _steer(self, request: Request) -> Response:
        """`now` sets FotMob's clock (ms), `advance` moves it (seconds), `build` publishes a new site, `fates` decide
        what becomes of matches: {match id: played | postponed | cancelled | abandoned | awarded}.
        """
        body = json.loads(request.body or b"{}")
        if not isinstance(body, dict) or set(body) - {"now", "advance", "build", "fates"}:
            raise ValueError("now, advance, build or fates are expected")
        if "now" in body:
            self._fotmob.shift += int(body["now"]) - self._fotmob.now()
        if "advance" in body:
            self._fotmob.shift += int(float(body["advance"]) * 1000)
        if body.get("build"):
            self._fotmob.new_build()
        for match_id, fate in dict(body.get("fates", {})).items():
            self._fotmob.generated.decide(int(match_id), str(fate))
        return self._state(request)
