"""The places where alerts arrive, and senders, per test."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alert_rig import Chat, Mailbox, Pager, Rig
from pytest_httpserver import HTTPServer


@pytest.fixture
def chat() -> Iterator[Chat]:
    found = Chat()
    yield found
    found.server.stop()


@pytest.fixture
def mailbox() -> Iterator[Callable[..., Mailbox]]:
    made: list[Mailbox] = []

    def make(*arguments: Any, **options: Any) -> Mailbox:
        made.append(Mailbox(*arguments, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def pager(httpserver: HTTPServer) -> Pager:
    return Pager(httpserver)


@pytest.fixture
def rig(database: Any) -> Iterator[Rig]:
    found = Rig(database)
    yield found
    found.end()


@pytest.fixture(scope="session")
def certificate_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that nobody knows, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
def certificate(certificate_files: tuple[Path, Path]) -> ssl.SSLContext:
    """What the mail server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, certificate_files))
    return context


@pytest.fixture
def trust(certificate_files: tuple[Path, Path]) -> ssl.SSLContext:
    """A client that knows that certificate."""
    return ssl.create_default_context(cafile=str(certificate_files[0]))
