"""`proppr console`: the web page for operators; `proppr console password` makes the hash of its password."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from PROPPR.Console.access.passwords import SHORTEST, make_hash
from PROPPR.Console.runners import run_console
from PROPPR.SharedServices.cli.console import env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.running import read_note


@click.group("console", invoke_without_command=True)
@env_file_option
@click.pass_context
def command(context: click.Context, env_file: Path) -> None:
    """Serve the operator's console on CONSOLE_HOST and CONSOLE_PORT until a signal.

    Beside a running `proppr up` it shows that one's database, else that of MONGO_URI.
    """
    if context.invoked_subcommand is not None:
        return
    settings = settings_or_exit(env_file)
    environment = dict(os.environ)
    running = read_note(settings.proppr_data_dir)
    if running is not None and running.mongo_uri is not None:
        environment["MONGO_URI"] = running.mongo_uri
    host = f"[{settings.console_host}]" if ":" in settings.console_host else settings.console_host
    click.echo(f"console: http://{host}:{settings.console_port}", err=True)
    sys.exit(run_console.main(environment, env_file))


@command.command("password")
def password() -> None:
    """Ask for a password and print the line for .env that lets it in.

    Without a terminal the password is the first line of standard input. It is kept nowhere.
    """
    if sys.stdin.isatty():
        typed = click.prompt(f"Password (at least {SHORTEST} characters)", hide_input=True, confirmation_prompt=True)
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    try:
        made = make_hash(typed)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"PROPPR_CONSOLE_PASSWORD_HASH={made}")
