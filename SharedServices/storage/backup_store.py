"""The directory of backups: what is there, and how many are kept."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from PROPPR.SharedServices.storage.backup_format import MANIFEST, Damaged, Manifest, read_manifest


@dataclass(frozen=True, slots=True)
class Stored:
    """A complete backup."""

    path: Path
    manifest: Manifest

    @property
    def made_at(self) -> datetime:
        """The moment that its documents are of, or a little before."""
        return datetime.fromisoformat(self.manifest.started_at)

    def age(self, now: datetime) -> timedelta:
        """How old it is."""
        return now - self.made_at

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())


def stored_backups(directory: Path, database: str | None = None) -> list[Stored]:
    """The backups in `directory`, the newest first; those of `database` only if it is named.

    Directories without a readable manifest are none.
    """
    found = []
    for path in directory.glob(f"[!.]*/{MANIFEST}"):
        try:
            manifest = read_manifest(path.parent)
        except Damaged:
            continue
        if database in (None, manifest.database):
            found.append(Stored(path.parent, manifest))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def remove_old(directory: Path, database: str, keep: int) -> list[Path]:
    """Remove all but the newest `keep` (at least one) backups of `database`; return what was removed."""
    removed = []
    for old in stored_backups(directory, database)[max(1, keep) :]:
        (old.path / MANIFEST).unlink()  # first: what is half removed is no backup
        shutil.rmtree(old.path)
        removed.append(old.path)
    return removed
