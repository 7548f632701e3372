"""A note of what `proppr up` runs, so that `status` and `doctor` in another terminal look at the same things.

It holds no secret: only the address of an embedded server is written down, never MONGO_URI.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from pydantic import SecretStr

from PROPPR.SharedServices.cli.plan import SIMULATED_KEY, fotmob_environment
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings, load_settings
from PROPPR.SharedServices.storage.embedded import EmbeddedServer


class Running(msgspec.Struct, frozen=True):
    """Where a running `up` has its database (None: MONGO_URI), its services (name -> base URL) and its provider.

    `provider_url` is the REST API of the stand-in; None for the real one.
    """

    mongo_uri: str | None
    services: dict[str, str]
    is_demo: bool
    provider_url: str | None = None


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the lock of `data_dir`, so that a second `up` is refused instead of fighting for ports and data."""
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_lock(data_dir), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError("PROPPR_DATA_DIR", f"another `proppr up` runs in {data_dir}") from None
        yield
        _note(data_dir).unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def write_note(data_dir: Path, running: Running) -> None:
    """Say what runs; the caller holds the lock."""
    _note(data_dir).write_bytes(msgspec.json.encode(running))


def read_note(data_dir: Path) -> Running | None:
    """What runs now; None when no `up` does, also if one was killed and left its note behind."""
    if not _lock(data_dir).exists():
        return None
    descriptor = os.open(_lock(data_dir), os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return msgspec.json.decode(_note(data_dir).read_bytes(), type=Running)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
    finally:
        os.close(descriptor)
    return None


def settings_of(settings: Settings, running: Running | None) -> Settings:
    """The settings under which a command works beside a running `up`: its database, and its stand-in if it has one."""
    changes: dict[str, object] = {}
    if running is not None and running.mongo_uri is not None:
        changes["mongo_uri"] = SecretStr(running.mongo_uri)
    if running is not None and running.provider_url is not None:
        changes |= {"odds_api_key": SecretStr(SIMULATED_KEY), "odds_api_base_url": running.provider_url}
        changes |= fotmob_of(running.provider_url, settings)
    return settings.model_copy(update=changes)


def fotmob_of(provider_url: str, settings: Settings) -> dict[str, object]:
    """The settings that lead to the FotMob of the stand-in, as the services that `up` started have them."""
    environment = fotmob_environment(provider_url, settings)
    found = load_settings(environment, None)
    return {name: getattr(found, name) for name in found.model_fields_set}


@contextmanager
def database_uri(settings: Settings, running: Running | None) -> Iterator[str]:
    """The database of the running `up`, else MONGO_URI, else the embedded server, started for as long as needed."""
    if running is not None and running.mongo_uri is not None:
        yield running.mongo_uri
    elif settings.mongo_uri is not None:
        yield settings.mongo_uri.get_secret_value()
    else:
        with EmbeddedServer(settings.proppr_data_dir, cache_bytes=256 << 20, linger=2.0) as server:
            yield server.uri


def _lock(data_dir: Path) -> Path:
    return data_dir / "up.lock"


def _note(data_dir: Path) -> Path:
    return data_dir / "up.json"
