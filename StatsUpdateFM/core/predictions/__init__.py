"""Predictions that know the opponent, the ground and how long ago a match was (docs/predictions.md)."""

from __future__ import annotations

from PROPPR.StatsUpdateFM.core.predictions.distribution import Distribution, total
from PROPPR.StatsUpdateFM.core.predictions.model import Model, fit
from PROPPR.StatsUpdateFM.core.predictions.players import PlayerModel, fit_players

__all__ = ["Distribution", "Model", "PlayerModel", "fit", "fit_players", "total"]
