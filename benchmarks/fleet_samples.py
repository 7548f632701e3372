"""What every process of the fleet needs and says, sampled every few seconds into a file and into memory."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from fleet_figures import Stretch
from soak_services import Service

Json = dict[str, Any]
# Depths of queues, and what else must not grow for ever; those with a label get it as a part of their name.
QUEUES = ("proppr_queue_depth", "proppr_writer_history_waiting")
SHOWN = (
    "proppr_writer_cached_bytes", "proppr_writer_cached_fixtures", "proppr_queue_dropped_total",
    "proppr_worker_failures_total", "proppr_dead_letters_total", "proppr_writer_poisoned_total",
)  # fmt: skip
SUMMED = ("proppr_grading_settled_total", "proppr_grading_corrected_total", "proppr_stream_reconnects_total")
_SAMPLE = re.compile(r"^(\w+)(?:\{([^}]*)\})? ([0-9.eE+-]+)$", re.MULTILINE)
_LABEL = re.compile(r'\w+="([^"]*)"')


@dataclass
class Series:
    """The samples of one process: (seconds since the soak began, value) by figure, and what /health said."""

    figures: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    health: list[tuple[float, str, str]] = field(default_factory=list)
    silent: int = 0

    def add(self, at: float, values: Mapping[str, float]) -> None:
        """Add one sample of several figures."""
        for name, value in values.items():
            self.figures.setdefault(name, []).append((at, value))

    def within(self, name: str, stretch: Stretch) -> list[tuple[float, float]]:
        """The samples of a figure in a stretch of time."""
        return [each for each in self.figures.get(name, ()) if stretch[0] <= each[0] <= stretch[1]]

    def last(self, name: str) -> float:
        """The last value of a figure, 0 where there is none."""
        return self.figures[name][-1][1] if self.figures.get(name) else 0.0

    def queues(self) -> list[str]:
        """The names of its queues."""
        return sorted(name for name in self.figures if name.startswith(QUEUES) or name == "queue_size")


def of_process(pid: int) -> dict[str, float]:
    """Memory in bytes (resident, and of that what is the process's own), threads, open files, processor seconds."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        words = {line.partition(":")[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
        times = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return {
            "resident": int(words["VmRSS"]) * 1024.0,
            "own": int(words["RssAnon"]) * 1024.0,
            "threads": float(words["Threads"]),
            "files": float(sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())),
            "processor": (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK"),
        }
    except (OSError, KeyError):  # it is gone
        return {}


def of_metrics(text: str) -> dict[str, float]:
    """The figures of /metrics that are followed, labels in their names; some summed over their labels."""
    found: dict[str, float] = {}
    for name, labels, value in _SAMPLE.findall(text):
        if name in SUMMED:
            found[name] = found.get(name, 0.0) + float(value)
        elif name in SHOWN or name in QUEUES:
            label = "".join(f" {each}" for each in _LABEL.findall(labels))
            found[name + label] = float(value)
    return found


class Sampler(threading.Thread):
    """Samples all processes every `every` seconds until `end`."""

    def __init__(
        self, services: Sequence[Service], others: Mapping[str, Callable[[], int]], file: Path, every: float,
        extra: Callable[[], Mapping[str, float]],
    ) -> None:  # fmt: skip
        super().__init__(name="sampler", daemon=True)
        self.series: dict[str, Series] = {name: Series() for name in (*(one.name for one in services), *others)}
        self.began = time.time_ns() / 1e9
        self.longest = 0.0
        self._services = services
        self._others = others
        self._file = file
        self._every = every
        self._extra = extra
        self._ended = threading.Event()
        self._session = requests.Session()

    def run(self) -> None:
        with self._file.open("w", encoding="utf-8") as lines:
            while True:
                begun = time.monotonic()
                lines.write(json.dumps(self._sample()) + "\n")
                lines.flush()
                taken = time.monotonic() - begun
                self.longest = max(self.longest, taken)
                if self._ended.wait(max(0.0, self._every - taken)):
                    return

    def end(self) -> None:
        """Stop sampling."""
        self._ended.set()
        self.join(30)

    def _sample(self) -> Json:
        at = time.time_ns() / 1e9 - self.began
        row: Json = {"at": round(at, 1), **{name: round(value, 3) for name, value in self._extra().items()}}
        for one in self._services:
            values = of_process(one.process.pid) if one.process is not None else {}
            values |= of_metrics(self._get(one, "metrics"))
            values |= self._health(one, at)
            self.series[one.name].add(at, values)
            row[one.name] = values
        for name, pid in self._others.items():
            row[name] = of_process(pid())
            self.series[name].add(at, row[name])
        return row

    def _health(self, one: Service, at: float) -> dict[str, float]:
        series, text = self.series[one.name], self._get(one, "health")
        try:
            told = json.loads(text)
        except ValueError:
            series.silent += 1
            return {}
        wrong = {name: check["detail"] for name, check in told["checks"].items() if not check["ok"]}
        if told["status"] != "healthy":
            series.health.append((at, told["status"], json.dumps(wrong)[:300]))
        return {"queue_size": float(told["queue_size"])}

    def _get(self, one: Service, path: str) -> str:
        try:
            return self._session.get(f"http://127.0.0.1:{one.port}/{path}", timeout=5).text
        except requests.RequestException:
            return ""
