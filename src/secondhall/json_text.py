"""What ``--json`` prints and a stored run keeps."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

__all__ = ["as_json_text"]


def as_json_text(data: object) -> str:
    """Return data as JSON; what has no number, such as the error of a single future, becomes null.

    Examples
    --------
    >>> print(as_json_text({"error": float("nan")}))
    {
      "error": null
    }
    """
    return json.dumps(_finite(data), indent=2, allow_nan=False)


def _finite(data: object) -> object:
    if isinstance(data, Mapping):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
