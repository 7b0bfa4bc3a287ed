"""The filter of periodic figures against what it is: closed forms, a plain twin, the company's own months."""

from __future__ import annotations

import numpy as np
import pytest

from secondhall.belief.kernels.series import (
    FIELDS,
    SOLD,
    SeriesData,
    filter_series,
    series_log_likelihood,
)

SIZE, VARIATION, LIST_PRICE, CHURN, EXPANSION, DRIFT, REVERSION, VOLATILITY = range(len(FIELDS))
NOTHING_LEARNED = np.zeros(1)


def series_data(
    months: int,
    *,
    segments: int = 1,
    stated: np.ndarray | None = None,
    figures: list[tuple[int, int, float, float]] = (),  # type: ignore[assignment]
    sums: tuple[tuple[int, bool], ...] = (),
    free: float = 0.4,
    customer_size: float = 40.0,
    opening_sd: float = 0.1,
) -> SeriesData:
    """Make data; ``figures`` are (month, kind, value, variance), ``sums`` (months, with services)."""
    n = segments
    plain = np.zeros((len(FIELDS), n, 3))
    plain[SIZE], plain[VARIATION], plain[LIST_PRICE] = 30.0, 1.5, 400.0
    plain[CHURN], plain[EXPANSION], plain[REVERSION] = 0.015, 0.004, 0.1
    restarts = np.array([[float(t % length == 0) for t in range(months)] for length, _ in sums])
    held = sorted(figures)
    scale = np.linspace(1.0, 0.5, n)
    return SeriesData(
        where=np.full((len(FIELDS), n, 3), -1),
        stated=plain if stated is None else stated,
        free=np.full(n, free),
        repriced=np.full(n, 0.03),
        escalator=np.full(n, 0.02 / 12),
        customer_size=np.full(n, customer_size),
        recurring=np.full(n, 12.0),
        on_order=np.full(n, 900.0),
        on_growth=np.full(n, 50.0),
        opening_sold=5000.0 * scale,
        opening_sold_sd=5000.0 * scale * opening_sd,
        opening_price=450.0 * scale**0,
        opening_price_sd=450.0 * scale**0 * opening_sd,
        restarts=restarts.reshape(len(sums), months),
        with_services=np.array([float(services) for _, services in sums]),
        month=np.array([f[0] for f in held], dtype=np.int64),
        kind=np.array([f[1] for f in held], dtype=np.int64),
        value=np.array([f[2] for f in held], dtype=np.float64),
        variance=np.array([f[3] for f in held], dtype=np.float64),
    )


def test_without_figures_the_term_is_nothing() -> None:
    data = series_data(6)
    assert series_log_likelihood(np.zeros((1, 6)), np.ones(6, dtype=np.int64), NOTHING_LEARNED, data) == 0.0


def test_figures_of_what_is_sold_have_the_density_of_the_joint_normal_law() -> None:
    """Without leavers' noise the sold capacity is linear: its joint law is written out and compared."""
    rng = np.random.default_rng(3)
    months, seen = 12, (2, 3, 7, 11)
    z = rng.integers(0, 3, months)
    x = rng.normal(3.0, 0.3, (1, months))
    stated = np.zeros((len(FIELDS), 1, 3))
    stated[SIZE], stated[VARIATION], stated[LIST_PRICE] = 30.0, 1.2, 400.0
    stated[CHURN, 0] = [0.01, 0.02, 0.05]
    stated[EXPANSION, 0] = [0.006, 0.002, -0.01]
    stated[REVERSION] = 0.1
    values = 5000.0 + 100.0 * rng.standard_normal(len(seen))
    data = series_data(
        months,
        stated=stated,
        figures=[(t, SOLD, v, 25.0) for t, v in zip(seen, values, strict=True)],
        customer_size=0.0,
    )
    churn, growth = stated[CHURN, 0][z], stated[EXPANSION, 0][z]
    keep = (1 - 0.4 * churn) * (1 - np.maximum(-growth, 0)) * (1 + np.maximum(growth, 0))
    # weight[i, j]: what of month j's orders (j = -1: of the opening) is still there at the end of seen[i]
    weight = np.array([[np.prod(keep[j + 1 : t + 1]) * (j <= t) for j in range(-1, months)] for t in seen])
    means = np.concatenate([[5000.0], 30.0 * np.exp(x[0])])
    variances = np.concatenate([[500.0**2], 30.0**2 * (1 + 1.2**2) * np.exp(x[0])])
    covariance = weight @ np.diag(variances) @ weight.T + 25.0 * np.eye(len(seen))
    gap = values - weight @ means
    expected = -0.5 * (
        gap @ np.linalg.solve(covariance, gap)
        + np.linalg.slogdet(covariance)[1]
        + len(seen) * np.log(2 * np.pi)
    )
    assert series_log_likelihood(x, z, NOTHING_LEARNED, data) == pytest.approx(expected, rel=1e-11)


def test_a_learned_field_is_read_from_its_place() -> None:
    figures = [(2, SOLD, 5100.0, 25.0), (5, SOLD, 5300.0, 25.0)]
    stated = series_data(6, figures=figures)
    x, z = np.full((1, 6), 3.0), np.array([1, 1, 0, 0, 2, 2])
    changed = stated.stated.copy()
    changed[CHURN, 0, 2] = 0.04
    where = stated.where.copy()
    where[CHURN, 0, 2] = 1
    by_place = series_log_likelihood(x, z, np.array([9.9, 0.04]), stated._replace(where=where))
    assert by_place == series_log_likelihood(x, z, NOTHING_LEARNED, stated._replace(stated=changed))
    assert by_place != series_log_likelihood(x, z, NOTHING_LEARNED, stated)


def plain_filter(x: np.ndarray, z: np.ndarray, d: SeriesData) -> float:
    """The same model, one segment, with whole matrices, and with a month's revenue as a state of its own.

    State: sold, recurring revenue, y, this month's revenue, this month's hosting, then each sum.
    """
    get = d.stated[:, 0]
    drift = np.log1p(get[DRIFT][z]) / 12
    prices = get[LIST_PRICE, 1] * np.exp(-(np.cumsum(drift)[-1] - np.cumsum(drift)))
    sums = len(d.with_services)
    states = 5 + sums
    m, P = np.zeros(states), np.zeros((states, states))
    s0, p0, vs, vp = (
        d.opening_sold[0],
        d.opening_price[0],
        d.opening_sold_sd[0] ** 2,
        d.opening_price_sd[0] ** 2,
    )
    m[:2] = s0, p0 * s0
    P[:2, :2] = [[vs, p0 * vs], [p0 * vs, p0**2 * vs + s0**2 * vp + vs * vp]]
    k, sd = get[REVERSION, 1], get[VOLATILITY, 1]
    P[2, 2] = sd**2 / (1 - (1 - k) ** 2)
    total = 0.0
    for t in range(len(z)):
        size, v, h, e = (get[row, z[t]] for row in (SIZE, VARIATION, CHURN, EXPANSION))
        up, down = max(e, 0.0), max(-e, 0.0)
        stay = (1 - d.free[0] * h) * (1 - down)
        rate, price, phi = np.exp(x[0, t]), prices[t], d.repriced[0]
        # Moves of (sold, revenue, y) by the state, by orders, by leavers.
        F = np.zeros((3, 3))
        F[0, 0] = stay * (1 + up)
        F[1] = price * (phi + up) * stay, stay * (1 - phi) * (1 + d.escalator[0]), 0.0
        F[2, 2] = 1 - k
        orders = np.array([1.0, price, 0.0])
        mean_price = m[1] / m[0]
        leavers = -np.array([1 + up, mean_price * (1 - phi) * (1 + d.escalator[0]) + price * (phi + up), 0.0])
        billed = (F[:2, :2] @ m[:2] + orders[:2] * size * rate)[1]
        to_hosting = np.array([0.0, 1.0, billed])  # hosting = M + billed y, in the new state
        to_revenue = to_hosting + np.array([d.recurring[0], 0.0, 0.0])
        A = np.zeros((states, states))
        A[:3, :3] = F
        A[3, :3] = to_revenue @ F + np.array([d.on_growth[0] * up * stay, 0, 0])
        A[4, :3] = to_hosting @ F
        B = np.zeros((states, 3))  # columns: orders, leavers, y
        for column, g in enumerate((orders, leavers, np.array([0, 0, 1.0]))):
            B[:3, column] = g
            B[3, column] = to_revenue @ g
            B[4, column] = to_hosting @ g
        B[3, 0] += d.on_order[0]
        for j in range(sums):
            source = 3 if d.with_services[j] else 4
            A[5 + j], B[5 + j] = A[source], B[source]
            if not d.restarts[j, t]:
                A[5 + j, 5 + j] += 1
        Q = np.diag(
            [
                size**2 * (1 + v**2) * rate,
                d.customer_size[0] * m[0] * d.free[0] * h * (1 - h),
                sd**2,
            ]
        )
        m = A @ m + B[:, 0] * size * rate
        P = A @ P @ A.T + B @ Q @ B.T
        for i in np.flatnonzero(d.month == t):
            H = np.zeros(states)
            H[0 if d.kind[i] == SOLD else 5 + d.kind[i]] = 1
            spread = H @ P @ H + d.variance[i]
            gap = d.value[i] - H @ m
            total -= 0.5 * (np.log(2 * np.pi * spread) + gap**2 / spread)
            K = P @ H / spread
            m, P = m + K * gap, P - np.outer(K, H @ P)
    return total


def test_the_filter_agrees_with_a_plain_one_on_any_mix_of_periods() -> None:
    rng = np.random.default_rng(11)
    months = 24
    sums = ((1, False), (3, True), (12, True))
    stated = np.zeros((len(FIELDS), 1, 3))
    stated[SIZE, 0], stated[VARIATION, 0] = [35.0, 30.0, 20.0], [1.5, 1.2, 1.0]
    stated[LIST_PRICE], stated[REVERSION], stated[VOLATILITY] = 400.0, 0.15, 0.01
    stated[CHURN, 0], stated[EXPANSION, 0] = [0.01, 0.015, 0.04], [0.006, 0.003, -0.004]
    stated[DRIFT, 0] = [0.08, -0.01, -0.2]
    figures = [(t, 0, 2.3e6 * (1 + 0.01 * rng.standard_normal()), 1e8) for t in (0, 1, 5, 6)]
    figures += [(t, 1, 7e6 * (1 + 0.01 * rng.standard_normal()), 1e9) for t in (2, 8, 14, 23)]
    figures += [(11, 2, 2.9e7, 1e10), (23, 2, 3.1e7, 1e10)]
    figures += [(t, SOLD, 5000 + 40.0 * t, 100.0) for t in (2, 11, 20)]
    data = series_data(months, stated=stated, figures=figures, sums=sums)
    x, z = rng.normal(1.5, 0.4, (1, months)), np.repeat([1, 0, 2, 1], 6)
    assert series_log_likelihood(x, z, NOTHING_LEARNED, data) == pytest.approx(
        plain_filter(x, z, data), rel=1e-9
    )


def test_two_segments_of_which_only_the_sum_is_told_are_one_of_their_sum() -> None:
    """Two segments alike, each of half the size, have the law of one segment of the whole."""
    months = 12
    figures = [(t, SOLD, 5000.0 + 30.0 * t, 400.0) for t in (2, 5, 11)]
    figures += [(t, 0, 7.0e6, 1e9) for t in (2, 8)]
    one = series_data(months, figures=figures, sums=((3, True),))
    two = series_data(months, segments=2, figures=figures, sums=((3, True),))
    half = np.full(2, 0.5)
    two = two._replace(
        opening_sold=one.opening_sold[0] * half,
        opening_sold_sd=one.opening_sold_sd[0] * np.sqrt(half),
        opening_price=np.full(2, one.opening_price[0]),
        opening_price_sd=np.zeros(2),
    )
    one = one._replace(opening_price_sd=np.zeros(1))
    x = np.linspace(1.0, 2.0, months)[None]
    z = np.ones(months, dtype=np.int64)
    apart = series_log_likelihood(np.repeat(x - np.log(2.0), 2, axis=0), z, NOTHING_LEARNED, two)
    assert apart == pytest.approx(series_log_likelihood(x, z, NOTHING_LEARNED, one), rel=1e-10)


def test_O1_O8_the_predicted_moments_are_those_of_the_company() -> None:
    """Months of Poisson orders, gamma sizes and binomial leavers, played plainly, have the filter's moments.

    Tolerance: four standard errors of a mean, and of a variance by its fourth moment, over the paths.
    """
    rng = np.random.default_rng(5)
    months, paths, size, variation, churn, growth, price = 18, 40_000, 30.0, 1.2, 0.02, 0.004, 420.0
    x, z = np.full((1, months), np.log(9.0)), np.ones(months, dtype=np.int64)
    stated = np.zeros((len(FIELDS), 1, 3))
    stated[SIZE], stated[VARIATION], stated[LIST_PRICE], stated[CHURN] = size, variation, price, churn
    stated[EXPANSION], stated[REVERSION] = growth, 0.1
    data = series_data(
        months, stated=stated, sums=((3, False),), figures=[(months - 1, SOLD, 0.0, 1.0)],
        customer_size=25.0, opening_sd=0.0,
    )  # fmt: skip
    customers, sold = np.full(paths, 200.0), np.full(paths, 5000.0)
    mrr, quarter = np.full(paths, 450.0 * 5000.0), np.zeros(paths)
    share, phi = 0.4, 0.03
    for t in range(months):
        arrived = rng.poisson(9.0, paths)
        orders = size * variation**2 * rng.gamma(np.maximum(arrived, 1e-12) / variation**2) * (arrived > 0)
        # The filter holds a customer's mean capacity and the share out of term; so does this.
        free = share * sold / 25.0
        whole = np.floor(free + rng.random(paths))
        out = np.minimum(rng.binomial(whole.astype(np.int64), churn) * 25.0 / sold, 1.0)
        stays = (1 - out) * sold
        mrr = (1 - out) * mrr * (1 - phi) * (1 + 0.02 / 12) + price * (phi * stays + growth * stays + orders)
        sold = stays * (1 + growth) + orders
        quarter = mrr + (quarter if t % 3 else 0.0)
    del customers
    found = filter_series(x, z, NOTHING_LEARNED, data._replace(variance=np.array([1e30])))
    for place, sample in ((0, sold), (1, mrr), (3, quarter)):
        error = sample.std() / np.sqrt(paths)
        assert abs(sample.mean() - found.mean[place]) < 4 * error
        variance = sample.var()
        spread = np.sqrt((((sample - sample.mean()) ** 4).mean() - variance**2) / paths)
        assert abs(variance - found.covariance[place, place]) < 4 * spread
