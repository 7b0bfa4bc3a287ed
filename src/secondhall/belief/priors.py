"""What is believed of a field before the data speak.

A field stated as low, mid and high is its own prior. One number alone is an assumption that a ledger is
there to replace: it becomes the middle of a broad interval, by the table below. What the case calls a fact
is not learned.
"""

from __future__ import annotations

from secondhall.case import Quantity
from secondhall.case.values import Kind

__all__ = ["BROAD", "prior_of"]

BROAD = {
    "intensity_growth_yearly": ("add", 0.2),
    "intensity_level": ("times", 1.5),
    "intensity_reversion_monthly": ("times", 2.0),
    "intensity_volatility_monthly": ("times", 2.0),
    "intensity_common_share": ("add", 0.3),
    "order_size_units": ("times", 1.5),
    "order_size_variation": ("times", 1.5),
    "expansion_monthly": ("add", 0.006),
    "churn_monthly": ("times", 2.5),
    "mean_months": ("times", 2.0),
    "after_boom_bust": ("add", 0.25),
    "after_steady_boom": ("add", 0.25),
    "after_bust_steady": ("add", 0.25),
    "price_drift_yearly": ("add", 0.06),
    "price_reversion_monthly": ("times", 2.0),
    "price_volatility_monthly": ("times", 2.0),
    "services_per_new_customer": ("times", 2.0),
    "services_per_new_unit": ("times", 2.0),
    "services_per_customer_month": ("times", 2.0),
    "equipment_per_new_unit": ("times", 2.0),
    "equipment_per_unit_month": ("times", 2.0),
    "lead": ("times", 2.0),
    "proposal": ("times", 2.0),
    "letter_of_intent": ("times", 2.0),
    "contract_sent": ("times", 2.0),
}
"""By the name of the field: how far from one number its broad interval reaches on either side, at 90 %."""


UNIT = "intensity_level.steady"
"""The unit in which the levels of the other regimes are measured: beside the intensity it cannot be told."""


def prior_of(name: str, quantity: Quantity) -> Quantity | None:
    """Return the prior of a field by its dotted name; None where it is a fact, or nothing to learn.

    Examples
    --------
    >>> churn = prior_of("segments.retail.churn_monthly.bust", Quantity(mid=0.02, minimum=0.0, maximum=1.0))
    >>> (churn.low, churn.mid, churn.high)
    (0.008, 0.02, 0.05)
    """
    if quantity.uncertain:
        return quantity
    field = name.split(".")[-2] if name.endswith((".boom", ".steady", ".bust")) else name.split(".")[-1]
    if quantity.kind is Kind.FACT or field not in BROAD or name.endswith(UNIT):
        return None
    how, reach = BROAD[field]
    mid = quantity.mid
    if how == "times":
        if mid <= 0.0:
            return None
        low, high = mid / reach, mid * reach
    else:
        low, high = mid - reach, mid + reach
    low, high = max(low, quantity.minimum), min(high, quantity.maximum)
    return Quantity(
        mid=mid,
        low=low,
        high=high,
        confidence=0.9,
        kind=quantity.kind,
        source=quantity.source,
        because=quantity.because,
        minimum=quantity.minimum,
        maximum=quantity.maximum,
        line=quantity.line,
    )
