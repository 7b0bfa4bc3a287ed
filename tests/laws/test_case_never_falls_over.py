"""Whatever stands in a case's files, reading it ends in a case or in faults, never in a surprise."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases import ACCOUNTS, CONTRACTS, FACTS, MINIMAL, ORDERS, PLANS, write_case

from secondhall.case import check_case
from secondhall.errors import Severity

LEDGERS = {"contracts": CONTRACTS, "orders": ORDERS, "accounts": ACCOUNTS, "facts": FACTS, "plans": PLANS}
SPICE = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [
            b'"',
            b"\n",
            b"\r",
            b",",
            b": ",
            b"{",
            b"}",
            b"[",
            b"- ",
            b"&a ",
            b"*a",
            b"!!",
            b"%",
            b"-1",
            b"\xef\xbb\xbf",
            b"\0",
            b"null",
            b"1e400",
            b"2026-00",
            b"boom",
            b"low: 1",
        ]
    ),
)


@st.composite
def spoilt(draw: st.DrawFn, text: str) -> bytes:
    data = text.encode()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 12))
        data = data[:at] + draw(SPICE) + data[at + cut :]
    return data


def read(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case, faults = check_case(write_case(Path(folder), files=files))
        is_wrong = any(fault.severity is Severity.ERROR for fault in faults)
        assert (case is None) == is_wrong
        assert all(str(fault) and fault.file for fault in faults)


@settings(max_examples=150, deadline=None)
@given(spoilt(MINIMAL))
def test_case_yaml(data: bytes) -> None:
    read({"case.yaml": data})


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(sorted(LEDGERS)))
def test_ledgers(data: st.DataObject, ledger: str) -> None:
    read({f"{ledger}.csv": data.draw(spoilt(LEDGERS[ledger]))})


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["contracts.xlsx", "contracts.parquet"]), st.binary(max_size=300))
def test_binary_formats(name: str, data: bytes) -> None:
    read({name: data})
