"""What the commands share: the settings or exit code 2, and an end in order at a signal."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

import click

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings, load_settings

EXIT_OK, EXIT_UNHEALTHY, EXIT_CONFIGURATION = 0, 1, 2

env_file_option = click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(".env"),
    show_default=True,
    help="File with settings; the environment wins over it.",
)


def settings_or_exit(env_file: Path) -> Settings:
    """The settings; with bad ones the process ends with exit code 2 and a line per bad key on stderr."""
    try:
        return load_settings(env_file=env_file)
    except ConfigError as error:
        refuse(error)


def refuse(error: ConfigError) -> NoReturn:
    """Name the bad keys on stderr and exit with code 2."""
    for key, message in error.problems:
        click.echo(f"proppr: {key}: {message}", err=True)
    sys.exit(EXIT_CONFIGURATION)


def stop_on_signals(stop: threading.Event) -> None:
    """The first SIGINT or SIGTERM sets `stop`, the second ends the process."""

    def handle(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
