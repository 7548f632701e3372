"""The reference pages that are made from the code: docs/collections.md and docs/settings.md.

`python -m PROPPR.SharedServices.cli.references docs` (`make references`) writes them; a test compares them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from PROPPR.SharedServices.cli.check_config import in_words
from PROPPR.SharedServices.service.setting_texts import TEXTS
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.bookkeeping_collections import BOOKKEEPING_COLLECTIONS, MOST_KEPT
from PROPPR.SharedServices.storage.football_collections import FOOTBALL_COLLECTIONS
from PROPPR.SharedServices.storage.odds_collections import ODDS_COLLECTIONS
from PROPPR.SharedServices.storage.retention import RETENTION
from PROPPR.SharedServices.storage.schema import DAY, Collection, Index, View
from PROPPR.SharedServices.storage.users import USERS
from PROPPR.SharedServices.storage.views import VIEWS

WORDS: Final = {
    "string": "text", "date": "date", "long": "64-bit integer", "bool": "true or false", "object": "object",
    "array": "list", "binData": "bytes", "null": "null", "int": "integer", "double": "number",
}  # fmt: skip
MADE: Final = "<!-- Made by `make references` from the code. Change that, not this. -->"


def main() -> None:
    """Write the pages into the directory that is named."""
    folder = Path(sys.argv[1])
    for name, text in pages().items():
        (folder / name).write_text(text)


def pages() -> dict[str, str]:
    """The pages by their file name."""
    return {"collections.md": "\n".join(_collections()) + "\n", "settings.md": "\n".join(_settings()) + "\n"}


def _collections() -> Iterator[str]:
    yield from (
        "# Collections", "", MADE, "",
        "Every collection and view of the database, from the declarations that bring it into shape and that MongoDB",
        "enforces: a field in the tables has this type wherever it is; **bold** ones must be there. Other fields are",
        "allowed. What the fields mean, and what readers can rely on: [storage.md](storage.md),",
        "[statistics.md](statistics.md), [grading.md](grading.md). Who may write what is the role of its MongoDB user",
        "([backup.md](backup.md#users)).",
    )  # fmt: skip
    yield from ("", "## What readers see of the books", "")
    for view in VIEWS:
        yield from _view(view)
    for title, declared in (
        ("Odds", ODDS_COLLECTIONS), ("Statistics, mappings and bets", FOOTBALL_COLLECTIONS),
        ("Bookkeeping", BOOKKEEPING_COLLECTIONS),
    ):  # fmt: skip
        yield from ("", f"## {title}")
        for collection in declared:
            yield from _collection(collection)


def _view(view: View) -> Iterator[str]:
    yield from (f"### {view.name}", "", f"{view.purpose} A view over `{view.source}`. Read by: {_who(view.name)}.", "")


def _collection(collection: Collection) -> Iterator[str]:
    yield from ("", f"### {collection.name}", "", collection.purpose, "")
    yield f"- One document per {collection.key}."
    yield f"- Kept: {_kept(collection)}."
    yield f"- Written by: {_who(collection.name, writing=True)}. Read by: {_who(collection.name)}."
    for index in collection.indexes:
        yield f"- Index {_index(index)}."
    if collection.rules is None:
        return
    if collection.level == "moderate":
        yield "- Its other fields are their writers' own; a document that breaks these rules already may be changed."
    yield from ("", "| field | type |", "| --- | --- |")
    yield from _fields(collection.rules, "")


def _fields(rules: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, field in rules.get("properties", {}).items():
        path = f"{prefix}{name}"
        shown = f"**`{path}`**" if name in rules.get("required", ()) else f"`{path}`"
        yield f"| {shown} | {_type(field)} |"
        inside = field.get("items", {})
        if inside.get("properties"):
            yield from _fields(inside, f"{path}[].")


def _type(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return " or ".join("null" if each is None else f"`{each}`" for each in field["enum"])
    kinds = field.get("bsonType")
    listed = [kinds] if isinstance(kinds, str) else list(kinds or ())
    words = [WORDS[kind] for kind in listed if kind not in ("int", "long", "double", "decimal")]
    numbers = [kind for kind in listed if kind in ("int", "long", "double", "decimal")]
    if numbers:
        words.insert(0, "number" if "double" in numbers else "integer" if len(numbers) > 1 else WORDS[numbers[0]])
    text = " or ".join(words) or "anything"
    items = field.get("items")
    if items:
        text += f" of {_type(items)}" if items.get("bsonType") != "object" else " of objects"
    if "maxItems" in field:
        text += f", at most {field['maxItems']:,}"
    return text


def _kept(collection: Collection) -> str:
    said = [_expiry(index) for index in collection.indexes if index.expires_after is not None]
    said += [
        f"`{kept.setting}` days after `{kept.field}` (0: for ever)"
        for kept in RETENTION
        if kept.collection == collection.name
    ]
    if collection.name in MOST_KEPT:
        said.append(f"at most the newest {MOST_KEPT[collection.name][1]:,}")
    return "; ".join(said) or "for ever; their number is bounded by what they are about"


def _expiry(index: Index) -> str:
    field = f"`{index.keys[0][0]}`"
    if index.expires_after == "history":
        return f"`PROPPR_HISTORY_DAYS` days after {field}"
    if index.expires_after == 0:
        return f"until {field}"
    days = int(index.expires_after or 0) // DAY
    return f"{days} day{'' if days == 1 else 's'} after {field}"


def _index(index: Index) -> str:
    keys = ", ".join(f"`{name}`{' descending' if direction < 0 else ''}" for name, direction in index.keys)
    marks = [word for word, is_so in (("unique", index.unique), ("sparse", index.sparse)) if is_so]
    marks += ["expires"] if index.expires_after is not None else []
    return keys + (f" ({', '.join(marks)})" if marks else "")


def _who(name: str, *, writing: bool = False) -> str:
    if writing:
        found = [user.name for user in USERS if name in (*user.writes, *user.inserts)]
    else:
        found = [user.name for user in USERS if name in (*user.reads, *user.watches) and user.name != "backup"]
    return ", ".join(f"`{each}`" for each in found) or "nobody else"


def _settings() -> Iterator[str]:
    yield from (
        "# Settings", "", MADE, "",
        "From the environment, and below it from `.env` in the working directory. Durations are seconds; lists are",
        "separated by commas; an empty value is the same as none. A bad value, or a `PROPPR_` name that does not",
        "exist, stops every process with exit code 2 before it starts anything. `proppr check-config` prints what is",
        "in force, without secrets.",
    )  # fmt: skip
    defaults = Settings().redacted()
    schema = Settings.model_json_schema()["properties"]
    for title, texts in TEXTS.items():
        yield from ("", f"## {title}", "", "| variable | default | takes | what it does |", "| --- | --- | --- | --- |")
        for name, text in texts.items():
            default = in_words(defaults[name]).replace(", ", ",")
            shown = "none" if default in ("(none)", "") else f"`{default}`"
            linked = text.replace("](docs/", "](")  # the texts are README's, this page lies in docs
            yield f"| `{name}` | {shown} | {_takes(schema[name.lower()])} | {linked} |"


def _takes(field: Mapping[str, Any]) -> str:
    kinds = [each for each in field.get("anyOf", [field]) if each.get("type") != "null"]
    kind = kinds[0]
    if "enum" in kind:
        return ", ".join(f"`{each}`" for each in kind["enum"])
    if kind.get("format") == "password":
        return "secret"
    word = {"integer": "whole number", "number": "number", "boolean": "`true`, `false`", "array": "list"}
    text = word.get(str(kind.get("type")), {"path": "path", "time": "time of day"}.get(str(kind.get("format")), "text"))
    bounds = (
        ("minimum", "from {}"), ("exclusiveMinimum", "above {}"), ("maximum", "to {}"),
        ("exclusiveMaximum", "below {}"), ("maxItems", "at most {}"),
    )  # fmt: skip
    said = [form.format(f"{kind[key]:,.10g}") for key, form in bounds if key in kind]
    return " ".join([text, *said])


if __name__ == "__main__":
    main()
