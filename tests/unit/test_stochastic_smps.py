"""What SMPS files may say, and what is told of those that cannot be used."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondhall.errors import InputError
from secondhall.stochastic import Programme, read_smps, read_smps_texts, same_programme, smps_texts

CORE = """NAME tiny
ROWS
 N cost
 L most
 G demand
COLUMNS
 buy cost 3 most 1
 buy demand 1
 mark 'MARKER' 'INTORG'
 lack cost 10 demand 1
 mark 'MARKER' 'INTEND'
RHS
 rhs most 9 demand 2
BOUNDS
 UP bound lack 7
ENDATA
"""
TIMES = "TIME tiny\nPERIODS\n buy most now\n lack demand later\nENDATA\n"
STOCHASTICS = "STOCH tiny\nINDEP DISCRETE\n RHS demand 2 0.5\n RHS demand 5 later 0.5\nENDATA\n"


def read(core: str = CORE, times: str = TIMES, stochastics: str = STOCHASTICS) -> Programme:
    return read_smps_texts(core, times, stochastics)


def test_ranges_integers_bounds_and_a_constant_are_read_as_the_format_says() -> None:
    core = CORE.replace("BOUNDS", "RANGES\n range most 4\n range demand -3\nBOUNDS\n FR bound buy")
    programme = read(core.replace(" rhs most 9", " rhs cost -5\n rhs most 9"))
    assert programme.offset == 5.0
    assert programme.is_integer.tolist() == [False, True]
    assert programme.column_lower.tolist() == [-np.inf, 0.0]
    assert programme.column_upper.tolist() == [np.inf, 7.0]
    assert (programme.row_lower[0], programme.row_upper[0]) == (5.0, 9.0)
    assert programme.varied_row_lower.values.ravel().tolist() == [2.0, 5.0]
    assert programme.varied_row_upper.values.ravel().tolist() == [5.0, 8.0]


@pytest.mark.parametrize(("width", "bounds"), [(3, (2.0, 5.0)), (-3, (-1.0, 2.0))])
def test_a_range_of_an_equation_reaches_to_the_side_of_its_sign(
    width: int, bounds: tuple[float, float]
) -> None:
    core = CORE.replace(" G demand", " E demand").replace("BOUNDS", f"RANGES\n range demand {width}\nBOUNDS")
    programme = read(core)
    assert (programme.varied_row_lower.values[0, 0], programme.varied_row_upper.values[0, 0]) == bounds


def test_explicit_periods_say_what_implicit_ones_do() -> None:
    times = "TIME tiny\nPERIODS EXPLICIT\n now\n later\nROWS\n most now\n demand later\nCOLUMNS\n"
    explicit = read(times=times + " buy now\n lack later\nENDATA\n")
    assert same_programme(explicit, read())


def test_costs_bounds_and_entries_vary_too() -> None:
    listed = "STOCH t\nSCENARIOS DISCRETE\n SC one ROOT 0.4 later\n lack cost 8\n UP bound lack 6\n"
    programme = read(stochastics=listed + " buy demand 0.5\n SC two one 0.6 later\n RHS demand 4\nENDATA")
    assert programme.varied_cost.values.ravel().tolist() == [8.0, 8.0]
    assert programme.varied_column_upper.values.ravel().tolist() == [6.0, 6.0]
    assert programme.varied_entry.values.ravel().tolist() == [0.5, 0.5]
    assert programme.varied_row_lower.values.ravel().tolist() == [2.0, 4.0]
    assert same_programme(read_smps_texts(*smps_texts(programme)), programme)


def listed(*lines: str) -> str:
    return "\n".join(["STOCH t", *lines, "ENDATA"])


BAD = [
    ("core", CORE.replace(" N cost\n", ""), None, "no row N"),
    ("core", CORE.replace("ENDATA\n", ""), None, "no ENDATA"),
    ("core", CORE.replace("cost 3", "cost __import__('os')"), 7, "__import__"),
    ("core", CORE.replace("most 9", "most nan"), 13, "nan"),
    ("core", CORE.replace(" L most", " Q most"), 4, "Q most"),
    ("core", CORE.replace("lack cost 10 demand 1", "lack cost 10 supply 1"), 10, "supply"),
    ("core", CORE.replace("UP bound lack 7", "UP bound lack -7"), None, "lack"),
    ("core", CORE.replace("UP bound lack 7", "UP bound luck 7"), 15, "luck"),
    ("core", CORE.replace("RHS\n", "QUADOBJ\n"), 12, "QUADOBJ"),
    ("core", CORE.replace(" buy demand 1\n", " buy demand 1\n buy demand 2\n"), 9, "demand"),
    ("core", CORE.replace("NAME tiny", "NAME " + "x" * 2000), 1, "characters"),
    ("core", "OBJSENSE\n MAX\n" + CORE, 2, "MAX"),
    ("times", TIMES.replace("lack demand", "lack nothing"), 4, "nothing"),
    (
        "times",
        TIMES.replace("buy most now\n lack demand later", "lack demand now\n buy most later"),
        4,
        "before",
    ),
    ("times", "TIME tiny\nPERIODS\nENDATA\n", None, "no period"),
    ("times", "TIME t\nPERIODS\n buy most a\n lack demand a\nENDATA\n", 4, "'a'"),
    ("stochastics", STOCHASTICS.replace("5 later 0.5", "5 later 0.4"), 3, "0.9"),
    ("stochastics", STOCHASTICS.replace("0.5\n RHS", "-0.5\n RHS"), 3, "-0.5"),
    ("stochastics", STOCHASTICS.replace("INDEP DISCRETE", "INDEP NORMAL"), 2, "NORMAL"),
    ("stochastics", STOCHASTICS.replace("RHS demand 2", "RHS most 2"), 3, "RHS most"),
    ("stochastics", "STOCH t\nENDATA\n", None, "no scenario"),
    ("stochastics", listed("SCENARIOS DISCRETE", " SC a b 1 later", " RHS demand 1"), 3, "SC a b"),
    ("stochastics", listed("SCENARIOS DISCRETE", " SC a a 1 later"), 3, "SC a a"),
    ("stochastics", listed("SCENARIOS DISCRETE", " RHS demand 1"), 3, "RHS demand"),
    (
        "stochastics",
        listed("BLOCKS DISCRETE", " BL b later 0.5", " RHS demand 1", " BL b later 0.5", " lack cost 1"),
        3,
        "different numbers",
    ),
]


@pytest.mark.parametrize(("file", "text", "line", "found"), BAD)
def test_a_bad_file_is_told_with_file_line_and_what_was_found(
    file: str, text: str, line: int | None, found: str
) -> None:
    with pytest.raises(InputError) as error:
        read(**{file: text})
    faults = error.value.faults
    assert {fault.file for fault in faults} == {file}
    assert any(fault.line == line and found in fault.found for fault in faults), faults
    assert all(fault.accepted and fault.mend for fault in faults)


def test_a_product_of_too_many_values_is_refused_before_it_is_built() -> None:
    rows = [f"d{i}" for i in range(40)]
    core = "NAME big\nROWS\n N cost\n L most\n" + "".join(f" G {row}\n" for row in rows)
    core += "COLUMNS\n buy cost 1 most 1\n"
    core += "".join(f" l{row} cost 1 {row} 1\n" for row in rows) + "RHS\n rhs most 1\nENDATA\n"
    drawn = "".join(f" RHS {row} {value} 0.1\n" for row in rows for value in range(10))
    with pytest.raises(InputError, match="scenarios"):
        read_smps_texts(
            core,
            "TIME b\nPERIODS\n buy most a\n ld0 d0 b\nENDATA\n",
            f"STOCH b\nINDEP DISCRETE\n{drawn}ENDATA\n",
        )


def test_missing_and_binary_files_are_told(tmp_path: Path) -> None:
    binary = tmp_path / "a.cor"
    binary.write_bytes(b"\xff\xfe\x00ROWS")
    for core in (tmp_path / "none.cor", binary, tmp_path):
        with pytest.raises(InputError):
            read_smps(core, tmp_path / "a.tim", tmp_path / "a.sto")


WORDS = st.sampled_from(
    [
        "ROWS",
        "COLUMNS",
        "RHS",
        "RANGES",
        "BOUNDS",
        "ENDATA",
        "PERIODS",
        "SCENARIOS",
        "BLOCKS",
        "INDEP",
        "DISCRETE",
        "SC",
        "BL",
        "ROOT",
        "N",
        "E",
        "L",
        "G",
        "UP",
        "FX",
        "cost",
        "most",
        "demand",
        "buy",
        "lack",
        "later",
        "now",
        "0.5",
        "1",
        "-2",
        "1e999",
        "nan",
        "'MARKER'",
        "'INTORG'",
        "x",
    ]
)
SPOILT = st.lists(st.tuples(st.booleans(), st.lists(WORDS, min_size=1, max_size=5)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["core", "times", "stochastics"]), st.integers(0, 15), SPOILT)
def test_a_spoilt_file_is_read_or_told_and_never_falls_over(
    file: str, at: int, spoilt: list[tuple[bool, list[str]]]
) -> None:
    lines = {"core": CORE, "times": TIMES, "stochastics": STOCHASTICS}[file].splitlines()
    added = [("" if is_header else " ") + " ".join(words) for is_header, words in spoilt]
    with suppress(InputError):
        read(**{file: "\n".join(lines[:at] + added + lines[at:])})
