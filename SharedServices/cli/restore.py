"""`proppr restore`: bring a backup back, and prove that it is the same."""

from __future__ import annotations

import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click
from pymongo.database import Database

from PROPPR.SharedServices.cli.backup_work import Shown, trial_restore, working_client
from PROPPR.SharedServices.cli.console import EXIT_UNHEALTHY, env_file_option, settings_or_exit, stop_on_signals
from PROPPR.SharedServices.cli.database import told_errors
from PROPPR.SharedServices.cli.poller_picture import counted
from PROPPR.SharedServices.service import setting_values
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.backup_format import Damaged
from PROPPR.SharedServices.storage.backup_restore import NotEmpty, restore_backup
from PROPPR.SharedServices.storage.backup_store import stored_backups

SILENT: Final = timedelta(seconds=30)
"""A service whose last heartbeat is older does not run."""


@click.command("restore")
@env_file_option
@click.argument("backup", type=click.Path(path_type=Path))
@click.option("--database", "name", help="Into this database, instead of MONGO_DATABASE.")
@click.option("--overwrite", is_flag=True, help="Drop the database's contents first.")
@click.option("--trial", is_flag=True, help="Only into a throw-away MongoDB, to see that it can be restored.")
def command(env_file: Path, backup: Path, name: str | None, overwrite: bool, trial: bool) -> None:
    """Restore BACKUP (a directory that `proppr backup` made, or `latest`) into an empty database.

    All files are checked before anything is touched; afterwards every document, index and rule is compared. A database
    that is not empty is refused without --overwrite, and one that services work on is refused altogether.
    """
    settings = settings_or_exit(env_file)
    stop = threading.Event()
    stop_on_signals(stop)
    shown = Shown()
    with told_errors(settings):
        path = _found(backup, settings)
        if trial:
            trial_restore(path, shown, stop)
            click.echo(f"{path} can be restored: every document, index and rule came back the same")
            return
        with working_client(settings, "restore") as client:
            database = client[_checked(name or settings.mongo_database)]
            _refuse_beside_services(database, SystemClock())
            try:
                manifest = restore_backup(path, database, overwrite=overwrite, progress=shown, stop=stop)
            except NotEmpty as error:
                raise NotEmpty(f"{error}: --overwrite drops what it holds, --database names another one") from error
            shown.end()
            click.echo(
                f"restored {counted(manifest.documents, 'document')} of {len(manifest.collections)} collections "
                f"into {database.name}; verified: every document, index and rule is the same"
            )


def _found(backup: Path, settings: Settings) -> Path:
    if str(backup) != "latest":
        return backup
    stored = stored_backups(settings.proppr_backup_dir)
    if not stored:
        raise Damaged(f"there is no backup in {settings.proppr_backup_dir}")
    return stored[0].path


def _checked(name: str) -> str:
    try:
        return setting_values.database_name(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--database") from None


def _refuse_beside_services(database: Database[dict[str, Any]], clock: Clock) -> None:
    recent = {"state": "running", "beat_at": {"$gte": clock.now() - SILENT}}
    running = sorted({str(each.get("service")) for each in database["service_heartbeats"].find(recent)})
    if running:
        click.echo(f"proppr: {', '.join(running)} work on {database.name}: stop them first", err=True)
        sys.exit(EXIT_UNHEALTHY)
