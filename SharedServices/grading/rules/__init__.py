"""The rules of the markets: pure functions of the numbers of a match, one file per idea."""
