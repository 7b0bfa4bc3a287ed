"""Backtests: what would have been said on what was known then, beside what came."""
