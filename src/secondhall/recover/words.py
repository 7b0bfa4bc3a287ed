"""A way out in plain English: sentences that a board, a bank and a works council can read alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise

from secondhall.futures import Interval
from secondhall.futures.risk import probability
from secondhall.months import Month
from secondhall.recover.problem import Fate
from secondhall.recover.programme import Plan, Refusal, Value
from secondhall.recover.programme.plan import PlannedWave
from secondhall.recover.proof import quantile
from secondhall.recover.recovery import Recovery
from secondhall.units import money, percent

__all__ = [
    "cautions",
    "decided_at_review",
    "decided_now",
    "hall_words",
    "headline",
    "listed",
    "money_words",
    "needed_words",
    "no_plan_words",
    "others_words",
    "refusal_words",
    "signs",
    "stop_or_go_further",
    "tide_names",
    "waiting_words",
]

MILLION = 1e6

_ORDERS = {
    "renegotiate": "renegotiate the rent of {hall} in {month}",
    "sublet": "sublet {hall} in {month}",
    "mothball": "mothball {hall} in {month}",
    "sell": "sell {hall} in {month}",
    "close": "close {hall} in {month}",
    "stop": "stop building {hall} in {month}",
}
_FATES = {
    "keep": "{hall} stays open",
    "renegotiate": "{hall} stays open, at the rent offered by its landlord from {month} on",
    "sublet": "{hall} is left to a subtenant from {month} on",
    "mothball": "{hall} is emptied and put to rest in {month}",
    "sell": "{hall} is sold in {month}, and its lease goes with it",
    "close": "{hall} is emptied and closed in {month}",
    "stop": "{hall} is not finished: building stops in {month}",
}


def money_words(recovery: Recovery) -> Callable[[float], str]:
    """Return what writes an amount in the case's currency."""
    return lambda amount: money(amount, recovery.case.currency)


def listed(parts: Sequence[str]) -> str:
    """Join parts as a sentence does.

    Examples
    --------
    >>> listed(["one", "two", "three"])
    'one, two and three'
    """
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part) if parts else ""


def hall_words(recovery: Recovery, fate: Fate) -> str:
    """Return what becomes of a hall."""
    said = {"hall": recovery.laid.problem.halls[fate.hall], "month": _month(recovery, fate.month)}
    return _FATES[fate.action].format(**said)


def headline(recovery: Recovery) -> str:
    """Return the answer in a sentence or two."""
    if recovery.plan is None:
        why = " ".join(no_plan_words(recovery))
        return f"No plan keeps the company within its limits: {why[:1].lower()}{why[1:]}"
    if not recovery.is_needed:
        gain = recovery.proof.gain_over(recovery.nothing)
        return (
            f"Nothing needs doing: {needed_words(recovery)}. A plan would still add "
            f"{money_words(recovery)(gain.value)} of value: {'; '.join(_orders(recovery, recovery.plan))}."
        )
    return f"{_begun('; '.join((*_orders(recovery, recovery.plan), _cheque(recovery))))}."


def no_plan_words(recovery: Recovery) -> tuple[str, ...]:
    """Return why there is no plan; nothing where there is one."""
    why = recovery.no_plan
    if why is None:
        return ()
    if why.shortfall.is_enough:
        return ("None was found in the time given, which does not say that there is none.",)
    return why.words(money_words(recovery))


def _orders(recovery: Recovery, plan: Plan) -> Iterator[str]:
    """Yield what is decided before the review, as orders."""
    problem = recovery.laid.problem
    early = [fate for fate in plan.fates[0] if fate.action != "keep" and fate.month < problem.review]
    for fate in early:
        said = {"hall": problem.halls[fate.hall], "month": _month(recovery, fate.month)}
        yield _ORDERS[fate.action].format(**said)
    if not early:
        yield "keep every hall"
    posts, total = recovery.posts_leaving, int(problem.posts.sum())
    yield f"{posts} of {total} posts go" if posts else f"all {total} posts stay"


def _cheque(recovery: Recovery) -> str:
    """Return what the shareholder puts in, in the middle future and in the worst of twenty."""
    middle, worst = (quantile(recovery.proof.cheque, share).value for share in (0.5, 0.95))
    said = money_words(recovery)
    if worst <= 0.0:
        return "the shareholder puts in nothing in nineteen futures of twenty"
    return (
        f"the shareholder puts in {said(middle)} in the middle future, {said(worst)} in the worst of twenty"
    )


def needed_words(recovery: Recovery) -> str:
    """Return what comes if nothing is done, beside what is accepted."""
    nothing = recovery.nothing
    asked = probability(nothing.cheque > 0.0).value
    return (
        f"if nothing is done the shareholder is asked for money in {percent(asked)} of futures and the "
        f"company fails in {percent(nothing.insolvency.value)}, where "
        f"{percent(recovery.laid.problem.fail_limit)} is accepted"
    )


def decided_now(recovery: Recovery) -> tuple[str, ...]:
    """Return what is decided before the review, hall by hall, then wave by wave."""
    plan, problem = recovery.plan, recovery.laid.problem
    if plan is None:
        return ()
    said = [_hall_now(recovery, plan, hall) for hall in range(len(problem.halls))]
    said += [_wave(recovery, one) for one in plan.early_waves(problem)]
    said += _moves(recovery, plan, 0, 0, problem.review)
    if not plan.early_waves(problem):
        said.append("No post goes by decision before the review.")
    if plan.is_waived:
        fee = money_words(recovery)(recovery.case.recovery.number("waiver_fee").mid)
        said.append(f"The lenders are asked not to test the covenants, for {fee}.")
    return tuple(said)


def _hall_now(recovery: Recovery, plan: Plan, hall: int) -> str:
    review = recovery.laid.problem.review
    fates = [tide[hall] for tide in plan.fates]
    first = fates[0]
    if all(fate == first for fate in fates) and (first.action == "keep" or first.month < review):
        return f"{hall_words(recovery, first)}."
    return f"{recovery.laid.problem.halls[hall]} stays open until the review at least."


def _wave(recovery: Recovery, one: PlannedWave) -> str:
    """Return who goes in a wave, by role, and when."""
    problem = recovery.laid.problem
    wave = problem.waves[one.wave]
    who = []
    for role, dismissed, volunteers in zip(problem.roles, one.dismissals, one.volunteers, strict=True):
        parts = [f"{dismissed} by dismissal"] * bool(dismissed)
        parts += [f"{volunteers} by volunteering"] * bool(volunteers)
        if parts:
            who.append(f"{_said(role)}: {listed(parts)}")
    when = (
        f"the dismissed are paid their notice apart and no longer work from {_month(recovery, wave.leave)} on"
    )
    if sum(one.volunteers):
        when += f", volunteers from {_month(recovery, wave.volunteers_leave)}"
    return (
        f"{_posts(one.posts)} under the procedure for {wave.name}, announced in "
        f"{_month(recovery, wave.announced)} ({'; '.join(who)}); {when}."
    )


def _moves(recovery: Recovery, plan: Plan, tide: int, first: int, until: int) -> list[str]:
    """Return the redeployments of some months, one sentence for each pair of roles."""
    problem = recovery.laid.problem
    found = []
    order = sorted(plan.redeployments[tide], key=lambda one: (one.redeployment, one.month))
    inside = [move for move in order if first <= move.month < until]
    for pair, moves in groupby(inside, key=lambda one: one.redeployment):
        one = problem.redeployments[pair]
        parts = [f"{move.posts} in {_month(recovery, move.month)}" for move in moves]
        source, target = _said(problem.roles[one.source]), _said(problem.roles[one.target])
        found.append(f"From {source} to {target} people are trained and change their post: {listed(parts)}.")
    return found


def tide_names(tides: int) -> tuple[str, ...]:
    """Return names of the tides, from the poorest up.

    Examples
    --------
    >>> tide_names(3)
    ('poor tide', 'middle tide', 'good tide')
    """
    if tides <= 1:
        return ("every future",) * tides
    if tides <= 3:
        return ("poor tide", *("middle tide",) * (tides - 2), "good tide")
    return tuple(f"tide {place + 1} of {tides}, from the poorest" for place in range(tides))


def signs(recovery: Recovery) -> tuple[str, ...]:
    """Return for each tide by which sign it is known at the review."""
    points, currency = [float(point) for point in recovery.thresholds], recovery.case.currency

    def said(amount: float) -> str:
        return f"{round(amount / MILLION, 2) + 0.0:,.2f} M {currency}"

    start, end = _month(recovery, 0), _month(recovery, recovery.laid.problem.review - 1)
    earned = f"EBITDA earned from {start} to {end}"
    if not points:
        return (earned,)
    found = [f"{earned} below {said(points[0])}"]
    found += [f"{earned} between {said(a)} and {said(b)}" for a, b in pairwise(points)]
    return (*found, f"{earned} above {said(points[-1])}")


def decided_at_review(recovery: Recovery) -> tuple[str, ...]:
    """Return for each tide by which sign it is known and what is then done; once where all do the same."""
    plan = recovery.plan
    if plan is None:
        return ()
    later = {_later(recovery, plan, tide) for tide in range(len(plan.fates))}
    if len(later) == 1:
        return (
            f"Whatever has been earned by {_month(recovery, recovery.laid.problem.review)}: {later.pop()}",
        )
    found = []
    names = tide_names(len(plan.fates))
    for tide, (name, sign) in enumerate(zip(names, signs(recovery), strict=False)):
        share = percent(float((recovery.proof.tide == tide).mean()))
        then = _later(recovery, plan, tide)
        found.append(f"{_begun(name)} ({sign}; {share} of futures): {then}")
    return tuple(found)


def _later(recovery: Recovery, plan: Plan, tide: int) -> str:
    """Return what a tide decides at the review and after it."""
    problem = recovery.laid.problem
    said = [
        f"{hall_words(recovery, fate)}."
        for fate in plan.fates[tide]
        if fate.action != "keep" and fate.month >= problem.review
    ]
    late = [one for one in plan.waves[tide] if problem.waves[one.wave].announced >= problem.review]
    said += [_wave(recovery, one) for one in late]
    said += _moves(recovery, plan, tide, problem.review, problem.months)
    return " ".join(said) or "nothing further is decided."


def stop_or_go_further(recovery: Recovery) -> tuple[str, ...]:
    """Return what would make one stop, go further, or plan anew."""
    plan, problem = recovery.plan, recovery.laid.problem
    if plan is None:
        return ()
    last = problem.review - 1
    without = recovery.proof.own_cash[last]
    low, high = (money_words(recovery)(quantile(without, share).value) for share in (0.05, 0.95))
    when, posts = _month(recovery, last), recovery.laid.smallest_plan
    again = recovery.wants_more(recovery.proof)
    cut_less = (
        "Stop and plan anew, cutting less, if the cash that the company has made by itself stands above "
        f"{high} at the end of {when}: only one future in twenty does so well."
    )
    go_further = (
        f"Go further, and plan anew before the review, if it stands below {low}: only one future in twenty "
        "does so badly."
    )
    another = (
        f"Another plan is needed at the end of {_month(recovery, problem.months - 1)} in "
        f"{percent(again.value)} ± {percent(again.error, 1)} of futures: {posts} posts or more are then too "
        "many, or all that the shareholder promised is spent, or the company has failed."
    )
    return cut_less, go_further, another


def cautions(recovery: Recovery) -> tuple[str, ...]:
    """Return what a reader must know before the plan is followed.

    That another way on is worth more than it, by more than two standard errors; that posts go under several
    procedures that begin in one month, which the law may count together.
    """
    if recovery.plan is None:
        return ()
    found = []
    said = money_words(recovery)
    for proof in recovery.proofs.values():
        more = proof.gain_over(recovery.proof)
        if proof is recovery.proof or more.value <= 2.0 * more.error:
            continue
        cheque = quantile(proof.cheque, 0.95).value - quantile(recovery.proof.cheque, 0.95).value
        asked = f"{said(abs(cheque))} {'more' if cheque >= 0.0 else 'less'}"
        found.append(
            f"Played in full, “{proof.name}” is worth {said(more.value)} ± {said(more.error)} more than the "
            f"plan; the shareholder is asked for {asked} in the worst future of twenty."
        )
    problem = recovery.laid.problem
    months = [problem.waves[one.wave].announced for one in recovery.plan.early_waves(problem)]
    for month, count in Counter(months).items():
        if count > 1:
            found.append(
                f"{count} procedures begin in {_month(recovery, month)}: the law counts dismissals within "
                "thirty days together, so that the largest of them may hold for all these posts."
            )
    return tuple(found)


def refusal_words(recovery: Recovery, one: Refusal) -> str:
    """Return why something is not done, with amounts in the case's currency."""
    said = money_words(recovery)
    if one.cost is not None:
        is_value = isinstance(recovery.goal, Value)
        if one.cost <= 0.0:
            return "it would cost nothing" if is_value else "the cheque would be the same"
        return f"it would cost {said(one.cost)} of {'value' if is_value else 'expected cheque'}"
    if one.family is not None:
        more = f": {said(one.excess)} more would be wanted" if one.excess is not None else ""
        return f"no plan can: {one.family.value} refuses it{more}"
    return (
        "no plan that does it was found in time"
        if one.status.value != "infeasible"
        else ("no plan can: several constraints together refuse it")
    )


def others_words(recovery: Recovery) -> tuple[str, ...]:
    """Say what the plan would be for other companies that the evidence allows."""
    others = recovery.others
    if others is None or not others.posts_leaving.size:
        return ()
    gone = Interval.of(others.posts_leaving)
    given_up = [f"{hall} in {percent(share)}" for hall, share in others.closes.items()]
    posts = f"{gone.low:.0f} to {gone.high:.0f} posts of {others.posts.mean():.0f}"
    said = [
        f"In nine of ten of {others.posts.size}, {posts} go; half: {gone.mid:.0f}.",
        f"Given up would be {listed(given_up)}.",
    ]
    if others.unsaved:
        said.append(f"{others.unsaved} would have no plan.")
    return tuple(said)


def waiting_words(recovery: Recovery) -> tuple[str, ...]:
    """Return what waiting costs, month by month of waiting."""
    of = "of value" if isinstance(recovery.goal, Value) else "of expected cheque"
    said = money_words(recovery)
    if recovery.plan is None:
        later = "Decided {} months later, {} more would be wanted; as much sooner, about as much less."
        return tuple(later.format(months, said(cost)) for months, cost in recovery.waiting.items())
    return tuple(
        f"Waiting {months} {'month' if months == 1 else 'months'} costs {said(cost)} {of}."
        for months, cost in recovery.waiting.items()
    )


def _month(recovery: Recovery, month: int) -> Month:
    return recovery.case.start + month


def _said(role: str) -> str:
    return role.replace("_", " ")


def _posts(count: int) -> str:
    return f"{count} post goes" if count == 1 else f"{count} posts go"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
