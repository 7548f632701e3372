"""One generated FotMob side for all tests of this folder."""

from __future__ import annotations

import pytest
from fotmob_side import Side


@pytest.fixture(scope="session")
def side() -> Side:
    """A day of 400 fixtures, and the seasons before it."""
    return Side()
