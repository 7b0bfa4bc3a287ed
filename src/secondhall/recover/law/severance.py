"""What the law gives to those who go, exact to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from secondhall.recover.law.law import Law, Seniority, Severance

__all__ = ["months_of_salary", "reference_salary", "role_severance", "statutory_severance"]


def months_of_salary(law: Law, seniority: Seniority, day: date) -> Fraction:
    """Return the statutory indemnity in months of reference salary, exactly (J1).

    The sum over the tiers of rate times the years of seniority that fall into the tier, months of an
    incomplete year in proportion; nothing below the least seniority.

    Raises
    ------
    ValueError
        When the seniority is negative.
    InputError
        When the law says nothing of that day.

    Examples
    --------
    >>> from secondhall.recover.law.law import read_law
    >>> months_of_salary(read_law("france"), Seniority(12, 9), date(2026, 1, 1))
    Fraction(41, 12)
    """
    rule = law.at(day).severance
    if seniority.years < 0 or seniority.months < 0:
        raise ValueError(f"found a seniority of {seniority.years} years and {seniority.months} months")
    if seniority.in_months < rule.least_months:
        return Fraction(0)
    years = Fraction(seniority.in_months, 12)
    if rule.counts == "whole_years":
        years = Fraction(seniority.in_months // 12)
    return _over_tiers(rule, years)


def _over_tiers(rule: Severance, years: Fraction) -> Fraction:
    total = Fraction(0)
    ends = [min(years, Fraction(tier.above_years)) for tier in rule.tiers[1:]] + [years]
    for tier, end in zip(rule.tiers, ends, strict=True):
        total += tier.months_per_year * max(end - tier.above_years, Fraction(0))  # (J1)
    return total


def statutory_severance(law: Law, salary: Decimal, seniority: Seniority, day: date) -> Decimal:
    """Return the statutory indemnity, to the cent (J1): months of reference salary times the salary.

    Parameters
    ----------
    law : Law
        The law of the country.
    salary : Decimal
        Reference salary, gross, a month; see `reference_salary`.
    seniority : Seniority
        At the end of the notice.
    day : date
        On which the dismissal is notified; it decides which rule holds.

    Raises
    ------
    ValueError
        When the salary is no finite number of 0 or more.

    Examples
    --------
    >>> from secondhall.recover.law.law import read_law
    >>> statutory_severance(read_law("france"), Decimal(1500), Seniority(12, 9), date(2026, 1, 1))
    Decimal('5125.00')
    """
    if not salary.is_finite() or salary < 0:
        raise ValueError(f"found a salary of {salary}, accepted 0 or more")
    return _to_hundredths(Fraction(salary) * months_of_salary(law, seniority, day))


def _to_hundredths(exact: Fraction) -> Decimal:
    """Round half up, in whole numbers: the caller's decimal context has no say."""
    return Decimal(f"{int(exact * 100 + Fraction(1, 2))}E-2")


def reference_salary(mean_of_12_months: Decimal, mean_of_3_months: Decimal) -> Decimal:
    """Return the salary on which the indemnity is counted: the larger of the two means (J2).

    A yearly bonus counts in the mean of three months by a quarter of it; those who served less than a year
    give the mean of all their months as the first one (R1234-4).

    Examples
    --------
    >>> reference_salary(Decimal("1525.00"), Decimal("1577.08"))
    Decimal('1577.08')
    """
    return max(mean_of_12_months, mean_of_3_months)  # (J2)


def role_severance(
    law: Law,
    *,
    monthly_gross: Decimal,
    mean_seniority: Seniority,
    stated_months: Decimal,
    day: date,
    monthly_cost: Decimal | None = None,
) -> Decimal:
    """Return what a post of a role costs on dismissal beside its notice, in months of its cost (J6).

    The larger of the statutory indemnity at the mean seniority and of what the case states, such as a
    supra-legal package. The indemnity is counted on the gross salary and carries no charges, so in months of
    a cost with charges it is fewer months.

    Parameters
    ----------
    law, day
        As in `statutory_severance`.
    monthly_gross : Decimal
        Reference salary of the role, a month.
    mean_seniority : Seniority
        Of the role. Where rates rise with seniority the mean of the indemnities is a little above the
        indemnity at the mean, and below it where the mean is just above the least seniority.
    stated_months : Decimal
        The case's ``severance_months``, in months of cost.
    monthly_cost : Decimal, optional
        Cost of a post with charges, a month; the gross salary if it is not known.

    Raises
    ------
    ValueError
        When the salary or the cost is not above 0.

    Examples
    --------
    >>> from secondhall.recover.law.law import read_law
    >>> role_severance(read_law("france"), monthly_gross=Decimal(3000), mean_seniority=Seniority(12),
    ...                stated_months=Decimal(1), day=date(2026, 1, 1), monthly_cost=Decimal(4500))
    Decimal('2.11')
    """
    cost = monthly_gross if monthly_cost is None else monthly_cost
    if monthly_gross <= 0 or cost <= 0:
        raise ValueError(f"found a salary of {monthly_gross} at a cost of {cost}, accepted both above 0")
    statutory = months_of_salary(law, mean_seniority, day) * Fraction(monthly_gross) / Fraction(cost)
    return max(_to_hundredths(statutory), stated_months)  # (J6)
