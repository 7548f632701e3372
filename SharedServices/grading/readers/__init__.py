"""Bets as the bots write them, one reader per collection."""
