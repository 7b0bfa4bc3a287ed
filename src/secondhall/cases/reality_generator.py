"""Write the cases of the DuPont Fabros buildings: one set of assumptions, and what was public of each.

The cases in ``reality/dft-*`` are written by this module from ``reality/dupont_fabros_template.yaml``, which
holds all that is not about one building, and ``reality/dupont_fabros_facts.csv``. A building differs from the
others only by the fields of `Building`: when it was decided, what was signed for it, what stood free beside
it, what it was said to cost and when it was due. A test holds the cases to what is written here.

Run ``python -m secondhall.cases.reality_generator FOLDER`` to write the cases into a folder.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secondhall.months import Month

__all__ = ["BUILDINGS", "Building", "generate", "written"]

_REALITY = Path(__file__).parent / "reality"
_TEMPLATE = _REALITY / "dupont_fabros_template.yaml"
_FACTS = _REALITY / "dupont_fabros_facts.csv"

LEASED_MW = 105.0
"""What the portfolio had let; the template says where it is from."""

PHASE_MW = 18.2
"""Every one of these phases: 88,000 square feet of raised floor for 18.2 MW."""

LEASE_MW = 2.5
"""Mean lease of 2009: 37.17 MW in 15 leases."""

SOURCES = {
    "DCK2008": (
        "Data Center Knowledge, Are colocation prices heading higher?, 23 December 2008, "
        "http://www.datacenterknowledge.com/archives/2008/12/23/are-colocation-prices-heading-higher/"
    ),
    "CPE2009": (
        "Commercial Property Executive, High-tech data centers offer bright future, spring 2009, "
        "https://www.cpexecutive.com/post/high-tech-data-centers-offer-bright-future/"
    ),
    "DFT2009": (
        "DuPont Fabros, results of 2009, 10 February 2010, "
        "https://newswire.telecomramblings.com/2010/02/dupont-fabros-technology-inc-reports-2009-results/"
    ),
    "DCK201008": (
        "Data Center Knowledge, DuPont Fabros signs first NJ tenant, 3 August 2010, "
        "http://www.datacenterknowledge.com/archives/2010/08/03/dupont-fabros-signs-first-nj-tenant/"
    ),
    "DCK201011": (
        "Data Center Knowledge, DuPont Fabros eyes next phase in Chicago, 5 November 2010, "
        "https://datacenterknowledge.com/investing/dupont-fabros-eyes-next-phase-in-chicago"
    ),
    "RESALE": (
        "Channel Insider, Data centers popular again (a Los Angeles hall that cost 80 M USD sold for 34.5 M "
        "in 2005), https://channelinsider.com/news-and-trends/data-centers-popular-again/ ; Light Reading "
        "d-id 599093 (15 halls and a network that cost about 2.5 bn USD sold for 155 M in 2004)"
    ),
}
"""Citations of the template and of the buildings."""

_BY_FLOOR_AREA = (
    "kind: assumption, source: CPE2009, because: "
    '"1,200 to 1,800 USD a square foot of raised floor for new capacity"'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """What was public of one building when it was decided.

    Attributes
    ----------
    name
        of the case.
    key
        of its rows in the table of facts.
    title, site
        for a board.
    start
        the month in which the decision was published: what was published in it or before is known.
    months
        from the decision to the planned opening.
    planned
        why so many.
    capex
        cost in USD.
    cost
        its kind, source and reason, as in ``case.yaml``.
    capex_range
        low and high of the cost as a multiple.
    reserved_mw, reserved
        what was signed for it, and why.
    free_mw, free
        what the operator had free in the same market, and why.
    """

    name: str
    key: str
    title: str
    site: str
    start: Month
    months: int
    planned: str
    capex: int = 132_000_000
    cost: str = (
        'kind: inference, source: CPE2009, because: "88,000 square feet of raised floor at 1,500 USD; what '
        "had been spent on it before is not known, so that all of it is taken as still to come"
    )
    capex_range: tuple[float, float] = (0.8, 1.2)
    reserved_mw: float = 0.0
    reserved: str = 'kind: assumption, because: "no lease for it was public"'
    free_mw: float = 0.0
    free: str = "nothing of the operator stands free in this market"

    @property
    def option(self) -> str:
        """Name of the option."""
        return self.name.removeprefix("dft-").rsplit("-", 1)[0].replace("-", "_")


BUILDINGS: tuple[Building, ...] = (
    Building(
        name="dft-nj1-phase1-2010",
        key="nj1",
        title="DuPont Fabros, February 2010: take up the halted building in New Jersey?",
        site="NJ1, Piscataway, New Jersey, first phase",
        start=Month.parse("2010-02"),
        months=9,
        planned="the nine months of a phase, since the shell stood; it was due in the fourth quarter of 2010",
    ),
    Building(
        name="dft-acc5-phase2-2010",
        key="acc5",
        title="DuPont Fabros, February 2010: the second phase of ACC5 in Virginia, half of it pre-leased?",
        site="ACC5, Ashburn, Virginia, second phase",
        start=Month.parse("2010-02"),
        months=9,
        planned="the nine months of a phase; it was due in the fourth quarter of 2010",
        reserved_mw=PHASE_MW / 2,
        reserved='kind: fact, source: DFT2009, because: "50 % of 18.2 MW is pre-leased"',
        free_mw=2.9,
        free="and 16 % of the 18.2 MW of the first phase are free",
    ),
    Building(
        name="dft-sc1-phase1-2010",
        key="sc1",
        title="DuPont Fabros, May 2010: take up the halted building in Santa Clara?",
        site="SC1, Santa Clara, California, first phase",
        start=Month.parse("2010-05"),
        months=15,
        planned="the operator knew: due in the third quarter of 2011",
    ),
    Building(
        name="dft-ch1-phase2-2010",
        key="ch1",
        title="DuPont Fabros, November 2010: the second phase of CH1 near Chicago?",
        site="CH1, Elk Grove Village, Illinois, second phase",
        start=Month.parse("2010-11"),
        months=17,
        planned="the middle of the first half of 2012, in which it was wanted",
        capex=160_000_000,
        cost='kind: fact, source: DCK201011, because: "about 160 M USD to complete',
        capex_range=(0.9, 1.15),
        free="the first phase is full",
    ),
)
"""The buildings of which both what was known and what came are public."""


def generate(folder: Path) -> tuple[Path, ...]:
    """Write the cases, each into a folder of its name, and return these."""
    for building in BUILDINGS:
        for name, text in written(building).items():
            path = folder / building.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    return tuple(folder / building.name for building in BUILDINGS)


def written(building: Building) -> dict[str, str]:
    """Return name and text of each file of a building's case."""
    return {"case.yaml": _case(building), "facts.csv": _facts(building)}


def _case(building: Building) -> str:
    text = _TEMPLATE.read_text(encoding="utf-8")
    fills = {
        "HEAD": f"{building.site}: what was public in {building.start}.",
        "NAME": building.name,
        "TITLE": building.title,
        "START": str(building.start),
        "OPENING": str(building.start + building.months),
        "OPTION": building.option,
        "SITE": building.site,
        "RESERVED": _reserved(building),
        "CAPACITY": _capacity(building),
        "PHASES": _phases(building),
        "CAPEX": _capex(building),
    }
    for name, fill in fills.items():
        text = text.replace(f"FILL_{name}", fill)
    return text.replace("FILL_SOURCES", _sources(text))


def _reserved(building: Building) -> str:
    tenants = round(building.reserved_mw / LEASE_MW)
    because = "at the mean lease of 2009" if tenants else "no lease for it was public"
    return (
        f'    reserved_customers: {{value: {tenants}, kind: assumption, because: "{because}"}}\n'
        f"    reserved_units: {{value: {building.reserved_mw:g}, {building.reserved}}}"
    )


def _capacity(building: Building) -> str:
    return (
        f"    capacity_units: {{value: {LEASED_MW + building.free_mw:g}, kind: inference, source: DCK201008, "
        f'because: "the operator knew: what is let, as above; {building.free}"}}'
    )


def _phases(building: Building) -> str:
    phase = f"capacity_units: {PHASE_MW:g}, capex: {building.capex}, months_after_commit: {building.months}"
    return (
        f"    phases: {{value: [{{{phase}}}], {building.cost}. The capacity was known to the operator and "
        f'published later. {building.planned[:1].upper()}{building.planned[1:]}"}}'
    )


def _capex(building: Building) -> str:
    low, high = building.capex_range
    if building.cost.startswith("kind: fact"):
        origin = f'kind: assumption, because: "about {building.capex // 10**6} M USD, within a tenth or so"'
    else:
        origin = _BY_FLOOR_AREA
    return f"    capex: {{low: {low:g}, mid: 1, high: {high:g}, {origin}}}"


def _sources(text: str) -> str:
    cited = {key: citation for key, citation in SOURCES.items() if f"source: {key}," in text}
    return "\n".join(f'  {key}: "{citation}"' for key, citation in cited.items())


def _facts(building: Building) -> str:
    """Return what was known of the operator by then, and all that is known of the building."""
    with _FACTS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _belongs(row, building)]
    out = io.StringIO()
    columns = [name for name in rows[0] if name != "building"]
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _belongs(row: Mapping[str, str], building: Building) -> bool:
    if row["building"] == "all":
        return Month.parse(row["published"]) <= building.start
    return row["building"] == building.key


if __name__ == "__main__":
    for made in generate(Path(sys.argv[1])):
        print(made)
