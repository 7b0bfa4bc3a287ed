"""What the parts of ``case.yaml`` must satisfy together: names, months, limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from secondhall.case.fields import nearest
from secondhall.case.sections import Draft
from secondhall.case.values import Record
from secondhall.errors import Fault, Severity, quoted

__all__ = ["check_draft", "doubted", "told"]

_YAML = "case.yaml"


def told(record: Record, path: str, field: str, found: str, accepted: str, mend: str) -> Fault:
    """Return an error at a field of a record; at the record itself where the field is absent."""
    value = record.get(field)
    line = value.line if value is not None and value.line is not None else record.line
    return Fault(file=_YAML, line=line, column=f"{path}.{field}", found=found, accepted=accepted, mend=mend)


def doubted(fault: Fault) -> Fault:
    """Return the same as a doubt."""
    return replace(fault, severity=Severity.DOUBT)


def check_draft(draft: Draft) -> Iterator[Fault]:
    """Yield what does not fit together inside ``case.yaml``."""
    halls, options = draft.collections["halls"], draft.collections["options"]
    for name in halls:
        if name in options:
            yield told(
                options[name],
                f"options.{name}",
                "site",
                "a name that a hall has too",
                "halls and options under different names",
                "give the option another name",
            )
    for name, hall in halls.items():
        yield from _hall(name, hall, draft)
    for section in ("halls", "options"):
        for name, record in draft.collections[section].items():
            yield from _second_limit(record, f"{section}.{name}")
    for name, option in options.items():
        yield from _option(name, option)
    for name, scenario in draft.collections["scenarios"].items():
        yield from _scenario(name, scenario, draft)
    for name, role in draft.collections["staff"].items():
        yield from _named(role, f"staff.{name}", "redeploy_to", draft.collections["staff"], "a role")
    yield from _named(draft.singles["recovery"], "recovery", "room_again", options, "an option")
    yield from _posts(draft)
    yield from _revolver(draft.singles["finance"])


def _hall(name: str, hall: Record, draft: Draft) -> Iterator[Fault]:
    path, options = f"halls.{name}", draft.collections["options"]
    yield from _named(hall, path, "option", options, "an option")
    if hall.text("state") == "building":
        yield from _building(name, hall, draft)
    lease_end = hall.month("lease_end")
    if lease_end is not None and lease_end < draft.start and hall.text("state") == "open":
        yield doubted(
            told(
                hall,
                path,
                "lease_end",
                f"{quoted(lease_end)}, before the start ({draft.start})",
                "a month after the start for a hall that is open",
                "correct the month, or the state",
            )
        )


def _building(name: str, hall: Record, draft: Draft) -> Iterator[Fault]:
    path = f"halls.{name}"
    for field, what in (
        ("option", "the option that was committed"),
        ("committed", "the month of the commitment"),
    ):
        if not hall.given(field):
            yield told(
                hall, path, field, "nothing", f"{what}, for a hall under construction", f"add {field}:"
            )
    committed = hall.month("committed")
    if committed is not None and committed >= draft.start:
        yield told(
            hall,
            path,
            "committed",
            f"{quoted(committed)}, not before the start ({draft.start})",
            "a month before the start",
            "correct the month, or leave the hall to the options",
        )
    if hall.number("sold_units").mid > 0:
        yield told(
            hall,
            path,
            "sold_units",
            quoted(f"{hall.number('sold_units').mid:g}"),
            "0 for a hall under construction; what is signed for it is reserved",
            "move it to reserved_units of the segments",
        )


def _second_limit(record: Record, path: str) -> Iterator[Fault]:
    use = record.number("second_use_per_unit").mid if record.given("second_use_per_unit") else 0.0
    if record.given("second_limit") and use <= 0:
        yield told(
            record,
            path,
            "second_use_per_unit",
            "nothing or 0",
            "what a unit sold uses of the second limit, above 0",
            "write it, or take second_limit out",
        )


def _option(name: str, option: Record) -> Iterator[Fault]:
    for mean, worst in (
        ("slip_mean_months", "slip_worst_months"),
        ("overrun_mean_share", "overrun_worst_share"),
    ):
        if option.number(worst).mid < option.number(mean).mid:
            yield told(
                option,
                f"options.{name}",
                worst,
                f"{option.number(worst).mid:g}, below {mean} ({option.number(mean).mid:g})",
                "a worst case not below the mean",
                f"write {worst} too, or correct it",
            )
    if option.text("tenure") == "leased" and option.number("lease_months").mid == 0:
        yield doubted(
            told(
                option,
                f"options.{name}",
                "lease_months",
                "0 for a leased hall",
                "the length of the lease",
                "write how long the lease binds",
            )
        )


def _scenario(name: str, scenario: Record, draft: Draft) -> Iterator[Fault]:
    segments = draft.collections["segments"]
    yield from _named(scenario, f"scenarios.{name}", "lost_segment", segments, "a segment")


def _named(record: Record, path: str, field: str, known: Mapping[str, Record], what: str) -> Iterator[Fault]:
    """Yield that a field names something that the case does not hold."""
    name = record.text(field)
    if name and name not in known:
        near = nearest(name, known)
        yield told(
            record,
            path,
            field,
            f"{what} that is not known, {quoted(name)}",
            f"{what} of case.yaml" + (": " + ", ".join(known) if known else "; there is none"),
            f"write {near}, if that is what was meant" if near else "add it, or take it out",
        )


def _posts(draft: Draft) -> Iterator[Fault]:
    for name, role in draft.collections["staff"].items():
        if role.number("minimum").mid > role.number("headcount").mid:
            yield doubted(
                told(
                    role,
                    f"staff.{name}",
                    "minimum",
                    f"{role.number('minimum').mid:g}, above the headcount",
                    "no more posts than are filled",
                    "check the two numbers",
                )
            )


def _revolver(finance: Record) -> Iterator[Fault]:
    if finance.number("revolver_drawn").mid > finance.number("revolver_limit").mid:
        yield told(
            finance,
            "finance",
            "revolver_drawn",
            "more than the revolver's limit",
            "at most revolver_limit",
            "correct one of the two",
        )
