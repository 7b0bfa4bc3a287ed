from pathlib import Path

import polars as pl

from secondhall.runs import Difference, Draft, RunStore


def draft(**changes: object) -> Draft:
    fields: dict[str, object] = {
        "verb": "plan",
        "case": "fluxus",
        "seed": 7,
        "inputs": {"case.yaml": "aa", "halls.csv": "bb"},
        "parameters": {"futures": 1000, "rule": {"name": "dated", "month": "2000-03"}},
        "summary": {"npv_mean_eur": 4.0, "recommended": "never"},
    }
    return Draft(**(fields | changes))  # type: ignore[arg-type]


def compare(tmp_path: Path, first: Draft, second: Draft):  # type: ignore[no-untyped-def]
    store = RunStore(tmp_path)
    table = pl.DataFrame({"a": [1]})
    return store.compare(store.write(first, {"t": table}).id, store.write(second, {"t": table}).id)


def test_the_same_question_has_no_differences(tmp_path: Path) -> None:
    found = compare(tmp_path, draft(), draft())
    assert (found.provenance, found.inputs, found.parameters, found.summary) == ((), (), (), ())
    assert found.same_question


def test_each_difference_is_named_where_it_lies(tmp_path: Path) -> None:
    found = compare(
        tmp_path,
        draft(),
        draft(
            seed=8,
            inputs={"case.yaml": "aa", "halls.csv": "cc", "facts.csv": "dd"},
            parameters={"futures": 1000, "rule": {"name": "dated", "month": "2001-01"}},
            summary={"npv_mean_eur": 4.5, "recommended": "dated"},
        ),
    )
    assert found.provenance == (Difference("seed", 7, 8),)
    assert found.inputs == (Difference("halls.csv", "bb", "cc"), Difference("facts.csv", None, "dd"))
    assert found.parameters == (Difference("rule.month", "2000-03", "2001-01"),)
    assert found.summary == (
        Difference("npv_mean_eur", 4.0, 4.5),
        Difference("recommended", "never", "dated"),
    )
    assert [difference.change for difference in found.summary] == [0.5, None]
    assert not found.same_question
    assert found.as_dict()["inputs"][1] == {
        "name": "facts.csv",
        "first": None,
        "second": "dd",
        "change": None,
    }


def test_another_answer_to_the_same_question_still_counts_as_the_same_question(tmp_path: Path) -> None:
    found = compare(tmp_path, draft(), draft(summary={"npv_mean_eur": 5.0, "recommended": "never"}))
    assert found.same_question
    assert [difference.name for difference in found.summary] == ["npv_mean_eur"]
