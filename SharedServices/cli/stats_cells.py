"""The words, numbers and empty tables that the tables of `proppr stats` are put together from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from PROPPR.SharedServices.cli.poller_picture import printable

Document = Mapping[str, Any]
UNKNOWN: Final = "-"
STATISTICS: Final = (
    "goals", "corners", "yellow_cards", "shots", "shots_on_target", "fouls", "offsides", "tackles"
)  # fmt: skip
APPEARANCE: Final = ("goals", "assists", "shots", "shots_on_target", "fouls", "tackles", "yellow_cards", "saves")
PROJECTED: Final = ("goals", "assists", "shots", "shots_on_target", "fouls")
SHORT: Final = {"yellow_cards": "yellow", "shots_on_target": "on target", "minutes": "min"}


def number(value: object, digits: int | None = None) -> str:
    """A number with so many digits behind the point, by default as many as it has; a dash where it is not known."""
    if not isinstance(value, int | float):
        return UNKNOWN
    return f"{value:g}" if digits is None else f"{value:.{digits}f}"


def words(statistic: str) -> str:
    """A statistic as a person writes it."""
    return statistic.replace("_", " ")


def chance(probability: float) -> str:
    """A probability in percent; never 0 or 100 where it is neither."""
    percent = 100 * probability
    return "<1 %" if 0 < percent < 1 else ">99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def new_table(title: str) -> Table:
    """An empty table as all of these look."""
    return Table(
        title=Text(printable(title)),
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="dim",
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def title_of(text: str) -> Text:
    """A name above everything else."""
    return Text(printable(text), style="bold underline")


def note_of(text: str) -> Text:
    """A line beside the tables."""
    return Text(printable(text), style="dim")


def form_words(form: Sequence[int] | None) -> str:
    """Ones and zeros, newest first; a dash where nothing is known."""
    return " ".join(map(str, form)) if form else UNKNOWN


def teams_words(document: Document) -> str:
    """Who plays whom."""
    return printable(f"{document.get('home_team', UNKNOWN)} - {document.get('away_team', UNKNOWN)}")


def time_words(moment: datetime) -> str:
    """A moment to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}"


def short_name(statistic: str) -> str:
    """A statistic as the heading of a narrow column."""
    return SHORT.get(statistic, words(statistic))


def joined(*parts: object) -> str:
    """What is known of these, separated by commas."""
    return ", ".join(str(part) for part in parts if part)


def counted(count: int, one: str, several: str) -> str:
    """`1 match`, `2 matches`."""
    return f"{count} {one if count == 1 else several}"
