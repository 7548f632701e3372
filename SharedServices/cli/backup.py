"""`proppr backup`: every document as it is at one moment, on disk, in a format that other tools read too."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from PROPPR.SharedServices.cli.backup_work import Shown, trial_restore, working_client
from PROPPR.SharedServices.cli.console import EXIT_UNHEALTHY, env_file_option, settings_or_exit, stop_on_signals
from PROPPR.SharedServices.cli.database import told_errors
from PROPPR.SharedServices.cli.poller_picture import counted
from PROPPR.SharedServices.cli.stats_readings import age_words
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.backup import make_backup
from PROPPR.SharedServices.storage.backup_format import check_files, read_manifest
from PROPPR.SharedServices.storage.backup_store import remove_old, stored_backups
from PROPPR.SharedServices.storage.migrations import stored_version


@click.command("backup")
@env_file_option
@click.option("--directory", type=click.Path(file_okay=False, path_type=Path), help="Instead of PROPPR_BACKUP_DIR.")
@click.option("--keep", type=click.IntRange(1, 1000), help="Backups to keep, instead of PROPPR_BACKUP_KEEP.")
@click.option("--verify", is_flag=True, help="Restore it into a throw-away MongoDB and compare every document.")
@click.option("--plain", is_flag=True, help="Don't compress.")
@click.option("--list", "listing", is_flag=True, help="Make none; list those that are there.")
def command(env_file: Path, directory: Path | None, keep: int | None, verify: bool, plain: bool, listing: bool) -> None:
    """Back up the database as it is at this moment, while the services go on, and remove what is too old.

    A directory per backup, in mongodump's format: mongorestore reads it as well as `proppr restore`. Exit code 1 if
    it could not be made; nothing half-made is left, and no old backup is removed then.
    """
    settings = settings_or_exit(env_file)
    where = directory or settings.proppr_backup_dir
    if listing:
        _list(where, settings)
        return
    stop = threading.Event()
    stop_on_signals(stop)
    clock = SystemClock()
    shown = Shown()
    with told_errors(settings), working_client(settings, "backup") as client:
        database = client[settings.mongo_database]
        if not database.list_collection_names():
            click.echo(f"proppr: the database {database.name} is empty: there is nothing to back up", err=True)
            sys.exit(EXIT_UNHEALTHY)
        began = clock.monotonic()
        path = make_backup(
            database, where, clock, compressed=not plain, schema_version=stored_version(database), progress=shown,
            stop=stop,
        )  # fmt: skip
        shown.end()
        manifest = read_manifest(path)
        seconds = clock.monotonic() - began
        size = next(each.size for each in stored_backups(where) if each.path == path)
        click.echo(
            f"{path}: {counted(manifest.documents, 'document')} of {len(manifest.collections)} collections, "
            f"{manifest.bytes / 1e6:,.1f} MB, {size / 1e6:,.1f} MB on disk, in {seconds:.1f} s"
        )
    with told_errors(settings):
        if verify:
            trial_restore(path, shown, stop)
            click.echo("verified: restored into a throw-away MongoDB, every document, index and rule is the same")
        else:
            check_files(path, manifest)
            click.echo("checked: the files hold what was read")
        for old in remove_old(where, settings.mongo_database, keep or settings.proppr_backup_keep):
            click.echo(f"removed {old}")


def _list(where: Path, settings: Settings) -> None:
    now = SystemClock().now()
    table = Table("backup", "age", "database", "documents", "MB on disk", box=None, header_style="bold")
    found = stored_backups(where)
    for each in found:
        cells = (f"{each.manifest.documents:,}", f"{each.size / 1e6:,.1f}")
        table.add_row(str(each.path), age_words(each.age(now)), each.manifest.database, *cells)
    console = Console(markup=False, highlight=False)
    console.print(table if found else f"No backup in {where}.")
