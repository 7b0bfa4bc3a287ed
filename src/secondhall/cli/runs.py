"""``secondhall runs``: the stored runs listed, shown, compared, reopened, deleted, restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from secondhall.cli.guard import guarded
from secondhall.json_text import as_json_text

if TYPE_CHECKING:
    from secondhall.runs import Comparison, Run

__all__ = ["runs_app"]

runs_app = typer.Typer(help="List, show, compare, reopen and delete stored runs.", no_args_is_help=True)

RunArgument = Annotated[str, typer.Argument(help="Id of a run, or its beginning.", metavar="RUN")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print data for machines instead of words.")]


def _row(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "verb": run.verb,
        "case": run.case,
        "created": run.created.isoformat(timespec="seconds"),
        "seed": run.seed,
        "version": run.version,
        "status": run.status,
        "summary": dict(run.summary),
    }


@runs_app.command("list", epilog="Example: secondhall runs list --json")
@guarded
def list_runs(
    trash: Annotated[
        bool, typer.Option("--trash", help="Those that were deleted and can be restored.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the stored runs, the newest last."""
    from secondhall.runs import RunStore

    store = RunStore()
    runs = store.trashed() if trash else store.list()
    if as_json:
        typer.echo(as_json_text([_row(run) for run in runs]))
        return
    if not runs:
        typer.echo("The trash is empty." if trash else "No runs yet. Try: secondhall plan fluxus")
        return
    from rich.table import Table
    from rich.text import Text

    from secondhall.cli.show import console
    from secondhall.report.words import printable

    table = Table()
    for name in ("run", "verb", "case", "created (UTC)", "seed", "result"):
        table.add_column(name)
    for run in runs:
        headline = ", ".join(f"{key} {_short(value)}" for key, value in list(run.summary.items())[:3])
        table.add_row(
            run.id,
            run.verb,
            Text(printable(run.case)),
            f"{run.created:%Y-%m-%d %H:%M}",
            str(run.seed),
            Text(printable(headline)),
        )
    console().print(table)


def _short(value: object) -> str:
    return f"{value:,.3g}" if isinstance(value, float) else str(value)


@runs_app.command(epilog="Example: secondhall runs show 261124")
@guarded
def show(run: RunArgument, as_json: JsonOption = False) -> None:
    """Show what a run was made from and what came out."""
    from secondhall.runs import RunStore

    found = RunStore().open(run)
    data = {
        **_row(found),
        "parameters": dict(found.parameters),
        "inputs": dict(found.inputs),
        "platform": dict(found.platform),
        "tables": {name: str(found.directory / output.path) for name, output in found.outputs.items()},
        "artefacts": {name: str(found.directory / output.path) for name, output in found.artefacts.items()},
    }
    if as_json:
        typer.echo(as_json_text(data))
        return
    for key, value in data.items():
        if isinstance(value, dict):
            typer.echo(f"{key}:")
            for name, item in value.items():
                typer.echo(f"  {name}: {_short(item)}")
        else:
            typer.echo(f"{key}: {value}")


@runs_app.command(epilog="Example: secondhall runs compare 261124-0614 261124-0620")
@guarded
def compare(first: RunArgument, second: RunArgument, as_json: JsonOption = False) -> None:
    """Say in what two runs differ: inputs, settings, version, headline figures."""
    from secondhall.runs import RunStore

    comparison = RunStore().compare(first, second)
    if as_json:
        typer.echo(as_json_text(comparison.as_dict()))
    else:
        _say_comparison(comparison)


def _say_comparison(comparison: Comparison) -> None:
    asked = "the same question" if comparison.same_question else "not the same question"
    typer.echo(f"{comparison.first.id} and {comparison.second.id}: {asked}")
    parts = (
        ("where they come from", comparison.provenance),
        ("inputs", comparison.inputs),
        ("parameters", comparison.parameters),
        ("headline figures", comparison.summary),
    )
    for title, differences in parts:
        if differences:
            typer.echo(f"{title}:")
        for difference in differences:
            change = "" if difference.change is None else f" ({difference.change:+,.3g})"
            first, second = _short(difference.first), _short(difference.second)
            typer.echo(f"  {difference.name}: {first} -> {second}{change}")
    if not any(differences for _, differences in parts):
        typer.echo("Nothing differs.")


@runs_app.command("open", epilog="Example: secondhall runs open 261124")
@guarded
def open_run(run: RunArgument) -> None:
    """Open the report of a run in the browser."""
    from secondhall.errors import NoAnswerError
    from secondhall.runs import RunStore

    found = RunStore().open(run)
    if "report.html" not in found.artefacts:
        raise NoAnswerError(
            f"run {found.id} has no report; secondhall runs show {found.id} lists what it has"
        )
    page = found.directory / found.artefacts["report.html"].path
    typer.echo(str(page))
    typer.launch(page.as_uri())


@runs_app.command(epilog="Example: secondhall runs delete 261124-0614")
@guarded
def delete(run: RunArgument) -> None:
    """Put a run into the trash; restore takes it back."""
    from secondhall.runs import RunStore

    deleted = RunStore().delete(run)
    typer.echo(f"Deleted {deleted}. To take it back: secondhall runs restore {deleted}")


@runs_app.command(epilog="Example: secondhall runs restore 261124-0614")
@guarded
def restore(run: RunArgument) -> None:
    """Take a deleted run back."""
    from secondhall.runs import RunStore

    typer.echo(f"Restored {RunStore().restore(run).id}")


@runs_app.command(epilog="Example: secondhall runs purge")
@guarded
def purge() -> None:
    """Empty the trash for good."""
    from secondhall.runs import RunStore

    typer.echo(f"Purged {RunStore().purge()} runs")


@runs_app.command(epilog="Example: secondhall runs verify 261124-0614")
@guarded
def verify(run: RunArgument) -> None:
    """Hash a run's files again and say whether they are what was stored."""
    from secondhall.errors import InputError
    from secondhall.runs import RunStore

    faults = RunStore().verify(run)
    if faults:
        raise InputError(faults)
    typer.echo("intact")
