"""The two halls of `recovery_fixtures` with eight months to plan: small enough to be laid out in a second."""

from __future__ import annotations

from pathlib import Path

from tests.unit.recovery_fixtures import DISTRESSED

from secondhall.belief import Prior
from secondhall.case import Case, read_case
from secondhall.recover.standing import Standing, standings
from secondhall.recover.state import Laid, lay_out

SEED, MONTHS = 7, 8


def text_of(*, cash: int = 1_500_000, commitment: int = 5_000_000) -> str:
    """Return the text of the case, without a past."""
    text = DISTRESSED.format(
        title="Two halls", hall="second", role="engineering", cash=cash, commitment=commitment
    )
    text = text.replace("history_plan: as-happened\n", "").replace("horizon_months: 60", "horizon_months: 36")
    return text.replace("  months: 15\n", f"  months: {MONTHS}\n")


def case_in(folder: Path, text: str) -> Case:
    """Write a case into a folder and read it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    return read_case(str(folder))


def standing_of(case: Case) -> Standing:
    """Return the most ordinary company."""
    return standings(case, Prior(case), seed=SEED, others=0)[0]


def laid_of(case: Case) -> Laid:
    """Return its restructuring, over few futures."""
    return lay_out(standing_of(case), seed=SEED, futures=64, scenarios=4, tides=2)
