"""Draws the ledger: the profit's course, and the return by bookmaker and by market. matplotlib without a screen."""

from __future__ import annotations

import warnings
from datetime import date
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.grading.ledger import Ledger

MOST_BARS: Final = 12
MOST_LABELS: Final = 9
WON, LOST, COURSE = "#3f3f3f", "#c2410c", "#1d4ed8"


def draw(path: Path, ledger: Ledger) -> None:
    """Write a PNG. Raises OSError where the file can't be written."""
    figure = Figure(figsize=(13.0, 9.0), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    total = ledger.total
    returned = "" if total.returned is None else f", return {total.returned:+.2%}"
    figure.suptitle(f"{total.bets:,} settled bets, stake {total.stake:,.2f}, profit {total.profit:+,.2f}{returned}")
    places = figure.subplot_mosaic([["course", "course"], ["bookmaker", "market"]])
    _course(places["course"], ledger)
    for dimension in ("bookmaker", "market"):
        _returns(places[dimension], ledger, dimension)
    with warnings.catch_warnings():
        # A letter that the font lacks becomes a box; the picture is of use all the same.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(path, format="png")


def _course(axes: Axes, ledger: Ledger) -> None:
    axes.set_title("profit up to the end of the day", loc="left", fontsize=12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.axhline(0, color="#808080", linewidth=0.8)
    course = ledger.course()
    if not course:
        axes.text(0.5, 0.5, "nothing is settled", ha="center", va="center", transform=axes.transAxes)
        return
    days = [date.fromisoformat(day) for day, _ in course]
    places = [(day - days[0]).days for day in days]
    profits = [float(profit) for _, profit in course]
    axes.step(places, profits, where="post", color=COURSE, linewidth=1.8)
    axes.plot(places, profits, "o", color=COURSE, markersize=3)
    shown = range(0, len(days), -(-len(days) // MOST_LABELS))
    axes.set_xticks([places[one] for one in shown], [f"{days[one]:%Y-%m-%d}" for one in shown], fontsize=9)


def _returns(axes: Axes, ledger: Ledger, dimension: str) -> None:
    """The return of those with the most stake, the number of bets beside it."""
    axes.set_title(f"return by {dimension}", loc="left", fontsize=12)
    axes.spines[["top", "right"]].set_visible(False)
    rows = sorted(ledger.by[dimension].items(), key=lambda row: -row[1].stake)[:MOST_BARS][::-1]
    values = [100 * (one.returned or 0.0) for _, one in rows]
    axes.barh(range(len(rows)), values, color=[WON if value >= 0 else LOST for value in values])
    axes.set_yticks(range(len(rows)), [printable(name)[:28] for name, _ in rows], parse_math=False)
    axes.axvline(0, color="#808080", linewidth=0.8)
    axes.set_xlabel("%")
    for place, (_, one) in enumerate(rows):
        axes.annotate(f" {one.bets:,} bets ", (values[place], place), va="center", fontsize=8,
                      ha="left" if values[place] >= 0 else "right")  # fmt: skip
    axes.margins(x=0.2)
