"""`proppr doctor`: is everything in place, and what is to be mended?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from PROPPR.SharedServices.cli.backup_findings import check_data_care
from PROPPR.SharedServices.cli.console import EXIT_OK, EXIT_UNHEALTHY, env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.database import short
from PROPPR.SharedServices.cli.findings import Finding, check_budget, check_disk, check_mongodb, check_settings
from PROPPR.SharedServices.cli.grade_readings import check_bets
from PROPPR.SharedServices.cli.poller_findings import check_poller
from PROPPR.SharedServices.cli.provider_findings import check_provider
from PROPPR.SharedServices.cli.running import database_uri, read_note, settings_of
from PROPPR.SharedServices.cli.stats_findings import check_fotmob, check_statistics
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import ProPprError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.client import connect
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

STYLES = {"ok": "green", "warning": "yellow", "wrong": "red"}


@click.command("doctor")
@env_file_option
@click.option("--offline", is_flag=True, help="Don't ask the provider and FotMob.")
def command(env_file: Path, offline: bool) -> None:
    """Check settings, disk, MongoDB, clocks, budgets, the key, bookmakers, sports, statistics, schema, backups, users.

    Exit code 1 if something is wrong. Asks the provider three things and FotMob one, which count against their budgets,
    unless --offline is given.
    """
    settings = settings_or_exit(env_file)
    redactor = Redactor(settings.secrets())
    table = Table("", "what", "how it is", "what to do", box=None, header_style="bold")
    wrong = False
    for finding in examine(settings, SystemClock(), offline=offline):
        wrong = wrong or finding.level == "wrong"
        texts = (redactor.text(part) for part in (finding.subject, finding.detail, finding.mend))
        table.add_row(Text(finding.level, style=STYLES[finding.level]), *texts)
    Console(markup=False, highlight=False).print(table)
    sys.exit(EXIT_UNHEALTHY if wrong else EXIT_OK)


def examine(settings: Settings, clock: Clock, *, offline: bool) -> Iterator[Finding]:
    """All findings, the cheap ones first."""
    yield from check_settings(settings)
    yield from check_poller(settings)
    yield from check_disk(settings)
    running = read_note(settings.proppr_data_dir)
    try:
        with (
            database_uri(settings, running) as uri,
            connect(settings, uri, service="doctor") as client,
        ):
            findings = list(check_mongodb(client, settings, clock))
            yield from findings
            if any(finding.subject == "MongoDB" and finding.level == "wrong" for finding in findings):
                return
            database = client[settings.mongo_database]
            tracker = GlobalRequestTracker(settings.max_api_requests_per_hour, database=database, clock=clock)
            yield check_budget(tracker.usage())
            if settings.odds_api_key is not None and not offline:
                yield from check_provider(settings, tracker, clock)
            beside = settings_of(settings, running)
            yield from check_statistics(database, beside, clock)
            yield from check_bets(database, clock)
            yield from check_data_care(database, settings, clock)
            if beside.odds_api_key is not None and not offline:  # without a key nothing real is touched
                yield check_fotmob(database, beside, clock)
    except (PyMongoError, ProPprError) as error:
        yield Finding("MongoDB", "wrong", short(error), "proppr check-config shows the settings in force")
