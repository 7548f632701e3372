"""`proppr check-config`: are the settings usable, and what are they?"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from PROPPR.SharedServices.cli.console import env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.poller_findings import check_poller
from PROPPR.SharedServices.service.settings import Settings


@click.command("check-config")
@env_file_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(env_file: Path, as_json: bool) -> None:
    """Print the settings without secrets; exit code 2 names a bad key."""
    settings = settings_or_exit(env_file)
    shown = settings.redacted()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(shown, order="sorted")))
        return
    defaults = Settings().redacted()
    table = Table("setting", "value", "", box=None, header_style="bold")
    for key, value in shown.items():
        table.add_row(key, in_words(value), "" if value == defaults[key] else "set")
    Console(markup=False, highlight=False).print(table)
    click.echo("The settings are usable.")
    for finding in check_poller(settings):
        if finding.level != "ok":
            click.echo(f"{finding.subject}: {finding.detail}; {finding.mend}")


def in_words(value: object) -> str:
    """A setting as a person writes it."""
    if value is None:
        return "(none)"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "(none)"
    return str(value).lower() if isinstance(value, bool) else str(value)
