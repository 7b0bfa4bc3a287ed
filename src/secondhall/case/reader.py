"""A case's folder into a `Case`, or into everything that must be mended first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

import polars as pl

from secondhall.case.checks import check_draft
from secondhall.case.cross_checks import check_history, check_ledgers, check_opening
from secondhall.case.fields import nearest
from secondhall.case.files import find_file, find_folder, find_ledgers, read_text, sha256
from secondhall.case.ledger_checks import check_rows
from secondhall.case.ledgers import Ledger, read_ledger
from secondhall.case.model import Case, Fact, PlannedAction
from secondhall.case.opening import Opening, open_case
from secondhall.case.sections import Draft, overlays, read_draft
from secondhall.case.tree import Branch, read_tree
from secondhall.case.values import FrozenMap
from secondhall.case.words import Units, read_period
from secondhall.errors import Fault, InputError, Severity
from secondhall.months import Month

__all__ = ["bundled_cases", "check_case", "read_case"]

_YAML = "case.yaml"
_CASES = Path(str(files("secondhall") / "cases"))
_REALITY = "reality"


def read_case(case: str | Path) -> Case:
    """Read a case: a folder, or the name of one that is bundled with secondhall.

    A folder of that name in the working directory goes before a bundled case.

    Parameters
    ----------
    case : str or Path
        The folder's path, or the bundled case's name.

    Raises
    ------
    InputError
        With everything that must be mended.

    Examples
    --------
    >>> read_case("nowhere")
    Traceback (most recent call last):
    ...
    secondhall.errors.InputError: nowhere
      found     no such file or folder
      ...
    """
    read, faults = check_case(case)
    if read is None:
        raise InputError([fault for fault in faults if fault.severity is Severity.ERROR])
    return read


def check_case(case: str | Path) -> tuple[Case | None, tuple[Fault, ...]]:
    """Read a case and tell everything about it: errors first, then doubts.

    Returns
    -------
    case : Case or None
        None when there is an error.
    faults : tuple of Fault
        Errors and doubts, in the order in which they should be read.
    """
    faults: list[Fault] = []
    folder = _folder(case)
    read = None
    if isinstance(folder, Fault):
        faults.append(folder)
    else:
        read = _read(folder, faults)
    ordered = tuple(dict.fromkeys(sorted(faults, key=_importance)))
    if read is None or any(fault.severity is Severity.ERROR for fault in ordered):
        return None, ordered
    return read, ordered


def bundled_cases() -> tuple[str, ...]:
    """Return the names of the cases that come with secondhall, without those of the reality set."""
    return tuple(_cases_in(_CASES))


def _cases_in(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    return {path.name: path for path in sorted(folder.iterdir()) if (path / _YAML).is_file()}


def _folder(case: str | Path) -> Path | Fault:
    bundled = bundled_cases()
    path = Path(case)
    held = _cases_in(_CASES / _REALITY) | _cases_in(_CASES)
    if str(case) in held and not path.is_dir():
        path = held[str(case)]
    found = find_folder(path, shown=str(case) or "the case")
    if isinstance(found, Fault) and bundled:
        near = nearest(str(case), tuple(held))
        mend = f"write {near}, if that is what was meant" if near else found.mend
        names = ", ".join(bundled)
        return Fault(
            file=found.file,
            found=found.found,
            accepted=f"{found.accepted}, or a bundled case ({names})",
            mend=mend,
        )
    return found


def _importance(fault: Fault) -> tuple[bool, bool, str, int]:
    """Errors before doubts, case.yaml before the ledgers, then by line."""
    return (fault.severity is Severity.DOUBT, fault.file != _YAML, fault.file, fault.line or 0)


def _read(folder: Path, faults: list[Fault]) -> Case | None:
    paths = find_ledgers(folder, faults)
    tree = _tree(folder, faults)
    if tree is None:
        return None
    draft = read_draft(tree, faults)
    dated = _dated_drafts(tree, faults) if draft is not None else {}
    if draft is None:
        return None
    ledgers = _ledgers(paths, [draft, *dated.values()], faults)
    if any(fault.severity is Severity.ERROR for fault in faults):
        # Checks across ledgers would only repeat what is told already, in worse words.
        faults.extend(check_draft(draft))
        return None
    hashes = {path.name: sha256(path) for path in (folder / _YAML, *paths.values())}
    faults.extend(check_history(draft, dated, ledgers))
    last = max([draft.start, *dated])
    begins = dated.pop(draft.history_from, None) if draft.history_from is not None else None
    history = None if begins is None else _case(begins, ledgers, hashes, faults, last=last)
    cases = {
        month: _case(over, ledgers, hashes, faults, last=last, history=history)
        for month, over in dated.items()
    }
    return _case(draft, ledgers, hashes, faults, last=last, dated=cases, history=history)


def _tree(folder: Path, faults: list[Fault]) -> Branch | None:
    path = find_file(folder, _YAML)
    if path is None:
        path = Fault(
            file=_YAML,
            found="no such file",
            accepted="a folder that holds case.yaml",
            mend="run `secondhall init NAME` to write one",
        )
    text = path if isinstance(path, Fault) else read_text(path, _YAML)
    if isinstance(text, Fault):
        faults.append(text)
        return None
    return read_tree(text, file=_YAML, faults=faults)


def _dated_drafts(tree: Branch, faults: list[Fault]) -> dict[Month, Draft]:
    drafts: dict[Month, Draft] = {}
    for month, dated in overlays(tree, faults).items():
        found: list[Fault] = []
        draft = read_draft(dated, found)
        # Doubts repeat those of the case itself.
        faults.extend(fault for fault in found if fault.severity is Severity.ERROR)
        if draft is not None:
            drafts[month] = draft
    return drafts


def _ledgers(paths: Mapping[str, Path], drafts: list[Draft], faults: list[Fault]) -> dict[str, Ledger]:
    def names(*sections: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for d in drafts for s in sections for name in d.collections[s]))

    known = {"segment": names("segments"), "hall_or_option": names("halls", "options")}
    units = Units(drafts[0].unit, drafts[0].currency)
    ledgers = {}
    for name, path in paths.items():
        ledger = read_ledger(path, name, units=units, known=known, faults=faults)
        if ledger is not None:
            ledgers[name] = ledger
            faults.extend(check_rows(ledger))
    return ledgers


def _case(
    draft: Draft,
    ledgers: dict[str, Ledger],
    hashes: Mapping[str, str],
    faults: list[Fault],
    *,
    last: Month,
    dated: Mapping[Month, Case] | None = None,
    history: Case | None = None,
) -> Case:
    frames = {name: ledger.frame.drop("row") for name, ledger in ledgers.items()}
    opening = _opening(draft, frames)
    faults.extend(check_draft(draft))
    faults.extend(check_ledgers(draft, ledgers, last))
    faults.extend(check_opening(draft, opening, ledgers.get("contracts")))
    return Case(
        name=draft.name,
        title=draft.title,
        currency=draft.currency,
        unit=draft.unit,
        start=draft.start,
        horizon_months=draft.horizon_months,
        sources=FrozenMap(draft.sources),
        market=draft.singles["market"],
        costs=draft.singles["costs"],
        finance=draft.singles["finance"],
        pipeline=draft.singles["pipeline"],
        recovery=draft.singles["recovery"],
        segments=FrozenMap(draft.collections["segments"]),
        halls=FrozenMap(draft.collections["halls"]),
        options=FrozenMap(draft.collections["options"]),
        staff=FrozenMap(draft.collections["staff"]),
        scenarios=FrozenMap(draft.collections["scenarios"]),
        contracts=frames.get("contracts"),
        orders=frames.get("orders"),
        accounts=frames.get("accounts"),
        facts=_facts(frames.get("facts")),
        plans=_plans(frames.get("plans")),
        opening=opening,
        hashes=FrozenMap(hashes),
        doubts=_doubts(faults),
        decision_dates=tuple(dated or ()),
        dated=FrozenMap(dated or {}),
        history=history,
        history_plan=draft.history_plan,
    )


def _opening(draft: Draft, frames: Mapping[str, pl.DataFrame]) -> Opening:
    return open_case(
        start=draft.start,
        horizon=draft.horizon_months,
        segments=draft.collections["segments"],
        halls=draft.collections["halls"],
        stages=draft.singles["pipeline"],
        contracts=frames.get("contracts"),
        orders=frames.get("orders"),
    )


def _doubts(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    doubts = (fault for fault in faults if fault.severity is Severity.DOUBT)
    return tuple(dict.fromkeys(sorted(doubts, key=_importance)))


def _facts(frame: pl.DataFrame | None) -> tuple[Fact, ...]:
    facts = []
    for row in frame.iter_rows(named=True) if frame is not None else ():
        first, months = read_period(row["period"])
        published = None if row["published"] is None else Month(row["published"])
        kept = {
            name: row[name] for name in ("fact", "quantity", "period", "value", "unit", "words", "source")
        }
        facts.append(
            Fact(
                **kept,
                standard_deviation=row["standard_deviation"],
                first=first,
                last=first + (months - 1),
                published=published,
            )
        )
    return tuple(facts)


def _plans(frame: pl.DataFrame | None) -> Mapping[str, tuple[PlannedAction, ...]]:
    plans: dict[str, list[PlannedAction]] = {}
    for row in frame.iter_rows(named=True) if frame is not None else ():
        acted = {name: row[name] for name in ("action", "target", "posts")}
        action = PlannedAction(month=Month(row["month"]), **acted)
        plans.setdefault(row["plan"], []).append(action)
    return FrozenMap({name: tuple(sorted(acts, key=lambda act: act.month)) for name, acts in plans.items()})
