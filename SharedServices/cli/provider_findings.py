"""What `proppr doctor` asks the provider: three cheap requests, counted against the shared budget."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

from PROPPR.SharedServices.cli.findings import Finding, compare_clocks
from PROPPR.SharedServices.cli.poller_findings import check_sports
from PROPPR.SharedServices.providers.http.session import new_session
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import AccessRefused, KeyRefused
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import ProPprError, RateLimited
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

SERVICE = "doctor"


def check_provider(settings: Settings, tracker: GlobalRequestTracker, clock: Clock) -> Iterator[Finding]:
    """The key, the names of the bookmakers and sports, and the provider's clock. Changes nothing in the account."""
    told = _Dates(clock)
    session = new_session()
    session.hooks["response"].append(told.note)
    client = OddsApiClient(RestConfig.of(settings), tracker, service=SERVICE, clock=clock, session=session)
    try:
        selected = client.selected_bookmakers()
        yield Finding("key", "ok", f"accepted; {len(selected)} bookmakers selected")
        yield from check_names(settings, [bookmaker.name for bookmaker in client.bookmakers()], selected)
        yield from check_sports(settings, [sport.slug for sport in client.sports()])
    except ProPprError as error:
        yield _refusal(error)
    finally:
        client.close()
    if told.difference is not None:
        yield compare_clocks("clock of the provider", told.difference)


def check_names(settings: Settings, catalogue: Sequence[str], selected: Sequence[str]) -> Iterator[Finding]:
    """Are the wanted bookmakers spelled as in the catalogue, and selected in the account?"""
    wanted = list(dict.fromkeys((*settings.bookmakers, *settings.sharp_bookmakers)))
    unknown = [name for name in wanted if name not in catalogue]
    for name in unknown:
        near = difflib.get_close_matches(name.casefold(), [known.casefold() for known in catalogue], n=1, cutoff=0.5)
        meant = next((known for known in catalogue if near and known.casefold() == near[0]), None)
        mend = f"did you mean {meant}?" if meant else "see GET /bookmakers for the exact names"
        yield Finding("bookmaker", "wrong", f"{name} is not in the catalogue", mend)
    unselected = [name for name in wanted if name not in selected and name not in unknown]
    for name in unselected:
        mend = "select it in the provider's dashboard, or take it out of BOOKMAKERS"
        yield Finding("bookmaker", "wrong", f"{name} is not among the account's selected ones", mend)
    if not unknown and not unselected:
        yield Finding("bookmakers", "ok", ", ".join(wanted))


def _refusal(error: ProPprError) -> Finding:
    if isinstance(error, KeyRefused):
        return Finding("key", "wrong", "the provider refuses it (401)", "copy it again from the provider's dashboard")
    if isinstance(error, AccessRefused):
        return Finding("key", "wrong", str(error), "the plan does not include this: see the provider's dashboard")
    if isinstance(error, RateLimited):
        wait = f"again in {error.retry_after:.0f} s" if error.retry_after else "again later"
        return Finding("key", "warning", f"not checked: {error}", wait)
    return Finding("provider", "wrong", str(error), "check ODDS_API_BASE_URL and the network")


class _Dates:
    """Remembers how far the provider's clock was from ours, from the Date header of its answers (whole seconds)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.difference: timedelta | None = None

    def note(self, response: requests.Response, *args: object, **kwargs: object) -> None:
        try:
            told: datetime = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        if told.tzinfo is None:
            told = told.replace(tzinfo=UTC)
        self.difference = told - self._clock.now() + response.elapsed / 2
