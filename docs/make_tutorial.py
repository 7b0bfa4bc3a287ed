"""Runs what the tutorial and the README show, and writes what came out into them.

    .venv/bin/python docs/make_tutorial.py            # both pages, with the futures that the commands ask for
    .venv/bin/python docs/make_tutorial.py README.md  # one of them
    .venv/bin/python docs/make_tutorial.py --picture  # also the picture of the report; needs chromium

A block marked ``console`` is a command after a dollar sign, then what it prints; this is written here,
never by hand. A comment before a block says which part of the output to keep:
``<!-- keep: first line .. line after the last -->``. Blocks marked ``python`` are run one after the other.
In a command, RUN stands for the newest stored run.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from secondhall import __version__
from secondhall.cli.main import app
from secondhall.runs import RunStore

HERE = Path(__file__).parent
PAGES = (HERE / "tutorial.md", HERE.parent / "README.md")
PICTURE = HERE / "images/report.png"
BLOCK = re.compile(
    r"(?P<keep>^<!-- keep: [^\n]* -->\n)?^```(?P<kind>console|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
STAMP = re.compile(r"(?<=<!-- as of -->)[^\n]*")


@dataclass(frozen=True)
class Block:
    """A block of a page: what it is, what it holds, what is kept of the output."""

    kind: str
    text: str
    first: str
    after: str

    @property
    def command(self) -> str:
        """The command of a console block."""
        return self.text.splitlines()[0].removeprefix("$ ")

    @property
    def output(self) -> list[str]:
        """What the page says that it prints."""
        return self.text.splitlines()[1:]

    def kept(self, printed: str) -> list[str]:
        """Return the lines of an output that the page shows."""
        lines = [line.rstrip() for line in printed.splitlines()]
        begin = next((i for i, line in enumerate(lines) if self.first and line.startswith(self.first)), 0)
        rest = range(begin + 1, len(lines))
        end = next((i for i in rest if self.after and lines[i].startswith(self.after)), len(lines))
        kept = lines[begin:end]
        while kept and not kept[-1]:
            kept.pop()
        return ["...", *kept] if begin else kept


def block_of(found: re.Match[str]) -> Block:
    """Return the block that was found."""
    asked = re.match(r"<!-- keep: (.*?) ?\.\. ?(.*?) -->", found["keep"] or "")
    first, after = asked.groups() if asked else ("", "")
    return Block(found["kind"], found["text"], first, after)


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page in their order."""
    return (block_of(found) for found in BLOCK.finditer(page))


def run(command: str, *, futures: int | None = None) -> str:
    """Run a command of a page in the working folder and return what it prints.

    ``futures`` plays so many instead of those that the command asks for. A refusal is an answer too: what
    it says is returned where the command ends in ``|| true``.
    """
    program, *words = shlex.split(command.removesuffix("|| true"))
    assert program == "./run", command
    words = [named(word) for word in words]
    if futures is not None and words[0] in ("simulate", "compare", "plan"):
        words += ["--futures", str(futures)]
    done = CliRunner().invoke(app, words, prog_name="secondhall")
    if done.exit_code and not command.endswith("|| true"):
        raise RuntimeError(f"{command}: status {done.exit_code}\n{done.output}") from done.exception
    return done.stdout.replace(str(RunStore().root), "HOME") + (done.stderr if done.exit_code else "")


def named(word: str) -> str:
    """Return the newest run's id for RUN, any other word as it is."""
    return RunStore().list()[-1].id if word == "RUN" else word


def run_python(text: str, names: dict[str, object], *, futures: int | None = None) -> str:
    """Run a snippet among ``names`` and return what it prints."""
    if futures is not None:
        text = re.sub(r"futures=[\d_]+", f"futures={futures}", text)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, "tutorial", "exec"), names)
    return printed.getvalue()


def renewed(page: str) -> str:
    """Return a page with the outputs of its commands renewed."""
    names: dict[str, object] = {}

    def renew(found: re.Match[str]) -> str:
        block = block_of(found)
        if block.kind == "python":
            run_python(block.text, names)
            return found[0]
        lines = [f"$ {block.command}", *block.kept(run(block.command))]
        return f"{found['keep'] or ''}```console\n" + "\n".join(lines) + "\n```"

    return STAMP.sub(f" Outputs as of version {__version__}.", BLOCK.sub(renew, page))


@contextlib.contextmanager
def elsewhere() -> Iterator[Path]:
    """Work in an empty folder with a store of runs of its own."""
    before, home = Path.cwd(), os.environ.get("SECONDHALL_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SECONDHALL_HOME"] = str(Path(folder) / "home")
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(before)
            os.environ.pop("SECONDHALL_HOME")
            if home is not None:
                os.environ["SECONDHALL_HOME"] = home


def picture(page: Path) -> None:
    """Take the picture of a report, the top of it as a browser shows it."""
    PICTURE.parent.mkdir(exist_ok=True)
    subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--window-size=1100,1150", f"--screenshot={PICTURE}", page.resolve().as_uri()),
        ],
        check=True,
        capture_output=True,
    )


def main(say: Callable[[str], object] = print) -> None:
    """Renew the pages; with ``--picture`` the picture as well."""
    asked = {word for word in sys.argv[1:] if word.endswith(".md")}
    for page in PAGES:
        if asked and page.name not in asked:
            continue
        with elsewhere():
            text = renewed(page.read_text(encoding="utf-8"))
            if "--picture" in sys.argv and Path("out/report.html").exists():
                picture(Path("out/report.html"))
        page.write_text(text, encoding="utf-8")
        say(f"wrote {page.name}")


if __name__ == "__main__":
    main()
