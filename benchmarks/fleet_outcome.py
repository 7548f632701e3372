"""What came of a soak of the fleet: what was watched meanwhile, and how books, bets and processes ended."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import numpy as np
from fleet_bets import Bets
from fleet_samples import Sampler, of_metrics
from fleet_stage import NAMES, Fleet
from fleet_watch import Freshness, Withheld
from soak import Outcome, secrets_found

COUNTED = ("odds_books", "odds_history", "price_drops", "fotmob_matches")


class Watched:
    """What was watched while the fleet ran."""

    def __init__(self, fleet: Fleet) -> None:
        self.freshness = Freshness(fleet.server.uri, "soak")
        self.withheld = Withheld(fleet.simulator)
        others = {
            "bots": lambda: fleet.bots.pid,
            "simulator": lambda: fleet.simulator_process.pid,
            "mongod": lambda: fleet.server.pid,
        }
        file = fleet.stage.folder / "samples.jsonl"
        self.sampler = Sampler(fleet.services, others, file, fleet.plan.every, self.freshness.now)
        self.end = 0.0

    def start(self) -> None:
        """Begin to watch."""
        for each in (self.freshness, self.withheld, self.sampler):
            each.start()

    def judge(self) -> None:
        """The warm-up is over: forget how old the quotes were in it."""
        self.freshness.begin_anew()

    def stop(self) -> None:
        """End before the feed does."""
        self.end = time.time_ns() / 1e9
        for each in (self.sampler, self.freshness, self.withheld):
            each.end()


def notes_of(fleet: Fleet, watched: Watched) -> dict[str, Any]:
    """Figures that nothing is promised of."""
    stats, freshness = fleet.simulator.get("stats"), watched.freshness
    delays = np.frombuffer(freshness.delays, dtype=np.float32)
    states = {
        name: dict(Counter(status for _, status, _ in series.health)) | {"no answer": series.silent}
        for name, series in watched.sampler.series.items()
        if name in NAMES
    }
    alerts = Counter(f"{each.get('key')}" for each in fleet.database["alerts"].find({}, {"key": 1}))
    return {
        "messages": stats["messages"], "commits": freshness.commits, "faults": stats["faults"],
        "stream": stats["stream"], "rest": stats["rest"]["answers"],
        "made_to_seen_ms": {f"p{q}": round(float(np.percentile(delays, q)) * 1000, 1) for q in (50, 90, 99, 99.9)},
        "made_to_seen_within_1_s": round(float((delays < 1).mean()), 5),
        "held_back_s": round(sum(b - a for a, b in watched.withheld.stretches()), 1),
        "held_back": [(round(a - freshness.begin, 1), round(b - a, 1)) for a, b in watched.withheld.stretches()],
        "samples_not_healthy": states,
        "unhealthy": {n: s.health[-6:] for n, s in watched.sampler.series.items() if s.health},
        "alerts": dict(alerts), "longest_sample_s": round(watched.sampler.longest, 2),
        "documents": {name: fleet.database[name].estimated_document_count() for name in COUNTED},
        "dead_letters": fleet.database["dead_letters"].count_documents({}),
    }  # fmt: skip


def books_of(outcome: Outcome) -> dict[str, Any]:
    """The books, the history and what is derived, as `soak.judge` found them."""
    verdict, derived = outcome.verdict, outcome.derived
    broken = []
    if verdict.faults:
        broken.append(f"books: {verdict.faults} faults, {verdict.examples[:3]}")
    if derived.faults:
        broken.append(f"value bets and arbitrages: {len(derived.faults)} not as the books, {derived.faults[:3]}")
    return {
        "lines": verdict.lines, "missing": verdict.missing, "surplus": verdict.surplus, "wrong": verdict.wrong,
        "right_after_s": round(outcome.right_after, 1), "changes": verdict.changes,
        "by_source": dict(verdict.by_source), "broken_chains": verdict.broken_chains, "drops": verdict.drops,
        "drop_errors": verdict.drop_errors,
        "value_bets": derived.value_bets, "arbitrages": derived.arbitrages, "broken": broken,
    }  # fmt: skip


def ends_of(fleet: Fleet, outcome: Outcome, bets: Bets) -> list[str]:
    """What was wrong with how the processes lived and ended."""
    gone = [one.name for one in fleet.services if one.process is not None and one.process.poll() is not None]
    found = [f"{name} had ended by itself" for name in gone]
    outcome.health = {one.name: one.ask("health") for one in fleet.services}
    settled = _counted(fleet, "proppr_grading_settled_total")
    if not fleet.plan.kills and settled != sum(bets.settled.values()):
        found.append(f"the grader settled {settled:.0f} times, {sum(bets.settled.values())} bets are settled")
    codes = {one.name: one.end() for one in fleet.services}
    found += [f"{name} ended with {code} after SIGTERM" for name, code in codes.items() if code]
    found += [f"secret {leak}" for leak in secrets_found(fleet.stage.folder, fleet.database, outcome.health)]
    return found


def _counted(fleet: Fleet, name: str) -> float:
    """A counter of the grader, summed over its labels."""
    grader = next(one for one in fleet.services if one.name == "grader")
    return of_metrics(grader.ask("metrics")).get(name, 0.0)
