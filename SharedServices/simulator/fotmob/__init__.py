"""The stand-in of FotMob: the same fixtures as the odds side, played out in full, or recorded matches."""
