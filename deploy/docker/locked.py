"""Print a part of a lock file, hashes included: `locked.py LOCK only a b` or `locked.py LOCK without a b`.

The image takes the build tools out of the development lock and leaves the embedded MongoDB out of the runtime lock,
so that everything in it is pinned and hashed by the project's two lock files and by nothing else.
"""

import re
import sys
from pathlib import Path


def part(lock: str, how: str, names: set[str]) -> str:
    """The chosen requirements of `lock`; raises ValueError for a name that it does not hold."""
    blocks = re.findall(r"^[a-z0-9][^\n]*\n(?:[ \t][^\n]*\n)*", lock, re.MULTILINE)
    # A list, not a map: one package may be there twice, for different versions of Python.
    named = [(re.split(r"[=\[ ;]", block, maxsplit=1)[0], block) for block in blocks]
    if missing := names - {name for name, _ in named}:
        raise ValueError(f"not in the lock file: {', '.join(sorted(missing))}")
    return "".join(block for name, block in named if (name in names) == (how == "only"))


if __name__ == "__main__":
    sys.stdout.write(part(Path(sys.argv[1]).read_text(), sys.argv[2], set(sys.argv[3:])))
