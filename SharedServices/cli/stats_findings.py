"""What `proppr doctor` looks at for the statistics: how old they are, and whether FotMob answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.cli.findings import Finding
from PROPPR.SharedServices.cli.poller_picture import counted
from PROPPR.SharedServices.cli.stats_readings import age_words, read_stats, run_words
from PROPPR.SharedServices.football.day_page import read_day
from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.providers.fotmob.client import FotMobClient
from PROPPR.SharedServices.providers.fotmob.config import FotMobConfig
from PROPPR.SharedServices.providers.fotmob.errors import SourceRefused
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget

SERVICE: Final = "doctor"
OLD: Final = timedelta(hours=26)
"""As /health of the service has it: a day and the time that a long run takes."""

Documents = Database[dict[str, Any]]


def check_statistics(database: Documents, settings: Settings, clock: Clock) -> Iterator[Finding]:
    """How old the statistics are, how many fixtures have no match, what is left of a day's requests to FotMob."""
    reading = read_stats(database, settings, clock)
    now = clock.now()
    if reading.run is None:
        yield Finding("statistics", "ok", "no run yet: the service makes one when it starts")
    elif reading.ended is None or reading.ended.finished_at is None:
        late = now - reading.run.started_at > OLD
        mend = "is stats-pipeline running? `proppr status`; its log names what failed" if late else ""
        yield Finding("statistics", "warning" if late else "ok", run_words(reading.run, now), mend)
    else:
        age = now - reading.ended.finished_at
        mend = "" if age <= OLD else "start stats-pipeline, or `proppr stats run`"
        yield Finding("statistics", "ok" if age <= OLD else "warning", run_words(reading.ended, now), mend)
    if reading.unresolved:
        detail = f"{counted(reading.unresolved, 'fixture')} without a FotMob match, {reading.mapped:,} with one"
        yield Finding("mappings", "ok", detail, "`proppr mappings` lists them, settle what matters by hand")
    if reading.budget is not None:
        usage = reading.budget
        detail = f"{usage.used:,} of {usage.limit:,} requests in 24 h used, {usage.free:,} free"
        mend = "" if usage.free else "statistics wait until some return: follow fewer leagues"
        yield Finding("FotMob's budget", "ok" if usage.free else "warning", detail, mend)


def check_fotmob(database: Documents, settings: Settings, clock: Clock) -> Finding:
    """Ask FotMob for today's matches: once, within the budget, and not again if it says no."""
    budget = fotmob_budget(settings, database, service=SERVICE, clock=clock)
    config = replace(FotMobConfig.of(settings), attempts=1)
    client = FotMobClient(config, clock=clock, stop=threading.Event(), budget=budget)
    subject, mend = "FotMob", "nothing breaks: the last good statistics stay, the service asks again by itself"
    try:
        listed = read_day(client.day(clock.now().date()).payload)
    except RateLimited as error:
        wait = f"again in {age_words(timedelta(seconds=error.retry_after))}" if error.retry_after else "again later"
        return Finding(subject, "warning", f"not asked: {error}", wait)
    except SourceRefused as error:
        human = "; it asks for proof of a human visitor, which is not given" if error.turnstile else ""
        return Finding(subject, "warning", f"refuses to be asked: {error}{human}", mend)
    except TransientError as error:
        return Finding(
            subject, "warning", f"does not answer: {error}", f"check FOTMOB_BASE_URL and the network; {mend}"
        )
    except (SourceChanged, LayoutChanged) as error:
        return Finding(subject, "wrong", f"its answer is not understood: {error}", "look for a newer version of PROPPR")
    finally:
        client.close()
    return Finding(subject, "ok", f"answers; {len(listed):,} matches listed today")
