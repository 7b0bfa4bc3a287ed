"""The pictures of a decision, drawn once with altair; the only home of altair and vl_convert."""

from __future__ import annotations

from secondhall.report.charts.gallery import Picture, pictures

__all__ = ["Picture", "pictures"]
