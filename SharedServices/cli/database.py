"""The database that a command works on, and what the command says when something goes wrong there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.cli.console import EXIT_UNHEALTHY, refuse
from PROPPR.SharedServices.cli.running import database_uri, read_note
from PROPPR.SharedServices.service.errors import ConfigError, ProPprError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.client import connect


@contextmanager
def told_errors(settings: Settings) -> Iterator[None]:
    """What goes wrong within ends the process with a line on stderr: exit code 2 for wrong settings, else 1."""
    try:
        yield
    except ConfigError as error:
        refuse(error)
    except BrokenPipeError:  # whoever reads our output has gone
        raise
    except (PyMongoError, ProPprError, OSError) as error:
        click.echo(f"proppr: {Redactor(settings.secrets()).text(short(error))}", err=True)
        sys.exit(EXIT_UNHEALTHY)


@contextmanager
def running_database(settings: Settings, service: str) -> Iterator[Database[dict[str, Any]]]:
    """The database of the running `up`, or else of the settings; what goes wrong is told by `told_errors`."""
    with told_errors(settings):
        running = read_note(settings.proppr_data_dir)
        with database_uri(settings, running) as uri, connect(settings, uri, service=service) as client:
            yield client[settings.mongo_database]


def short(error: Exception) -> str:
    """What an error says, without the driver's account of every server and attempt."""
    return str(error).split(", full error")[0]
