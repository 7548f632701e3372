"""Child processes of `up`: real ones, stopped in order, restarted, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support import PATIENCE, eventually

from PROPPR.SharedServices.cli.children import OUTPUT_BYTES, Child, ChildSpec, stop_in_order
from PROPPR.SharedServices.cli.guard import guarded
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock

pytestmark = pytest.mark.processes

PATIENT = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready", flush=True)
signal.pause()
"""
STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    signal.pause()
"""
LINUX_ONLY = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the kernel's parent-death signal is Linux's"
)


def spec(code: str, name: str = "child", **environment: str | None) -> ChildSpec:
    return ChildSpec(name, (sys.executable, "-c", code), environment)


@pytest.fixture
def children() -> Iterator[list[Child]]:
    """Whatever a test starts is ended with it."""
    started: list[Child] = []
    yield started
    hurry = threading.Event()
    hurry.set()
    stop_in_order(started, 0.0, hurry)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def output(directory: Path, name: str = "child") -> str:
    path = directory / f"{name}.out"
    return path.read_text() if path.exists() else ""


def test_output_goes_to_a_file_and_an_orderly_child_is_not_killed(tmp_path: Path, children: list[Child]) -> None:
    child = Child(spec(PATIENT), tmp_path, SystemClock())
    children.append(child)
    child.start()
    eventually(lambda: "ready" in output(tmp_path), what="the child's output")
    assert child.state().state == "running"
    assert stop_in_order([child], 10.0, threading.Event()) == []
    assert child.state() == child.state().__class__("child", "stopped", None, 0, 0, "")


def test_a_stubborn_child_is_killed_and_named(tmp_path: Path, children: list[Child]) -> None:
    child = Child(spec(STUBBORN), tmp_path, SystemClock())
    children.append(child)
    child.start()
    eventually(lambda: "ready" in output(tmp_path), what="the child's output")
    assert stop_in_order([child], 0.3, threading.Event()) == ["child"]


def test_the_second_signal_ends_the_patience(tmp_path: Path, children: list[Child]) -> None:
    child = Child(spec(STUBBORN), tmp_path, SystemClock())
    children.append(child)
    child.start()
    eventually(lambda: "ready" in output(tmp_path), what="the child's output")
    urgent = threading.Event()
    threading.Timer(0.2, urgent.set).start()
    started = SystemClock().monotonic()
    assert stop_in_order([child], 60.0, urgent) == ["child"]
    assert SystemClock().monotonic() - started < 10 * PATIENCE


def test_a_dead_child_is_started_again_after_a_growing_delay(tmp_path: Path, children: list[Child]) -> None:
    clock = ManualClock()
    child = Child(spec("raise SystemExit('it broke')"), tmp_path, clock)
    children.append(child)
    child.start()
    for restarts, delay in enumerate((1.0, 2.0, 4.0)):
        eventually(lambda: (child.watch(), child.state().state == "restarting")[1], what="the death being noticed")
        eventually(lambda: "it broke" in child.state().last_error, what="its last words")
        clock.advance(delay - 0.01)
        child.watch()
        assert child.restarts == restarts
        clock.advance(0.02)
        child.watch()
        assert child.restarts == restarts + 1


def test_wrong_settings_are_not_tried_again(tmp_path: Path, children: list[Child]) -> None:
    clock = ManualClock()
    child = Child(spec("print('WS_STATUS: must be live'); raise SystemExit(2)"), tmp_path, clock)
    children.append(child)
    child.start()
    eventually(lambda: (child.watch(), child.state().state == "failed")[1], what="the failure being noticed")
    eventually(lambda: "WS_STATUS" in child.state().last_error, what="the reason")
    clock.advance(1000)
    child.watch()
    assert (child.state().state, child.restarts) == ("failed", 0)


def test_the_environment_can_be_added_to_and_taken_from(
    tmp_path: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESENT", "yes")
    child = Child(
        spec("import os; print(os.environ.get('PRESENT'), os.environ['ADDED'])", PRESENT=None, ADDED="x"),
        tmp_path,
        SystemClock(),
    )
    children.append(child)
    child.start()
    eventually(lambda: "None x" in output(tmp_path), what="the child's output")


def test_output_files_stay_bounded(tmp_path: Path, children: list[Child]) -> None:
    code = f"import sys; sys.stdout.write('x' * {3 * OUTPUT_BYTES}); print(); print('done', flush=True)"
    child = Child(spec(code), tmp_path, SystemClock())
    children.append(child)
    child.start()
    eventually(lambda: "done" in output(tmp_path), what="the end of the output")
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert sum(sizes) <= 2 * OUTPUT_BYTES


@LINUX_ONLY
def test_a_guarded_process_dies_with_the_one_that_started_it(tmp_path: Path) -> None:
    """Even by kill -9: a parent starts a guarded child, is killed, and the child is gone."""
    parent_code = (
        "import subprocess, sys, signal\n"
        "from PROPPR.SharedServices.cli.guard import guarded\n"
        f"child = subprocess.Popen(guarded([sys.executable, '-c', {PATIENT!r}]), start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "signal.pause()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout as lines:
        pid = int(next(line for line in lines if line.strip().isdigit()))
        eventually(lambda: "ready" in next(lines), what="the grandchild")
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    eventually(lambda: not is_alive(pid), what="the end of the orphan")


@LINUX_ONLY
def test_a_guard_whose_parent_died_before_it_looked_starts_nothing() -> None:
    command = guarded([sys.executable, "-c", "print('ran')"])
    command[4] = "1"  # a parent that is not ours: the same as one that has been replaced by init
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, "")
