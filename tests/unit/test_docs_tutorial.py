"""Every command and every snippet that the tutorial and the README show runs, with few futures."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {"tutorial.md": ROOT / "docs/tutorial.md", "README.md": ROOT / "README.md"}
FEW = 320
# A heading of an answer: no number in it, at the margin, short.
HEADING = re.compile(r"^[A-Z][^\d%]{3,40}$")


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("make_tutorial", ROOT / "docs/make_tutorial.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_tutorial"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["make_tutorial"]


def headings(lines: list[str]) -> set[str]:
    return {line for line in lines if HEADING.match(line) and not line.endswith(".")}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_runs_and_prints_what_it_says(maker: ModuleType, page: str) -> None:
    names: dict[str, object] = {}
    seen = 0
    with maker.elsewhere() as folder:
        for block in maker.blocks(PAGES[page].read_text(encoding="utf-8")):
            seen += 1
            if block.kind == "python":
                maker.run_python(block.text, names, futures=FEW)
                continue
            shown = block.kept(maker.run(block.command, futures=FEW))
            assert shown, block.command
            assert block.output, f"{block.command}: run docs/make_tutorial.py"
            assert headings(block.output) <= headings(shown), block.command
            assert str(folder) not in "\n".join(shown)
        assert (folder / "out/report.html").exists()
    assert seen >= 2


@pytest.mark.parametrize("page", PAGES)
def test_every_console_block_shows_an_output_and_no_place_on_a_machine(maker: ModuleType, page: str) -> None:
    text = PAGES[page].read_text(encoding="utf-8")
    shown = [block for block in maker.blocks(text) if block.kind == "console"]
    assert shown
    assert [block.command for block in shown if not block.output] == []
    assert re.findall(r"(?<![\w.])/(?:tmp|home|root|work|usr)/\S*", text) == []


@pytest.mark.slow
def test_what_the_tutorial_says_of_the_answers_holds() -> None:
    from secondhall.months import Month
    from secondhall.study import plan, read_case

    spring = plan(read_case("fluxus"), futures=4000)
    by_name = {contender.rule.name: contender for contender in spring.contenders}
    assert spring.do_now.startswith("Commit nothing in 2000-04")
    assert by_name["as-happened"].refused is not None
    assert "insolvent" in by_name["as-happened"].refused
    assert by_name["commit paris2 now"].refused is not None
    assert by_name["commit paris2 now"].gain.value > spring.recommended.gain.value
    look = spring.counterfactual
    assert look is not None
    assert look.share_of_loss is not None
    assert look.share_of_loss.high > 1.0
    assert look.near_facts is not None
    assert look.near_facts.mid < 0.5 * -11e6
    winter = plan(read_case("fluxus").at(Month.parse("2001-01")), futures=4000)
    assert winter.do_now.startswith("Commit nothing in 2001-01")
