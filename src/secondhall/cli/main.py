"""``secondhall``: the commands. Heavy imports live inside them, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from secondhall import __version__
from secondhall.cli.guard import guarded
from secondhall.cli.runs import runs_app

__all__ = ["app", "main"]

app = typer.Typer(
    name="secondhall",
    help="When to build the next data hall, how big, and what if demand does not come.",
    epilog="Try: secondhall plan fluxus",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(runs_app, name="runs")

CaseArgument = Annotated[
    str,
    typer.Argument(
        help="Folder of a case, or a bundled one: fluxus, interxion, northhall, paris2006.", metavar="CASE"
    ),
]
AtOption = Annotated[str | None, typer.Option("--at", help="A decision date of the case, such as 2001-01.")]
FuturesOption = Annotated[
    int, typer.Option("--futures", "-n", min=1, max=10_000_000, help="How many futures.")
]
SeedOption = Annotated[
    int, typer.Option(min=0, max=2**62, help="Which futures: the same seed gives the same bytes.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Threads; all cores by default. Results do not depend on it."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print data for machines instead of words.")]
ScenarioOption = Annotated[str | None, typer.Option(help="A named scenario of the case to impose.")]
GuardBust = Annotated[
    float, typer.Option(min=0, max=1, help="Triggers hold while the probability of a bust is above this.")
]
GuardFunded = Annotated[
    float, typer.Option(min=0, help="Triggers hold while liquidity covers less than this share of the capex.")
]


class Goals(StrEnum):
    """What a way out is best at."""

    value = "value"
    cheque = "cheque"


RULES_HELP = (
    "A rule: never, now:OPTION, plan:NAME, forecast:OPTION:0.9 (utilisation over the lead time) or "
    "prelease:OPTION:0.5 (share signed for)."
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"secondhall {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Plan the next data hall."""


@app.command(epilog="Example: secondhall init myhalls")
@guarded
def init(name: Annotated[str, typer.Argument(help="Name of the new case; its folder is made here.")]) -> None:
    """Write a commented template of a case."""
    from secondhall.case import write_template

    folder = Path(name)
    write_template(folder, folder.name)
    typer.echo(f"Wrote {folder}/case.yaml and empty ledgers. Next: secondhall check {folder}")


@app.command(epilog="Example: secondhall check northhall")
@guarded
def check(
    case: CaseArgument,
    strict: Annotated[bool, typer.Option("--strict", help="Take doubts as errors.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a case: every fault with its file, row, column, and how to mend it."""
    from secondhall.cli.check import run_check

    raise typer.Exit(run_check(case, strict=strict, as_json=as_json))


@app.command(epilog="Example: secondhall learn fluxus --at 2001-01 --out learned")
@guarded
def learn(
    case: CaseArgument,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            help="Use only what was known before this month, such as 2001-01; one after the start explains "
            "what came of the plan of a case with a history.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**62, help="Of the sampler: the same seed gives the same draws.")
    ] = 7,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Learn again, though what was learned is stored.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder of the page.")] = Path("out"),
    as_json: JsonOption = False,
) -> None:
    """Learn from a case's data: what they say of every unknown, what they cannot say, the regime now.

    From its ledger of contracts, else its periodic figures, else a handful of public facts.

    What was learned is stored, and reused by all commands as long as the case stays as it is. For machines:
    secondhall learn northhall --json
    """
    from secondhall.cli.learn import run_learn

    run_learn(case, at=at, seed=seed, fresh=fresh, out=out, as_json=as_json)


@app.command(epilog="Example: secondhall simulate northhall --rule now:north-4 --futures 100000")
@guarded
def simulate(
    case: CaseArgument,
    rule: Annotated[str, typer.Option(help=RULES_HELP)] = "never",
    at: AtOption = None,
    scenario: ScenarioOption = None,
    futures: FuturesOption = 10_000,
    seed: SeedOption = 7,
    threads: ThreadsOption = None,
    guard_bust: GuardBust = 1.0,
    guard_funded: GuardFunded = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Play one rule over many futures: bands month by month, outcomes, risk."""
    from secondhall.cli.play import run_compare

    run_compare(
        case,
        [rule],
        verb="simulate",
        at=at,
        scenario=scenario,
        futures=futures,
        seed=seed,
        threads=threads,
        guards=(guard_bust, guard_funded),
        as_json=as_json,
    )


@app.command(epilog="Example: secondhall compare paris2006 never now:paris_c prelease:paris_c:0.5")
@guarded
def compare(
    case: CaseArgument,
    rules: Annotated[list[str], typer.Argument(help=RULES_HELP, metavar="RULE...")],
    at: AtOption = None,
    scenario: ScenarioOption = None,
    futures: FuturesOption = 10_000,
    seed: SeedOption = 7,
    threads: ThreadsOption = None,
    guard_bust: GuardBust = 1.0,
    guard_funded: GuardFunded = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Play several rules over the same futures, side by side."""
    from secondhall.cli.play import run_compare

    run_compare(
        case,
        rules,
        verb="compare",
        at=at,
        scenario=scenario,
        futures=futures,
        seed=seed,
        threads=threads,
        guards=(guard_bust, guard_funded),
        as_json=as_json,
    )


@app.command(epilog="Example: secondhall plan fluxus --at 2001-01 --out report")
@guarded
def plan(
    case: CaseArgument,
    at: AtOption = None,
    scenario: ScenarioOption = None,
    futures: FuturesOption = 8_000,
    seed: SeedOption = 7,
    threads: ThreadsOption = None,
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("out"),
    as_json: JsonOption = False,
) -> None:
    """Recommend a rule: what to do now, what would change that, what it is worth, what can go wrong."""
    from secondhall.cli.plan import run_plan

    run_plan(
        case, at=at, scenario=scenario, futures=futures, seed=seed, threads=threads, out=out, as_json=as_json
    )


@app.command(epilog="Example: secondhall stress paris2006 --rule now:paris_c --futures 2000")
@guarded
def stress(
    case: CaseArgument,
    rule: Annotated[
        str | None, typer.Option(help=f"What is stressed; by default what plan recommends. {RULES_HELP}")
    ] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Find the mildest shock that breaks half of the futures.")
    ] = False,
    at: AtOption = None,
    futures: FuturesOption = 4_000,
    seed: SeedOption = 7,
    threads: ThreadsOption = None,
    guard_bust: GuardBust = 1.0,
    guard_funded: GuardFunded = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Stress a rule: the scenarios of the case side by side, and which rule would be chosen under each."""
    from secondhall.cli.stress import run_stress

    run_stress(
        case,
        rule=rule,
        reverse=reverse,
        at=at,
        futures=futures,
        seed=seed,
        threads=threads,
        guards=(guard_bust, guard_funded),
        as_json=as_json,
    )


@app.command(
    epilog="Examples: secondhall recover fluxus --at 2001-12; secondhall recover mine --goal value --json"
)
@guarded
def recover(
    case: CaseArgument,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="The last month whose books are closed, such as 2001-12; the plan begins after it."
        ),
    ] = None,
    goal: Annotated[
        Goals,
        typer.Option(help="Best at what: the shareholder's least cheque, or the company's value."),
    ] = Goals.cheque,
    run: Annotated[
        str | None,
        typer.Option(help="Stand in one future of this run of simulate instead, at the month of --at."),
    ] = None,
    future: Annotated[int, typer.Option(min=0, help="Which future of the run.")] = 0,
    futures: FuturesOption = 4_000,
    companies: Annotated[
        int,
        typer.Option(
            min=0, max=500, help="Other companies that the evidence allows, each with a plan of its own."
        ),
    ] = 20,
    seconds: Annotated[
        float, typer.Option(min=1, help="The longest search; Ctrl-C ends it with the best plan so far.")
    ] = 60.0,
    seed: SeedOption = 7,
    out: Annotated[Path, typer.Option(help="Folder of the paper.")] = Path("out"),
    as_json: JsonOption = False,
) -> None:
    """Plan the way out when the hall is already empty.

    Which halls close and when, which posts go under which law, what it costs, what the shareholder must put
    in; proven over fresh futures, beside doing nothing, closing everything and what was really done.
    """
    from secondhall.cli.recover import run_recover

    run_recover(
        case,
        at=at,
        run=run,
        future=future,
        goal=goal.value,
        futures=futures,
        companies=companies,
        seconds=seconds,
        seed=seed,
        out=out,
        as_json=as_json,
    )


@app.command(
    epilog="Examples: secondhall backtest interxion --from 2013-03 --every 6; secondhall backtest --decisions"
)
@guarded
def backtest(
    case: Annotated[
        str | None,
        typer.Argument(help="Folder of a case, or a bundled one such as interxion.", metavar="CASE"),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="The first date to stand at, such as 2004-01.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="The last date; by default while figures came.")] = None,
    every: Annotated[int, typer.Option(min=1, max=120, help="Months between dates.")] = 6,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Take the real decisions of the reality set again.")
    ] = False,
    futures: FuturesOption = 2_000,
    seed: SeedOption = 7,
    out: Annotated[Path, typer.Option(help="Folder of the page.")] = Path("out"),
    as_json: JsonOption = False,
) -> None:
    """Learn on what was known at one date after another, forecast, and score what came."""
    if decisions:
        from secondhall.cli.decisions import run_decisions

        run_decisions(case, futures=futures, seed=seed, out=out, as_json=as_json)
        return
    from secondhall.cli.backtest import run_backtest

    run_backtest(
        case, since=since, until=until, every=every, futures=futures, seed=seed, out=out, as_json=as_json
    )


@app.command(epilog="Example: secondhall schema > case.schema.json")
@guarded
def schema() -> None:
    """Print the JSON Schema of case.yaml, by which editors complete it."""
    import json

    from secondhall.case import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


@app.command(epilog="Example: secondhall bench")
@guarded
def bench(
    million: Annotated[bool, typer.Option("--million", help="Also play a million paths.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure the engine against its floor, the oracle and a plain Python loop, in one run."""
    from secondhall.cli.bench import run_bench

    run_bench(million=million, as_json=as_json)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a letter shows ?, and the answer stands
            stream.reconfigure(errors="replace")
    app(prog_name="secondhall", args=sys.argv[1:])
