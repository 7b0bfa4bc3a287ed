"""Beliefs on disk: ArviZ InferenceData in NetCDF, found again by what they were learned from.

The name of a file is a hash of the inputs, the date, the seed and the sources that learn, so a file is
right or is not found. ``arviz.from_netcdf`` opens it: the draws are the group ``posterior``, the figures and
what is predicted of them ``observed_data`` and ``posterior_predictive``, the curves ``constant_data``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from platformdirs import user_cache_path

from secondhall.belief.posterior import (
    CHAINS,
    DRAWS,
    Check,
    Convergence,
    Lesson,
    Posterior,
    RegimePath,
)
from secondhall.case import REGIMES, Case, Quantity
from secondhall.case.values import Kind
from secondhall.company.layout import Floats
from secondhall.months import Month

if TYPE_CHECKING:
    import xarray

__all__ = ["belief_file", "code_digest", "load", "save"]

OPENING = "opening."
"""Prefix of the learned state in the group ``posterior``."""

TEXT = "secondhall"
"""The attribute that holds the words, as JSON."""


def belief_file(case: Case, until: Month, seed: int) -> Path:
    """Return where the belief learned from these inputs lies, whether or not it is there."""
    digest = hashlib.sha256(code_digest("belief", "company", "case"))
    dates = [fact.known_from.ordinal for fact in case.facts]
    dates += [] if case.accounts is None else case.accounts["published"].to_list()
    asked = [case.start.ordinal, case.horizon_months, until.ordinal, seed, dict(case.hashes), dates]
    digest.update(json.dumps(asked, sort_keys=True).encode())
    for values in (case.opening.customers, case.opening.installed_units, case.opening.sold_units):
        digest.update(np.ascontiguousarray(values).tobytes())
    key = digest.hexdigest()[:16]
    return user_cache_path("secondhall") / "beliefs" / f"{case.name}-{until}-{key}.nc"


@cache
def code_digest(*stages: str) -> bytes:
    """Return a digest of the code of some stages: what another version made is not taken for its own."""
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for stage in stages:
        for source in sorted((package / stage).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.digest()


def save(posterior: Posterior, path: Path) -> None:
    """Write a posterior, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        for number, (group, data) in enumerate(_groups(posterior).items()):
            data.to_netcdf(part, group=group, engine="h5netcdf", mode="a" if number else "w")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path) -> Posterior | None:
    """Return the posterior of a file; None where there is none that can be read."""
    import xarray

    if not path.is_file():
        return None
    try:
        with xarray.open_dataset(path, group="posterior", engine="h5netcdf") as posterior:
            draws = posterior.load()
        with xarray.open_dataset(path, group="constant_data", engine="h5netcdf") as constant:
            curves = constant.load()
    except (OSError, ValueError, KeyError):
        return None
    return _posterior(draws, curves)


def _groups(posterior: Posterior) -> dict[str, xarray.Dataset]:
    import xarray

    chained = {name: (("chain", "draw"), _chained(draws)) for name, draws in posterior.values.items()}
    for name, rows in posterior.opening.items():
        axes = [f"{name} axis {k}" for k in range(rows.ndim - 1)]
        chained[OPENING + name] = (("chain", "draw", *axes), _chained(rows))  # type: ignore[assignment]
    checks = posterior.checks
    names = [f"{check.fact} {check.words} {check.period}" for check in checks]
    observed = xarray.Dataset(
        {"figure": ("check", np.array([check.value for check in checks], dtype=np.float64))},
        {"check": names},
    )
    predicted = xarray.Dataset(
        {"band": (("check", "percent"), np.array([c.band for c in checks]).reshape(len(checks), 5))},
        {"check": names, "percent": [5, 25, 50, 75, 95]},
    )
    return {
        "posterior": xarray.Dataset(chained, attrs={TEXT: json.dumps(_words(posterior))}),
        "posterior_predictive": predicted,
        "observed_data": observed,
        "constant_data": _curves(posterior),
    }


def _curves(posterior: Posterior) -> xarray.Dataset:
    import xarray

    curves: dict[str, tuple[tuple[str, ...], Floats]] = {}
    regimes = posterior.regimes
    if regimes is not None:
        curves["regime smoothed"] = (("month", "regime"), regimes.smoothed)
        if regimes.filtered is not None:
            curves["regime filtered"] = (("month", "regime"), regimes.filtered)
    for name, columns in posterior.series.items():
        for column, values in columns.items():
            curves[f"series|{name}|{column}"] = ((f"{name} row",), np.asarray(values, dtype=np.float64))
    return xarray.Dataset(curves, {"regime": list(REGIMES)})


def _chained(rows: Floats) -> Floats:
    """Return [chain, draw, ...] of [..., draw]."""
    split = rows.reshape(*rows.shape[:-1], CHAINS, DRAWS)
    return np.ascontiguousarray(np.moveaxis(split, (-2, -1), (0, 1)))


def _flat(chained: Floats) -> Floats:
    """Return [..., draw] of [chain, draw, ...]."""
    moved = np.moveaxis(chained, (0, 1), (-2, -1))
    return np.ascontiguousarray(moved.reshape(*moved.shape[:-2], CHAINS * DRAWS))


def _words(posterior: Posterior) -> dict[str, Any]:
    regimes = posterior.regimes
    return {
        "evidence": list(posterior.evidence),
        "words": posterior.words,
        "until": str(posterior.until),
        "first": None if regimes is None else str(regimes.first),
        "priors": {name: dataclasses.asdict(quantity) for name, quantity in posterior.priors.items()},
        "checks": [dataclasses.asdict(check) for check in posterior.checks],
        "lessons": [dataclasses.asdict(lesson) for lesson in posterior.lessons],
        "convergence": dataclasses.asdict(posterior.convergence),
    }


def _posterior(draws: xarray.Dataset, curves: xarray.Dataset) -> Posterior:
    said = json.loads(draws.attrs[TEXT])
    values, opening = {}, {}
    for name, array in draws.data_vars.items():
        rows = _flat(array.values)
        if str(name).startswith(OPENING):
            opening[str(name).removeprefix(OPENING)] = rows
        else:
            values[str(name)] = rows
    return Posterior(
        evidence=tuple(said["evidence"]),
        words=said["words"],
        until=Month.parse(said["until"]),
        values=values,
        opening=opening,
        priors={name: Quantity(**{**q, "kind": Kind(q["kind"])}) for name, q in said["priors"].items()},
        regimes=_regimes(said["first"], curves),
        checks=tuple(Check(**{**check, "band": tuple(check["band"])}) for check in said["checks"]),
        convergence=Convergence(
            **{**said["convergence"], "warnings": tuple(said["convergence"]["warnings"])}
        ),
        lessons=tuple(Lesson(**lesson) for lesson in said["lessons"]),
        series=_series(curves),
    )


def _regimes(first: str | None, curves: xarray.Dataset) -> RegimePath | None:
    if first is None:
        return None
    filtered = curves["regime filtered"].values if "regime filtered" in curves else None
    return RegimePath(Month.parse(first), curves["regime smoothed"].values, filtered)


def _series(curves: xarray.Dataset) -> Mapping[str, Mapping[str, Floats]]:
    found: dict[str, dict[str, Floats]] = {}
    for name, array in curves.data_vars.items():
        if str(name).startswith("series|"):
            _, table, column = str(name).split("|")
            found.setdefault(table, {})[column] = array.values
    return found
