"""Results of races from a file: a row a runner, as CSV with a heading or as JSON."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Final

import msgspec

from PROPPR.SharedServices.grading.bets import BadBet
from PROPPR.SharedServices.grading.readers.fields import fold_key
from PROPPR.SharedServices.grading.settle_horse import read_race

Document = dict[str, Any]
MOST_BYTES: Final = 64 * 2**20
_NAMES: Final = {"race": "race_id", "horse": "runner", "horse_name": "runner", "name": "runner"}


def read_results(path: Path) -> list[Document]:
    """The rows of a file, each with `race_id` and `runner`; races that can't be read whole are refused.

    Raises ValueError, with the row where one is wrong.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} has more than {MOST_BYTES >> 20} MB")
    try:
        raw = _json(path) if path.suffix.lower() == ".json" else _csv(path)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, csv.Error) as error:
        raise ValueError(f"{path.name} can't be read: {error}") from error
    rows = [_row(row, number) for number, row in enumerate(raw, 1)]
    races: dict[str, list[Document]] = {}
    for row in rows:
        races.setdefault(row["race_id"], []).append(row)
    for race_id, runners in races.items():
        try:
            read_race(runners)
        except BadBet as wrong:
            raise ValueError(f"race {race_id}: {wrong}") from wrong
    return rows


def _json(path: Path) -> list[Any]:
    found = msgspec.json.decode(path.read_bytes())
    if not isinstance(found, list):
        raise ValueError(f"{path.name} is no list of runners")
    return found


def _csv(path: Path) -> list[Document]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def _row(row: object, number: int) -> Document:
    if not isinstance(row, dict):
        raise ValueError(f"row {number} is no runner")
    folded: Document = {}
    for key, value in row.items():
        name = fold_key(str(key))
        if value not in (None, ""):
            folded[_NAMES.get(name, name)] = value
    for name in ("race_id", "runner"):
        if str(folded.get(name, "")).strip() == "":
            raise ValueError(f"row {number}: {name} is missing")
        folded[name] = str(folded[name]).strip()
    return folded
