"""`replay_decisions`: real decisions, taken again on what was known then, beside what was done and what came.

What was published later than a decision is taken out of its case before it is decided; only the scoring sees
it. By the rule of `secondhall.backtest.past` a hall was right to build or wrong. A call is **good** if it
says build now for a hall that was right, or anything else (wait, do not build, build less) for one that was
wrong. The rule was set before any decision was replayed, and is the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from secondhall.backtest.past import (
    FULL_ENOUGH,
    MONTHS_TO_FILL,
    Outcome,
    Past,
    known_then,
    outcome_of,
    past_decisions,
)
from secondhall.belief import Belief, Prior
from secondhall.belief.learning import learn
from secondhall.case import Case
from secondhall.decide import Contender, Settings, decide, verdict
from secondhall.decide.rules import DatedPlan, Rule
from secondhall.errors import NoAnswerError
from secondhall.futures import Estimate
from secondhall.progress import Report, quiet
from secondhall.units import percent

__all__ = [
    "ALL_BUILT",
    "RULE",
    "Replay",
    "Tally",
    "as_data",
    "replay_decisions",
    "said",
    "tally",
    "verdict_on",
]

RULE = (
    f"A hall was right to build if {percent(FULL_ENOUGH)} of it was leased within {MONTHS_TO_FILL} months "
    "of its opening; a call is good if it says build now for one that was right, or anything else for one "
    "that was wrong."
)
ALL_BUILT = "All of them were built: of halls that were turned down nothing is known."

BUILD, BUILD_LESS, WAIT, DO_NOT_BUILD = "build now", "build less", "wait", "do not build"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A decision taken again on what was known then.

    Attributes
    ----------
    past
        the decision.
    verdict
        ``build now``, ``build less``, ``wait`` or ``do not build``; it speaks of the hall decided on.
    rule
        the recommended rule, in words.
    gain
        expected NPV of the recommended rule less that of never, in the currency of the case.
    build_gain
        the same of committing the hall decided on at once, on the futures of the screening where it went no
        further; None when it was not compared.
    build_refused
        why committing it at once was refused, such as the limit on insolvency; None if it was not.
    insolvency
        probability of insolvency under the recommended rule.
    belief
        what the belief rests on, in words.
    outcome
        what came.
    """

    past: Past
    verdict: str
    rule: str
    gain: Estimate
    build_gain: Estimate | None
    build_refused: str | None
    insolvency: Estimate
    belief: str
    outcome: Outcome

    @property
    def good(self) -> bool | None:
        """Whether the call was good; None where what came is not known."""
        right = self.outcome.right
        return None if right is None else (self.verdict == BUILD) == right


@dataclass(frozen=True, slots=True)
class Tally:
    """How many calls were good, and how many two rules of thumb would have got right.

    Attributes
    ----------
    good, bad, unknown
        calls.
    always_build, never_build
        good calls of a tool that says the same every time.
    """

    good: int
    bad: int
    unknown: int
    always_build: int
    never_build: int


def tally(replays: Sequence[Replay]) -> Tally:
    """Count the calls."""
    calls = [replay.good for replay in replays]
    rights = [replay.outcome.right for replay in replays]
    return Tally(
        good=calls.count(True),
        bad=calls.count(False),
        unknown=calls.count(None),
        always_build=rights.count(True),
        never_build=rights.count(False),
    )


def replay_decisions(
    which: str | Path | Sequence[str] | None = None,
    *,
    futures: int = Settings().futures,
    seed: int = 7,
    threads: int | None = None,
    report: Report = quiet,
) -> tuple[Replay, ...]:
    """Take decisions again, each on what was known at its date, and set them beside what came.

    Parameters
    ----------
    which
        names of decisions, or a folder with ``decisions.csv``; the whole reality set by default.
    futures, seed
        on which the finalists of each decision are judged; by default those of any other plan.
    threads
        how many; all cores by default.
    report
        called with (what is being done, done, total).

    Raises
    ------
    InputError
        When there is no such decision, or its case cannot be read.
    """
    pasts = past_decisions(which)
    settings = replace(Settings(), futures=futures, threads=threads)
    replays = []
    for done, past in enumerate(pasts):
        report("deciding again", done, len(pasts))
        replays.append(_replay(past, settings, seed, report))
    report("deciding again", len(pasts), len(pasts))
    return tuple(replays)


def _replay(past: Past, settings: Settings, seed: int, report: Report) -> Replay:
    case = known_then(past.case)
    belief, words = _belief(case, report)
    decision = decide(case, belief, seed=seed, settings=settings)
    best = decision.recommended
    at_once = DatedPlan.commit_now(past.option, case.start).name
    now = next((c for c in decision.contenders if c.rule.name == at_once), None)
    return Replay(
        past=past,
        verdict=verdict_on(past.option, best),
        rule=best.rule.words(case),
        gain=best.gain,
        build_gain=None if now is None else now.gain,
        build_refused=None if now is None else now.refused,
        insolvency=best.risk.insolvency,
        belief=words,
        outcome=outcome_of(past),
    )


def _belief(case: Case, report: Report) -> tuple[Belief, str]:
    """Return what is learned; where it cannot be trusted, the case's statements, and say so."""
    try:
        belief = learn(case, report=lambda what, done, total: report(f"{case.name}: {what}", done, total))
    except NoAnswerError as refused:
        prior = Prior(case)
        return prior, f"{prior.words} ({refused})"
    return belief, belief.words


def verdict_on(option: str, recommended: Contender) -> str:
    """Return what a recommendation says of one option: to build another one now is to build less of it."""
    said_now = verdict(recommended)
    if said_now != "build":
        return WAIT if said_now == "wait" else DO_NOT_BUILD
    return BUILD if _option_of(recommended.rule) == option else BUILD_LESS


def _option_of(rule: Rule) -> str | None:
    if isinstance(rule, DatedPlan):
        return next((action.target for action in rule.actions if action.action == "commit"), None)
    return getattr(rule, "option", None)


def as_data(replays: Sequence[Replay]) -> dict[str, object]:
    """Return the replays as plain data, what ``--json`` prints."""
    return {
        "rule": {"leased_share_at_least": FULL_ENOUGH, "months_from_opening": MONTHS_TO_FILL},
        "tally": {name: getattr(tally(replays), name) for name in Tally.__dataclass_fields__},
        "decisions": [
            {
                "decision": replay.past.name,
                "case": replay.past.case.name,
                "month": str(replay.past.case.start),
                "option": replay.past.option,
                "done": replay.past.done,
                "verdict": replay.verdict,
                "rule": replay.rule,
                "gain": replay.gain.as_data(),
                "gain_of_building_now": None if replay.build_gain is None else replay.build_gain.as_data(),
                "building_now_refused": replay.build_refused,
                "currency": replay.past.case.currency,
                "probability_of_insolvency": replay.insolvency.as_data(),
                "belief": replay.belief,
                "opened": str(replay.outcome.opened),
                "due": str(replay.outcome.due),
                "leased": [
                    {"month": str(figure.month), "share": figure.share, "fact": figure.fact.fact}
                    for figure in replay.outcome.figures
                ],
                "closed": None if replay.outcome.closed is None else str(replay.outcome.closed),
                "right_to_build": replay.outcome.right,
                "good_call": replay.good,
            }
            for replay in replays
        ],
    }


def said(replays: Sequence[Replay]) -> str:
    """Return the count in words, as it is."""
    counts = tally(replays)
    unknown = f"; of {counts.unknown} more it is not known what came" if counts.unknown else ""
    return (
        f"{counts.good} good calls and {counts.bad} bad ones of {counts.good + counts.bad}{unknown}. To say "
        f"build every time would have been good in {counts.always_build}, to say no every time in "
        f"{counts.never_build}. {RULE} {ALL_BUILT}"
    )
