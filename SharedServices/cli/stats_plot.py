"""Draws form against the line as a picture, readable in grey: matplotlib without a screen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.cli.stats_panels import Bar, Panel

COLUMNS: Final = 2
LONGEST_NAME: Final = 16
HOME, AWAY, EDGE = "#3f3f3f", "#d9d9d9", "#1a1a1a"
LINE, AVERAGE = "#c2410c", "#1d4ed8"
DOTS_PER_INCH: Final = 110


def draw(path: Path, title: str, note: str, panels: Sequence[Panel]) -> None:
    """Write the panels as a PNG, two beside each other. Raises OSError where the file can't be written."""
    rows = max(1, -(-len(panels) // COLUMNS))
    figure = Figure(
        figsize=(13.0, 1.5 + 4.1 * rows), dpi=DOTS_PER_INCH, layout=ConstrainedLayoutEngine(h_pad=0.12, w_pad=0.12)
    )
    FigureCanvasAgg(figure)
    figure.suptitle(f"{printable(title)}\n{printable(note)}", fontsize=13, parse_math=False)
    for place, panel in enumerate(panels):
        _panel(figure.add_subplot(rows, min(COLUMNS, len(panels)), place + 1), panel)
    figure.legend(handles=_legend(panels), loc="outside lower center", ncols=4, frameon=False, fontsize=10)
    with warnings.catch_warnings():
        # A letter that the font lacks becomes a box; the picture is of use all the same.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(path, format="png")


def _panel(axes: Axes, panel: Panel) -> None:
    axes.set_title(printable(panel.title), fontsize=12, loc="left", parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    if not panel.bars:
        axes.text(0.5, 0.5, "no matches are known", ha="center", va="center", transform=axes.transAxes)
        axes.set_xticks([])
        axes.set_yticks([])
        return
    _bars(axes, panel.bars)
    end = len(panel.bars) - 0.35
    top = max([bar.value for bar in panel.bars if bar.value is not None] + [panel.line or 0, panel.average or 0, 1])
    axes.set_ylim(0, top * 1.18)
    axes.set_xlim(-0.6, end + 1.15)
    # The two may be near each other: the upper one's number goes above its end, the lower one's below.
    average_first = (panel.average or 0) >= (panel.line or 0)
    if panel.average is not None:
        axes.hlines(panel.average, -0.6, end, colors=AVERAGE, linestyles="dashed", linewidth=1.8, zorder=4)
        _at_end(axes, end, panel.average, f"avg {panel.average:.2f}", AVERAGE, above=average_first)
    if panel.line is not None:
        axes.hlines(panel.line, -0.6, end, colors=LINE, linestyles="solid", linewidth=2.2, zorder=3)
        short, digits = ("proj.", 2) if panel.line_name.startswith("projected") else ("line", 1)
        _at_end(axes, end, panel.line, f"{short} {panel.line:.{digits}f}", LINE, above=not average_first)
        axes.set_xlabel(printable(f"{short} = {panel.line_name}"), fontsize=9, color=LINE, parse_math=False)
    axes.set_ylabel(panel.statistic.replace("_", " "), fontsize=10)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.tick_params(axis="y", labelsize=9)


def _bars(axes: Axes, bars: Sequence[Bar]) -> None:
    for place, bar in enumerate(bars):
        if bar.value is None:
            axes.text(place, 0, "not\nknown", ha="center", va="bottom", fontsize=8, style="italic", color=EDGE)
            continue
        hatch = None if bar.home is not False else "////"
        axes.bar(place, bar.value, width=0.66, color=AWAY if bar.home is False else HOME, edgecolor=EDGE, hatch=hatch)
        axes.annotate(
            f"{bar.value:g}", (place, bar.value), (0, 2), textcoords="offset points", ha="center", va="bottom",
            fontsize=9, zorder=5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
    axes.set_xticks(range(len(bars)))
    axes.set_xticklabels([_label(bar) for bar in bars], rotation=45, ha="right", fontsize=8, parse_math=False)


def _label(bar: Bar) -> str:
    name = printable(bar.opponent)
    shown = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "."
    venue = {True: "H", False: "A"}.get(bar.home, "?") if bar.home is not None else "?"
    return f"{venue}  {shown}\n{bar.date[2:]}"


def _at_end(axes: Axes, place: float, height: float, text: str, colour: str, *, above: bool) -> None:
    axes.annotate(
        text, (place, height), (3, 2 if above else -2), textcoords="offset points", ha="left",
        va="bottom" if above else "top", fontsize=9, color=colour, fontweight="bold",
    )  # fmt: skip


def _legend(panels: Sequence[Panel]) -> list[Patch | Line2D]:
    handles: list[Patch | Line2D] = [
        Patch(facecolor=HOME, edgecolor=EDGE, label="at home (H)"),
        Patch(facecolor=AWAY, edgecolor=EDGE, hatch="////", label="away (A)"),
        Line2D([], [], color=AVERAGE, linestyle="dashed", linewidth=1.8, label="average of these matches"),
    ]
    if any(panel.line is not None for panel in panels):
        name = "projected" if any(panel.line_name.startswith("projected") for panel in panels) else "line"
        handles.append(Line2D([], [], color=LINE, linewidth=2.2, label=name))
    return handles
