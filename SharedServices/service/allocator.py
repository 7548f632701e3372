"""Tells glibc's allocator what suits a process of many threads that runs for weeks.

Left alone, glibc gives up to eight arenas a core to the threads, each of which keeps what it once needed, and after the
first large answer serves large blocks from its heap too, between small ones that outlive them. Memory then grows for
hours without a leak. Python's threads take turns anyway, so that two arenas cost no speed.
"""

from __future__ import annotations

import ctypes
from typing import Final

# The numbers of <malloc.h>; M_MMAP_THRESHOLD is at its first value, but setting it keeps it there.
M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
OPTIONS: Final = ((M_ARENA_MAX, 2), (M_MMAP_THRESHOLD, 128 * 1024), (M_TRIM_THRESHOLD, 512 * 1024))


def give_memory_back() -> bool:
    """Set the options for this process, before its threads start; False where the C library knows none of them."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all(mallopt(option, value) == 1 for option, value in OPTIONS)


def trim() -> bool:
    """Return to the system what the C library holds free, between blocks in use too; takes some milliseconds.

    By itself it returns only what is free at the end of its heap. False where it can't.
    """
    try:
        malloc_trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return False
    return bool(malloc_trim(0))
