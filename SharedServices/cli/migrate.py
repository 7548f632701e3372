"""`proppr migrate`: bring the database into this program's shape."""

from __future__ import annotations

from pathlib import Path

import click

from PROPPR.SharedServices.cli.backup_work import working_client
from PROPPR.SharedServices.cli.console import env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.database import told_errors
from PROPPR.SharedServices.cli.poller_picture import counted
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.migrations import MIGRATIONS, NEWEST, stored_version, unfinished
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.retention import differences


@click.command("migrate")
@env_file_option
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def command(env_file: Path, dry_run: bool) -> None:
    """Run the migrations that are missing, and bring collections, rules, indexes and retention into shape.

    Every service does the same at its start, if its MongoDB user may: this is for users who may not, and for a look
    beforehand. It can be killed at any moment and run beside services; each migration takes effect once.
    """
    settings = settings_or_exit(env_file)
    with told_errors(settings), working_client(settings, "migrate") as client:
        database = client[settings.mongo_database]
        before = stored_version(database)
        if dry_run:
            begun = unfinished(database)
            for each in MIGRATIONS[before:]:
                goes_on = begun is not None and begun["_id"] == each.version
                click.echo(f"migration {each.version}{' (goes on)' if goes_on else ''}: {each.purpose}")
            for kept, days, _ in differences(database, settings):
                click.echo(f"{kept.collection}: {f'kept for {days} days' if days else 'kept for ever'}")
            click.echo(f"version {before} of {NEWEST}; nothing was changed")
            return
        report = prepare_database(database, settings, SystemClock())
        for line in (*report.created, *report.changed):
            click.echo(line)
        for problem in report.problems:
            click.echo(f"to be solved by a person: {problem}", err=True)
        click.echo(
            f"version {stored_version(database)} of {NEWEST}; "
            f"{counted(len(report.created), 'thing')} created, {len(report.changed)} changed"
        )
