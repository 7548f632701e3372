"""The tools of Prometheus and Alertmanager: they judge where they are installed, `make monitoring-test` needs them."""

from __future__ import annotations

import os
import shutil

import pytest


def tool(name: str) -> str:
    """The path of `promtool`, `amtool` and the like; skips the test where it is absent."""
    found = shutil.which(name)
    if found is not None:
        return found
    reason = f"{name} is not installed here (Debian: prometheus, prometheus-alertmanager)"
    if os.environ.get("MONITORING_TEST"):
        pytest.fail(reason)
    pytest.skip(reason)
