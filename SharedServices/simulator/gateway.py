"""The way of every REST request: logged, struck by a fault or not, answered, counted."""

from __future__ import annotations

from email.utils import formatdate

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.answers import Response
from PROPPR.SharedServices.simulator.faults import FaultPlan
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.request_log import LoggedRequest, RequestLog
from PROPPR.SharedServices.simulator.rest import RestApi
from PROPPR.SharedServices.simulator.rest_faults import AnswerFaults, needs_an_answer, strike_first
from PROPPR.SharedServices.simulator.stale import StaleAnswers
from PROPPR.SharedServices.simulator.truth import Truth


class Gateway:
    """Stands before the REST API."""

    def __init__(self, rest: RestApi, truth: Truth, plan: FaultPlan, log: RequestLog, clock: Clock) -> None:
        self._rest = rest
        self._truth = truth
        self._plan = plan
        self._log = log
        self._clock = clock
        self._answer_faults = AnswerFaults(plan, StaleAnswers())

    async def handle(self, request: Request, path: str) -> Response:
        """Answer one request; `path` is what follows /v3."""
        entry = self._log.arrived(request, path, self._clock.now_ms(), self._truth.sequence)
        try:
            response = await self._answer(request, path, entry)
            if not response.abort:
                entry.status, entry.bytes = response.status, response.size
            return response
        finally:
            self._log.answered(entry)

    async def _answer(self, request: Request, path: str, entry: LoggedRequest) -> Response:
        rule = self._plan.draw("rest", entry.endpoint)
        if rule is not None:
            entry.fault = rule.fault
            instead = await strike_first(rule)
            if instead is not None:
                return instead
        sound = await self._rest.handle(request, path)
        now = self._clock.now_ms()
        sound.headers["Date"] = formatdate(now / 1000, usegmt=True)
        spoilt = None
        if rule is not None and needs_an_answer(rule):
            spoilt = self._answer_faults.strike(rule, request, path, sound, now)
            if spoilt is None:
                self._plan.withdraw(rule)
                entry.fault = None
        if spoilt is None or rule is None or rule.fault == "rest_stale":
            self._answer_faults.keep(request, path, sound, now)
        return sound if spoilt is None else spoilt
