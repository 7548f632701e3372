"""What a stand-in of the FotMob client answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Reply:
    """A good answer."""

    payload: Mapping[str, Any]
    raw: bytes
    fetched_at: datetime


@dataclass(frozen=True)
class State:
    """How the source is."""

    healthy: bool = True
    detail: str = "answers"
