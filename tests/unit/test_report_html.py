from __future__ import annotations

import dataclasses
import re
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from subprocess import run
from typing import Any

import numpy as np
import pytest
from tests.unit.report_fixtures import HOSTILE, decision, hostile_decision

from secondhall.futures import risk_of
from secondhall.report import html, write_report
from secondhall.report.html import linked, render

LOADING = {"src", "srcset", "data", "poster", "action", "formaction", "background", "manifest", "xlink:href"}
FORBIDDEN = {"script", "iframe", "object", "embed", "img", "image", "base", "form", "use", "audio", "video"}


class Page(HTMLParser):
    """The tags of a page, the text of its elements by id, and its headings."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def written() -> str:
    return render(decision())


@pytest.fixture(scope="module")
def page(written: str) -> Page:
    return Page(written)


def assert_loads_nothing(text: str) -> None:
    page = Page(text)
    assert not FORBIDDEN & {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert not LOADING & set(attrs), (tag, attrs)
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        if "href" in attrs:
            href = attrs["href"] or ""
            accepted = r"data:,$" if tag == "link" else r"#[\w-]+$|https?://"
            assert re.match(accepted, href), (tag, href)
        for value in attrs.values():
            assert "url(" not in (value or "") or re.search(r"url\(#", value or ""), (tag, attrs)
    for style in re.findall(r"<style>(.*?)</style>", text, re.DOTALL):
        assert "url(" not in style
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", text)
    assert "@import" not in text


def test_the_page_loads_nothing_and_says_so_to_the_browser(written: str, page: Page) -> None:
    assert_loads_nothing(written)
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert (policy or "").startswith("default-src 'none';")
    assert "script-src" not in (policy or "")


def test_names_from_the_case_never_become_markup() -> None:
    text = render(hostile_decision())
    assert_loads_nothing(text)
    assert "<script" not in text.lower()
    assert "\x1b" not in text
    words = Page(text).text
    assert "7*7" in words  # written, not computed
    assert words.count("<script>alert(1)</script>") > 5
    assert HOSTILE.replace("\x1b", "?") in words


def test_only_web_addresses_become_links() -> None:
    made = linked('a javascript:alert(1) <b> https://e.org/x_(y)?a=1&b=2. http://"')
    assert str(made) == (
        "a javascript:alert(1) &lt;b&gt; "
        '<a href="https://e.org/x_(y)?a=1&amp;b=2" rel="noopener noreferrer">'
        "https://e.org/x_(y)?a=1&amp;b=2</a>. "
        "http://&#34;"
    )


def test_the_page_reads_in_order_for_those_who_do_not_see_it(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("title")) > 0
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(header.get("scope") in ("col", "row", "rowgroup") for header in page.all("th"))
    ids = Counter(attrs["id"] for _, attrs in page.tags if "id" in attrs)
    assert ids.most_common(1)[0][1] == 1
    for svg in page.all("svg"):
        assert svg.get("aria-hidden") == "true" or svg.get("aria-labelledby") in ids
    for link in page.all("a"):
        if (link["href"] or "").startswith("#"):
            assert (link["href"] or "")[1:] in ids


def test_facts_inferences_and_assumptions_stand_apart_with_all_their_values(written: str) -> None:
    made = decision()
    parts = re.split(r'id="known-(facts|inferences|assumptions)"', written.split('id="settings"')[0])
    grounds = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert set(grounds) == {"facts", "inferences", "assumptions"}
    rows = {name: text.count('<th scope="row">') for name, text in grounds.items()}
    kinds = Counter(str(row.kind) for row in made.case.provenance())
    assert rows["facts"] == len(made.case.facts) + kinds["fact"]
    assert rows["inferences"] == kinds["inference"]
    assert rows["assumptions"] == kinds["assumption"]
    assert grounds["facts"].count("after the decision") == sum(
        f.known_from > made.month for f in made.case.facts
    )


def test_the_answer_its_rivals_and_their_errors_are_told(page: Page) -> None:
    made = decision()
    for said in (made.headline, made.do_now, made.worth, made.risk_words, *made.what_would_change):
        assert said in page.text
    for rival in made.contenders:
        assert rival.rule.name in page.text
    assert "Refused: it makes the company insolvent in 12 % of futures" in page.text
    assert re.search(r"Expected NPV ?-?\d+\.\d M EUR ± 0\.\d", page.text)
    assert "-6.2 ± 0.1 M EUR on average" in page.text
    assert f"seed{made.seed}" in page.text.replace(" ", "")
    for file, digest in made.case.hashes.items():
        assert file in page.text
        assert digest in page.text


def test_a_case_without_facts_says_what_it_lacks_and_lists_the_lines_that_differ() -> None:
    text = Page(render(decision("northhall"))).text
    assert "1 of 2 lines of month zero differ" in text
    assert "the books hold a credit for November" in text
    assert "with and without the hall" not in text.lower()


def test_writing_makes_the_folder_replaces_in_one_step_and_repeats_byte_for_byte(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    first = write_report(decision(), folder).read_bytes()
    path = write_report(decision(), folder)
    assert path == folder / "report.html"
    assert path.read_bytes() == first
    assert [file.name for file in folder.iterdir()] == ["report.html"]
    assert len(first) < 1_000_000


def test_a_failure_while_writing_leaves_the_old_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.html").write_text("old", encoding="utf-8")

    def fail(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(html, "render", lambda decision: "new")
    monkeypatch.setattr(html.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(decision(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "old"


def test_importing_the_report_loads_none_of_the_slow_packages() -> None:
    slow = "{'altair', 'vl_convert', 'jinja2'}"
    code = f"import sys, secondhall.report; print({slow} & set(sys.modules))"
    found = run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )
    assert found.stdout.strip() == "set()"


def _lonely() -> Any:
    """Return a decision with one rule played once, and with nothing else to say."""
    made = decision("paris2006")
    futures = made.never.futures
    outcomes = {name: values[:1] for name, values in futures.outcomes.items()}
    outcomes["injected"] = np.zeros(1)
    once = dataclasses.replace(futures, paths=1, outcomes=outcomes)
    only = dataclasses.replace(made.never, futures=once, risk=risk_of(once))
    return dataclasses.replace(
        made, contenders=(only,), recommended=only, never=only, tied=(), what_would_change=(), fact_checks=(),
        reconciled=(), paths=1, settings={},
    )  # fmt: skip


def test_one_rule_played_once_still_makes_a_report() -> None:
    text = render(_lonely())
    assert_loads_nothing(text)
    assert "NaN" not in text
    assert ">nan" not in text
    assert "Nothing that the rules look at." in text
