"""The `Decision`: the recommended rule, its rivals, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secondhall.case import Case
from secondhall.decide.board.paper import BoardPaper
from secondhall.decide.rules.rule import Rule
from secondhall.futures import Estimate, Futures, Interval, Risk
from secondhall.months import Month

if TYPE_CHECKING:
    from secondhall.decide.programme.result import ProgrammeResult

__all__ = [
    "Bound",
    "BridgeLine",
    "Contender",
    "Counterfactual",
    "Decision",
    "FactCheck",
    "Information",
    "Reconciled",
]


@dataclass(frozen=True, slots=True)
class Contender:
    """One rule played, and how it stands against doing nothing.

    Attributes
    ----------
    gain
        expected NPV less that of never, over the same futures.
    loss_probability
        probability that it is worth less than never.
    score
        (1 - weight) expected NPV + weight CVaR: what the recommendation maximises.
    behind
        score of the best less this one's, over the same futures.
    commits
        probability that it commits anything within the horizon.
    commits_now
        probability that it commits in the first month.
    irr, moic
        5, 50, 95 % points of the internal rate of return and of the multiple of money of what it adds to
        never, over the futures in which it commits; None where it never does.
    insolvency_over_never
        probability of insolvency less that of never, over the same futures.
    refused
        why it may not be recommended (the limit that it breaks); None if it may.
    """

    rule: Rule
    futures: Futures
    risk: Risk
    gain: Estimate
    loss_probability: Estimate
    score: Estimate
    behind: Estimate
    commits: Estimate
    commits_now: Estimate
    irr: Interval | None
    moic: Interval | None
    terminal_share: float
    insolvency_over_never: Estimate
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """One line of the income statement of a year with and without the hall, means over the same futures.

    A cost is negative, so that the lines add up to the net income.
    """

    line: str
    with_hall: float
    without_hall: float
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What a plan's hall explains of a year's result: the same futures with and without it.

    Attributes
    ----------
    plan, year
        the dated plan, the calendar year.
    with_hall, without_hall
        net income of the year, 5, 50 and 95 % points over futures.
    explained
        net income with less without, the same points; negative when the hall costs.
    mean_explained
        its mean with its Monte-Carlo error.
    share_of_loss
        share of the loss that the hall explains, in the futures whose loss is a tenth of revenue or more.
    near_facts
        the same as ``explained``, over the futures whose figures come near the facts of the year;
        None without facts or too few futures.
    near_paths
        how many these are.
    bridge
        the year's income statement with and without.
    """

    plan: str
    year: int
    with_hall: Interval
    without_hall: Interval
    explained: Interval
    mean_explained: Estimate
    share_of_loss: Interval | None
    near_facts: Interval | None
    near_paths: int
    bridge: tuple[BridgeLine, ...]


@dataclass(frozen=True, slots=True)
class FactCheck:
    """A fact of the case beside the prior predictive band of the plan as it happened.

    Attributes
    ----------
    fact, words, period, source
        as in facts.csv.
    value
        the figure.
    band
        5, 50, 95 % points of the simulated quantity.
    inside
        whether the figure lies in the band.
    """

    fact: str
    words: str
    period: str
    source: str
    unit: str
    value: float
    band: Interval
    inside: bool


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A line of month zero beside the last closed accounts."""

    line: str
    books: float
    model: float
    equal: bool
    note: str


SURE = 3.0
"""Standard errors above zero at which a worth is believed: of 60 figures that are worth nothing, in more than
nine cases of ten none passes by chance."""


@dataclass(frozen=True, slots=True)
class Information:
    """What knowing one figure before deciding would be worth.

    Attributes
    ----------
    name
        dotted name of the field, without the regime.
    fields
        the uncertain fields that one measurement tells: the regimes of one field are one measurement, since
        the records in which it is looked up hold them all; different segments, halls and options are not.
    worth
        (R6), in the currency of the case, with its Monte-Carlo error; it may come out below zero, by its
        error.
    changes
        probability that another rule is chosen once it is known.
    words
        a sentence for the operator.
    """

    name: str
    fields: tuple[str, ...]
    worth: Estimate
    changes: Estimate
    words: str

    @property
    def told(self) -> bool:
        """Whether its worth can be told from nothing."""
        return self.worth.value > SURE * self.worth.error


@dataclass(frozen=True, slots=True)
class Waiting:
    """What it costs to follow the rule only from so many months on: NPV of following it now less that."""

    months: int
    cost: Estimate


@dataclass(frozen=True, slots=True)
class Cancelling:
    """What it costs to commit now and to cancel so many months after: NPV of never less that."""

    months: int
    cost: Estimate


@dataclass(frozen=True, slots=True)
class Timing:
    """When: what waiting and cancelling cost, and when to look again.

    Attributes
    ----------
    option
        that the rule commits, the first of several.
    waiting
        the months of waiting that are priced.
    cancelling
        months after a commitment; the last is the last in which it can be cancelled, before it opens.
    review
        the month of the next review: before the rule is likely to have committed.
    """

    option: str
    waiting: tuple[Waiting, ...]
    cancelling: tuple[Cancelling, ...]
    review: Month


@dataclass(frozen=True, slots=True)
class Bound:
    """What no rule can be worth more than. All in expected NPV over never.

    The rules that are bounded commit one option once, or several copies of it at once, at one of the dates,
    whatever they know of the past; no limit on insolvency binds them.

    Attributes
    ----------
    upper
        no rule is worth more.
    perfect
        what the best plan of each future would bring to who knew the future: the bound without penalty.
    informed
        what is brought at least by who knows the parameters of the company and the true regime, as no rule
        can, but not the future.
    waiting
        what the recommended rule brings more than the better of never and the best commitment now: the value
        of not having to decide now.
    every
        months between two dates.
    plans
        how many plans there are, never included.
    paths, inner
        on how many futures it rests.
    """

    upper: Estimate
    perfect: Estimate
    informed: Estimate
    waiting: Estimate
    every: int
    plans: int
    paths: int
    inner: int

    def reached(self, gain: Estimate) -> float:
        """Return what share of the bound a gain over never is; 1 where nothing is worth more than never."""
        return gain.value / self.upper.value if self.upper.value > 0.0 else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The answer to whether the hall should be committed.

    Attributes
    ----------
    case
        the case as it stands at ``month``.
    month
        when the decision is taken.
    contenders
        best score first; the first that is not refused is recommended.
    tied
        contenders whose score cannot be told from the best (within two standard errors).
    do_now, what_would_change, worth, risk_words
        the answer in words, ready to show.
    risk_weight, insolvency_limit
        the settings of the choice.
    counterfactual, fact_checks, reconciled
        where the case has what they need.
    information
        what knowing each uncertain figure before deciding would be worth, the most first; empty where there
        is nothing to choose from.
    perfect_information
        what knowing the whole future before deciding would be worth, which no figure can exceed.
    timing
        what waiting and cancelling cost; None for a rule that never commits.
    bound
        what no rule can be worth more than; None where it was not asked for or there are no options.
    board
        what a board is shown beside the answer.
    programme
        what a stochastic programme of the case says, a benchmark; None where the rules were given or nothing
        can be committed.
    """

    case: Case
    month: Month
    seed: int
    paths: int
    contenders: tuple[Contender, ...]
    recommended: Contender
    tied: tuple[Contender, ...]
    never: Contender
    headline: str
    do_now: str
    what_would_change: tuple[str, ...]
    worth: str
    risk_words: str
    risk_weight: float
    insolvency_limit: float
    counterfactual: Counterfactual | None
    fact_checks: tuple[FactCheck, ...]
    reconciled: tuple[Reconciled, ...]
    settings: Mapping[str, object]
    information: tuple[Information, ...] = ()
    perfect_information: Estimate | None = None
    timing: Timing | None = None
    bound: Bound | None = None
    board: BoardPaper | None = None
    programme: ProgrammeResult | None = None
