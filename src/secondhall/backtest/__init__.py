"""Backtests: what would have been said on what was known then, beside what came."""

from secondhall.backtest.forecasting import COMPANY, HORIZONS, Backtest, Forecast, Score, backtest
from secondhall.backtest.standing import Standing, standing_at

__all__ = ["COMPANY", "HORIZONS", "Backtest", "Forecast", "Score", "Standing", "backtest", "standing_at"]
