"""The client of mocked HTTP that several files test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses
from rest_rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    with responses.RequestsMock() as mock:
        yield Rig(mock)
