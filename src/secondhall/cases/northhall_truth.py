"""What the ledgers of ``northhall`` are drawn from: the truth that the operator does not know."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["REGIMES", "STAGES", "TRUTH", "ByRegime", "SegmentTruth", "Truth"]

REGIMES = ("boom", "steady", "bust")
STAGES = ("lead", "proposal", "letter_of_intent", "contract_sent")
ByRegime = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class SegmentTruth:
    """What a segment's ledger is drawn from; by-regime values are for boom, steady, bust."""

    new_customers_per_month: float
    intensity_growth_yearly: ByRegime
    intensity_level: ByRegime
    intensity_reversion_monthly: float
    intensity_volatility_monthly: float
    intensity_common_share: float
    order_size_units: float
    order_size_variation: float
    expansion_monthly: ByRegime
    churn_monthly: ByRegime
    term_months: int
    escalator_yearly: float
    list_price_per_unit_month: float
    waiting_lapse_monthly: float = 0.25
    ramp_months: int = 0


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The true parameters of the made-up operator; prices and intensities are those of the first month.

    Of the pipeline: the odds that an order is won and the shares of the closed ones by stage, in the order of
    `STAGES`; the share of the customers that came through it; the mean delay of a decision; the months of
    closed orders that are kept.
    """

    spells: tuple[tuple[str, int], ...] = (("steady", 20), ("boom", 14), ("bust", 14), ("steady", 24))
    mean_months: ByRegime = (24.0, 48.0, 16.0)
    after_boom_bust: float = 0.55
    after_steady_boom: float = 0.5
    after_bust_steady: float = 0.9
    price_drift_yearly: ByRegime = (0.08, 0.025, -0.12)
    price_reversion_monthly: float = 0.1
    price_volatility_monthly: float = 0.008
    energy_price_per_mwh: float = 62.0
    energy_drift_yearly: ByRegime = (0.06, 0.06, 0.06)
    energy_volatility_monthly: float = 0.05
    growth_chance_share: float = 0.4
    pipeline_odds: tuple[float, float, float, float] = (0.08, 0.2, 0.45, 0.85)
    pipeline_stages: tuple[float, float, float, float] = (0.3, 0.3, 0.2, 0.2)
    pipeline_share: float = 0.3
    pipeline_delay_months: float = 1.2
    pipeline_months: int = 30
    halls: tuple[tuple[str, float, int, float], ...] = (
        ("north-1", 2000.0, 0, 14.0e6),
        ("north-2", 2500.0, 20, 18.5e6),
        ("north-3", 3400.0, 44, 28.9e6),
    )
    segments: dict[str, SegmentTruth] = field(
        default_factory=lambda: {
            "enterprise": SegmentTruth(
                new_customers_per_month=3.5,
                intensity_growth_yearly=(0.12, 0.04, -0.05),
                intensity_level=(1.25, 1.0, 0.5),
                intensity_reversion_monthly=0.2,
                intensity_volatility_monthly=0.07,
                intensity_common_share=0.5,
                order_size_units=12.0,
                order_size_variation=1.1,
                expansion_monthly=(0.006, 0.004, 0.001),
                churn_monthly=(0.006, 0.007, 0.013),
                term_months=36,
                escalator_yearly=0.025,
                list_price_per_unit_month=245.0,
            ),
            "sme": SegmentTruth(
                new_customers_per_month=8.6,
                intensity_growth_yearly=(0.08, 0.02, -0.06),
                intensity_level=(1.15, 1.0, 0.6),
                intensity_reversion_monthly=0.2,
                intensity_volatility_monthly=0.06,
                intensity_common_share=0.4,
                order_size_units=3.0,
                order_size_variation=0.8,
                expansion_monthly=(0.003, 0.002, 0.0),
                churn_monthly=(0.012, 0.013, 0.02),
                term_months=24,
                escalator_yearly=0.025,
                list_price_per_unit_month=300.0,
            ),
            "cloud_natives": SegmentTruth(
                new_customers_per_month=4.3,
                intensity_growth_yearly=(0.2, 0.03, -0.2),
                intensity_level=(1.45, 1.0, 0.25),
                intensity_reversion_monthly=0.25,
                intensity_volatility_monthly=0.1,
                intensity_common_share=0.6,
                order_size_units=4.5,
                order_size_variation=1.0,
                expansion_monthly=(0.012, 0.006, -0.006),
                churn_monthly=(0.018, 0.025, 0.06),
                term_months=12,
                escalator_yearly=0.0,
                list_price_per_unit_month=255.0,
            ),
            "gpu_cloud": SegmentTruth(
                new_customers_per_month=0.5,
                intensity_growth_yearly=(0.3, 0.06, -0.15),
                intensity_level=(1.5, 1.0, 0.3),
                intensity_reversion_monthly=0.25,
                intensity_volatility_monthly=0.1,
                intensity_common_share=0.5,
                order_size_units=60.0,
                order_size_variation=0.9,
                expansion_monthly=(0.012, 0.005, -0.006),
                churn_monthly=(0.015, 0.02, 0.05),
                term_months=24,
                escalator_yearly=0.0,
                list_price_per_unit_month=208.0,
                ramp_months=6,
            ),
        }
    )


TRUTH = Truth()
