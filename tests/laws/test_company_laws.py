"""Laws of the company: on every path and every month of the bundled cases and of random companies.

Unless a test says otherwise a sum holds to 1e-9 of the magnitudes that enter it: 120 months of some thousand
additions part by 1.2e5 x 1.1e-16 = 1.3e-11 of them at most.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tests.strategies import BUNDLED, Company, Play, bundled, companies, random_company

from secondhall.company.chance import Chance
from secondhall.company.layout import OPEN, SERIES, Floats
from secondhall.company.oracle.play import PHASES, opening_state
from secondhall.company.oracle.state import Desk
from secondhall.company.parameters import FORECAST, PRELEASE, idle_terms

RELATIVE = 1e-9

ASSETS = ("cash", "receivables", "hall_assets", "other_assets")
LIABILITIES = ("payables", "provisions", "revolver", "term_debt", "shareholder_loan")
STOCKS = (*ASSETS, *LIABILITIES, "equity", "net_debt")

Law = Callable[[Company], None]
LAWS: dict[str, Law] = {}


def law(check: Law) -> Law:
    """Check it on the bundled cases and on random companies."""
    LAWS[check.__name__] = check
    return check


def step_back(series: Floats, opening: Floats) -> Floats:
    """Return [month, path] the month before's value, the opening's in the first."""
    return np.concatenate([np.broadcast_to(opening, (1, series.shape[1])), series[:-1]])


def change(series: Floats, opening: Floats) -> Floats:
    return series - step_back(series, opening)


def opening_balances(company: Company) -> dict[str, Floats]:
    """Return the opening balance sheet, read off the parameters; equity is what balances it."""
    p = company.parameters
    names = ("cash", "other_assets", *LIABILITIES)
    found = {name: getattr(p.firm, name) for name in names}
    found["receivables"] = p.segment.receivables.sum(axis=0)
    found["hall_assets"] = p.hall.book.sum(axis=0)
    found["equity"] = sum(found[a] for a in ASSETS) - sum(found[b] for b in LIABILITIES)
    return found


def money_at_stake(play: Play) -> Floats:
    """Return [month, path] the largest amount seen so far among balances and flows."""
    names = (*STOCKS, "revenue", "ebitda", "net_income", "capex", "write_offs", "operating_cash_flow")
    return np.maximum.accumulate(sum(np.abs(play.of(name)) for name in names), axis=0)


def assert_equal(left: Floats, right: Floats, scale: Floats) -> None:
    np.testing.assert_array_less(np.abs(left - right), RELATIVE * scale + 1e-12)


# Balance sheet and income ------------------------------------------------------------------------


@law
def assets_equal_liabilities_and_equity_to_a_millionth(company: Company) -> None:
    """(F13)"""
    play = company.played
    assets = sum(play.of(name) for name in ASSETS)
    owed = sum(play.of(name) for name in (*LIABILITIES, "equity"))
    # a company that was wound up has no assets left; what it owes stands against negative equity
    total = np.maximum(np.abs(assets), 1.0)
    assert (np.abs(assets - owed) <= 1e-6 * total).all()


@law
def equity_changes_by_the_net_income(company: Company) -> None:
    """(F13)"""
    play, opening = company.played, opening_balances(company)["equity"]
    income = np.cumsum(play.of("net_income"), axis=0)
    assert_equal(play.of("equity"), opening + income, money_at_stake(play) + np.abs(opening))


@law
def revenue_is_the_three_activities_and_ebitda_what_costs_leave_of_it(company: Company) -> None:
    """(F1)"""
    play = company.played
    activities = play.of("hosting") + play.of("services") + play.of("equipment")
    assert_equal(play.of("revenue"), activities, np.abs(activities))
    costs = sum(
        play.of(name)
        for name in (
            "energy_cost",
            "hall_cost",
            "staff_cost",
            "sales_cost",
            "overhead_cost",
            "equipment_cost",
        )
    )
    costs = costs + play.of("bad_debt")
    assert_equal(play.of("ebitda"), play.of("revenue") - costs, play.of("revenue") + np.abs(costs))


@law
def net_income_is_what_every_charge_leaves_of_ebitda(company: Company) -> None:
    """(F5) What has no series of its own between EBITDA and net income is an exit charge, never a gain."""
    play = company.played
    named = ("depreciation", "write_offs", "restructuring", "interest", "tax")
    rest = play.of("ebitda") - sum(play.of(name) for name in named) - play.of("net_income")
    scale = money_at_stake(play)
    assert (rest >= -RELATIVE * scale).all()
    assert (play.of("tax") >= 0.0).all()
    no_exit = company.play(idle_terms(company.parameters.halls))
    alive = no_exit.of("alive") > 0.0
    rest = no_exit.of("ebitda") - sum(no_exit.of(name) for name in named) - no_exit.of("net_income")
    assert (np.abs(rest) <= RELATIVE * money_at_stake(no_exit))[alive].all()


# Cash --------------------------------------------------------------------------------------------


@law
def the_cash_flow_statement_reconciles_cash(company: Company) -> None:
    """(F8, F10)"""
    play, opening = company.played, opening_balances(company)["cash"]
    flows = sum(play.of(f"{kind}_cash_flow") for kind in ("operating", "investing", "financing"))
    scale = money_at_stake(play) + np.abs(opening)
    assert_equal(change(play.of("cash"), opening), flows, scale)


@law
def the_indirect_method_gives_the_same_operating_cash_flow(company: Company) -> None:
    """Net income, what cost no cash, and the change of what is owed.

    While the company goes on: in the month in which it is wound up the receivables that nobody pays are a
    write-off and a change of receivables at once.
    """
    play, opening = company.played, opening_balances(company)

    def grown(name: str) -> Floats:
        return change(play.of(name), opening[name])

    capitalised_interest = grown("shareholder_loan") - play.of("shareholder_injection")
    indirect = (
        play.of("net_income")
        + play.of("depreciation")
        + play.of("write_offs")
        + capitalised_interest
        - grown("receivables")
        + grown("payables")
        + grown("provisions")
    )
    going = play.of("alive") > 0.0
    allowed = RELATIVE * (money_at_stake(play) + sum(np.abs(opening[name]) for name in opening))
    assert (np.abs(play.of("operating_cash_flow") - indirect) <= allowed)[going].all()


@law
def investing_and_financing_follow_from_the_balance_sheet(company: Company) -> None:
    """(F8 to F10) Halls and other assets grow by what is invested, debts by what is borrowed."""
    play, opening = company.played, opening_balances(company)

    def grown(name: str) -> Floats:
        return change(play.of(name), opening[name])

    going = play.of("alive") > 0.0
    allowed = RELATIVE * (money_at_stake(play) + sum(np.abs(opening[name]) for name in opening))
    invested = grown("hall_assets") + grown("other_assets") + play.of("depreciation") + play.of("write_offs")
    assert (np.abs(play.of("investing_cash_flow") + invested) <= allowed)[going].all()
    borrowed = grown("revolver") + grown("term_debt") + play.of("shareholder_injection")
    assert (np.abs(play.of("financing_cash_flow") - borrowed) <= allowed)[going].all()


# Halls and customers -----------------------------------------------------------------------------


@law
def no_more_is_sold_than_stands_open(company: Company) -> None:
    """(P2, P6)"""
    play = company.played
    assert (play.of("sold_units") <= play.of("capacity") * (1.0 + RELATIVE) + 1e-9).all()
    assert (play.of("sold_new_halls") <= play.of("sold_units") * (1.0 + RELATIVE) + 1e-9).all()
    for name in (
        "capacity",
        "sold_units",
        "sold_new_halls",
        "customers",
        "staff",
        "monthly_recurring_revenue",
    ):
        assert (play.of(name) >= 0.0).all(), name


@law
def nothing_waits_or_is_lost_below_zero(company: Company) -> None:
    """(P5)"""
    for name in ("waiting_units", "lost_units", "new_customers", "ordered_units"):
        assert (company.played.of(name) >= 0.0).all(), name


@law
def an_insolvent_company_does_nothing_afterwards(company: Company) -> None:
    """(F12) Flows are zero, balances stand still."""
    play = company.played
    dead = play.of("alive") == 0.0
    after = np.concatenate([np.zeros((1, dead.shape[1]), dtype=bool), dead[:-1]])
    assert (dead | ~after).all(), "a company that failed came back"
    still = {*STOCKS, "alive", "regime", "bust_probability", "utilisation"}
    for name in set(SERIES) - still:
        assert (play.of(name)[after] == 0.0).all(), name
    for name in STOCKS:
        values = play.of(name)
        assert (values[1:][after[1:]] == values[:-1][after[1:]]).all(), name
    for name in (
        "customers",
        "monthly_recurring_revenue",
        "receivables",
        "hall_assets",
        "other_assets",
        "staff",
    ):
        assert (play.of(name)[after] == 0.0).all(), name


@law
def the_filter_gives_a_probability(company: Company) -> None:
    """(D1)"""
    bust = company.played.of("bust_probability")
    assert ((bust >= 0.0) & (bust <= 1.0)).all()


# Outcomes ----------------------------------------------------------------------------------------


@law
def outcomes_follow_from_the_series(company: Company) -> None:
    """(R1, R3) The value of a path, its peak need, what it built and lost, told again from its months."""
    play, p = company.played, company.parameters
    discount = p.firm.discount_factor ** np.arange(1, p.months + 1)[:, None]
    scale = money_at_stake(play)[-1] * p.months
    value = (discount * play.of("free_cash_flow")).sum(axis=0) + play.outcome("terminal_value")
    assert_equal(play.outcome("npv"), value, scale)
    injected = np.cumsum(play.of("shareholder_injection"), axis=0)
    assert_equal(play.outcome("injected"), injected[-1], scale)
    need = np.maximum((injected + play.of("revolver")).max(axis=0), 0.0)
    assert_equal(play.outcome("peak_funding"), need, scale)
    for name in ("capex", "write_offs", "lost_units"):
        total = play.of(name).sum(axis=0)
        assert_equal(play.outcome(name), total, np.abs(total))
    stranded = (play.of("capacity") - play.of("sold_units")).sum(axis=0)
    assert_equal(play.outcome("stranded_unit_months"), stranded, play.of("capacity").sum(axis=0) + 1.0)
    dead = play.of("alive") == 0.0
    month = np.where(dead.any(axis=0), dead.argmax(axis=0), -1)
    assert (play.outcome("insolvency_month") == month).all()


@law
def years_are_the_sums_of_their_months(company: Company) -> None:
    play, p = company.played, company.parameters
    year = (p.start_month_of_year + np.arange(p.months)) // 12
    scale = money_at_stake(play)[-1] * 12
    for name in ("revenue", "net_income", "free_cash_flow"):
        summed = np.stack([play.of(name)[year == y].sum(axis=0) for y in range(p.years)])
        assert_equal(play.year(name), summed, np.broadcast_to(scale, summed.shape))
    assert_equal(play.outcome("worst_year"), play.year("net_income").min(axis=0), scale)


@law
def the_shareholders_value_is_what_remains_less_what_was_put_in(company: Company) -> None:
    """(R2) On paths that survive; on the others at least what was put in is lost, less what was left."""
    play, p = company.played, company.parameters
    discount = p.firm.discount_factor ** np.arange(1, p.months + 1)[:, None]
    put_in = (discount * play.of("shareholder_injection")).sum(axis=0)
    last = discount[-1]
    owed = play.of("revolver")[-1] + play.of("term_debt")[-1]
    terminal = play.outcome("terminal_value") / last
    left = last * np.maximum(terminal + play.of("cash")[-1] - owed, 0.0)
    alive = play.of("alive")[-1] > 0.0
    allowed = RELATIVE * money_at_stake(play)[-1] * p.months
    value = play.outcome("equity_value")
    assert (np.abs(value - (left - put_in)) <= allowed)[alive].all()
    assert (value >= -put_in - allowed)[~alive].all()
    assert (play.outcome("terminal_value") == 0.0)[~alive].all()


# Rules -------------------------------------------------------------------------------------------


@law
def a_trigger_that_never_fires_is_never_to_the_byte(company: Company) -> None:
    """(D3, D4) A threshold of a billion is out of reach while any hall is open."""
    idle = idle_terms(company.parameters.halls)
    never = company.play(idle)
    for trigger in (FORECAST, PRELEASE):
        waiting = replace(company.rule, trigger=trigger, threshold=1e9)
        waiting = replace(
            waiting,
            **{
                name: getattr(idle, name)
                for name in ("commit_month", "stop_month", "mothball_month", "close_month")
            },
            freeze_month=idle.freeze_month,
            dismiss_month=idle.dismiss_month,
            measures=idle.measures,
        )
        assert company.play(waiting).bytes == never.bytes


# Playing them ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("case", "how"), BUNDLED)
def test_law_holds_on_the_bundled_cases(name: str, case: str, how: str) -> None:
    LAWS[name](bundled(case, how))


@settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(company=companies())
def test_every_law_holds_on_200_random_companies(company: Company) -> None:
    for check in LAWS.values():
        check(company)


def test_random_companies_go_through_what_the_laws_speak_of() -> None:
    rng = np.random.default_rng(20010501)
    played = [random_company(rng).played for _ in range(40)]
    failed = np.array([(one.outcome("insolvency_month") >= 0).mean() for one in played])
    assert 0.1 < failed.mean() < 0.9
    for outcome in ("commitments", "covenant_breaches", "write_offs", "lost_units", "injected"):
        assert any((one.outcome(outcome) > 0).any() for one in played), outcome
    for series in (
        "restructuring",
        "capex",
        "tax",
        "revolver",
        "term_debt",
        "waiting_units",
        "sold_new_halls",
    ):
        assert any((one.of(series) > 0).any() for one in played), series


# Inside the month, by the oracle -----------------------------------------------------------------


def phases_of(company: Company) -> Iterator[tuple[str, Desk]]:
    """Step the oracle phase by phase; yields the phase's name and the desk after it."""
    p, paths = company.parameters, np.arange(company.paths)
    chance = Chance(company.seed, paths)
    desk = Desk(
        p=p,
        known=company.known,
        rule=company.rule,
        state=opening_state(p, company.known, chance),
        chance=chance,
    )
    for month in range(p.months):
        desk.month = month
        yield "month begins", desk
        for phase in PHASES:
            phase(desk)
            yield phase.__name__, desk


def conserved(company: Company) -> None:
    """Step through a company and check what may not get lost between its phases."""
    p = company.parameters
    start, unlocked, customers, sold = (np.zeros(0),) * 4
    for phase, desk in phases_of(company):
        segment, hall, flow = desk.state.segment, desk.state.hall, desk.flow
        crowd = 1.0 + segment.customers
        if phase == "month begins":
            start, locked = segment.customers.copy(), segment.locked.copy()
            unlocked = np.minimum(desk.state.unlocking[:, desk.month], locked)
        elif phase == "play_orders":
            assert_equal(segment.customers, start - flow.leavers, crowd + start)
            assert_equal(segment.locked, np.minimum(locked - unlocked, segment.customers), 1.0 + locked)
            customers, locked = segment.customers.copy(), segment.locked.copy()
        elif phase == "play_placement":
            assert_equal(segment.customers, customers + flow.placed_customers, crowd)
            held = np.where(p.segment.term_months >= 1.0, flow.placed_customers, 0.0)
            assert_equal(segment.locked, locked + held, crowd)
            customers, sold = segment.customers.copy(), hall.sold.sum(axis=0)
            installed = segment.installed.sum(axis=0)
            assert_equal(installed, sold, 1.0 + installed)
        elif phase == "play_halls":
            kept = hall.sold.sum(axis=0)
            assert (kept <= sold * (1.0 + RELATIVE) + 1e-9).all()
            share = np.where(sold > 0.0, kept / np.maximum(sold, 1e-300), 1.0)
            # a closed hall takes the same share of every segment
            assert_equal(segment.customers, customers * share, 1.0 + customers)
        elif phase == "play_outcomes":
            check_month_end(desk)


def check_month_end(desk: Desk) -> None:
    segment, hall = desk.state.segment, desk.state.hall
    assert (segment.locked <= segment.customers * (1.0 + RELATIVE) + 1e-9).all()
    for row in (segment.customers, segment.locked, segment.waiting_units, segment.reserved_units):
        assert (row >= 0.0).all()
    room = np.where(hall.state == OPEN, hall.capacity, 0.0)
    assert (hall.sold <= room * (1.0 + RELATIVE) + 1e-9).all(), "a hall holds more than its capacity"
    assert_equal(segment.installed.sum(axis=0), hall.sold.sum(axis=0), 1.0 + hall.sold.sum(axis=0))
    seen = desk.state.firm
    assert_equal(seen.seen_boom + seen.seen_steady + seen.seen_bust, np.ones_like(seen.cash), 1.0)


@pytest.mark.parametrize(("case", "how"), [(case, how) for case, how in BUNDLED if how != "never"])
def test_customers_and_capacity_are_conserved_in_every_hall_of_the_bundled_cases(case: str, how: str) -> None:
    conserved(bundled(case, how))


@settings(max_examples=15, derandomize=True, deadline=None, database=None)
@given(company=companies(months=24))
def test_customers_and_capacity_are_conserved_in_every_hall_of_random_companies(company: Company) -> None:
    conserved(company)


@pytest.mark.slow
@settings(max_examples=200, derandomize=True, deadline=None, database=None)
@given(company=companies(months=36))
def test_customers_and_capacity_are_conserved_in_every_hall_of_200_random_companies(company: Company) -> None:
    conserved(company)
