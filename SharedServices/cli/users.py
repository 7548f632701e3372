"""`proppr users`: MongoDB users with the rights of their service and no others."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import click

from PROPPR.SharedServices.cli.backup_work import working_client
from PROPPR.SharedServices.cli.console import env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.database import told_errors
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.users import USERS, apply_users, script

PASSWORD_BYTES: Final = 24


@click.command("users")
@env_file_option
@click.option(
    "--apply", "folder", type=click.Path(file_okay=False, path_type=Path),
    help="Create or update roles and users; addresses with their passwords go to files in this directory.",
)  # fmt: skip
@click.option("--only", multiple=True, type=click.Choice([user.name for user in USERS]), help="Only these users.")
def command(env_file: Path, folder: Path | None, only: tuple[str, ...]) -> None:
    """Print the users that the services need, as commands for mongosh; or create them with --apply DIRECTORY.

    With --apply, MONGO_URI must be that of a user who may manage users. For each user the directory gets a file
    <user>.uri, readable by its owner alone, with the MONGO_URI of that service: what stands there is used again, so the
    command can be repeated, and a directory that holds all of them need not be writable. Nothing secret is printed.
    """
    settings = settings_or_exit(env_file)
    if folder is None:
        click.echo(script(settings.mongo_database))
        return
    with told_errors(settings):
        if settings.mongo_uri is None:
            raise ConfigError("MONGO_URI", "not set: an embedded MongoDB has no users")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        wanted = [user.name for user in USERS if not only or user.name in only]
        passwords = {name: _password(folder / f"{name}.uri") for name in wanted}
        changed = _changed(folder, {name: address(settings, name, password) for name, password in passwords.items()})
        with working_client(settings, "users") as client:
            for line in apply_users(client[settings.mongo_database], passwords, wanted):
                click.echo(line)
        for file, text in changed.items():
            _write(file, text)
        click.echo(f"their addresses stand in {folder}: give each service its own as MONGO_URI")


def address(settings: Settings, user: str, password: str) -> str:
    """MONGO_URI with this user in the place of the one that it names."""
    assert settings.mongo_uri is not None  # noqa: S101 - the caller has looked
    parts = urlsplit(settings.mongo_uri.get_secret_value())
    hosts = parts.netloc.rpartition("@")[2]
    kept = [each for each in parts.query.split("&") if each and not each.lower().startswith("authsource=")]
    query = "&".join([*kept, f"authSource={quote(settings.mongo_database)}"])
    return parts._replace(netloc=f"{user}:{password}@{hosts}", path="/", query=query).geturl()


def _password(file: Path) -> str:
    if file.exists():
        return urlsplit(file.read_text().strip()).password or secrets.token_urlsafe(PASSWORD_BYTES)
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _changed(folder: Path, addresses: Mapping[str, str]) -> dict[Path, str]:
    """The files that have to be written; ConfigError where that is not possible, before anything was done."""
    files = {folder / f"{name}.uri": text for name, text in addresses.items()}
    changed = {file: text for file, text in files.items() if not file.exists() or file.read_text().strip() != text}
    if changed and not os.access(folder, os.W_OK):
        first = next(iter(changed))
        detail = f"{first} can't be written, and holds another server or database than MONGO_URI and MONGO_DATABASE say"
        raise ConfigError("MONGO_DATABASE", detail)
    return changed


def _write(file: Path, text: str) -> None:
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text + "\n")
    partial.replace(file)
