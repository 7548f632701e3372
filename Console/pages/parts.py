"""Parts of pages that follow what is stored: asked for again whenever it changes, replaced only if they differ.

A part has its mark as a hidden field `seen`; a page sends it along (`hx-include`). Where nothing that is shown has
changed the answer is empty (204), so that nobody loses the place where he reads. Ages ("3 s ago") go on by themselves.
"""

from __future__ import annotations

import hashlib

from flask import Response, render_template, request


def mark_of(reading: object) -> str:
    """A mark of what was read: another one for another content."""
    return hashlib.blake2b(repr(reading).encode(), digest_size=8).hexdigest()


def part_of(template: str, reading: object, shown: object = None, **values: object) -> Response:
    """The part, or an empty answer where the page has it already. `reading` is in the template under that name.

    `shown` is what the mark is made of, by default the reading.
    """
    seen = mark_of(reading if shown is None else shown)
    if request.args.get("seen") == seen:
        return Response(status=204)
    return Response(render_template(template, reading=reading, seen=seen, **values))
