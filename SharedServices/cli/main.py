"""The `proppr` command: one group, each subcommand in a file of its own, loaded only when it is called."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

COMMANDS = {
    "up": "Start MongoDB, a stand-in of the provider when no key is set, the services, and watch them live.",
    "status": "Health of the services, the budget, the newest drops and value bets.",
    "backfill": "Read the books of chosen fixtures again, within the budget; goes on where it was killed.",
    "doctor": "Check settings, MongoDB, the key, bookmaker names and the budget; say what to mend.",
    "stats": "Make a run of the statistics now; show a fixture's predictions, a team's or a player's season.",
    "mappings": "List the fixtures without a FotMob match; settle or reject them by hand.",
    "grade": "Settle bets now; list what waits and why; explain how a bet was settled.",
    "ledger": "Profit and return of the settled bets, by bot, bookmaker, market and month.",
    "alerts": "List what fails; acknowledge, mute, and test the channels.",
    "console": "Serve the operator's web page; make the hash of its password.",
    "check-config": "Print the settings without secrets; exit code 2 names a bad key.",
    "simulate": "Serve a stand-in of odds-api.io and Telegram.",
    "backup": "Back up the database as it is at this moment; keep the newest backups.",
    "restore": "Bring a backup back, or try it, and compare every document.",
    "migrate": "Bring the database into this program's shape.",
    "users": "MongoDB users that can do their service's job and nothing else: print or apply them.",
    "replay": "Feed recorded frames through the updater's code.",
}

MODULES = {"console": "console_server"}
"""Modules that are not named like their command."""


def _version() -> str:
    try:
        return version("proppr")
    except PackageNotFoundError:
        return "unknown"


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        module = import_module(f"PROPPR.SharedServices.cli.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="proppr")
def main() -> None:
    """Football betting data services: live odds in one MongoDB.

    Settings come from the environment and from .env in the working directory (.env.example lists them).
    """


if __name__ == "__main__":
    main()
