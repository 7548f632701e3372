"""The operator's password as a hash: scrypt of the standard library, slow and hungry enough for guesses to be dear."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from PROPPR.SharedServices.service.setting_values import HASH_FORMAT

COST, BLOCK, PARALLEL = 2**15, 8, 3
"""About 32 MB and a quarter of a second of one core for a guess."""

SHORTEST, LONGEST = 12, 1000
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
# One at a time: wrong passwords, tried in parallel, must cost neither memory nor the cores that serve the pages.
_one_at_a_time = threading.Lock()


def make_hash(password: str, *, cost: int = COST, parallel: int = PARALLEL) -> str:
    """Return the hash to be kept; ValueError for a password of less than 12 characters or more than 1,000."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password needs {SHORTEST} to {LONGEST} characters")
    salt = secrets.token_bytes(_SALT_BYTES)
    key = _derived(password, salt, cost, BLOCK, parallel)
    return f"scrypt:{cost}:{BLOCK}:{parallel}:{_text(salt)}:{_text(key)}"


def is_right(password: str, stored: str) -> bool:
    """Whether `password` is the one of which `stored` was made, compared in constant time.

    ValueError if `stored` is not what make_hash() returns.
    """
    match = re.fullmatch(HASH_FORMAT, stored)
    if match is None:
        raise ValueError("not a hash of a password")
    cost, block, parallel, salt, key = match.groups()
    if len(password) > LONGEST:
        return False
    found = _derived(password, _bytes(salt), int(cost), int(block), int(parallel))
    return hmac.compare_digest(found, _bytes(key))


def _derived(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    # The same characters, typed on another keyboard, may come as other code points.
    plain = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    memory = 128 * block * (cost + parallel + 2) + 2**20
    with _one_at_a_time:
        return hashlib.scrypt(plain, salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=_KEY_BYTES)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
