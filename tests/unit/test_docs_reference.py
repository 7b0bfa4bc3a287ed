"""The pages made from the code are current, and the programme is the same wherever it is shown."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import secondhall.study

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["case.md", "cli.md", "equations.md"])
def test_the_made_pages_are_current(page: str) -> None:
    made = loaded("make_reference").PAGES[page]()
    assert (DOCS / page).read_text(encoding="utf-8") == made, "run .venv/bin/python docs/make_reference.py"


def programme_in(text: str) -> str:
    """The block that begins by reading the case; where the spaces stand is the formatter's."""
    found = re.search(r"^( *)case +=.*\n(?:\1\w.*\n)+", text, re.MULTILINE)
    assert found is not None
    return "\n".join(" ".join(line.split()) for line in found[0].splitlines())


@pytest.mark.parametrize("place", ["README.md", "docs/tutorial.md"])
def test_the_programme_is_shown_in_the_words_of_the_study(place: str) -> None:
    assert secondhall.study.__doc__ is not None
    text = (ROOT / place).read_text(encoding="utf-8")
    assert programme_in(text) == programme_in(secondhall.study.__doc__)


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert {page for page in pages if page not in navigation} == set()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_what_the_front_pages_link_to_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / target).exists()] == []
