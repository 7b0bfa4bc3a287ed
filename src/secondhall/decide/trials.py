"""Trials: rules played for the search, each once; written down as they are done, so that none is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from secondhall.belief import Belief
from secondhall.belief.store import code_digest
from secondhall.case import Case
from secondhall.company import slots_of
from secondhall.decide.rules import Never, Rule
from secondhall.decide.scoring import InsolvencyLimit, score_parts
from secondhall.futures import Estimate, Futures, RuleToPlay, cvar, difference, play_rules, probability

__all__ = ["Trial", "Trials", "journal_of"]

AT_ONCE = 64
"""Rules played in one go: what is kept of them must fit into memory."""

PLACED = 4
"""Paths whose parameters tell one belief from another."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule came to over some futures.

    Attributes
    ----------
    score
        (1 - weight) expected NPV + weight CVaR.
    insolvency, over_never
        probability of insolvency; what it is more than that of never.
    gain
        expected NPV less that of never; None where a journal of before does not hold it.
    cvar
        CVaR of the NPV at 5 %; None likewise.
    """

    score: Estimate
    insolvency: Estimate
    over_never: Estimate
    gain: Estimate | None = None
    cvar: Estimate | None = None

    def standing(self, limit: InsolvencyLimit, *, errors: float = 0.0) -> tuple[bool, float]:
        """Return what rules are put in order by, the largest first: a rule that keeps the limit, then score.

        Those that break it are ordered by how far.
        """
        excess = limit.excess(self.insolvency, self.over_never, errors=errors)
        return (True, self.score.value) if excess <= 0.0 else (False, -excess)


class Trials:
    """The rules that were played, by rule and number of futures.

    Parameters
    ----------
    case, belief
        of the decision.
    weight
        on the CVaR.
    seed
        the futures: the same for all trials.
    threads
        how many; all cores when None.
    journal
        a file in which each trial is written as it is done, and from which those of a run that was stopped
        are read; none for memory alone.
    """

    def __init__(
        self,
        case: Case,
        belief: Belief,
        *,
        weight: float,
        seed: int,
        threads: int | None = None,
        journal: Path | None = None,
    ) -> None:
        self._case, self._belief, self._slots = case, belief, slots_of(case)
        self._weight, self._seed, self._threads, self._journal = weight, seed, threads, journal
        self._done: dict[tuple[str, int], Trial] = {} if journal is None else _read(journal)
        self._idle: dict[int, Futures] = {}
        self._asked: dict[str, tuple[Rule, int]] = {}

    @property
    def tried(self) -> tuple[tuple[Rule, Trial], ...]:
        """Every rule that was asked for, once, with what it came to over the most futures of its own."""
        return tuple((rule, self._done[key, paths]) for key, (rule, paths) in self._asked.items())

    def of(self, rules: Sequence[Rule], paths: int) -> list[Trial]:
        """Return what each rule came to over so many futures; what was played before is not played again."""
        wanted = {repr(rule): rule for rule in rules}
        missing = [rule for key, rule in wanted.items() if (key, paths) not in self._done]
        for first in range(0, len(missing), AT_ONCE):
            self._play(missing[first : first + AT_ONCE], paths)
        for key, rule in wanted.items():
            self._asked[key] = (rule, max(paths, self._asked.get(key, (rule, 0))[1]))
        return [self._done[repr(rule), paths] for rule in rules]

    def _play(self, rules: Sequence[Rule], paths: int) -> None:
        idle = self._idle.get(paths)
        played = self._futures([*rules, Never()] if idle is None else rules, paths)
        if idle is None:
            *played, idle = played
            self._idle[paths] = idle
        for rule, futures in zip(rules, played, strict=True):
            self._write(repr(rule), paths, self._trial(futures, idle))

    def _futures(self, rules: Sequence[Rule], paths: int) -> list[Futures]:
        return list(
            play_rules(
                self._belief,
                [RuleToPlay(rule.name, rule.terms(self._case, self._slots)) for rule in rules],
                start=self._case.start,
                paths=paths,
                seed=self._seed,
                banded=False,
                threads=self._threads,
            )
        )

    def _trial(self, futures: Futures, idle: Futures) -> Trial:
        failed, idle_failed = (one.outcomes["insolvency_month"] >= 0.0 for one in (futures, idle))
        return Trial(
            score=Estimate.of_mean(score_parts(futures.outcomes["npv"], self._weight)),
            insolvency=probability(failed),
            over_never=difference(failed.astype(float), idle_failed.astype(float)),
            gain=difference(futures.outcomes["npv"], idle.outcomes["npv"]),
            cvar=cvar(futures.outcomes["npv"]),
        )

    def _write(self, rule: str, paths: int, trial: Trial) -> None:
        self._done[rule, paths] = trial
        if self._journal is not None:
            self._journal.parent.mkdir(parents=True, exist_ok=True)
            with self._journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"rule": rule, "paths": paths, **asdict(trial)}) + "\n")


def _read(journal: Path) -> dict[tuple[str, int], Trial]:
    """Return the trials of a journal; a line that was cut off is not one."""
    done: dict[tuple[str, int], Trial] = {}
    if not journal.is_file():
        return done
    for line in journal.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
            figures = {name: Estimate(**row[name]) for name in ("score", "insolvency", "over_never")}
            later = {name: Estimate(**row[name]) for name in ("gain", "cvar") if row.get(name)}
            done[row["rule"], row["paths"]] = Trial(**figures, **later)
        except (ValueError, KeyError, TypeError):
            continue
    return done


def journal_of(case: Case, belief: Belief, *, weight: float, seed: int) -> Path:
    """Return where the trials of a decision are written: another case, belief or code has another place."""
    digest = hashlib.sha256(code_digest("belief", "company", "case", "futures", "decide"))
    asked = [case.start.ordinal, case.horizon_months, seed, weight, belief.scenario, dict(case.hashes)]
    digest.update(json.dumps(asked, sort_keys=True).encode())
    p = belief.parameters(seed, np.arange(PLACED))
    for group in (p.segment, p.segment_regime, p.hall, p.phase, p.role, p.firm, p.firm_regime, p.schedule):
        digest.update(np.ascontiguousarray(group.array).tobytes())
    return user_cache_path("secondhall") / "searches" / f"{case.name}-{digest.hexdigest()[:16]}.jsonl"
