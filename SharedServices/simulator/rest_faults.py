"""REST answers spoilt: refused, late, broken on the wire, of wrong types, from yesterday, or too large to be true."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from functools import lru_cache

from PROPPR.SharedServices.simulator.answers import Response, error_response, json_response
from PROPPR.SharedServices.simulator.corrupt_rest import strangers, wrong_types
from PROPPR.SharedServices.simulator.faults import FaultPlan, Rule
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.stale import StaleAnswers

DEFAULT_SLOW_ANSWER = 3.0
DEFAULT_STALE_AGE = 5.0
BOMB_MEMBER = 64 * 1024 * 1024
BOMB_MEMBERS = 48
FAULT_TEXTS = {
    "401": "Invalid API key",
    "403": "WebSocket access is not included in your plan",
    "429": "Rate limit exceeded. Please try again later.",
    "500": "Internal server error",
}
_NEED_AN_ANSWER = (
    "rest_stale", "rest_truncated", "rest_wrong_length", "rest_wrong_types", "rest_bomb", "rest_strangers",
    "rest_error_200",
)  # fmt: skip


@lru_cache(maxsize=1)
def bomb() -> bytes:
    """3 GiB of zeros in 3 MB: a gzip file of many members, as the format allows."""
    return gzip.compress(bytes(BOMB_MEMBER), compresslevel=9, mtime=0) * BOMB_MEMBERS


async def strike_first(rule: Rule) -> Response | None:
    """What a fault says instead of an answer; None where the request is still to be answered."""
    name = rule.fault.removeprefix("rest_")
    if name in FAULT_TEXTS:
        return error_response(int(name), FAULT_TEXTS[name])
    if name == "garbage":
        return Response(200, b"<html><body>upstream error</body></html>", content_type="text/html")
    if name == "disconnect":
        return Response(abort=True)
    if name == "slow":
        await asyncio.sleep(rule.seconds if rule.seconds is not None else DEFAULT_SLOW_ANSWER)
    return None


class AnswerFaults:
    """Spoils answers that were sound. Those to be given once more later are kept while the plan has `rest_stale`."""

    def __init__(self, plan: FaultPlan, stale: StaleAnswers) -> None:
        self._plan = plan
        self._stale = stale
        self._changes: dict[str, Callable[[Response], Response | None]] = {
            "rest_truncated": self._truncated,
            "rest_wrong_length": self._wrong_length,
            "rest_wrong_types": self._wrong_types,
            "rest_strangers": strangers,
            "rest_bomb": lambda response: Response(200, bomb(), response.headers, encoding="gzip"),
            "rest_error_200": lambda response: json_response({"error": "Internal server error"}, 200, response.headers),
        }

    def strike(self, rule: Rule, request: Request, path: str, sound: Response, now: int) -> Response | None:
        """The spoilt answer; None where this fault can't strike this answer."""
        if rule.fault not in _NEED_AN_ANSWER or sound.status != 200:
            return None
        if rule.fault == "rest_stale":
            return self._stale.find(request, path, now - stale_age(rule))
        return self._changes[rule.fault](sound)

    def keep(self, request: Request, path: str, sound: Response, now: int) -> None:
        """Remember a sound answer where the plan may want it again; nothing once it does not."""
        ages = [stale_age(rule) for rule in self._plan.rules("rest_stale")]
        if ages and sound.status == 200 and request.method == "GET":
            self._stale.keep(request, path, sound, now, max(ages) // 4)

    def _truncated(self, response: Response) -> Response | None:
        response.cut = self._plan.random.uniform(0.05, 0.95)
        return response if response.size > 2 else None

    def _wrong_length(self, response: Response) -> Response | None:
        amount = 1 + int(self._plan.random.random() * min(response.size - 1, 500))
        response.claim = amount if self._plan.random.random() < 0.5 else -amount
        return response if response.size > 2 else None

    def _wrong_types(self, response: Response) -> Response | None:
        return wrong_types(response, self._plan.random)


def needs_an_answer(rule: Rule) -> bool:
    """Whether the fault spoils an answer, and so counts as struck only where there is one that it can spoil."""
    return rule.fault in _NEED_AN_ANSWER


def stale_age(rule: Rule) -> int:
    """How old (simulated ms) an answer must be to be given again."""
    return int((rule.seconds if rule.seconds is not None else DEFAULT_STALE_AGE) * 1000)
