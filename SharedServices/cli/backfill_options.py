"""What the options of `proppr backfill` mean: from text to a selection, or a message that says what is wrong. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from PROPPR.SharedServices.odds.bookmakers import requestable
from PROPPR.SharedServices.odds.rest import split_league
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.storage.backfills import MOST_FIXTURES, Selection

League = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """The options that choose fixtures, as they were typed."""

    ids: tuple[str, ...] = ()
    leagues: tuple[str, ...] = ()
    sports: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    bookmakers: tuple[str, ...] = ()

    @property
    def chooses(self) -> bool:
        """Whether fixtures are chosen at all: a sport or a bookmaker alone would be everything there is."""
        return bool(self.ids or self.leagues or self.since or self.until)


def read_ids(texts: Iterable[str]) -> tuple[int, ...]:
    """Ids separated by commas or white space, in their order, each once. Raises ConfigError for anything else."""
    found: dict[int, None] = {}
    for part in (part for text in texts for part in re.split(r"[\s,]+", text) if part):
        if not part.isascii() or not part.isdecimal() or not 0 < int(part) < 2**63:
            raise ConfigError("--id", f"{part[:40]!r} is not an id of odds-api.io")
        found[int(part)] = None
    if len(found) > MOST_FIXTURES:
        raise ConfigError("--id", f"{len(found)} ids; one backfill reads {MOST_FIXTURES} fixtures at most")
    return tuple(found)


def read_instant(option: str, text: str | None, *, end_of_day: bool = False) -> datetime | None:
    """A day or an ISO time; UTC where it names no zone. A day means its beginning, or its last millisecond."""
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            midnight = datetime.combine(date.fromisoformat(text), time(), UTC)
            return midnight + timedelta(days=1, milliseconds=-1) if end_of_day else midnight
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigError(
            option, f"{text[:40]!r} is no day like 2026-11-21 and no time like 2026-11-21T18:30"
        ) from None
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def find_league(text: str, known: Sequence[League]) -> League:
    """The registry's (country, league) for `Country - League`; capitals don't matter.

    Raises ConfigError, with what may have been meant, where the registry has none of it.
    """
    wanted = split_league(text)
    if wanted in known:
        return wanted
    folded = {full_name(league).casefold(): league for league in known}
    found = folded.get(full_name(wanted).casefold())
    if found is not None:
        return found
    near = difflib.get_close_matches(full_name(wanted).casefold(), folded, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(full_name(folded[name]) for name in near)}?" if near else ""
    raise ConfigError("--league", f"no fixture of {text!r} is registered{hint}")


def full_name(league: League) -> str:
    """`Country - League`, or the league alone where it has no country."""
    country, name = league
    return f"{country} - {name}" if country else name


def read_selection(wanted: Wanted, leagues: Sequence[League], default_bookmakers: Sequence[str]) -> Selection:
    """The selection; `leagues` are those of the registry. Raises ConfigError that names the bad option."""
    if not wanted.chooses:
        raise ConfigError("--id, --league, --from, --to", "say which fixtures to read, by at least one of these")
    ids = read_ids(wanted.ids)
    if wanted.ids and not ids:  # an empty file must not mean everything
        raise ConfigError("--id", "no id was given")
    since = read_instant("--from", wanted.since)
    until = read_instant("--to", wanted.until, end_of_day=True)
    if since is not None and until is not None and since > until:
        raise ConfigError("--to", "is before --from")
    return Selection(
        ids=ids,
        leagues=tuple(dict.fromkeys(find_league(text, leagues) for text in wanted.leagues)),
        sports=tuple(dict.fromkeys(sport.strip().casefold() for sport in wanted.sports)),
        since=since,
        until=until,
        bookmakers=requestable(wanted.bookmakers or default_bookmakers),
    )


def in_words(selection: Selection) -> str:
    """A selection as a person would say it."""
    parts = []
    if selection.ids:
        shown = ", ".join(map(str, selection.ids[:5]))
        parts.append(shown if len(selection.ids) <= 5 else f"{shown} and {len(selection.ids) - 5} more ids")
    parts += [" or ".join(full_name(league) for league in selection.leagues)] if selection.leagues else []
    parts += [" or ".join(selection.sports)] if selection.sports else []
    if selection.since is not None:
        parts.append(f"from {selection.since:%Y-%m-%d %H:%M} UTC")
    if selection.until is not None:
        parts.append(f"until {selection.until:%Y-%m-%d %H:%M} UTC")
    return f"{'; '.join(parts)}; at {', '.join(selection.bookmakers)}"
