"""What was received comes back, in the provider's own format, whatever happens to the process or the disk."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.providers.odds_api import recorder as recorders
from PROPPR.SharedServices.providers.odds_api.recorder import FrameRecorder, recordings
from PROPPR.SharedServices.providers.odds_api.recording import Recording
from PROPPR.SharedServices.service.clock import ManualClock, SystemClock

NOON = int(datetime(2026, 5, 27, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000


def write(directory: Path, frames: list[tuple[int, bytes]], max_bytes: int = 10_000_000) -> FrameRecorder:
    one = FrameRecorder(directory, max_bytes, ManualClock(), ("s3cr3t",))
    for at, frame in frames:
        one.record(frame, at)
    stop = threading.Event()
    stop.set()
    one.run(stop)
    return one


def read(directory: Path) -> list[bytes]:
    return list(Recording(directory, ManualClock()))


line = st.binary(min_size=1, max_size=60).filter(lambda data: b"\n" not in data and data.strip() == data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 5000), st.lists(line, min_size=1, max_size=3)), max_size=20))
def test_every_line_comes_back_exactly_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[int, list[bytes]]]
) -> None:
    directory = tmp_path_factory.mktemp("recording")
    write(directory, [(NOON + at, b"\n".join(lines)) for at, lines in sorted(sent, key=lambda item: item[0])])
    expected = [one for _, lines in sorted(sent, key=lambda item: item[0]) for one in lines]
    assert read(directory) == expected


def test_the_file_is_the_providers_format_for_any_tool(tmp_path: Path) -> None:
    write(tmp_path, [(NOON, b'{"type":"updated","id":"1"}\n{"type":"updated","id":"2"}')])
    (file,) = recordings(tmp_path)
    assert gzip.decompress(file.read_bytes()).splitlines()[1:] == [
        b'{"type":"updated","id":"1"}',
        b'{"type":"updated","id":"2"}',
    ]


def test_the_accounts_mail_and_the_key_are_not_recorded(tmp_path: Path) -> None:
    welcome = b'{"type":"welcome","user_id" : "me\\"x@example.com","message":"hello me@example.com s3cr3t"}'
    write(tmp_path, [(NOON, welcome), (NOON, b'{"type":"updated","url":"https://x/?apiKey=s3cr3t"}')])
    text = b"".join(read(tmp_path))
    assert b"example.com" not in text
    assert b"s3cr3t" not in text
    assert b'"user_id" : "[redacted]"' in text


def test_a_file_per_day_and_per_start(tmp_path: Path) -> None:
    write(tmp_path, [(NOON, b"a"), (NOON + DAY, b"b")])
    write(tmp_path, [(NOON + DAY, b"c")])
    names = [path.name for path in recordings(tmp_path)]
    assert names == [f"odds_api-2026-05-{day}-{number:04d}.jsonl.gz" for day, number in [(27, 1), (28, 1), (28, 2)]]
    assert read(tmp_path) == [b"a", b"b", b"c"]


def test_the_oldest_files_go_when_the_bound_is_reached(tmp_path: Path) -> None:
    import random

    noise = random.Random(1)
    one = FrameRecorder(tmp_path, 100_000, ManualClock())
    for number in range(400):
        one.record(b"%d:" % number + noise.randbytes(1000).replace(b"\n", b"."), NOON + number)
        one.write_out()
    assert sum(path.stat().st_size for path in recordings(tmp_path)) <= 100_000
    last = read(tmp_path)[-1]
    assert last.startswith(b"399:")
    one.run(_set())


def test_a_full_queue_drops_and_counts_and_never_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "_QUEUE_FRAMES", 10)
    one = FrameRecorder(tmp_path, 1_000_000, ManualClock())
    for _ in range(25):
        one.record(b"x", NOON)
    assert (one.depth, one.dropped) == (10, 15)


def test_a_refusing_disk_pauses_the_recording_only(tmp_path: Path) -> None:
    clock = ManualClock()
    blocked = tmp_path / "file-in-the-way"
    blocked.write_text("x")
    one = FrameRecorder(blocked, 1_000_000, clock)
    one.record(b"x", NOON)
    one.write_out()
    assert one.errors == 1
    blocked.unlink()
    clock.advance(31)
    one.record(b"y", NOON)
    one.write_out()
    one.run(_set())
    assert read(blocked) == [b"y"]


@pytest.mark.processes
def test_after_a_kill_everything_up_to_the_last_flush_is_read(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from PROPPR.SharedServices.providers.odds_api.recorder import FrameRecorder
from PROPPR.SharedServices.service.clock import SystemClock
one = FrameRecorder(Path({str(tmp_path)!r}), 10_000_000, SystemClock())
for n in range(1000):
    one.record(b'{{"n":%d}}' % n, 1780000000000 + n)
one.write_out()
one.record(b"lost", 1780000000000)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert read(tmp_path) == [b'{"n":%d}' % n for n in range(1000)]


@pytest.mark.parametrize("keep", [0, 1, 10, 40, 60])
def test_a_truncated_or_broken_file_is_read_as_far_as_it_goes(tmp_path: Path, keep: int) -> None:
    write(tmp_path, [(NOON + n * 1000, b'{"n":%d}' % n) for n in range(200)])
    (file,) = recordings(tmp_path)
    file.write_bytes(file.read_bytes()[:keep] + b"\x00garbage")
    read(tmp_path)


def test_replay_keeps_the_recorded_pace_divided_by_the_speed(tmp_path: Path) -> None:
    clock, stop = ManualClock(), _Waits()
    write(tmp_path, [(NOON + n * 2000, b"%d" % n) for n in range(4)])
    stop.clock = clock
    assert len(list(Recording(tmp_path, clock, speed=4, stop=stop))) == 4
    assert stop.waited == pytest.approx([0.5, 0.5, 0.5])


def test_a_capture_without_marks_is_paced_by_its_timestamps(tmp_path: Path) -> None:
    clock, stop = ManualClock(), _Waits()
    stop.clock = clock
    file = tmp_path / "capture.jsonl"
    file.write_bytes(b"".join(b'{"type":"updated","timestamp":%d}\n' % (1779855680 + n) for n in (0, 3, 3, 4)))
    assert len(list(Recording(file, clock, speed=1, stop=stop))) == 4
    assert stop.waited == pytest.approx([3, 1])


def test_speed_none_never_waits_and_speed_zero_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [(NOON, b"a"), (NOON + DAY // 2 - 1, b"b")])
    assert list(Recording(tmp_path, SystemClock())) == [b"a", b"b"]
    with pytest.raises(ValueError, match="speed"):
        Recording(tmp_path, SystemClock(), speed=0)


class _Waits(threading.Event):
    """An event whose waits pass at once on a manual clock."""

    clock: ManualClock

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        self.clock.advance(timeout or 0.0)
        return False


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
