"""Reads Python source as a tree, on the interpreters that sometimes can't at the first attempt."""

from __future__ import annotations

import ast

ATTEMPTS = 3


def parsed(text: str) -> ast.Module:
    """The tree of a source text; `SyntaxError` if it is none.

    Python 3.11 rarely ends a parse with `SystemError: AST constructor recursion depth mismatch` though nothing is wrong
    with the text (python/cpython issue 106905; seen with 3.11.7). It is asked again then.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)
