"""The page of equations and the code agree on which equation is which, and on what a case gives."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from secondhall.case.fields import case_fields

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/secondhall"
PAGE = (ROOT / "docs/equations.md").read_text(encoding="utf-8")
NUMBERED = set(re.findall(r"^\| ([A-Z]\d{1,2}) \|", PAGE, re.MULTILINE))
TAG = r"[A-Z]\d{1,2}"
# What stands in brackets and begins with an equation: (C4), (V2, V3), (C1 to C6), (S4: PTRS), (D1 only).
CITED = re.compile(rf"\(({TAG}(?:(?:, | to | and ){TAG})*)(?=[):,; ])")


def numbers_in(text: str) -> set[str]:
    found: set[str] = set()
    for group in CITED.findall(text):
        for first, last in re.findall(rf"({TAG}) to ({TAG})", group):
            assert first[0] == last[0], group
            found |= {f"{first[0]}{n}" for n in range(int(first[1:]), int(last[1:]) + 1)}
        found |= set(re.findall(TAG, group))
    return found


def words_of(file: Path) -> str:
    """Comments and texts of a module: where an equation is cited."""
    text = file.read_text(encoding="utf-8")
    kinds = (tokenize.COMMENT, tokenize.STRING)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join(token.string for token in tokens if token.type in kinds)


def steps_of(folder: str) -> set[str]:
    """Equations that a function's docstring or a comment cites: those that are implemented, not announced."""
    found: set[str] = set()
    for file in (SOURCE / folder).glob("*.py"):
        announced = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")), clean=False) or ""
        found |= numbers_in(words_of(file).replace(announced, "", 1))
    return found


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda f: str(f.relative_to(SOURCE)))
def test_every_equation_that_the_code_cites_stands_on_the_page(file: Path) -> None:
    assert numbers_in(words_of(file)) - NUMBERED == set()


def test_every_equation_of_the_page_is_cited_in_the_code() -> None:
    cited = set().union(*(numbers_in(words_of(file)) for file in SOURCE.rglob("*.py")))
    assert NUMBERED - cited == set()


@pytest.mark.parametrize("twin", ["company/oracle", "company/kernels"])
def test_both_implementations_cite_every_equation_of_a_month(twin: str) -> None:
    month = {number for number in NUMBERED if number[0] in "MOPHVCWFD"}
    assert len(month) > 50
    assert month - steps_of(twin) == set()


def test_numbers_run_without_a_gap_and_are_used_once() -> None:
    rows = re.findall(r"^\| ([A-Z]\d{1,2}) \|", PAGE, re.MULTILINE)
    assert len(rows) == len(set(rows))
    for letter in {row[0] for row in rows}:
        own = [int(row[1:]) for row in rows if row[0] == letter]
        assert own == list(range(1, len(own) + 1)), letter


def test_every_symbol_that_a_case_gives_names_equations_that_exist() -> None:
    table = PAGE.partition("<!-- symbols: begin -->")[2].partition("<!-- symbols: end -->")[0]
    used = re.findall(rf"\| ((?:{TAG}(?:, )?)+) \|$", table, re.MULTILINE)
    assert len(used) > 100
    assert set(re.findall(TAG, " ".join(used))) - NUMBERED == set()


def test_every_number_that_a_case_may_state_has_its_symbol() -> None:
    table = (ROOT / "docs/symbols.csv").read_text(encoding="utf-8")
    named = set(re.findall(r"[a-z]+\.\w+", table))
    wanted = {
        f"{field.section}.{field.name}"
        for field in case_fields()
        if field.type in ("number", "integer", "phases", "probability_by_regime")
    }
    assert wanted - named == set()
