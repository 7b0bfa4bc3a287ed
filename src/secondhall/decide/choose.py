"""Chooses a rule: screened on one set of futures, judged on another, said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from secondhall.belief import Belief
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.decide import words
from secondhall.decide.board.assemble import board_paper
from secondhall.decide.board.frontier import Tried
from secondhall.decide.board.paper import BoardPaper
from secondhall.decide.bound import InformationBound
from secondhall.decide.candidates import candidates, simplicity
from secondhall.decide.counterfactual import counterfactual, fact_checks, live_twice
from secondhall.decide.decision import Contender, Counterfactual, Decision, FactCheck, Timing
from secondhall.decide.families import families_of
from secondhall.decide.information import measure_next
from secondhall.decide.programme.method import TreeProgramme
from secondhall.decide.reconcile import reconcile
from secondhall.decide.rules import DatedPlan, Never, Rule
from secondhall.decide.scoring import InsolvencyLimit, contend, ranked
from secondhall.decide.search import RuleSearch, search
from secondhall.decide.timing import timing_of
from secondhall.decide.trials import Trials, journal_of
from secondhall.decide.yardsticks import held_against
from secondhall.futures import Futures, RuleToPlay, play_rules
from secondhall.progress import Report, quiet

__all__ = ["Settings", "decide", "play_named", "recommend", "recommended_rule"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a decision is reached; the same for every case unless said otherwise.

    Attributes
    ----------
    futures
        on which the finalists are judged.
    screening
        share of that number on which all rules are screened first, on futures of their own.
    finalists, sure_finalists
        rules that go on to be judged, beside never and the dated plans of the case: the best that may
        stay within the limit on insolvency, and the best that stay within it by two standard errors.
    risk_weight
        weight of the CVaR at 5 % beside the expected NPV.
    method
        how long is searched for rules beside the ones that are always looked at.
    bound
        how it is told what no rule can be worth more than, when the rules are searched.
    limit
        what a rule's probability of insolvency must not exceed.
    programme
        how large the stochastic programme is that a searched rule is set beside.
    threads
        how many; all cores when None.
    """

    futures: int = 8_000
    screening: float = 0.1
    finalists: int = 4
    sure_finalists: int = 2
    risk_weight: float = 0.2
    method: RuleSearch = field(default_factory=RuleSearch)
    bound: InformationBound = field(default_factory=InformationBound)
    limit: InsolvencyLimit = field(default_factory=InsolvencyLimit)
    programme: TreeProgramme = field(default_factory=TreeProgramme)
    threads: int | None = None


SCREENED_AT_LEAST = 1000
"""Futures of the screening, unless fewer are judged: less would leave the finalists to chance."""

SCREENING_SEED, SEARCH_SEED, TIMING_SEED = 1_000_003, 2_000_003, 3_000_003
"""Added to the seed for the futures on which rules are screened, searched, and delayed."""


def play_named(
    case: Case,
    belief: Belief,
    rules: Sequence[Rule],
    *,
    paths: int,
    seed: int,
    banded: bool = True,
    threads: int | None = None,
    report: Report = quiet,
    doing: str = "playing futures",
) -> tuple[Futures, ...]:
    """Play rules over the same futures of a case."""
    slots = slots_of(case)
    played = [RuleToPlay(rule.words(case), rule.terms(case, slots)) for rule in rules]
    return play_rules(
        belief,
        played,
        start=case.start,
        paths=paths,
        seed=seed,
        banded=banded,
        threads=threads,
        progress=lambda done, total: report(doing, done, total),
    )


def decide(
    case: Case,
    belief: Belief,
    *,
    rules: Sequence[Rule] | None = None,
    seed: int = 7,
    settings: Settings | None = None,
    report: Report = quiet,
) -> Decision:
    """Choose among rules.

    Parameters
    ----------
    case
        the case as it stands at the decision.
    belief
        where the parameters of the futures come from.
    rules
        what to compare; by default the same kinds of rule for every case, their figures searched. Never is
        always among them.
    seed
        the futures.
    settings
        how many futures, what weight on risk, which limits.
    report
        called with (what is being done, done, total).
    """
    settings = settings or Settings()
    order, shown, tried = _judged(case, belief, rules, seed, settings, report)
    look_back, checks = _look_back(case, belief, seed, settings, report)
    decision = _said(case, belief, order, shown, seed, settings, look_back, checks, tried, report)
    if rules is not None:
        return decision
    return held_against(
        decision,
        belief,
        bound=settings.bound.limited(settings.futures),
        programme=settings.programme.limited(settings.futures, case.horizon_months),
        threads=settings.threads,
        report=report,
    )


def recommended_rule(
    case: Case, belief: Belief, *, seed: int = 7, settings: Settings | None = None, report: Report = quiet
) -> Rule:
    """Return the rule that `decide` recommends, without what it says of it."""
    order, _, _ = _judged(case, belief, None, seed, settings or Settings(), report)
    return recommend(order)[0].rule


def _judged(
    case: Case,
    belief: Belief,
    rules: Sequence[Rule] | None,
    seed: int,
    settings: Settings,
    report: Report,
) -> tuple[tuple[Contender, ...], tuple[Contender, ...], Tried]:
    """Return the rules that were judged, those with the ones screened out, and what the search looked at."""
    tried: Tried = ()
    if rules is None:
        rules, tried = _search(case, belief, seed, settings, report)
    all_rules = _with_never(tuple(rules))
    screened = _screen(case, belief, all_rules, seed, settings, report)
    kept = _finalists(case, screened, settings)
    judged = _contend(
        case,
        belief,
        kept,
        settings,
        seed=seed,
        paths=settings.futures,
        banded=True,
        report=report,
        doing="judging",
    )
    order = ranked(list(judged), settings.risk_weight)
    out = [c for c in screened if c.rule not in kept]
    shown = (*order, *(replace(c, refused=c.refused or words.screened_out(c, case)) for c in out))
    return order, shown, tried


def _search(
    case: Case, belief: Belief, seed: int, settings: Settings, report: Report
) -> tuple[tuple[Rule, ...], Tried]:
    """Return the rules that are looked at for every case and those that were found; all that was tried."""
    drawn, weight = seed + SEARCH_SEED, settings.risk_weight
    trials = Trials(
        case,
        belief,
        weight=weight,
        seed=drawn,
        threads=settings.threads,
        journal=journal_of(case, belief, weight=weight, seed=drawn),
    )
    found = search(
        families_of(case),
        trials,
        settings.limit,
        method=settings.method.limited(settings.futures),
        seed=seed,
        report=report,
    )
    return tuple({repr(rule): rule for rule in (*candidates(case), *found)}.values()), trials.tried


def _with_never(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return rules if any(isinstance(rule, Never) for rule in rules) else (Never(), *rules)


def _said(
    case: Case,
    belief: Belief,
    order: Sequence[Contender],
    shown: tuple[Contender, ...],
    seed: int,
    settings: Settings,
    look_back: Counterfactual | None,
    checks: tuple[FactCheck, ...],
    tried: Tried,
    report: Report,
) -> Decision:
    """Put the answer into words."""
    recommended, tied = recommend(order)
    never = next(c for c in order if isinstance(c.rule, Never))
    information, perfect = measure_next(case, belief, order, seed=seed, weight=settings.risk_weight)
    return Decision(
        case=case,
        month=case.start,
        seed=seed,
        paths=settings.futures,
        contenders=shown,
        recommended=recommended,
        tied=tied,
        never=never,
        headline=words.headline(case, recommended, belief.scenario),
        do_now=words.do_now(case, recommended) + words.unkept(settings.limit, never, order),
        what_would_change=words.what_would_change(case, recommended, order),
        worth=words.worth(case, recommended, never, tied),
        risk_words=words.risk(case, recommended, never),
        risk_weight=settings.risk_weight,
        insolvency_limit=settings.limit.at_most,
        counterfactual=look_back,
        fact_checks=checks,
        reconciled=reconcile(case),
        settings=_told(settings, belief, seed),
        information=information,
        timing=_timed(case, belief, recommended, seed, settings),
        perfect_information=perfect,
        board=_for_the_board(case, belief, order, recommended, tried, seed, settings, report),
    )


def _timed(
    case: Case, belief: Belief, recommended: Contender, seed: int, settings: Settings
) -> Timing | None:
    paths = max(settings.futures // 2, 1)
    return timing_of(
        case, belief, recommended, paths=paths, seed=seed + TIMING_SEED, threads=settings.threads
    )


def _for_the_board(
    case: Case,
    belief: Belief,
    order: Sequence[Contender],
    recommended: Contender,
    tried: Tried,
    seed: int,
    settings: Settings,
    report: Report,
) -> BoardPaper:
    return board_paper(
        case,
        belief,
        order,
        recommended,
        tried,
        seed=seed,
        weight=settings.risk_weight,
        limit=settings.limit,
        threads=settings.threads,
        report=report,
    )


def _told(settings: Settings, belief: Belief, seed: int) -> dict[str, object]:
    """Return the settings that a reader is told."""
    return {
        "futures": settings.futures,
        "screening futures": _screening_paths(settings),
        "seed": seed,
        "risk weight": settings.risk_weight,
        "belief": belief.words,
        "scenario": belief.scenario,
    }


def _screening_paths(settings: Settings) -> int:
    return max(int(settings.futures * settings.screening), min(settings.futures, SCREENED_AT_LEAST))


def _screen(
    case: Case, belief: Belief, rules: Sequence[Rule], seed: int, settings: Settings, report: Report
) -> tuple[Contender, ...]:
    paths = _screening_paths(settings)
    drawn = seed + SCREENING_SEED
    contenders = _contend(
        case, belief, rules, settings, seed=drawn, paths=paths, banded=False, report=report, doing="screening"
    )
    return ranked(list(contenders), settings.risk_weight)


def _contend(
    case: Case,
    belief: Belief,
    rules: Sequence[Rule],
    settings: Settings,
    *,
    seed: int,
    paths: int,
    banded: bool,
    report: Report,
    doing: str,
) -> tuple[Contender, ...]:
    futures = play_named(
        case,
        belief,
        rules,
        paths=paths,
        seed=seed,
        banded=banded,
        threads=settings.threads,
        report=report,
        doing=f"{doing} {len(rules)} rules",
    )
    idle = next(f for rule, f in zip(rules, futures, strict=True) if isinstance(rule, Never))
    return tuple(
        contend(rule, one, idle, weight=settings.risk_weight, limit=settings.limit)
        for rule, one in zip(rules, futures, strict=True)
    )


def _finalists(case: Case, screened: Sequence[Contender], settings: Settings) -> tuple[Rule, ...]:
    """Return never, the case's plans, the best that may pass the limit, and the best that surely does."""
    always = [c.rule for c in screened if isinstance(c.rule, Never) or _is_plan_of(case, c.rule)]
    by_score = sorted(screened, key=lambda c: -c.score.value)

    def best(errors: float, count: int) -> list[Rule]:
        rest = [c for c in by_score if c.rule not in always]
        return [c.rule for c in rest if settings.limit.passes(c, errors=errors)][:count]

    hopeful, sure = best(-2.0, settings.finalists), best(2.0, settings.sure_finalists)
    return tuple(dict.fromkeys((*always, *hopeful, *sure)))


def _is_plan_of(case: Case, rule: Rule) -> bool:
    return isinstance(rule, DatedPlan) and rule.name in case.plans


def recommend(order: Sequence[Contender]) -> tuple[Contender, tuple[Contender, ...]]:
    """Return the best that may be chosen, and those that tie with it; of ties the simplest is chosen."""
    free = [c for c in order if c.refused is None] or list(order[:1])
    tied = tuple(c for c in free if c.behind.value <= 2.0 * c.behind.error)
    simplest = min(tied or (free[0],), key=lambda c: (simplicity(c.rule), -c.score.value))
    return simplest, tied


def _look_back(
    case: Case, belief: Belief, seed: int, settings: Settings, report: Report
) -> tuple[Counterfactual | None, tuple[FactCheck, ...]]:
    """Live the case's first plan that still lies ahead twice, with and without what it commits."""
    ahead = [(name, actions) for name, actions in case.plans.items() if actions[0].month >= case.start]
    if not ahead or not any(action.action == "commit" for action in ahead[0][1]):
        return None, ()
    plan = DatedPlan(*ahead[0])
    with_hall, without_hall = live_twice(
        case,
        belief,
        plan,
        paths=max(settings.futures // 2, 1),
        seed=seed,
        threads=settings.threads,
        progress=lambda done, total: report("the same futures with and without the hall", done, total),
    )
    return counterfactual(case, plan, with_hall, without_hall), fact_checks(case, with_hall)
