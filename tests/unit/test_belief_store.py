"""What was learned comes back from disk as it went; another input, date, seed or source is another file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from secondhall.belief.posterior import CHAINS, DRAWS, Check, Convergence, Lesson, Posterior, RegimePath
from secondhall.belief.store import belief_file, load, save
from secondhall.case import Quantity, read_case
from secondhall.months import Month


def posterior() -> Posterior:
    rng = np.random.default_rng(3)
    draws = CHAINS * DRAWS
    return Posterior(
        evidence=("ledger",),
        words="learned from 12 contracts",
        until=Month.parse("2026-01"),
        values={
            "segments.retail.churn_monthly.bust": rng.random(draws),
            "market.after_boom_bust": rng.random(draws),
        },
        opening={"segment.opening_gap": rng.random((2, draws)), "firm.cash": rng.random(draws)},
        priors={"market.after_boom_bust": Quantity(mid=0.5, low=0.2, high=0.9)},
        regimes=RegimePath(Month.parse("2020-01"), rng.random((72, 3)), rng.random((72, 3))),
        checks=(Check("5", "Revenue", "2001", "a source", "EUR M", 13.0, (1.0, 2.0, 3.0, 4.0, 5.0)),),
        convergence=Convergence(1.01, "a", 400.0, "b", warnings=("one",)),
        lessons=(Lesson("market", learned=False, words="too short"),),
        series={"survival retail": {"age_months": np.arange(5.0), "survival": np.linspace(1, 0, 5)}},
    )


def test_a_belief_comes_back_as_it_went(tmp_path: Path) -> None:
    there = posterior()
    save(there, tmp_path / "deep" / "belief.nc")
    back = load(tmp_path / "deep" / "belief.nc")
    assert back is not None
    for name in ("evidence", "words", "until", "priors", "checks", "convergence", "lessons"):
        assert getattr(back, name) == getattr(there, name), name
    for name in ("values", "opening"):
        one, other = getattr(there, name), getattr(back, name)
        assert one.keys() == other.keys()
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])
    assert back.regimes is not None
    assert there.regimes is not None
    assert back.regimes.first == there.regimes.first
    np.testing.assert_array_equal(back.regimes.smoothed, there.regimes.smoothed)
    np.testing.assert_array_equal(back.regimes.filtered, there.regimes.filtered)
    np.testing.assert_array_equal(
        back.series["survival retail"]["survival"], there.series["survival retail"]["survival"]
    )


def test_a_belief_without_regimes_checks_or_curves_comes_back_too(tmp_path: Path) -> None:
    bare = dataclasses.replace(posterior(), regimes=None, checks=(), series={}, opening={}, lessons=())
    save(bare, tmp_path / "belief.nc")
    back = load(tmp_path / "belief.nc")
    assert back is not None
    assert (back.regimes, back.checks, back.series, back.opening) == (None, (), {}, {})


def test_arviz_reads_the_file_as_inference_data(tmp_path: Path) -> None:
    import arviz

    save(posterior(), tmp_path / "belief.nc")
    data = arviz.from_netcdf(tmp_path / "belief.nc")
    draws = data["posterior"]["market.after_boom_bust"]
    assert draws.dims == ("chain", "draw")
    np.testing.assert_array_equal(draws.values.ravel(), posterior().values["market.after_boom_bust"])
    assert float(data["observed_data"]["figure"][0]) == 13.0


@pytest.mark.parametrize("content", [b"", b"no netcdf", b"\x89HDF\r\n\x1a\n" + b"\0" * 200])
def test_a_file_that_cannot_be_read_is_learned_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "belief.nc").write_bytes(content)
    assert load(tmp_path / "belief.nc") is None
    assert load(tmp_path / "none.nc") is None


def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import xarray

    path = tmp_path / "belief.nc"
    save(posterior(), path)
    before = path.read_bytes()

    def fall_over(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(xarray.Dataset, "to_netcdf", fall_over)
    with pytest.raises(OSError, match="disk full"):
        save(posterior(), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["belief.nc"]


def test_another_date_seed_or_start_is_another_file() -> None:
    case = read_case("fluxus")
    asked = [
        belief_file(case, case.start, 7),
        belief_file(case, case.start + 1, 7),
        belief_file(case, case.start, 8),
        belief_file(case.at(Month.parse("2001-01")), case.start, 7),
        belief_file(read_case("northhall"), case.start, 7),
    ]
    assert len(set(asked)) == len(asked)
    assert belief_file(read_case("fluxus"), case.start, 7) == asked[0]
